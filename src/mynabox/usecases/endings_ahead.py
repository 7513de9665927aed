"""Duties before and after the last day of a card, a certificate or a stay."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mynabox.law.book import integer
from mynabox.law.days import JST
from mynabox.law.validity import renewal_letter, renewal_opens
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.card_note import NoteKind
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.papers.ending_letter import Ends, LastDays, ending_letter
from mynabox.papers.letter import letter_pdf
from mynabox.ports import Box, Duplicate, Ending, EndingKind, Work
from mynabox.usecases.printing import contacts, mayor, printing, second_language

ACTOR = "box"
_OFFICE_OPENS = time(9)
"""The hour at which the box's letters leave; no rule hangs on it."""
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingJob:
    """A duty that every ending of a kind brings with it.

    ``due``   when it falls due, by the last day; never earlier for a later day
    ``late``  how many days after the last day it is still done
    ``do``    does it for one ending within a box whose clock stands at its moment
    """

    name: str
    kind: EndingKind
    due: Callable[[date], datetime]
    late: int
    do: Callable[[str, Ending, Box], None]

    def next(self, work: Work, *, since: datetime) -> datetime | None:
        """When it falls due for the earliest ending for which it is not done."""
        day = work.due.next_day(self.name, self.kind, first=self._first(since))
        return None if day is None else self.due(day)

    def run(self, box: Box) -> int:
        """Do it for every ending for which it is due now."""
        at = box.clock.now()
        done = 0
        while True:
            with box.store.look() as work:
                found = [
                    ending
                    for ending in work.due.endings(
                        self.name,
                        self.kind,
                        first=self._first(at),
                        last=date.max,
                        limit=_BATCH,
                    )
                    if self.due(ending.last_day) <= at
                ]
            for ending in found:
                try:
                    self.do(self.name, ending, box)
                except Duplicate as twice:
                    if twice.what != "duty":
                        raise
                done += 1
            if len(found) < _BATCH:
                return done

    def _first(self, moment: datetime) -> date:
        return moment.date() - timedelta(days=self.late)


def _letter_day(last_day: date) -> datetime:
    first, _ = renewal_letter(last_day).value
    return datetime.combine(first, _OFFICE_OPENS, JST)


def day_after(last_day: date) -> datetime:
    """The first moment behind a last day."""
    return datetime.combine(last_day + timedelta(days=1), time(), JST)


def _tell_of_card(job: str, ending: Ending, box: Box) -> None:
    """A letter, unless the card ends because the stay does (R111, R121)."""
    person, card = _concerned(ending, box)
    if person.stay_until == ending.last_day or _extended_specially(card, box):
        _note(job, ending, box)
        return
    _send(
        job,
        ending,
        box,
        person=person,
        ends=Ends.CARD,
        days=LastDays(
            card=card.expires, renewal_from=renewal_opens(card.expires).value
        ),
    )


def _tell_of_certificate(job: str, ending: Ending, box: Box) -> None:
    """A letter, unless one about the card or the other certificate says it all."""
    person, card = _concerned(ending, box)
    with box.store.look() as work:
        others = {
            known.kind.value: known.not_after.astimezone(JST).date()
            for known in work.certificates.of_card(card.serial)
            if known.state.value == "active"
        }
    told = ending.kind is EndingKind.SIGNATURE and (
        others.get(EndingKind.AUTHENTICATION.value) == ending.last_day
    )
    if told or ending.last_day == card.expires:
        _note(job, ending, box)
        return
    _send(
        job,
        ending,
        box,
        person=person,
        ends=Ends.CERTIFICATES,
        days=LastDays(
            card=card.expires,
            certificates=ending.last_day,
            renewal_from=renewal_opens(ending.last_day).value,
        ),
        without_pins=card.without_pins,
    )


def _tell_of_stay(job: str, ending: Ending, box: Box) -> None:
    """A letter if the card ends with the stay; our own service (R121)."""
    person, card = _concerned(ending, box)
    if card.expires != ending.last_day:
        _note(job, ending, box)
        return
    months = integer("stay", "special_extension_months").on(ending.last_day).value
    _send(
        job,
        ending,
        box,
        person=person,
        ends=Ends.STAY,
        days=LastDays(card=card.expires, stay=ending.last_day, pending_months=months),
    )


