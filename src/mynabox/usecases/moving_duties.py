"""Duties of moves: clocks that run out, and days of leaving that come."""

from dataclasses import replace
from datetime import date

from mynabox.law.moving import emigration
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.move import RUNNING, MoveEvent
from mynabox.lifecycle.resident import (
    Cause,
    ResidenceStatus,
    Resident,
    ResidentEvent,
    ResidentState,
)
from mynabox.ports import Box, Ending, EndingKind, Work
from mynabox.usecases.endings import apply_event
from mynabox.usecases.endings_ahead import ACTOR, EndingJob, day_after
from mynabox.usecases.following import nothing_asked
from mynabox.usecases.lapse_move import lapse

_FOR_EVER = 36_500
"""Days behind the last day within which a missed term still takes its effect."""


def _run_out(job: str, ending: Ending, box: Box) -> None:
    """A term was missed: the card lapses (R155). Or the day of leaving Japan came."""
    at = box.clock.now()
    with box.store.work() as work:
        work.due.done(job, ending, at=at)
        move = work.moves.get(ending.subject)
        if move.state not in RUNNING:
            return
        person = work.residents.get(move.resident)
        if move.abroad:
            subjects, goes_on = _depart(work, person, box, continuing=move.continuing)
            work.moves.save(move.after(MoveEvent.DEPARTED))
            action = "leave_register"
            facts = {"event": ResidentEvent.LEFT_JAPAN.value, "card": goes_on}
        else:
            subjects = lapse(work, move, at=at)
            action = "move_missed"
            facts = {"last_day": ending.last_day.isoformat(), "state": move.state.value}
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=ACTOR,
                action=action,
                subjects=tuple(dict.fromkeys((person.id, move.id, *subjects))),
                facts=facts,
            )
        )


def _depart(
    work: Work, person: Resident, box: Box, *, continuing: bool
) -> tuple[tuple[str, ...], str]:
    """Whom it is about, and whether the card goes on (R154) or ends (R151)."""
    if person.state is not ResidentState.REGISTERED:
        return (), "none"
    at = box.clock.now()
    leaves: date = at.date()
    told = next(move.told for move in reversed(work.moves.of(person.id)) if move.abroad)
    event = emigration(
        leaves=leaves,
        procedure_done=told if continuing else None,
        japanese=person.residence_status is ResidenceStatus.JAPANESE,
    ).value
    work.residents.save(
        replace(
            person.after(ResidentEvent.LEFT_JAPAN),
            household=None,
            relation=None,
            since=leaves,
            cause=Cause.LEFT,
        )
    )
    subjects: list[str] = []
    for card in work.cards.of(person.id):
        if card.state is CardState.VOID:
            continue
        waiting = card.state is CardState.PRODUCED
        subjects += apply_event(
            work, card, "emigrated" if waiting else event, at=at
        ).subjects
    subjects += nothing_asked(work, person.id, at=at)
    return tuple(subjects), "goes on" if event == "emigrated_continuing" else "ends"


MOVING_JOBS = (
    EndingJob(
        name="move_run_out",
        kind=EndingKind.MOVE,
        due=day_after,
        late=_FOR_EVER,
        do=_run_out,
    ),
)
"""Terms of R171 and R172, and the days on which people leave Japan."""
