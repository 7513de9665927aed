"""Staff, their sessions, and what two of them must agree on.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

NEVER_DELETED = {
    "staff": "an account is never deleted",
    "approvals": "a request is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "staff_keep_name",
        "staff",
        "NEW.id <> OLD.id OR NEW.name <> OLD.name",
        "an account keeps its name",
    ),
    (
        "staff_stay_ended",
        "staff",
        "OLD.state = 'ended' AND NEW.state <> 'ended'",
        "an account that ended stays ended",
    ),
    (
        "sessions_stay",
        "sessions",
        "NEW.hash <> OLD.hash OR NEW.kind <> OLD.kind OR NEW.holder <> OLD.holder"
        " OR NEW.created <> OLD.created OR NEW.expires <> OLD.expires"
        " OR OLD.ended IS NOT NULL"
        " AND (NEW.ended IS NULL OR NEW.ended <> OLD.ended)",
        "a session stays as it was opened, and ends once",
    ),
    (
        "approvals_stay",
        "approvals",
        "NEW.id <> OLD.id OR NEW.nth <> OLD.nth OR NEW.kind <> OLD.kind"
        " OR NEW.subject <> OLD.subject OR NEW.municipality <> OLD.municipality"
        " OR NEW.ground <> OLD.ground OR NEW.reason <> OLD.reason"
        " OR NEW.requested_by <> OLD.requested_by OR NEW.requested <> OLD.requested"
        " OR NEW.expires <> OLD.expires OR OLD.state <> 'requested'",
        "a request stays as it was made, and is decided once",
    ),
]

KEYS = [
    # table, columns of a unique index, its condition
    ("staff", ("id",), None),
    ("staff", ("name",), None),
    ("sessions", ("hash",), None),
    ("approvals", ("id",), None),
    ("approvals", ("nth",), None),
    ("approvals", ("kind", "subject"), "state = 'requested'"),
]


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("municipality", KEY),
        sa.Column("created", KEY, nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("name", name="uq_staff_name"),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential", KEY, nullable=False),
        sa.Column("staff", KEY, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("added", KEY, nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_passkeys_staff"),
        sa.PrimaryKeyConstraint("credential", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_staff", "passkeys", ["staff"])
    op.create_table(
        "sessions",
        sa.Column("hash", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", KEY, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("ended", KEY),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_holder_created", "sessions", ["holder", "created"])
    op.create_table(
        "challenges",
        sa.Column("hash", KEY, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("holder", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_challenges"),
    )
    op.create_index("ix_challenges_expires", "challenges", ["expires"])
    op.create_table(
        "approvals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", KEY, nullable=False),
        sa.Column("requested", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("decided_by", KEY),
        sa.Column("decided", KEY),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decided_by <> requested_by", name="four_eyes"
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decided_by IS NOT NULL)"
            " AND (decided_by IS NULL) = (decided IS NULL)",
            name="decided_by_somebody",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["staff.id"], name="fk_approvals_requested_by"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name="fk_approvals_decided_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.UniqueConstraint("nth", name="uq_approvals_nth"),
    )
    op.create_index(
        "uq_approvals_open",
        "approvals",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("state = 'requested'"),
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_index("ix_approvals_municipality_nth", "approvals", ["municipality", "nth"])
    guard(never_deleted=NEVER_DELETED, changes=CHANGES, keys=KEYS)