def _note_over(job: str, ending: Ending, box: Box) -> None:
    """The journal says that a card is over; its state needs no change (R094)."""
    _note(job, ending, box, action="card_expired")


def _extended_specially(card: Card, box: Box) -> bool:
    """Whether the card goes on only while an application is pending (R116)."""
    with box.store.look() as work:
        notes = work.card_notes.of(card.serial)
    stays = [n.kind for n in notes if n.kind in (NoteKind.STAY, NoteKind.SPECIAL)]
    return stays[-1:] == [NoteKind.SPECIAL]


def _concerned(ending: Ending, box: Box) -> tuple[Resident, Card]:
    with box.store.look() as work:
        return work.residents.get(ending.resident), work.cards.get(ending.card)


def _note(job: str, ending: Ending, box: Box, *, action: str | None = None) -> None:
    at = box.clock.now()
    with box.store.work() as work:
        work.due.done(job, ending, at=at)
        if action is not None:
            work.journal.write(_entry(work, ending, action, at=at))


def _send(
    job: str,
    ending: Ending,
    box: Box,
    *,
    person: Resident,
    ends: Ends,
    days: LastDays,
    without_pins: bool = False,
) -> None:
    at = box.clock.now()
    second = second_language(person)
    letter, refused = b"", None
    try:
        with printing("letter"):
            letter = letter_pdf(
                ending_letter(
                    ends,
                    days,
                    addressee=person.card_name,
                    address=person.address,
                    sender=mayor(person.municipality),
                    sent=at.date(),
                    contacts=contacts(at.date(), second),
                    second=second,
                    without_pins=without_pins,
                )
            )
    except Refused as error:
        refused = error
    with box.store.work() as work:
        work.due.done(job, ending, at=at)
        if refused is not None:
            facts = {"letter": ends.value, "refused": refused.code}
            work.journal.write(
                _entry(work, ending, "letter_not_printed", at=at, facts=facts)
            )
            return
        outgoing = make_id("out", box.random(ID_BYTES))
        work.outbox.add(
            Outgoing(
                id=outgoing,
                carrier=Carrier.POST,
                municipality=person.municipality,
                to=f"{person.address}\n{person.card_name}",
                title=LetterKind.ENDING.value,
                content=letter,
                created=at,
            )
        )
        facts = {"letter": ends.value, "last_day": ending.last_day.isoformat()}
        work.journal.write(
            _entry(work, ending, "send_ending_letter", at=at, facts=facts)
        )


def _entry(
    work: Work,
    ending: Ending,
    action: str,
    *,
    at: datetime,
    facts: dict[str, str] | None = None,
) -> Entry:
    subjects = dict.fromkeys((ending.resident, ending.card, ending.subject))
    return Entry(
        municipality=work.residents.get(ending.resident).municipality,
        at=at,
        actor=ACTOR,
        action=action,
        subjects=tuple(subjects),
        facts=facts or {"last_day": ending.last_day.isoformat()},
    )


ENDING_JOBS = (
    EndingJob(
        name="tell_of_card",
        kind=EndingKind.CARD,
        due=_letter_day,
        late=0,
        do=_tell_of_card,
    ),
    EndingJob(
        name="tell_of_authentication_certificate",
        kind=EndingKind.AUTHENTICATION,
        due=_letter_day,
        late=0,
        do=_tell_of_certificate,
    ),
    EndingJob(
        name="tell_of_signature_certificate",
        kind=EndingKind.SIGNATURE,
        due=_letter_day,
        late=0,
        do=_tell_of_certificate,
    ),
    EndingJob(
        name="tell_of_stay",
        kind=EndingKind.STAY,
        due=_letter_day,
        late=0,
        do=_tell_of_stay,
    ),
    EndingJob(
        name="card_over",
        kind=EndingKind.CARD,
        due=day_after,
        late=1,
        do=_note_over,
    ),
)
"""Letters before cards, certificates and stays end; a note when a card is over."""
