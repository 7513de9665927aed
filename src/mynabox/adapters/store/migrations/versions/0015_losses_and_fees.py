"""Lost cards, requests for another one, and fees.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard, on_sqlite, one_each

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

NEVER_DELETED = {
    "losses": "a report of loss is never deleted",
    "card_requests": "a request is never deleted",
    "fees": "a fee is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "losses_stay",
        "losses",
        "NEW.receipt <> OLD.receipt OR NEW.card <> OLD.card"
        " OR NEW.resident <> OLD.resident OR NEW.municipality <> OLD.municipality"
        " OR NEW.reported <> OLD.reported"
        " OR OLD.state <> 'reported' AND NEW.state <> OLD.state",
        "a report of loss stays as it was made, and ends once",
    ),
    (
        "card_requests_stay",
        "card_requests",
        "NEW.id <> OLD.id OR NEW.resident <> OLD.resident"
        " OR NEW.municipality <> OLD.municipality OR NEW.reason <> OLD.reason"
        " OR NEW.old_card <> OLD.old_card OR NEW.express <> OLD.express"
        " OR NEW.asked <> OLD.asked"
        " OR OLD.state <> 'asked' AND NEW.state <> OLD.state",
        "a request stays as it was made, and ends once",
    ),
    (
        "fees_stay",
        "fees",
        "NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.request <> OLD.request"
        " OR NEW.resident <> OLD.resident OR NEW.municipality <> OLD.municipality"
        " OR NEW.amount <> OLD.amount OR NEW.card <> OLD.card"
        " OR NEW.certificates <> OLD.certificates OR NEW.express <> OLD.express"
        " OR NEW.decided <> OLD.decided",
        "a fee stays as it was set",
    ),
    (
        "fees_settled_once",
        "fees",
        "OLD.settled IS NOT NULL AND (NEW.settled IS NULL"
        " OR NEW.settled <> OLD.settled OR NEW.means <> OLD.means)"
        " OR OLD.state IN ('cancelled', 'refunded') AND NEW.state <> OLD.state"
        " OR OLD.state = 'paid' AND NEW.state NOT IN ('paid', 'refunded')",
        "a fee is paid once",
    ),
]

DUE = "SELECT 1 FROM fees WHERE fees.resident = NEW.resident AND fees.state = 'due'"
HANDED_OVER = "OLD.state = 'produced' AND NEW.state = 'active'"
UNPAID = "no card is handed over while a fee is due"

KEYS = [
    # table, columns of a unique index, its condition
    ("losses", ("receipt",), None),
    ("losses", ("card",), "state = 'reported'"),
    ("card_requests", ("id",), None),
    ("card_requests", ("resident",), "state = 'asked'"),
    ("fees", ("id",), None),
    ("fees", ("number",), None),
    ("fees", ("request",), None),
]


def upgrade() -> None:
    op.create_table(
        "losses",
        sa.Column("receipt", KEY, nullable=False),
        sa.Column("card", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("reported", KEY, nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("proof", sa.Text()),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("proved", sa.Date()),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('reported', 'found', 'replaced', 'ended')", name="state"
        ),
        sa.ForeignKeyConstraint(["card"], ["cards.serial"], name="fk_losses_card"),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_losses_resident"
        ),
        sa.PrimaryKeyConstraint("receipt", name="pk_losses"),
    )
    one_each("uq_losses_open", "losses", ["card"], "state = 'reported'")
    op.create_index("ix_losses_resident", "losses", ["resident"])
    op.create_index(
        "ix_losses_municipality_receipt", "losses", ["municipality", "receipt"]
    )
    op.create_table(
        "card_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("old_card", sa.Boolean(), nullable=False),
        sa.Column("express", sa.Text(), nullable=False),
        sa.Column("asked", KEY, nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("card", KEY),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint("state IN ('asked', 'done', 'given_up')", name="state"),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_card_requests_resident"
        ),
        sa.ForeignKeyConstraint(
            ["card"], ["cards.serial"], name="fk_card_requests_card"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_card_requests"),
    )
    one_each(
        "uq_card_requests_open", "card_requests", ["resident"], "state = 'asked'"
    )
    op.create_index("ix_card_requests_card", "card_requests", ["card"])
    op.create_index(
        "ix_card_requests_municipality_id", "card_requests", ["municipality", "id"]
    )
    op.create_table(
        "fees",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("request", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=False),
        sa.Column("certificates", sa.Integer(), nullable=False),
        sa.Column("express", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("decided", KEY, nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("settled", KEY),
        sa.Column("means", sa.Text()),
        sa.Column("state", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('due', 'waived', 'paid', 'cancelled', 'refunded')",
            name="state",
        ),
        sa.CheckConstraint(
            "amount = card + certificates + express"
            " AND card >= 0 AND certificates >= 0 AND express >= 0",
            name="sum_of_its_parts",
        ),
        sa.CheckConstraint("(state = 'due') <= (amount > 0)", name="due_is_something"),
        sa.CheckConstraint(
            "(state IN ('paid', 'refunded')) = (settled IS NOT NULL)"
            " AND (settled IS NULL) = (means IS NULL)",
            name="paid_at_a_moment",
        ),
        sa.ForeignKeyConstraint(
            ["request"], ["card_requests.id"], name="fk_fees_request"
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_fees_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_fees"),
    )
    op.create_index("uq_fees_number", "fees", ["number"], unique=True)
    op.create_index("uq_fees_request", "fees", ["request"], unique=True)
    op.create_index("ix_fees_resident_state", "fees", ["resident", "state"])
    op.create_index("ix_fees_municipality_id", "fees", ["municipality", "id"])
    # Cards that are suspended already: nobody wrote down who called.
    op.execute(
        "INSERT INTO losses (receipt, card, resident, municipality, reported, told,"
        " caller, callback, since, authority, number, state)"
        " SELECT substr(serial, 7, 10), serial, resident, municipality, since,"
        " 'telephone', '', '', since, '', '', 'reported'"
        " FROM cards WHERE state = 'suspended'"
    )
    guard(never_deleted=NEVER_DELETED, changes=CHANGES, keys=KEYS)
    if on_sqlite():
        op.execute(
            "CREATE TRIGGER cards_paid_for BEFORE UPDATE ON cards"
            f" WHEN {HANDED_OVER} AND EXISTS ({DUE})"
            f" BEGIN SELECT RAISE(ABORT, '{UNPAID}'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION refuse_unpaid() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN IF EXISTS ({DUE}) THEN"
            " RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
            f" MESSAGE = '{UNPAID}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER cards_paid_for BEFORE UPDATE ON cards FOR EACH ROW"
            f" WHEN ({HANDED_OVER}) EXECUTE FUNCTION refuse_unpaid()"
        )
