"""Households, how records read before, and words that find people.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.lifecycle.search_keys import address_words, name_keys

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BATCH = 5000

RECORD = (
    ("record_code", KEY, False),
    ("municipality", KEY, False),
    ("name", sa.Text(), False),
    ("kana", sa.Text(), True),
    ("roman", sa.Text(), True),
    ("alias", sa.Text(), True),
    ("born", sa.Date(), False),
    ("sex", sa.Text(), False),
    ("address", sa.Text(), False),
    ("nationality", sa.Text(), False),
    ("residence_status", sa.Text(), False),
    ("stay_until", sa.Date(), True),
    ("registered", sa.Date(), False),
    ("state", sa.Text(), False),
    ("household", KEY, True),
    ("relation", sa.Text(), True),
    ("since", sa.Date(), True),
    ("cause", sa.Text(), False),
)
STAYS = "a former record stays as it was"
HEAD = "relation = 'head' AND state = 'registered'"


def upgrade() -> None:
    op.add_column("residents", sa.Column("household", KEY))
    op.add_column("residents", sa.Column("relation", sa.Text()))
    op.add_column("residents", sa.Column("since", sa.Date()))
    op.add_column(
        "residents",
        sa.Column("cause", sa.Text(), nullable=False, server_default="registered"),
    )
    op.create_index("ix_residents_born_id", "residents", ["born", "id"])
    op.create_index(
        "ix_residents_household",
        "residents",
        ["municipality", "household", "id"],
        sqlite_where=sa.text("household IS NOT NULL"),
        postgresql_where=sa.text("household IS NOT NULL"),
    )
    op.create_index(
        "uq_residents_head",
        "residents",
        ["municipality", "household"],
        unique=True,
        sqlite_where=sa.text(HEAD),
        postgresql_where=sa.text(HEAD),
    )
    op.create_table(
        "resident_history",
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date()),
        *(sa.Column(name, kind, nullable=null) for name, kind, null in RECORD),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_resident_history_resident"
        ),
        sa.PrimaryKeyConstraint("resident", "nth", name="pk_resident_history"),
    )
    keys = op.create_table(
        "search_keys",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_search_keys_resident"
        ),
        sa.PrimaryKeyConstraint(
            "kind", "key", "municipality", "resident", name="pk_search_keys"
        ),
        sqlite_with_rowid=False,
    )
    _find_everybody(keys)
    if op.get_bind().dialect.name == "sqlite":
        _make_sqlite_guards()
    else:
        _make_postgresql_guards()


def _find_everybody(keys: sa.Table) -> None:
    names = ("name", "kana", "roman", "alias")
    people = sa.table(
        "residents", *map(sa.column, ("id", "municipality", "address", *names))
    )
    rows = op.get_bind().execute(
        sa.select(people), execution_options={"stream_results": True}
    )
    for some in rows.partitions(BATCH):
        made = []
        for row in some:
            mine = {"municipality": row.municipality, "resident": row.id}
            found = name_keys(row.name, row.kana, row.roman, row.alias)
            made += [{"kind": "name", "key": key, **mine} for key in sorted(found)]
            if address := address_words(row.address):
                made.append({"kind": "address", "key": address, **mine})
        op.get_bind().execute(sa.insert(keys), made)


def _keeping() -> str:
    columns = ", ".join(name for name, _, _ in RECORD)
    old = ", ".join(f"OLD.{name}" for name, _, _ in RECORD)
    return (
        f"INSERT INTO resident_history (resident, nth, until, {columns})"
        " SELECT OLD.id, 1 + COALESCE((SELECT MAX(nth) FROM resident_history"
        f" WHERE resident = OLD.id), 0), NEW.since, {old};"
    )


def _make_sqlite_guards() -> None:
    differs = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name, _, _ in RECORD)
    op.execute(
        "CREATE TRIGGER residents_keep_history AFTER UPDATE ON residents"
        f" WHEN {differs} BEGIN {_keeping()} END"
    )
    for name, event in (("not_deleted", "DELETE"), ("stays", "UPDATE")):
        op.execute(
            f"CREATE TRIGGER resident_history_{name} BEFORE {event}"
            f" ON resident_history BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
        )
    op.execute(
        "CREATE TRIGGER resident_history_not_replaced BEFORE INSERT"
        " ON resident_history WHEN EXISTS (SELECT 1 FROM resident_history"
        " WHERE resident = NEW.resident AND nth = NEW.nth)"
        f" BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
    )
    # INSERT OR REPLACE deletes rows without asking the guards against deleting.
    op.execute(
        "CREATE TRIGGER residents_head_not_replaced BEFORE INSERT ON residents"
        f" WHEN NEW.{HEAD.replace('AND state', 'AND NEW.state')} AND EXISTS"
        " (SELECT 1 FROM residents WHERE municipality = NEW.municipality"
        f" AND household = NEW.household AND {HEAD})"
        " BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed:"
        " residents.municipality, residents.household'); END"
    )


def _make_postgresql_guards() -> None:
    columns = ", ".join(name for name, _, _ in RECORD)
    op.execute(
        "CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {_keeping()} RETURN NULL; END $$"
    )
    new = columns.replace(", ", ", NEW.")
    old = columns.replace(", ", ", OLD.")
    op.execute(
        "CREATE TRIGGER residents_keep_history AFTER UPDATE ON residents FOR EACH ROW"
        f" WHEN ((NEW.{new}) IS DISTINCT FROM (OLD.{old}))"
        " EXECUTE FUNCTION keep_history()"
    )
    for name, event in (
        ("not_deleted", "DELETE"),
        ("not_truncated", "TRUNCATE"),
        ("stays", "UPDATE"),
    ):
        op.execute(
            f"CREATE TRIGGER resident_history_{name} BEFORE {event}"
            " ON resident_history FOR EACH STATEMENT"
            f" EXECUTE FUNCTION refuse('{STAYS}')"
        )
