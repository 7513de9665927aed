"""One transaction as the repositories see it: rows in, rows out, plain errors."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Index,
    Row,
    Select,
    Table,
    UniqueConstraint,
    Update,
    and_,
    bindparam,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.schema import PrimaryKeyConstraint

from mynabox.adapters.store.errors import NotWriting, RowProtected
from mynabox.adapters.store.every_table import METADATA
from mynabox.adapters.store.tables import COUNTERS
from mynabox.ports import Duplicate, Missing

STREAMED_ROWS = 1000
"""Rows that are held at a time while a long answer is read."""

TOGETHER = 50
"""Rows that go into a table in one statement, where there are many."""

_PAGE = 500
"""Owners that are asked about at a time."""

_TAKEN = {
    "residents.id": "resident",
    "residents.record_code": "record code",
    "residents.municipality, residents.household": "head of the household",
    "numbers.index_odd": "number",
    "numbers.index_even": "number",
    "numbers.resident": "current number",
    "notices.id": "notice",
    "notices.application_id": "application ID",
    "forms.id": "form",
    "forms.application_id": "application ID",
    "applications.id": "application",
    "applications.resident": "application under way",
    "applications.link_hash": "link",
    "cards.serial": "card",
    "cards.resident": "card in use",
    "cards.resident, cards.state": "produced card",
    "authorities.name": "authority",
    "authorities.kind, authorities.generation": "generation",
    "certificates.serial": "certificate",
    "certificates.card, certificates.kind": "certificate of the card",
    "revocation_lists.issuer, revocation_lists.municipality, revocation_lists.number": (
        "revocation list"
    ),
    "journal.municipality, journal.sequence": "journal row",
    "journal.nth": "journal row",
    "outbox.id": "outgoing",
    "duties.job, duties.subject, duties.last_day": "duty",
    "moves.resident": "open move",
    "card_notes.card, card_notes.nth": "line",
    "staff.name": "account",
    "passkeys.credential": "passkey",
    "approvals.kind, approvals.subject": "open request",
    "answers.name": "answer",
    "verifiers.name": "verifier",
    "login_challenges.verifier, login_challenges.hash": "challenge",
    "known_users.verifier, known_users.resident": "user",
    "consents.verifier, consents.resident": "consent",
    "deliveries.application": "delivery",
    "appointments.municipality, appointments.office, appointments.begins,"
    " appointments.place": "place",
    "appointments.delivery": "appointment",
    "losses.receipt": "receipt",
    "losses.card": "loss",
    "card_requests.resident": "card request",
    "inquiries.code_hash": "inquiry",
    "inquiries.card": "open inquiry",
    "store_resets.card, store_resets.kind": "reservation",
    "batch_items.application": "item",
    "fees.number": "fee",
    "fees.request": "fee",
}
"""What ``Duplicate`` says, by the columns of the unique index that refused."""

_NAMES = {
    "residents": "resident",
    "applications": "application",
    "cards": "card",
    "authorities": "authority",
    "staff": "account",
    "verifiers": "verifier",
    "certificates": "certificate",
    "deliveries": "delivery",
    "card_requests": "card request",
}
"""What ``Missing`` says when a row points at one that does not exist."""


def _columns_by_name() -> dict[str, str]:
    """The columns of every unique index and key, by its name (for PostgreSQL)."""
    found = {}
    for table in METADATA.tables.values():
        kept = [
            *(
                constraint
                for constraint in table.constraints
                if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint)
            ),
            *table.indexes,
        ]
        for each in kept:
            if not isinstance(each, Index) or each.unique:
                found[str(each.name)] = ", ".join(
                    str(column) for column in each.columns
                )
    return found


_COLUMNS = _columns_by_name()


@cache
def _insertion(
    table: Table, columns: tuple[str, ...], rows: int, dialect: Dialect
) -> str:
    """INSERT of so many rows in the driver's own words, values by place."""
    quoted = ", ".join(map(dialect.identifier_preparer.quote, columns))
    marks = f"({', '.join([_mark(dialect)] * len(columns))})"
    values = ", ".join([marks] * rows)
    return f"INSERT INTO {table.name} ({quoted}) VALUES {values}"


