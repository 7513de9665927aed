"""Duties that fall due by themselves, and what finds them.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def some(name: str, table: str, *columns: str, where: str) -> None:
    op.create_index(
        name,
        table,
        list(columns),
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    op.create_table(
        "duties",
        sa.Column("job", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("done", KEY, nullable=False),
        sa.PrimaryKeyConstraint("job", "subject", "last_day", name="pk_duties"),
    )
    some(
        "ix_cards_ending",
        "cards",
        "expires",
        "serial",
        where="state IN ('active', 'suspended')",
    )
    some(
        "ix_certificates_ending",
        "certificates",
        "kind",
        "not_after",
        "serial",
        where="state = 'active'",
    )
    some(
        "ix_residents_stay_ending",
        "residents",
        "stay_until",
        "id",
        where="stay_until IS NOT NULL",
    )
