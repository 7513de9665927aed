"""Wrong passwords make one wait, by name and address, and lock nobody out.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("name", KEY, nullable=False),
        sa.Column("address", KEY, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", "address", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_last"), "sign_in_tries", ["last"])
