"""Entries of revocation lists, ready-made, and which of them have to be made anew.

A certificate on hold stays stopped, from the same moment or an earlier one.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

STOPPED = "{row}.state IN ('on_hold', 'revoked')"
CHANGED = f"{STOPPED.format(row='OLD')} OR {STOPPED.format(row='NEW')}"
MARK = (
    "INSERT INTO changed_stops (issuer, municipality, serial)"
    " VALUES ({row}.issuer, {row}.municipality, {row}.serial) ON CONFLICT DO NOTHING;"
)

GUARD, SENTENCE = "certificates_stay_held", "a hold is not lifted"
REFUSED = (
    "OLD.state = 'on_hold' AND (NEW.state NOT IN ('on_hold', 'revoked')"
    " OR COALESCE(NEW.stopped, '~') > COALESCE(OLD.stopped, '~'))"
)


def upgrade() -> None:
    op.create_table(
        "packed_stops",
        sa.Column("issuer", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("latest", KEY, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_packed_stops_issuer")
        ),
        sa.PrimaryKeyConstraint(
            "issuer", "municipality", "low", name=op.f("pk_packed_stops")
        ),
    )
    op.create_table(
        "changed_stops",
        sa.Column("issuer", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "issuer", "municipality", "serial", name=op.f("pk_changed_stops")
        ),
    )
    op.execute(
        "INSERT INTO changed_stops (issuer, municipality, serial)"
        " SELECT issuer, municipality, serial FROM certificates"
        " WHERE state IN ('on_hold', 'revoked')"
    )
    if op.get_bind().dialect.name == "sqlite":
        _watch_sqlite()
    else:
        _watch_postgresql()


def _watch_sqlite() -> None:
    op.execute(
        f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON certificates WHEN {REFUSED}"
        f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    )
    new, old = MARK.format(row="NEW"), MARK.format(row="OLD")
    op.execute(
        "CREATE TRIGGER certificates_stop_added AFTER INSERT ON certificates"
        f" WHEN {STOPPED.format(row='NEW')} BEGIN {new} END"
    )
    op.execute(
        "CREATE TRIGGER certificates_stop_changed AFTER UPDATE ON certificates"
        f" WHEN {CHANGED} BEGIN {old} {new} END"
    )


def _watch_postgresql() -> None:
    op.execute(
        f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON certificates FOR EACH ROW"
        f" WHEN ({REFUSED}) EXECUTE FUNCTION refuse('{SENTENCE}')"
    )
    for name, rows in (("added", ("NEW",)), ("changed", ("OLD", "NEW"))):
        marks = " ".join(MARK.format(row=row) for row in rows)
        op.execute(
            f"CREATE FUNCTION stop_{name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN {marks} RETURN NULL; END $$"
        )
    op.execute(
        "CREATE TRIGGER certificates_stop_added AFTER INSERT ON certificates"
        f" FOR EACH ROW WHEN ({STOPPED.format(row='NEW')})"
        " EXECUTE FUNCTION stop_added()"
    )
    op.execute(
        "CREATE TRIGGER certificates_stop_changed AFTER UPDATE ON certificates"
        f" FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION stop_changed()"
    )
