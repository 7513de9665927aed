"""The rows of all chains of the journal are counted in the order of their writing.

Rows that are there already stay as they are, without a number.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from mynabox.adapters.store.guards import guard

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal", sa.Column("nth", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_journal_nth"), "journal", ["nth"], unique=True)
    guard(keys=[("journal", ("nth",), None)])
