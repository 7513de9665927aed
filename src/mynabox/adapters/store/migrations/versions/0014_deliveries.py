"""How cards reach their holders: deliveries and appointments.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard, one_each

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

NEVER_DELETED = {
    "deliveries": "a delivery is never deleted",
    "appointments": "an appointment is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "deliveries_stay",
        "deliveries",
        "NEW.id <> OLD.id OR NEW.application <> OLD.application"
        " OR NEW.resident <> OLD.resident OR NEW.municipality <> OLD.municipality"
        " OR OLD.card IS NOT NULL AND (NEW.card IS NULL OR NEW.card <> OLD.card)",
        "a delivery keeps its card and its holder",
    ),
    (
        "deliveries_stay_over",
        "deliveries",
        "OLD.state IN ('received', 'ended') AND NEW.state <> OLD.state",
        "a delivery that is over stays over",
    ),
    (
        "appointments_stay",
        "appointments",
        "NEW.id <> OLD.id OR NEW.delivery <> OLD.delivery OR NEW.card <> OLD.card"
        " OR NEW.resident <> OLD.resident OR NEW.municipality <> OLD.municipality"
        " OR NEW.office <> OLD.office OR NEW.begins <> OLD.begins"
        " OR NEW.ends <> OLD.ends OR NEW.place <> OLD.place"
        " OR NEW.places <> OLD.places OR NEW.booked <> OLD.booked",
        "an appointment stays as it was booked",
    ),
    (
        "appointments_stay_over",
        "appointments",
        "OLD.state <> 'booked' AND NEW.state <> OLD.state",
        "an appointment that is over stays over",
    ),
]

HELD = "state IN ('booked', 'kept', 'missed')"

KEYS = [
    # table, columns of a unique index, its condition
    ("deliveries", ("id",), None),
    ("deliveries", ("application",), None),
    ("appointments", ("id",), None),
    ("appointments", ("municipality", "office", "begins", "place"), HELD),
    ("appointments", ("delivery",), "state = 'booked'"),
]


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("card", KEY),
        sa.Column("until", sa.Date()),
        sa.Column("remind_at", KEY),
        sa.Column("reminded", KEY),
        sa.Column("state", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["application"], ["applications.id"], name="fk_deliveries_application"
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_deliveries_resident"
        ),
        sa.ForeignKeyConstraint(["card"], ["cards.serial"], name="fk_deliveries_card"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index(
        "uq_deliveries_application", "deliveries", ["application"], unique=True
    )
    op.create_index("ix_deliveries_card", "deliveries", ["card"])
    op.create_index(
        "ix_deliveries_municipality_state_id",
        "deliveries",
        ["municipality", "state", "id"],
    )
    op.create_index(
        "ix_deliveries_state_remind_at", "deliveries", ["state", "remind_at"]
    )
    op.create_table(
        "appointments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery", KEY, nullable=False),
        sa.Column("card", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("office", KEY, nullable=False),
        sa.Column("begins", KEY, nullable=False),
        sa.Column("ends", KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("booked", KEY, nullable=False),
        sa.Column("remind_at", KEY, nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("reminded", KEY),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('booked', 'kept', 'missed', 'cancelled')",
            name="state",
        ),
        sa.CheckConstraint("place BETWEEN 1 AND places", name="place_exists"),
        sa.ForeignKeyConstraint(
            ["delivery"], ["deliveries.id"], name="fk_appointments_delivery"
        ),
        sa.ForeignKeyConstraint(
            ["card"], ["cards.serial"], name="fk_appointments_card"
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_appointments_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
    )
    one_each(
        "uq_appointments_place",
        "appointments",
        ["municipality", "office", "begins", "place"],
        HELD,
    )
    one_each(
        "uq_appointments_booked", "appointments", ["delivery"], "state = 'booked'"
    )
    op.create_index("ix_appointments_card", "appointments", ["card"])
    op.create_index(
        "ix_appointments_state_remind_at", "appointments", ["state", "remind_at"]
    )
    op.create_index("ix_appointments_state_ends", "appointments", ["state", "ends"])
    # Cards that wait already: nobody wrote down until when.
    op.execute(
        "INSERT INTO deliveries (id, application, resident, municipality, way, name,"
        " address, documents, since, card, state)"
        " SELECT 'dlv-' || cards.serial, cards.application, cards.resident,"
        " cards.municipality, 'pickup', residents.name, residents.address, '',"
        " cards.since, cards.serial, 'waiting'"
        " FROM cards JOIN residents ON residents.id = cards.resident"
        " WHERE cards.state = 'produced'"
    )
    guard(never_deleted=NEVER_DELETED, changes=CHANGES, keys=KEYS)
