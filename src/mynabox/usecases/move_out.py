"""Somebody says that they will leave the municipality, or Japan (転出届)."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from mynabox.law.moving import continued_use_until, emigration, move_in_last
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.move import OPEN, Move, MoveEvent, MoveState
from mynabox.lifecycle.resident import ResidenceStatus, Resident, ResidentState
from mynabox.ports import Box, Work
from mynabox.usecases.lapse_move import lapse

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOut:
    """``planned``     the day on which they leave (転出予定日)
    ``to``         six-digit code of the municipality they go to, if they say
    ``together``   others of the household who go along (R175)
    ``abroad``     they leave Japan; ``continuing``: and go on using the card there,
                   which takes a procedure on a day before (R154)
    """

    resident: str
    planned: date
    to: str | None = None
    together: tuple[str, ...] = ()
    abroad: bool = False
    continuing: bool = False


def move_out(ask: MoveOut, box: Box, *, actor: str = "counter") -> tuple[Move, ...]:
    """Note the move of everybody who goes, the person asked about first.

    From now on the clock of R171 runs: without a notice of moving in within the term
    behind the planned day, the card lapses (R173). Whoever leaves again before the card
    was taken over loses it on the day of leaving (R174). Who leaves Japan is deleted
    from the register on that day (R151), by the box's own clock.
    """
    at = box.clock.now()
    today = at.date()
    if ask.abroad and ask.planned < today:
        raise Refused("move.day_is_over", rules=("R154",))
    with box.store.work() as work:
        moves, subjects = [], []
        for who in dict.fromkeys((ask.resident, *ask.together)):
            person = work.residents.get(who)
            if person.state is not ResidentState.REGISTERED:
                raise Refused("register.not_registered", rules=("R001",))
            former = tuple(work.moves.of(who))
            if any(known.state in OPEN for known in former):
                raise Refused("move.already_open", rules=("R174",))
            first = work.residents.get(ask.resident)
            if who != first.id and not _one_household(first, person):
                raise Refused("move.not_one_household", rules=("R175",))
            if ask.abroad and ask.continuing:
                _demand_continuing(person, leaves=ask.planned, on=today)
            move = _move(ask, person, box, on=today)
            work.moves.add(move)
            moves.append(move)
            subjects += [who, move.id]
            for known in former:
                if known.state is MoveState.ARRIVED:
                    subjects += _again(work, known, ask.planned, box)
        work.journal.write(
            Entry(
                municipality=moves[0].municipality,
                at=at,
                actor=actor,
                action="move_out",
                subjects=tuple(dict.fromkeys(subjects)),
                facts={"planned": ask.planned.isoformat(), "to": _to(ask)},
            )
        )
    return tuple(moves)


def cancel_move_out(resident: str, box: Box, *, actor: str = "counter") -> Move:
    """The person stays after all (転出取消); a card that lapsed meanwhile stays void."""
    at = box.clock.now()
    with box.store.work() as work:
        move = open_move(work, resident)
        if move is None:
            raise Refused("move.none_open", rules=("R171",))
        gone = move.after(MoveEvent.CANCELLED)
        work.moves.save(gone)
        for known in work.moves.of(resident):
            if known.state is MoveState.ARRIVED and known.notified is not None:
                until = continued_use_until(known.notified).value
                work.moves.save(replace(known, due=until))
        work.journal.write(
            Entry(
                municipality=move.municipality,
                at=at,
                actor=actor,
                action="cancel_move_out",
                subjects=(resident, move.id),
                facts={},
            )
        )
    return gone


def open_move(work: Work, resident: str) -> Move | None:
    """The move with which a person is between two municipalities; certificates of the
    register are not to be had from kiosks meanwhile (R178)."""
    return next((one for one in work.moves.of(resident) if one.state in OPEN), None)


def _move(ask: MoveOut, person: Resident, box: Box, *, on: date) -> Move:
    return Move(
        id=make_id("mov", box.random(ID_BYTES)),
        resident=person.id,
        municipality=person.municipality,
        to=ask.to,
        planned=ask.planned,
        told=on,
        due=ask.planned - _DAY if ask.abroad else move_in_last(ask.planned).value,
        abroad=ask.abroad,
        continuing=ask.abroad and ask.continuing,
    )


def _one_household(one: Resident, other: Resident) -> bool:
    there = (one.municipality, one.household)
    return one.household is not None and there == (other.municipality, other.household)


def _demand_continuing(person: Resident, *, leaves: date, on: date) -> None:
    """Refuse to note what will not be so on the day of leaving (R154)."""
    event = emigration(
        leaves=leaves,
        procedure_done=on,
        japanese=person.residence_status is ResidenceStatus.JAPANESE,
    ).value
    if event != "emigrated_continuing":
        raise Refused("move.cannot_continue", rules=("R154",))


def _again(work: Work, former: Move, planned: date, box: Box) -> tuple[str, ...]:
    """The clock of the move before ends with the day before this one."""
    last = planned - _DAY
    if former.due is not None and former.due <= last:
        return ()
    work.moves.save(replace(former, due=last))
    if last >= box.clock.now().date():
        return ()
    return lapse(work, replace(former, due=last), at=box.clock.now())


def _to(ask: MoveOut) -> str:
    return "abroad" if ask.abroad else ask.to or ""
