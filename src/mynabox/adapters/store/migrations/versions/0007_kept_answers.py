"""Answers kept for requests that come again.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

STAYS = "an answer stays as it was given"
CHANGED = " OR ".join(
    f"NEW.{column} <> OLD.{column}"
    for column in (
        "name", "request", "operation", "status", "headers", "answered", "expires"
    )
)
"""Only the seal on the body may be exchanged."""


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("name", KEY, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_answers"),
    )
    op.create_index("ix_answers_expires", "answers", ["expires"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER answers_stay BEFORE UPDATE ON answers WHEN {CHANGED}"
            f" BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
        )
        op.execute(
            "CREATE TRIGGER answers_name_not_replaced BEFORE INSERT ON answers"
            " WHEN EXISTS (SELECT 1 FROM answers WHERE name = NEW.name)"
            " BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: answers.name'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER answers_stay BEFORE UPDATE ON answers"
            f" FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION refuse('{STAYS}')"
        )
