"""The end of a chain is the last row of the journal, however many were written at once.

Until now it moved on one row at a time, and nobody asked whether there was such a row.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

GUARD, SENTENCE = "journal_heads_go_on", "the end of a chain is its last row"
REFUSED = (
    "NEW.municipality <> OLD.municipality OR NEW.sequence <= OLD.sequence"
    " OR NOT EXISTS (SELECT 1 FROM journal WHERE municipality = NEW.municipality"
    " AND sequence = NEW.sequence AND hash = NEW.hash)"
    " OR EXISTS (SELECT 1 FROM journal WHERE municipality = NEW.municipality"
    " AND sequence > NEW.sequence)"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {GUARD}")
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON journal_heads WHEN {REFUSED}"
            f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )
        return
    op.execute(f"DROP TRIGGER {GUARD} ON journal_heads")
    op.execute(
        "CREATE FUNCTION chain_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {REFUSED} THEN"
        " RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
        f" MESSAGE = '{SENTENCE}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON journal_heads FOR EACH ROW"
        " EXECUTE FUNCTION chain_goes_on()"
    )
