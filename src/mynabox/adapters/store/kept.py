"""Frozen values in tables whose columns are named as their members."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from sqlalchemy import Row, Table, select

from mynabox.adapters.store.session import Session
from mynabox.ports import Missing

T = TypeVar("T")


class SqlKept(Generic[T]):
    """Things of one kind; the first member is their id.

    ``what``    what ``Missing`` calls them
    ``nth_of``  the columns within which the table counts ``nth``, if it does
    """

    def __init__(
        self,
        session: Session,
        table: Table,
        kind: type[T],
        *,
        what: str,
        nth_of: tuple[str, ...] | None = None,
    ) -> None:
        self._session = session
        self._table = table
        self._kind = kind
        self._what = what
        self._nth_of = nth_of
        described: Any = kind  # a class, whatever T is
        self._names = _names(described)
        self._key = table.c[self._names[0]]
        self._words = _words(described)

    def add(self, thing: T) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(self._table, self._row(thing), nth_of=self._nth_of)

    def save(self, thing: T) -> None:
        """Overwrite one; raises ``Missing``, ``Duplicate``."""
        row = self._row(thing)
        key = str(row[self._names[0]])
        if not self._session.change(self._table, self._key == key, row):
            raise Missing(self._what, key)

    def get(self, key: str) -> T:
        """The thing with this id; raises ``Missing``."""
        row = self._session.first(select(self._table).where(self._key == key))
        if row is None:
            raise Missing(self._what, key)
        return self._thing(row)

    def which(
        self,
        *,
        order: str | None = None,
        after: str = "",
        limit: int | None = None,
        **members: object,
    ) -> Sequence[T]:
        """Things whose members have these values, ordered."""
        query = select(self._table)
        for name, value in members.items():
            column = self._table.c[name]
            query = query.where(
                column.is_(None) if value is None else column == _plain(value)
            )
        if after:
            query = query.where(self._key > after)
        if order is not None:
            by = self._table.c[order]
            query = query.where(by.is_not(None)).order_by(by)
        query = query.order_by(self._key).limit(limit)
        return tuple(self._thing(row) for row in self._session.all(query))

    def _row(self, thing: T) -> dict[str, object]:
        return {name: _plain(getattr(thing, name)) for name in self._names}

    def _thing(self, row: Row[Any]) -> T:
        found = row._mapping
        return self._kind(
            **{
                name: found[name]
                if found[name] is None or name not in self._words
                else self._words[name](found[name])
                for name in self._names
            }
        )


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """The members in their order."""
    return tuple(field.name for field in fields(kind))


@cache
def _words(kind: type[Any]) -> Mapping[str, type[StrEnum]]:
    """The members that are words of an enumeration."""
    found = {}
    for name, hint in get_type_hints(kind).items():
        for one in (hint, *get_args(hint)):
            if isinstance(one, type) and issubclass(one, StrEnum):
                found[name] = one
    return found
