"""What stands on cards besides their production, and the moves behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from mynabox.lifecycle.card_note import CardNote, NoteKind
from mynabox.lifecycle.move import Move
from mynabox.ports import Box
from mynabox.usecases.card_writing import lines_due, space_left


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLines:
    """The field for later changes of a card.

    ``left``  lines that are free
    ``due``   what is to be written yet
    """

    lines: tuple[CardNote, ...]
    left: int
    due: tuple[NoteKind, ...]


def card_lines(serial: str, box: Box) -> CardLines:
    """What is written on a card, what is free, what is due; raises ``Missing``."""
    with box.store.look() as work:
        card = work.cards.get(serial)
        person = work.residents.get(card.resident)
        return CardLines(
            lines=tuple(work.card_notes.of(serial)),
            left=space_left(work, card),
            due=tuple(kind for kind, _ in lines_due(work, card, person)),
        )


def list_moves(resident: str, box: Box) -> Sequence[Move]:
    """A person's moves, oldest first; raises ``Missing``."""
    with box.store.look() as work:
        return work.moves.of(work.residents.get(resident).id)
