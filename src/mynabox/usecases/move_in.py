"""Somebody says that they live here now (転入届)."""

from dataclasses import dataclass, replace
from datetime import date

from mynabox.law.moving import continued_use_until, move_in_due
from mynabox.law.municipality import UnknownMunicipality
from mynabox.law.municipality import municipality as municipality_of
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.move import Move, MoveEvent, MoveState
from mynabox.lifecycle.registration import written_address
from mynabox.lifecycle.resident import Cause, HouseholdRelation, Resident
from mynabox.ports import Box, Work
from mynabox.usecases.endings import apply_event
from mynabox.usecases.lapse_move import end_cards
from mynabox.usecases.move_out import open_move


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveIn:
    """``municipality``  six digits; ``moved_in``: since when they live there
    ``household``     the new municipality's name of the household they enter
    """

    resident: str
    municipality: str
    address: str
    moved_in: date
    household: str | None = None
    relation: HouseholdRelation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedIn:
    """The person as registered now, and the move with its clock."""

    resident: Resident
    move: Move


def move_in(ask: MoveIn, box: Box, *, actor: str = "counter") -> MovedIn:
    """Enter the person in the register of the new municipality.

    The signature certificate ends with the next day (R145). In time (R171), a card in
    use goes on if it is taken over within the term (R172,
    :func:`mynabox.usecases.take_over_card.take_over_card`); too late, it is void at
    once (R173). A card that waits in the old office is discarded (R156).
    """
    try:
        municipality_of(ask.municipality)
    except UnknownMunicipality:
        raise Refused(
            "register.municipality_unknown",
            rules=("R270",),
            municipality=ask.municipality,
        ) from None
    at = box.clock.now()
    today = at.date()
    if ask.moved_in > today:
        raise Refused("register.registered_in_future", day=ask.moved_in.isoformat())
    with box.store.work() as work:
        before = work.residents.get(ask.resident)
        move = open_move(work, ask.resident)
        if move is None or move.abroad:
            raise Refused("move.none_open", rules=("R171",))
        if ask.municipality == before.municipality:
            raise Refused("move.same_municipality", rules=("R171",))
        person = replace(
            before,
            municipality=ask.municipality,
            address=written_address(ask.address),
            household=ask.household,
            relation=ask.relation if ask.household else None,
            since=ask.moved_in,
            cause=Cause.MOVED_IN,
        )
        work.residents.save(person)
        in_time = today <= move_in_due(ask.moved_in, move.planned).value
        moved, ended, missed = _arrived(work, move, ask, in_time=in_time, on=today)
        subjects: list[str] = [move.id, *missed]
        if ended:
            subjects += end_cards(work, person.id, at=at)
        for card in work.cards.of(person.id):
            if card.state is not CardState.VOID:
                waiting = card.state is CardState.PRODUCED
                event = "discarded" if waiting else "address_changed"
                subjects += apply_event(work, card, event, at=at).subjects
        if moved.state is MoveState.ARRIVED and not _has_card(work, person, on=today):
            moved = moved.after(MoveEvent.TAKEN_OVER)
        work.moves.save(moved)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="move_in",
                subjects=(person.id, *dict.fromkeys(subjects)),
                facts={
                    "from": before.municipality,
                    "moved_in": ask.moved_in.isoformat(),
                    "in_time": "yes" if in_time else "no",
                },
            )
        )
    return MovedIn(resident=person, move=moved)


def _arrived(
    work: Work, move: Move, ask: MoveIn, *, in_time: bool, on: date
) -> tuple[Move, bool, tuple[str, ...]]:
    """The move after the notice, whether the card is lost over it, and the moves whose
    term was missed by it."""
    again = [
        known
        for known in work.moves.of(ask.resident)
        if known.state is MoveState.ARRIVED
    ]
    for known in again:
        work.moves.save(known.after(MoveEvent.MISSED))
    moved = replace(
        move,
        to=ask.municipality,
        moved_in=ask.moved_in,
        notified=on,
        due=continued_use_until(on).value,
    ).after(MoveEvent.MOVED_IN)
    if moved.state is MoveState.ARRIVED and (again or not in_time):
        return moved.after(MoveEvent.MISSED), True, tuple(one.id for one in again)
    return moved, False, tuple(one.id for one in again)


def _has_card(work: Work, person: Resident, *, on: date) -> bool:
    return any(
        card.state in (CardState.ACTIVE, CardState.SUSPENDED) and not card.over_on(on)
        for card in work.cards.of(person.id)
    )
