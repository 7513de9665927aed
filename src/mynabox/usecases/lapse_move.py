"""What becomes of card and person when a clock of a move runs out."""

from datetime import datetime

from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.move import Move, MoveEvent
from mynabox.ports import Work
from mynabox.usecases.endings import apply_event


def lapse(work: Work, move: Move, *, at: datetime) -> tuple[str, ...]:
    """The card did not come along in time: it is void (R155, R173). Whom the journal's
    row of this is about."""
    work.moves.save(move.after(MoveEvent.MISSED))
    return (move.id, *end_cards(work, move.resident, at=at))


def end_cards(work: Work, resident: str, *, at: datetime) -> tuple[str, ...]:
    """Every card of a person is void because a move's term was missed (R155)."""
    subjects: list[str] = []
    for card in work.cards.of(resident):
        if card.state is not CardState.VOID:
            subjects += apply_event(work, card, "continued_use_missed", at=at).subjects
    return tuple(subjects)
