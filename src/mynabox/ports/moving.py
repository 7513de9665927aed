"""Moves of people, and what is written on cards after production."""

from collections.abc import Sequence
from typing import Protocol

from mynabox.lifecycle.card_note import CardNote
from mynabox.lifecycle.move import Move


class Moves(Protocol):
    """Moves of people between municipalities."""

    def add(self, move: Move) -> None:
        """Add one; raises ``Duplicate`` ("open move") if the person has one that is
        announced or overdue, held by a unique index."""
        ...

    def save(self, move: Move) -> None:
        """Overwrite the move with this id; a guard keeps what is over."""
        ...

    def get(self, move: str) -> Move:
        """The move; raises ``Missing``."""
        ...

    def of(self, resident: str) -> Sequence[Move]:
        """The person's moves, oldest first."""
        ...


class CardNotes(Protocol):
    """Lines in the field for later changes of cards (追記欄)."""

    def add(self, note: CardNote) -> None:
        """Write a line, for ever; raises ``Duplicate`` ("line") if its place is
        taken."""
        ...

    def of(self, card: str) -> Sequence[CardNote]:
        """The lines on a card, first to last."""
        ...
