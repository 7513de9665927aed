"""What makes revocation lists and OCSP quick: entries ready-made, changes noted.

These tables are drawn from ``certificates`` and hold nothing of their own: they can be
emptied and made anew at any time, and no copy of a box takes them along.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from mynabox.adapters.store.columns import Key
from mynabox.adapters.store.tables import METADATA

PACKED_STOPS = Table(
    "packed_stops",
    METADATA,
    Column("issuer", Key, ForeignKey("authorities.name"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("latest", Key, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    PrimaryKeyConstraint("issuer", "municipality", "low"),
)
"""Entries in DER by serial number: those from ``low`` on, up to the next row's.
``latest`` is the last moment at which one of them stopped, as a text."""

CHANGED_STOPS = Table(
    "changed_stops",
    METADATA,
    Column("issuer", Key, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("serial", BigInteger, nullable=False),
    PrimaryKeyConstraint("issuer", "municipality", "serial"),
)
"""Certificates whose stop was recorded or changed since the entries were packed.
Triggers on ``certificates`` write it, whoever it was that changed a row there."""

STATUS_CHANGES = Table(
    "status_changes",
    METADATA,
    Column("nth", BigInteger, primary_key=True, autoincrement=False),
    Column("serial", BigInteger, nullable=False),
)
"""The certificates whose rows were changed last, in the order in which they were: for
a process that gives answers again. A trigger writes it and forgets the oldest."""

DRAWN = (PACKED_STOPS, CHANGED_STOPS, STATUS_CHANGES)
