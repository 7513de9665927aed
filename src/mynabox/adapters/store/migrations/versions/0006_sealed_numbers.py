"""Individual Numbers are sealed, and so is what waits to be sent.

Numbers of before are sealed on the way, all in the migration's one transaction: it is
done as a whole or not at all, and begun anew if it was cut off.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard
from mynabox.adapters.store.sealing import FIRST_KEY, NumberKeys, index_column

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BATCH = 5000

OLD_GUARDS = ["numbers_not_deleted", "numbers_keep_owner", "numbers_stay_retired"]
OLD_SQLITE_GUARDS = ["numbers_number_not_replaced", "numbers_resident_not_replaced"]

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "numbers_keep_owner",
        "numbers",
        "NEW.resident <> OLD.resident OR NEW.nth <> OLD.nth"
        " OR NEW.assigned <> OLD.assigned"
        " OR NEW.index_odd <> OLD.index_odd OR NEW.index_even <> OLD.index_even"
        " OR NEW.key = OLD.key AND NEW.sealed <> OLD.sealed",
        "a number keeps its owner",
    ),
    (
        "numbers_stay_retired",
        "numbers",
        "OLD.state = 'retired' AND NEW.state <> 'retired'",
        "a retired number stays retired",
    ),
]
KEYS = [
    # table, columns of a unique index, its condition
    ("numbers", ("resident", "nth"), None),
    ("numbers", ("index_odd",), None),
    ("numbers", ("index_even",), None),
    ("numbers", ("resident",), "state = 'current'"),
]


def upgrade() -> None:
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    for name in [*OLD_GUARDS, *OLD_SQLITE_GUARDS] if sqlite else OLD_GUARDS:
        op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else " ON numbers"))
    op.rename_table("numbers", "numbers_plain")
    op.drop_index("uq_numbers_current", "numbers_plain")
    op.drop_index("ix_numbers_municipality", "numbers_plain")
    if not sqlite:
        op.drop_constraint("pk_numbers", "numbers_plain")
    sealed = _make_table()
    _seal_numbers(bind, sealed)
    _seal_waiting(bind)
    op.drop_table("numbers_plain")
    guard(
        never_deleted={"numbers": "a number is never deleted"},
        changes=CHANGES,
        keys=KEYS,
    )


def _make_table() -> sa.Table:
    made = op.create_table(
        "numbers",
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("assigned", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("index_odd", KEY),
        sa.Column("index_even", KEY),
        sa.CheckConstraint(
            "index_odd IS NOT NULL OR index_even IS NOT NULL", name="can_be_found"
        ),
        sa.CheckConstraint("state IN ('current', 'retired')", name="state"),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_numbers_resident"
        ),
        sa.PrimaryKeyConstraint("resident", "nth", name="pk_numbers"),
        sa.UniqueConstraint("index_odd", name="uq_numbers_index_odd"),
        sa.UniqueConstraint("index_even", name="uq_numbers_index_even"),
    )
    op.create_index(
        "uq_numbers_current",
        "numbers",
        ["resident"],
        unique=True,
        sqlite_where=sa.text("state = 'current'"),
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_index("ix_numbers_municipality", "numbers", ["municipality"])
    return made


def _keys() -> NumberKeys:
    keys = context.config.attributes["number_keys"]
    assert isinstance(keys, NumberKeys)
    return keys


def _seal_numbers(bind: sa.Connection, sealed: sa.Table) -> None:
    """Number by number; a person's retired ones come before the current one, each as
    old as it is."""
    plain = sa.table(
        "numbers_plain",
        *map(sa.column, ("number", "resident", "municipality", "assigned", "state")),
    )
    order = (plain.c.resident, plain.c.state.desc(), plain.c.assigned, plain.c.number)
    rows = bind.execute(
        sa.select(plain).order_by(*order), execution_options={"stream_results": True}
    )
    nth, before = 0, None
    for some in rows.partitions(BATCH):
        made = []
        for row in some:
            nth = nth + 1 if row.resident == before else 1
            before = row.resident
            made.append(
                {
                    "resident": row.resident,
                    "nth": nth,
                    "municipality": row.municipality,
                    "assigned": row.assigned,
                    "state": row.state,
                    "key": FIRST_KEY,
                    "sealed": _keys().seal(
                        row.number, owner=row.resident, key=FIRST_KEY
                    ),
                    index_column(FIRST_KEY): _keys().index(row.number, key=FIRST_KEY),
                }
            )
        bind.execute(sa.insert(sealed), made)


def _seal_waiting(bind: sa.Connection) -> None:
    outbox = sa.table("outbox", *map(sa.column, ("id", "content", "delivered")))
    waiting = sa.select(outbox.c.id).where(outbox.c.delivered.is_(None))
    for (outgoing,) in bind.execute(waiting).all():
        mine = outbox.c.id == outgoing
        content = bind.execute(sa.select(outbox.c.content).where(mine)).scalar_one()
        sealed = _keys().seal_content(bytes(content), of=outgoing, key=FIRST_KEY)
        bind.execute(sa.update(outbox).where(mine), {"content": sealed})
