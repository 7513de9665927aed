"""Adult wards and their guardians; a ward is given no signature certificate.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from mynabox.adapters.store.guards import on_sqlite

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RECORD = (
    *("record_code", "municipality", "name", "kana", "roman", "alias", "born", "sex"),
    *("address", "nationality", "residence_status", "stay_until", "registered"),
    *("state", "household", "relation", "since", "cause", "guardian", "ward_since"),
)
"""What a record says: as before, and the two new columns."""
APART = "(NEW.guardian IS NULL) <> (NEW.ward_since IS NULL)"
NO_WARD = "a ward has a guardian and a first day"
SENTENCE = "a ward is given no signature certificate"
NEW_ONE = (
    "NEW.kind = 'signature' AND NEW.state IN ('issued', 'active') AND EXISTS"
    " (SELECT 1 FROM residents WHERE id = NEW.resident"
    " AND ward_since IS NOT NULL AND {day} <= NEW.not_before)"
)
"""A certificate of the first day or later. One of before may be in force."""
HANDED_OVER = (
    "NEW.kind = 'signature' AND NEW.state = 'active' AND OLD.state <> 'active'"
    " AND EXISTS (SELECT 1 FROM residents WHERE id = NEW.resident"
    " AND ward_since IS NOT NULL)"
)
BECOMES_WARD = (
    "NEW.ward_since IS NOT NULL AND (OLD.ward_since IS NULL"
    " OR NEW.ward_since < OLD.ward_since) AND EXISTS (SELECT 1 FROM certificates"
    " WHERE resident = NEW.id AND kind = 'signature' AND (state = 'issued'"
    " OR (state = 'active' AND {day} <= not_before)))"
)
RULES = (
    ("certificates_none_for_wards", "INSERT", "certificates", NEW_ONE),
    ("certificates_none_handed_to_wards", "UPDATE", "certificates", HANDED_OVER),
    ("residents_wards_sign_nothing_new", "UPDATE", "residents", BECOMES_WARD),
)


def upgrade() -> None:
    for table in ("residents", "resident_history"):
        op.add_column(table, sa.Column("guardian", sa.Text()))
        op.add_column(table, sa.Column("ward_since", sa.Date()))
    op.execute("DROP TRIGGER residents_keep_history" + _on("residents"))
    if on_sqlite():
        _make_sqlite_guards()
    else:
        _make_postgresql_guards()


def _on(table: str) -> str:
    return "" if on_sqlite() else f" ON {table}"


def _keeping() -> str:
    columns = ", ".join(RECORD)
    old = ", ".join(f"OLD.{name}" for name in RECORD)
    return (
        f"INSERT INTO resident_history (resident, nth, until, {columns})"
        " SELECT OLD.id, 1 + COALESCE((SELECT MAX(nth) FROM resident_history"
        f" WHERE resident = OLD.id), 0), NEW.since, {old};"
    )


def _make_sqlite_guards() -> None:
    differs = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in RECORD)
    op.execute(
        "CREATE TRIGGER residents_keep_history AFTER UPDATE ON residents"
        f" WHEN {differs} BEGIN {_keeping()} END"
    )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER residents_guardian_{event.lower()} BEFORE {event}"
            f" ON residents WHEN {APART} BEGIN SELECT RAISE(ABORT, '{NO_WARD}'); END"
        )
    for name, event, table, refused in RULES:
        day = "NEW.ward_since" if table == "residents" else "ward_since"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
            f" WHEN {refused.format(day=day)}"
            f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )


def _make_postgresql_guards() -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {_keeping()} RETURN NULL; END $$"
    )
    new = ", ".join(f"NEW.{name}" for name in RECORD)
    old = ", ".join(f"OLD.{name}" for name in RECORD)
    op.execute(
        "CREATE TRIGGER residents_keep_history AFTER UPDATE ON residents FOR EACH ROW"
        f" WHEN (({new}) IS DISTINCT FROM ({old})) EXECUTE FUNCTION keep_history()"
    )
    op.execute(
        "CREATE TRIGGER residents_guardian BEFORE INSERT OR UPDATE ON residents"
        f" FOR EACH ROW WHEN ({APART}) EXECUTE FUNCTION refuse('{NO_WARD}')"
    )
    for name, event, table, refused in RULES:
        day = "NEW.ward_since" if table == "residents" else "ward_since"
        said = refused.format(day=f"to_char({day}, 'YYYY-MM-DD')")
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {said} THEN"
            " RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
            f" MESSAGE = '{SENTENCE}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
