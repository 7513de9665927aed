"""Where a box keeps what it knows: SQLAlchemy Core over SQLite or PostgreSQL."""

from mynabox.adapters.store.errors import (
    BoxUnusable,
    NewerBox,
    NoTurn,
    NotWriting,
    RowProtected,
)
from mynabox.adapters.store.store import PATIENCE, SqlStore, SqlWork, open_store

__all__ = [
    "PATIENCE",
    "BoxUnusable",
    "NewerBox",
    "NoTurn",
    "NotWriting",
    "RowProtected",
    "SqlStore",
    "SqlWork",
    "open_store",
]
