"""Guards that the database keeps by itself, in the words of both engines.

Migrations call these: rows that are never deleted, rows that stay as they were written,
changes that are refused, and keys that nothing may be written over. On PostgreSQL the
function ``refuse`` of the first migration raises what SQLite's ``RAISE`` does.
"""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from alembic import op

Change = tuple[str, str, str, str]
"""Name of the trigger, table, condition under which an update is refused, sentence."""
Key = tuple[str, Sequence[str], str | None]
"""Table, columns of a unique key, and the condition of a partial one, if any."""


def on_sqlite() -> bool:
    """Whether the migration runs in SQLite."""
    return op.get_bind().dialect.name == "sqlite"


def one_each(name: str, table: str, columns: Sequence[str], where: str) -> None:
    """A unique index over the rows that ``where`` selects."""
    op.create_index(
        name,
        table,
        list(columns),
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def guard(
    *,
    never_deleted: Mapping[str, str] | None = None,
    stays: Mapping[str, str] | None = None,
    changes: Iterable[Change] = (),
    keys: Iterable[Key] = (),
) -> None:
    """Make the triggers.

    ``never_deleted``  sentences by table: no row is deleted (nor the table truncated)
    ``stays``          sentences by table: no row is changed
    ``keys``           SQLite's ``INSERT OR REPLACE`` would delete the row that is there
                       without asking the triggers against deleting; here it fails as
                       any second row of the key does
    """
    if on_sqlite():
        _guard_sqlite(never_deleted or {}, stays or {}, changes, keys)
    else:
        _guard_postgresql(never_deleted or {}, stays or {}, changes)


def _guard_sqlite(
    never_deleted: Mapping[str, str],
    stays: Mapping[str, str],
    changes: Iterable[Change],
    keys: Iterable[Key],
) -> None:
    for table, sentence in never_deleted.items():
        op.execute(
            f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    for table, sentence in stays.items():
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    for name, table, refused, sentence in changes:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {refused}"
            f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    for table, key, where in keys:
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        mine = f" AND NEW.{where} AND {where}" if where else ""
        columns = ", ".join(f"{table}.{column}" for column in key)
        op.execute(
            f"CREATE TRIGGER {table}_{'_'.join(key)}_not_replaced"
            f" BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}{mine})"
            f" BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {columns}'); END"
        )


def _guard_postgresql(
    never_deleted: Mapping[str, str],
    stays: Mapping[str, str],
    changes: Iterable[Change],
) -> None:
    for table, sentence in never_deleted.items():
        for name, event in (("deleted", "DELETE"), ("truncated", "TRUNCATE")):
            op.execute(
                f"CREATE TRIGGER {table}_not_{name} BEFORE {event} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION refuse('{sentence}')"
            )
    for table, sentence in stays.items():
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION refuse('{sentence}')"
        )
    for name, table, refused, sentence in changes:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN ({refused}) EXECUTE FUNCTION refuse('{sentence}')"
        )
