"""Moves between municipalities, and the lines written on cards afterwards."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables_register import CARD_NOTES, MOVES
from mynabox.lifecycle.card_note import CardNote, NoteKind
from mynabox.lifecycle.move import Move, MoveState
from mynabox.ports import Missing


def _move_row(move: Move) -> dict[str, object]:
    return {
        "id": move.id,
        "resident": move.resident,
        "municipality": move.municipality,
        "destination": move.to,
        "planned": move.planned,
        "told": move.told,
        "moved_in": move.moved_in,
        "notified": move.notified,
        "due": move.due,
        "abroad": move.abroad,
        "continuing": move.continuing,
        "state": move.state.value,
    }


def _move(row: Row[Any]) -> Move:
    return Move(
        id=row.id,
        resident=row.resident,
        municipality=row.municipality,
        to=row.destination,
        planned=row.planned,
        told=row.told,
        moved_in=row.moved_in,
        notified=row.notified,
        due=row.due,
        abroad=row.abroad,
        continuing=row.continuing,
        state=MoveState(row.state),
    )


class SqlMoves:
    """Moves of people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, move: Move) -> None:
        """Add one; raises ``Duplicate`` ("open move") if the person has one."""
        self._session.add(MOVES, _move_row(move), nth_of=("resident",))

    def save(self, move: Move) -> None:
        """Overwrite one; raises ``Missing``."""
        if not self._session.change(MOVES, MOVES.c.id == move.id, _move_row(move)):
            raise Missing("move", move.id)

    def get(self, move: str) -> Move:
        """The move; raises ``Missing``."""
        row = self._session.first(select(MOVES).where(MOVES.c.id == move))
        if row is None:
            raise Missing("move", move)
        return _move(row)

    def of(self, resident: str) -> Sequence[Move]:
        """The person's moves, oldest first."""
        query = select(MOVES).where(MOVES.c.resident == resident).order_by(MOVES.c.nth)
        return [_move(row) for row in self._session.all(query)]


class SqlCardNotes:
    """Lines on cards."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, note: CardNote) -> None:
        """Write a line; raises ``Duplicate`` if there is one at its place."""
        self._session.add(
            CARD_NOTES,
            {
                "card": note.card,
                "municipality": note.municipality,
                "nth": note.nth,
                "day": note.day,
                "kind": note.kind.value,
                "text": note.text,
            },
        )

    def of(self, card: str) -> Sequence[CardNote]:
        """The lines on a card, first to last."""
        query = (
            select(CARD_NOTES)
            .where(CARD_NOTES.c.card == card)
            .order_by(CARD_NOTES.c.nth)
        )
        return [
            CardNote(
                card=row.card,
                municipality=row.municipality,
                nth=row.nth,
                day=row.day,
                kind=NoteKind(row.kind),
                text=row.text,
            )
            for row in self._session.all(query)
        ]
