"""Letters to somebody whose card waits: an appointment given, coming up or missed
(交付予約), or simply that the card is still there."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days
from mynabox.papers.letter import Letter
from mynabox.papers.wording import Line, words


class Tells(StrEnum):
    """What the letter says."""

    GIVEN = "given"
    COMING_UP = "coming_up"
    MISSED = "missed"
    STILL_WAITS = "still_waits"


_PARAGRAPHS = {
    Tells.GIVEN: ("bring", "show_code", "cannot_come"),
    Tells.COMING_UP: ("bring", "show_code", "cannot_come"),
    Tells.MISSED: ("book_again", "bring", "discarded"),
    Tells.STILL_WAITS: ("book", "bring", "discarded"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where and when the card can be received.

    ``until``  last day on which it is kept, if one was set
    ``begins``, ``ends``  the hour of the appointment, in the zone to be told
    ``code``   number of the appointment; the QR code says it too
    """

    place: str
    until: date | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    code: str = ""


def waiting_letter(
    tells: Tells,
    visit: Visit,
    *,
    addressee: str,
    address: str,
    sender: str,
    sent: date,
    telephone: str,
    contacts: tuple[Contact, ...] = (),
    second: str = "en",
) -> Letter:
    """A letter about a card that can be received at the counter (R050).

    ``telephone``  where appointments are made and cancelled
    """
    said = words("waiting", second)
    known = words("postcard", second)
    facts: list[tuple[Line, str]] = []
    if visit.begins is not None and visit.ends is not None:
        hour = f"{visit.begins:%H:%M}–{visit.ends:%H:%M}"
        facts.append((said["when"], f"{both_days(visit.begins.date())} {hour}"))
    facts.append((known["where"], visit.place))
    if visit.until is not None:
        facts.append((known["until"], both_days(visit.until)))
    shows_code = tells in (Tells.GIVEN, Tells.COMING_UP)
    if shows_code:
        facts.append((said["number"], visit.code))
    return Letter(
        addressee=addressee,
        address=address,
        sender=sender,
        sent=sent,
        subject=said[f"{tells.value}_title"],
        facts=tuple(facts),
        paragraphs=tuple(
            said[name].filled(telephone=telephone) for name in _PARAGRAPHS[tells]
        ),
        contacts=contacts,
        second=second,
        code=visit.code if shows_code else "",
    )
