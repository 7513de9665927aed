"""Tables of how cards reach their holders.

That an hour never has more visitors than places stands here: every booking has a
place of its own, and none beyond the last.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from mynabox.adapters.store.columns import Key, Moment
from mynabox.adapters.store.tables import METADATA, one_each, one_of
from mynabox.lifecycle.appointment import AppointmentState

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("application", Key, ForeignKey("applications.id"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("way", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("documents", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("card", Key, ForeignKey("cards.serial")),
    Column("until", Date),
    Column("remind_at", Moment),
    Column("reminded", Moment),
    Column("state", Key, nullable=False),
    Index("uq_deliveries_application", "application", unique=True),
    Index(None, "card"),
    Index(None, "municipality", "state", "id"),
    Index(None, "state", "remind_at"),
)

HELD = "state IN ('booked', 'kept', 'missed')"
"""Which bookings use their place up."""

APPOINTMENTS = Table(
    "appointments",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("delivery", Key, ForeignKey("deliveries.id"), nullable=False),
    Column("card", Key, ForeignKey("cards.serial"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("office", Key, nullable=False),
    Column("begins", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("place", Integer, nullable=False),
    Column("places", Integer, nullable=False),
    Column("booked", Moment, nullable=False),
    Column("remind_at", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("reminded", Moment),
    Column("state", Key, nullable=False),
    one_of("state", AppointmentState),
    CheckConstraint("place BETWEEN 1 AND places", name="place_exists"),
    one_each(
        "uq_appointments_place",
        "municipality",
        "office",
        "begins",
        "place",
        where=HELD,
    ),
    one_each("uq_appointments_booked", "delivery", where="state = 'booked'"),
    Index(None, "card"),
    Index(None, "state", "remind_at"),
    Index(None, "state", "ends"),
)
