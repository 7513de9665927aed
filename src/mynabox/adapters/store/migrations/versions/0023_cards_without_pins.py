"""Cards without PINs, which never have a signature certificate that is good.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from mynabox.adapters.store.guards import on_sqlite

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NOT_REVOKED = "kind = 'signature' AND state <> 'revoked'"
SENTENCE = "a card without PINs has no signature certificate"
WAITING = "a card gets its PINs, or none, when it is handed over"

GUARDS = {
    "cards": (
        "NEW.without_pins AND EXISTS (SELECT 1 FROM certificates"
        f" WHERE card = NEW.serial AND {NOT_REVOKED})",
        SENTENCE,
    ),
    "certificates": (
        "NEW.kind = 'signature' AND NEW.state <> 'revoked' AND EXISTS"
        " (SELECT 1 FROM cards WHERE serial = NEW.card AND without_pins)",
        SENTENCE,
    ),
}
"""When a row that is added or changed is refused, by table, and the sentence."""


def upgrade() -> None:
    op.add_column(
        "cards",
        sa.Column(
            "without_pins", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    guards = [(f"{table}_without_pins", table, *said) for table, said in GUARDS.items()]
    guards.append(
        (
            "cards_waiting_have_none",
            "cards",
            "NEW.without_pins AND NEW.state = 'produced'",
            WAITING,
        )
    )
    for name, table, refused, sentence in guards:
        if on_sqlite():
            for event in ("INSERT", "UPDATE"):
                op.execute(
                    f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table}"
                    f" WHEN {refused} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
                )
            continue
        # Whoever adds a certificate holds the card's row until the end of the
        # transaction, so that nobody makes it a card without PINs meanwhile.
        held = (
            "IF NEW.kind = 'signature' AND NEW.state <> 'revoked' THEN"
            " PERFORM 1 FROM cards WHERE serial = NEW.card FOR SHARE; END IF;"
            if table == "certificates"
            else ""
        )
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN {held} IF {refused} THEN"
            " RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
            f" MESSAGE = '{sentence}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_{name}()"
        )
