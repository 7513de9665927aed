"""Letters of inquiry, secrets to be set anew at a store, and batches of cards.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard, one_each

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

NEVER_DELETED = {
    "inquiries": "a letter of inquiry is never deleted",
    "store_resets": "a reservation is never deleted",
    "batch_items": "what was ordered is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "inquiries_stay",
        "inquiries",
        "NEW.id <> OLD.id OR NEW.card <> OLD.card OR NEW.resident <> OLD.resident"
        " OR NEW.agent <> OLD.agent OR NEW.reason <> OLD.reason"
        " OR NEW.code_hash <> OLD.code_hash OR NEW.sent <> OLD.sent"
        " OR NEW.until <> OLD.until OR OLD.state <> 'sent' AND NEW.state <> OLD.state",
        "a letter of inquiry stays as it was sent, and is answered once",
    ),
    (
        "store_resets_stay",
        "store_resets",
        "NEW.id <> OLD.id OR NEW.card <> OLD.card OR NEW.resident <> OLD.resident"
        " OR NEW.kind <> OLD.kind OR NEW.app_done <> OLD.app_done"
        " OR OLD.state <> 'reserved' AND NEW.state <> OLD.state",
        "a reservation stays as it was made, and is used once",
    ),
    (
        "batch_items_stay",
        "batch_items",
        "NEW.id <> OLD.id OR NEW.batch <> OLD.batch"
        " OR NEW.application <> OLD.application OR NEW.ordered <> OLD.ordered"
        " OR OLD.state <> 'waiting' AND NEW.state <> OLD.state",
        "what was ordered stays so, and is done once",
    ),
]

KEYS = [
    # table, columns of a unique index, its condition
    ("inquiries", ("id",), None),
    ("inquiries", ("code_hash",), None),
    ("inquiries", ("card",), "state = 'sent'"),
    ("store_resets", ("id",), None),
    ("store_resets", ("card", "kind"), "state = 'reserved'"),
    ("batch_items", ("id",), None),
    ("batch_items", ("application",), "state = 'waiting'"),
]


def upgrade() -> None:
    op.create_table(
        "inquiries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("card", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code_hash", KEY, nullable=False),
        sa.Column("sent", KEY, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'answered', 'replaced')", name="state"
        ),
        sa.ForeignKeyConstraint(["card"], ["cards.serial"], name="fk_inquiries_card"),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_inquiries_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inquiries"),
    )
    op.create_index("uq_inquiries_code_hash", "inquiries", ["code_hash"], unique=True)
    one_each("uq_inquiries_open", "inquiries", ["card"], "state = 'sent'")
    op.create_table(
        "store_resets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("card", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("app_done", KEY, nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('reserved', 'done', 'replaced')", name="state"
        ),
        sa.ForeignKeyConstraint(
            ["card"], ["cards.serial"], name="fk_store_resets_card"
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_store_resets_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_store_resets"),
    )
    one_each(
        "uq_store_resets_open", "store_resets", ["card", "kind"], "state = 'reserved'"
    )
    op.create_table(
        "batch_items",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("application", KEY, nullable=False),
        sa.Column("ordered", KEY, nullable=False),
        sa.Column("card", KEY),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("done", KEY),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'produced', 'refused')", name="state"
        ),
        sa.ForeignKeyConstraint(
            ["application"], ["applications.id"], name="fk_batch_items_application"
        ),
        sa.ForeignKeyConstraint(
            ["card"], ["cards.serial"], name="fk_batch_items_card"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batch_items"),
    )
    one_each(
        "uq_batch_items_waiting", "batch_items", ["application"], "state = 'waiting'"
    )
    op.create_index("ix_batch_items_batch", "batch_items", ["batch"])
    op.create_index("ix_batch_items_state_ordered", "batch_items", ["state", "ordered"])
    guard(never_deleted=NEVER_DELETED, changes=CHANGES, keys=KEYS)
