"""The table of answers that are kept for requests that come again."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from mynabox.adapters.store.columns import Key, Moment
from mynabox.adapters.store.tables import METADATA

ANSWERS = Table(
    "answers",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("request", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("answered", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Index(None, "expires"),
)
"""``headers``: a JSON object of texts. ``body`` is sealed: an answer may tell a number."""
