"""When a status was recorded, delta lists, substitutes wished for.

A revocation may be recorded before it takes effect; then it may still be brought
forward, but not beyond the moment in which it was recorded.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

GUARD, SENTENCE = "certificates_stay_revoked", "a revoked certificate stays as it is"
REFUSED = (
    "OLD.state = 'revoked' AND (NEW.state <> 'revoked'"
    " OR COALESCE(NEW.reason, '') <> COALESCE(OLD.reason, '')"
    " OR COALESCE(NEW.stopped, '') > COALESCE(OLD.stopped, '')"
    " OR COALESCE(NEW.stopped, '') < COALESCE(OLD.stopped, '')"
    " AND COALESCE(NEW.stopped, '') < COALESCE(OLD.recorded, OLD.stopped, ''))"
)


def upgrade() -> None:
    op.add_column("applications", sa.Column("substitutes", sa.Text()))
    op.add_column("revocation_lists", sa.Column("base", sa.BigInteger()))
    op.add_column("certificates", sa.Column("recorded", KEY))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {GUARD}")
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON certificates WHEN {REFUSED}"
            f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )
    else:
        op.execute(f"DROP TRIGGER {GUARD} ON certificates")
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON certificates FOR EACH ROW"
            f" WHEN ({REFUSED}) EXECUTE FUNCTION refuse('{SENTENCE}')"
        )
