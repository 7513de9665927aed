"""What the register says of a person changes, or is put right (記載事項の変更・修正)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from mynabox.law.municipality import UnknownMunicipality
from mynabox.law.municipality import municipality as municipality_of
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import other_name, written_address, written_name
from mynabox.lifecycle.resident import Cause, Resident, ResidentState, Sex
from mynabox.ports import Box, Work
from mynabox.usecases.endings import apply_event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParticulars:
    """What is new; None where nothing changes, an empty text where nothing is left.

    ``municipality``  six digits; the one where they live: to another they move out and
                      in (:mod:`mynabox.usecases.move_in`)
    ``born``, ``sex`` corrections of what was entered wrongly (R146)
    ``happened``      day from which it is so; today unless told
    """

    resident: str
    name: str | None = None
    kana: str | None = None
    roman: str | None = None
    alias: str | None = None
    address: str | None = None
    municipality: str | None = None
    born: date | None = None
    sex: Sex | None = None
    happened: date | None = None


def change_particulars(
    ask: ChangeParticulars, box: Box, *, actor: str = "counter"
) -> Resident:
    """Write the change into the register and let it take its effect on certificates.

    The signature certificate names what has changed and is revoked: from the next day
    on for name and address (R145), at once for a birth date or sex that was wrong
    (R146); user authentication and the card live on. Names and addresses stay as typed,
    byte for byte, and how the record read before is kept. The face and chip of the card
    are brought up to date when the holder brings it to the counter (R170).
    """
    if ask.municipality is not None:
        if ask.address is None:
            raise Refused("particulars.address_missing", rules=("R145",))
        try:
            municipality_of(ask.municipality)
        except UnknownMunicipality:
            raise Refused(
                "register.municipality_unknown",
                rules=("R270",),
                municipality=ask.municipality,
            ) from None
    at = box.clock.now()
    happened = ask.happened or at.date()
    if happened > at.date():
        raise Refused("register.day_in_future", day=happened.isoformat())
    with box.store.work() as work:
        before = work.residents.get(ask.resident)
        if before.state is not ResidentState.REGISTERED:
            raise Refused("register.not_registered", rules=("R001",))
        if ask.municipality not in (None, before.municipality):
            raise Refused("move.none_open", rules=("R171",))
        read = _after(before, ask, on=at.date())
        if read == before:
            raise Refused("particulars.nothing_new", rules=("R145",))
        after = replace(read, since=happened, cause=_cause(before, read))
        work.residents.save(after)
        events = _events(before, after)
        work.journal.write(
            Entry(
                municipality=after.municipality,
                at=at,
                actor=actor,
                action="change_particulars",
                subjects=(after.id, *_stopped(work, after, events, at=at)),
                facts={"changed": ", ".join(_changed(before, after))},
            )
        )
    return after


def _after(before: Resident, ask: ChangeParticulars, *, on: date) -> Resident:
    def other(column: str, asked: str | None, was: str | None) -> str | None:
        return was if asked is None else other_name(column, asked)

    born = ask.born or before.born
    if born > on:
        raise Refused("register.born_in_future", born=born.isoformat())
    if born > before.registered:
        raise Refused(
            "register.registered_before_birth",
            born=born.isoformat(),
            day=before.registered.isoformat(),
        )
    return replace(
        before,
        name=before.name if ask.name is None else written_name(ask.name),
        kana=other("kana", ask.kana, before.kana),
        roman=other("roman", ask.roman, before.roman),
        alias=other("alias", ask.alias, before.alias),
        address=before.address if ask.address is None else written_address(ask.address),
        born=born,
        sex=ask.sex or before.sex,
    )


def _cause(before: Resident, after: Resident) -> Cause:
    if (after.born, after.sex) != (before.born, before.sex):
        return Cause.CORRECTED
    return Cause.CHANGED if after.address == before.address else Cause.MOVED_WITHIN


def _events(before: Resident, after: Resident) -> tuple[str, ...]:
    """The rulebook's names of what happened. Kana and Roman letters stand on no
    certificate; an alias stands on the card alone."""
    corrected = (after.born, after.sex) != (before.born, before.sex)
    return (
        *(("name_changed",) if after.name != before.name else ()),
        *(("address_changed",) if after.address != before.address else ()),
        *(("corrected",) if corrected else ()),
    )


def _changed(before: Resident, after: Resident) -> tuple[str, ...]:
    """What the journal says changed: the rulebook's events and plain columns."""
    plain = ("kana", "roman", "alias")
    return _events(before, after) + tuple(
        column for column in plain if getattr(before, column) != getattr(after, column)
    )


def _stopped(
    work: Work, person: Resident, events: tuple[str, ...], *, at: datetime
) -> tuple[str, ...]:
    """Serials of the cards that the events are about, and of what they stopped."""
    subjects: list[str] = []
    for card in work.cards.of(person.id):
        for event in events:
            if card.state is not CardState.VOID:
                subjects += apply_event(work, card, event, at=at).subjects
    return tuple(dict.fromkeys(subjects))