@cache
def _changing(table: Table, key: tuple[str, ...], changed: tuple[str, ...]) -> Update:
    """UPDATE of rows found by ``key``, whose values are given as ``of_...``."""
    mine = and_(*(table.c[name] == bindparam(f"of_{name}") for name in key))
    return update(table).where(mine).values({name: bindparam(name) for name in changed})


def _mark(dialect: Dialect) -> str:
    """What stands for a value in the driver's own words."""
    return "?" if dialect.paramstyle == "qmark" else "%s"


class Session:
    """Rows of one transaction.

    ``writing``  False for ``look()``: every attempt to write is refused
    """

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        self._connection = connection
        self._writing = writing

    def add(
        self,
        table: Table,
        values: Mapping[str, object],
        *,
        nth_of: tuple[str, ...] | None = None,
    ) -> None:
        """Insert a row; ``nth_of`` names the columns within which ``nth`` counts.

        Raises ``Duplicate`` if a unique index refuses, ``Missing`` if the row points
        at nothing, :class:`RowProtected` if a guard refuses.
        """
        row: dict[str, object] = dict(values)
        if nth_of is not None:
            row["nth"] = self._last_nth(table, row, nth_of) + 1
        try:
            self._write(insert(table), row)
        except IntegrityError as error:
            raise self._plain(error, table, row) from None

    def add_all(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert plain rows, in whose way nothing can be."""
        if rows:
            self._write(insert(table), rows)

    def add_many(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows, all or none; raises as :meth:`add` does."""
        try:
            self.add_all(table, rows)
        except IntegrityError as error:
            raise self._plain(error, table, rows[0]) from None

    def add_plain(
        self,
        table: Table,
        columns: tuple[str, ...],
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert many rows whose values are as the database holds them (moments as
        texts), in statements of the driver's own. Raises as :meth:`add` does,
        about the first row that cannot be."""
        if not self._writing:
            raise NotWriting
        if not rows:
            return
        dialect = self._connection.dialect
        whole = len(rows) - len(rows) % TOGETHER
        try:
            with self._undoing():
                if whole:
                    statement = _insertion(table, columns, TOGETHER, dialect)
                    values = [
                        tuple(chain.from_iterable(rows[start : start + TOGETHER]))
                        for start in range(0, whole, TOGETHER)
                    ]
                    self._connection.exec_driver_sql(statement, values)
                if whole < len(rows):
                    statement = _insertion(table, columns, 1, dialect)
                    self._connection.exec_driver_sql(statement, list(rows[whole:]))
        except IntegrityError as error:
            row = dict(zip(columns, rows[0], strict=True)) if len(rows) == 1 else {}
            raise self._plain(error, table, row) from None

    def change(
        self, table: Table, which: ColumnElement[bool], values: Mapping[str, object]
    ) -> bool:
        """Update the rows that ``which`` selects; False if there is none.

        Raises as :meth:`add` does.
        """
        try:
            return self._write(update(table).where(which), values) > 0
        except IntegrityError as error:
            raise self._plain(error, table, values) from None

    def change_each(
        self, table: Table, key: tuple[str, ...], rows: Sequence[Mapping[str, object]]
    ) -> None:
        """Update rows found by ``key``, each to its own values; all the same columns."""
        if not rows:
            return
        changed = tuple(name for name in rows[0] if name not in key)
        renamed = [
            {f"of_{name}" if name in key else name: row[name] for name in row}
            for row in rows
        ]
        self._write(_changing(table, key, changed), renamed)

    def remove(self, table: Table, which: ColumnElement[bool]) -> bool:
        """Delete the rows that ``which`` selects, of a table whose rows may go; False
        if there is none."""
        return self._write(delete(table).where(which), {}) > 0

    def remove_each(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Delete rows, each found by all that is given of it, the same of all."""
        if not rows:
            return
        mine = and_(*(table.c[name] == bindparam(f"of_{name}") for name in rows[0]))
        renamed = [{f"of_{name}": row[name] for name in row} for row in rows]
        self._write(delete(table).where(mine), renamed)

    def add_from(self, table: Table, query: Select[Any]) -> None:
        """Insert what a query finds, its columns in the order of the table's."""
        self._write(insert(table).from_select(list(table.c.keys()), query), {})

    def raise_counter(self, name: str, value: int) -> None:
        """Have a counter go on from ``value``, unless it is beyond that already."""
        mine = COUNTERS.c.name == name
        found = self.first(select(COUNTERS.c.next_value).where(mine))
        if found is None:
            self.add(COUNTERS, {"name": name, "next_value": value})
        elif found.next_value < value:
            self.change(COUNTERS, mine, {"next_value": value})

    def last_nths(
        self, table: Table, owner: str, owners: Sequence[str]
    ) -> dict[str, int]:
        """The highest ``nth`` of each of these owners that has a row; ``owner`` names
        the column they stand in."""
        dialect = self._connection.dialect
        found: dict[str, int] = {}
        for start in range(0, len(owners), _PAGE):
            page = tuple(owners[start : start + _PAGE])
            marks = ", ".join([_mark(dialect)] * len(page))
            rows = self._connection.exec_driver_sql(
                f"SELECT {owner}, max(nth) FROM {table.name}"
                f" WHERE {owner} IN ({marks}) GROUP BY {owner}",
                page,
            )
            found |= {str(row[0]): int(row[1]) for row in rows}
        return found

    def first(self, query: Select[Any]) -> Row[Any] | None:
        """The first row of the answer, if there is one."""
        return self._connection.execute(query).first()

    def all(
        self, query: Select[Any], values: Mapping[str, object] | None = None
    ) -> Sequence[Row[Any]]:
        """The whole answer; ``values`` stand in the places that the query leaves."""
        return self._connection.execute(query, values).all()

    def stream(self, query: Executable) -> Iterator[Row[Any]]:
        """The answer row by row, however long; read it inside the transaction."""
        options = {"stream_results": True, "yield_per": STREAMED_ROWS}
        yield from self._connection.execute(query, execution_options=options)

    def _write(
        self,
        statement: Executable,
        values: Mapping[str, object] | Sequence[Mapping[str, object]],
    ) -> int:
        if not self._writing:
            raise NotWriting
        with self._undoing():
            return self._connection.execute(statement, values).rowcount

    def _undoing(self) -> AbstractContextManager[object]:
        """What takes a statement back that failed."""
        # PostgreSQL gives the whole transaction up after an error unless there is a
        # savepoint to go back to; SQLite takes back the one statement by itself.
        if self._connection.dialect.name == "sqlite":
            return nullcontext()
        return self._connection.begin_nested()

    def _last_nth(
        self, table: Table, row: Mapping[str, object], within: tuple[str, ...]
    ) -> int:
        query = select(table.c.nth).order_by(table.c.nth.desc()).limit(1)
        for column in within:
            query = query.where(table.c[column] == row[column])
        found = self._connection.execute(query).scalar()
        return 0 if found is None else int(found)

    def _plain(
        self, error: IntegrityError, table: Table, row: Mapping[str, object]
    ) -> Exception:
        """What the database's complaint means; never with the row's values."""
        said = str(error.orig)
        diagnosis = getattr(error.orig, "diag", None)
        name = str(getattr(diagnosis, "constraint_name", None) or "")
        if diagnosis is None:
            columns = said.removeprefix("UNIQUE constraint failed: ")
        else:
            columns = _COLUMNS.get(name, "")
            said = str(diagnosis.message_primary)
        if columns in _TAKEN:
            return Duplicate(_TAKEN[columns])
        if name.startswith("fk_") or said == "FOREIGN KEY constraint failed":
            missing = self._missing(table, row)
            if missing is not None:
                return missing
        return RowProtected(said)

    def _missing(self, table: Table, row: Mapping[str, object]) -> Missing | None:
        """The first thing that ``row`` points at and that does not exist."""
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            wanted = row.get(key.parent.name)
            there = select(literal(1)).where(key.column == wanted)
            if wanted is not None and self._connection.execute(there).first() is None:
                return Missing(_NAMES[key.column.table.name], str(wanted))
        return None
