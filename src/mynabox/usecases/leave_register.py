"""A person leaves the register: gone abroad, dead, or without a status to stay."""

from collections.abc import Mapping
from dataclasses import replace

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.move import MOVE, MoveEvent
from mynabox.lifecycle.resident import RESIDENT, Cause, Resident, ResidentEvent
from mynabox.ports import Box
from mynabox.usecases.endings import apply_event
from mynabox.usecases.following import nothing_asked

_EFFECTS: Mapping[ResidentEvent, str] = {
    ResidentEvent.DIED: "died",
    ResidentEvent.LEFT_JAPAN: "emigrated",
    ResidentEvent.STATUS_LOST: "status_lost",
}
"""The rulebook's name of what this does to cards; otherwise the record is deleted."""


def leave_register(
    resident: str, event: ResidentEvent, box: Box, *, actor: str = "counter"
) -> Resident:
    """Delete the record; cards and certificates end with it (R151).

    The Individual Number stays the person's own: whoever returns has it back
    (R002). Applications on their way are withdrawn.
    """
    at = box.clock.now()
    with box.store.work() as work:
        person = work.residents.get(resident)
        if event is ResidentEvent.RETURNED:
            raise RESIDENT.refusal(person.state, event)
        left = replace(
            person.after(event),
            household=None,
            relation=None,
            since=at.date(),
            cause=Cause.LEFT,
        )
        work.residents.save(left)
        ended: list[str] = []
        for card in work.cards.of(resident):
            if card.state is not CardState.VOID:
                effect = _EFFECTS.get(event, "record_deleted")
                ended += apply_event(work, card, effect, at=at).subjects
        for move in work.moves.of(resident):
            for stop in (MoveEvent.CANCELLED, MoveEvent.MISSED):
                if MOVE.allows(move.state, stop):
                    work.moves.save(move.after(stop))
                    ended.append(move.id)
                    break
        ended += nothing_asked(work, resident, at=at)
        work.journal.write(
            Entry(
                municipality=left.municipality,
                at=at,
                actor=actor,
                action="leave_register",
                subjects=(resident, *dict.fromkeys(ended)),
                facts={"event": event.value},
            )
        )
    return left
