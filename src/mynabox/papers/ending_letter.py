"""Letters before something ends: a card, its certificates, a period of stay
(有効期限通知書)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days
from mynabox.papers.letter import Letter
from mynabox.papers.wording import Line, words


class Ends(StrEnum):
    """What the letter is about."""

    CARD = "card"
    CERTIFICATES = "certificates"
    STAY = "stay"


_TITLES = {
    Ends.CARD: "card_ends_title",
    Ends.CERTIFICATES: "certificates_end_title",
    Ends.STAY: "stay_ends_title",
}
_PARAGRAPHS = {
    Ends.CARD: ("renew_card_how", "renew_card_counter", "renew_in_time"),
    Ends.CERTIFICATES: (
        "renew_certificates_how",
        "renew_in_time",
        "renew_card_stays",
    ),
    Ends.STAY: ("stay_not_alone", "stay_come", "stay_pending", "renew_in_time"),
}
_WITHOUT_PINS = {"renew_certificates_how": "renew_certificates_by_face"}
"""What is said instead to the holder of a card without PINs (R081)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDays:
    """The days a letter tells.

    ``card``            last day of the card
    ``certificates``    last day of the certificates the letter is about
    ``stay``            last day of the period of stay
    ``renewal_from``    first day on which it can be renewed (R098)
    ``pending_months``  how long the special extension lasts at most (R116)
    """

    card: date
    certificates: date | None = None
    stay: date | None = None
    renewal_from: date | None = None
    pending_months: int | None = None


def ending_letter(
    ends: Ends,
    days: LastDays,
    *,
    addressee: str,
    address: str,
    sender: str,
    sent: date,
    contacts: tuple[Contact, ...] = (),
    postcode: str = "",
    second: str = "en",
    without_pins: bool = False,
) -> Letter:
    """Says what ends when, from when it can be renewed and how (R098, R099, R114,
    R116). A letter about a period of stay is our own: the genuine system sends none
    (R121). Who has a card without PINs is not told of any (R081)."""
    said = words("letter", second)
    instead = _WITHOUT_PINS if without_pins else {}
    told = (
        ("stay_last_day", days.stay if ends is Ends.STAY else None),
        (
            "certificates_last_day",
            days.certificates if ends is Ends.CERTIFICATES else None,
        ),
        ("card_last_day", days.card),
        ("renewal_from", days.renewal_from),
    )
    facts: tuple[tuple[Line, str], ...] = tuple(
        (said[name], both_days(day)) for name, day in told if day is not None
    )
    return Letter(
        addressee=addressee,
        postcode=postcode,
        address=address,
        sender=sender,
        sent=sent,
        subject=said[_TITLES[ends]],
        facts=facts,
        paragraphs=tuple(
            said[instead.get(name, name)].filled(months=days.pending_months)
            for name in _PARAGRAPHS[ends]
        ),
        contacts=contacts,
        second=second,
    )
