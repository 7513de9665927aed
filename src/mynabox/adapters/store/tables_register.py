"""Tables beside the register: how records read before, and what finds people.

A row of ``resident_history`` is written by a trigger whenever a record changes, so no
program can change a record without leaving its former reading behind; that such a row
stays as it is, is a trigger too. Both stand in the migrations.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from mynabox.adapters.store.columns import Key
from mynabox.adapters.store.tables import METADATA, RESIDENTS, one_each, some

RESIDENT_HISTORY = Table(
    "resident_history",
    METADATA,
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("until", Date),
    *(
        Column(column.name, column.type, nullable=column.nullable)
        for column in RESIDENTS.columns
        if column.name != "id"
    ),
    PrimaryKeyConstraint("resident", "nth"),
)
"""``until`` is the day of the change that ended this reading."""

SEARCH_KEYS = Table(
    "search_keys",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("key", Key, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    PrimaryKeyConstraint("kind", "key", "municipality", "resident"),
    sqlite_with_rowid=False,
)
"""Normalised words under which a person is found; made anew with every change."""

MOVES = Table(
    "moves",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("destination", Key),
    Column("planned", Date, nullable=False),
    Column("told", Date, nullable=False),
    Column("moved_in", Date),
    Column("notified", Date),
    Column("due", Date),
    Column("abroad", Boolean, nullable=False),
    Column("continuing", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    CheckConstraint(
        "state IN ('announced', 'overdue', 'arrived', 'settled', 'lapsed',"
        " 'cancelled')",
        name="state",
    ),
    UniqueConstraint("resident", "nth"),
    # The municipality is in the index so that SQLite's message tells it from others.
    one_each("uq_moves_open", "resident", where="state IN ('announced', 'overdue')"),
    Index(None, "municipality", "state"),
    some("ix_moves_due", "due", "id", where="due IS NOT NULL"),
)
"""``due`` is the last day of the clock that runs; empty when none does."""

CARD_NOTES = Table(
    "card_notes",
    METADATA,
    Column("card", Key, ForeignKey("cards.serial"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("card", "nth"),
)
"""Lines in the field for later changes; ink is not taken back (a trigger)."""
