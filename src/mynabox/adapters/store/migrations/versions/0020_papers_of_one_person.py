"""Applications, cards and certificates hang on things of the same person alone.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

from mynabox.adapters.store.guards import guard, on_sqlite

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CHANGES = [
    (
        "cards_keep_application",
        "cards",
        "NEW.application <> OLD.application",
        "a card keeps its application",
    ),
    (
        "residents_stay_who_they_are",
        "residents",
        "NEW.id <> OLD.id OR NEW.record_code <> OLD.record_code",
        "a person keeps id and resident record code",
    ),
]


def _others(table: str, key: str, column: str) -> str:
    """That the row named in a column is somebody else's."""
    return (
        f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{column}"
        " AND resident <> NEW.resident)"
    )


FORM = " OR ".join(
    _others(table, "application_id", "application_id") for table in ("notices", "forms")
)
STRANGERS = {
    "applications": (FORM, "an application is made on the own form"),
    "cards": (
        _others("applications", "id", "application"),
        "a card is made of the own application",
    ),
    "certificates": (
        _others("cards", "serial", "card"),
        "a certificate is on the own card",
    ),
}
"""When a row of a table is refused as it is added, and the sentence. Afterwards cards
and certificates keep what they hang on; an application may change its form."""


def upgrade() -> None:
    guard(changes=CHANGES)
    for table, (refused, sentence) in STRANGERS.items():
        events = ["INSERT"]
        if table == "applications":
            events.append("UPDATE OF application_id, resident")
        if on_sqlite():
            for event in events:
                op.execute(
                    f"CREATE TRIGGER {table}_of_one_{event[:6].lower()}"
                    f" BEFORE {event} ON {table} WHEN {refused}"
                    f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
                )
            continue
        op.execute(
            f"CREATE FUNCTION refuse_strangers_{table}() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN"
            " RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
            f" MESSAGE = '{sentence}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_of_one BEFORE {' OR '.join(events)} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_strangers_{table}()"
        )
