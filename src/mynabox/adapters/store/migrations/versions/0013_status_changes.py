"""Whose status changed, in the order in which it did.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REMEMBERED = 100_000
"""Changes; who has not looked for longer reads every row anew."""

NOTE = (
    "INSERT INTO status_changes (nth, serial)"
    " SELECT COALESCE(MAX(nth), 0) + 1, NEW.serial FROM status_changes;"
    " DELETE FROM status_changes"
    f" WHERE nth = (SELECT MAX(nth) - {REMEMBERED} FROM status_changes);"
)
WRITER_LOCK = 0x6D796E61
"""The lock that all writers of this program take, so that changes are numbered in the
order in which they are committed; whoever works with plain SQL takes it here."""


def upgrade() -> None:
    op.create_table(
        "status_changes",
        sa.Column("nth", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nth", name=op.f("pk_status_changes")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER certificates_status_changed AFTER UPDATE ON certificates"
            f" BEGIN {NOTE} END"
        )
        return
    op.execute(
        "CREATE FUNCTION status_changed() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN PERFORM pg_advisory_xact_lock({WRITER_LOCK}); {NOTE}"
        " RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER certificates_status_changed AFTER UPDATE ON certificates"
        " FOR EACH ROW EXECUTE FUNCTION status_changed()"
    )
