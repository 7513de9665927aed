"""Everything a store holds, row by row, out of one database and into another."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DatabaseError

from mynabox.adapters.store.errors import BoxUnusable
from mynabox.adapters.store.every_table import METADATA
from mynabox.adapters.store.tables_lists import DRAWN

_BATCH = 500
_STREAMED = {"stream_results": True, "yield_per": _BATCH}


def every_row(connection: Connection) -> Iterator[tuple[str, dict[str, object]]]:
    """(table, row) of every table; what a row points at comes before it. What is drawn
    from other rows is not copied: it makes itself anew."""
    for table in METADATA.sorted_tables:
        if table in DRAWN:
            continue
        order = table.primary_key.columns.values()
        query = select(table).order_by(*order)
        for row in connection.execute(query, execution_options=_STREAMED):
            yield table.name, dict(row._mapping)


def fill_empty(
    connection: Connection, rows: Iterable[tuple[str, Mapping[str, object]]]
) -> None:
    """Put rows into tables that are all empty; raises :class:`BoxUnusable`."""
    for table in METADATA.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise BoxUnusable(
                "the database holds a box already: restore into an empty one"
            )
    waiting: list[Mapping[str, object]] = []
    of = ""

    def write() -> None:
        if waiting:
            connection.execute(insert(METADATA.tables[of]), waiting)
            waiting.clear()

    try:
        for name, row in rows:
            if name not in METADATA.tables:
                raise BoxUnusable(f"there is no table {name} in a box")
            if name != of or len(waiting) == _BATCH:
                write()
                of = name
            waiting.append(row)
        write()
    except DatabaseError as error:
        raise BoxUnusable(f"the rows do not fit into a box: {error.orig}") from None
