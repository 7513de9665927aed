"""Notices that wait at a post office are found without reading all.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WHERE = "state = 'at_post_office'"


def upgrade() -> None:
    op.create_index(
        "ix_notices_at_post_office",
        "notices",
        ["since", "id"],
        sqlite_where=sa.text(WHERE),
        postgresql_where=sa.text(WHERE),
    )
