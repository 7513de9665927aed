"""Tables beside the register: how records read before, and what finds people.

A row of ``resident_history`` is written by a trigger whenever a record changes, so no
program can change a record without leaving its former reading behind; that such a row
stays as it is, is a trigger too. Both stand in the migrations.
"""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from mynabox.adapters.store.columns import Key
from mynabox.adapters.store.tables import METADATA, RESIDENTS

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
