"""An index that every certificate paid for and no question uses is gone.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_certificates_municipality_not_after", "certificates")
