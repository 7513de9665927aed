"""The chained journal in its tables."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import (
    Select,
    Text,
    and_,
    bindparam,
    func,
    select,
    tuple_,
    type_coerce,
    union,
)

from mynabox.adapters.store.columns import MomentTexts
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import (
    CARDS,
    JOURNAL,
    JOURNAL_HEADS,
    JOURNAL_SUBJECTS,
    RESIDENTS,
)
from mynabox.law.days import JST
from mynabox.lifecycle.journal import Entry, Head, Row, append_all, as_it_happened
from mynabox.ports import Missing

_SAME_ROW = and_(
    JOURNAL_SUBJECTS.c.municipality == JOURNAL.c.municipality,
    JOURNAL_SUBJECTS.c.sequence == JOURNAL.c.sequence,
)

_ROWS_WITH_SUBJECTS = (
    select(
        JOURNAL.c.municipality,
        JOURNAL.c.sequence,
        type_coerce(JOURNAL.c.at, Text).label("at"),
        JOURNAL.c.actor,
        JOURNAL.c.action,
        JOURNAL.c.facts,
        JOURNAL.c.previous,
        JOURNAL.c.hash,
        JOURNAL.c.nth,
        JOURNAL_SUBJECTS.c.subject,
    )
    .select_from(JOURNAL)
    .outerjoin(JOURNAL_SUBJECTS, _SAME_ROW)
)
"""One line for every subject of a row, at least one."""

_COLUMNS = (
    *("municipality", "sequence", "at", "actor", "action", "facts"),
    *("previous", "hash", "nth"),
)
_SUBJECT_COLUMNS = ("municipality", "sequence", "place", "subject")
_PAGE = 500
_WRITTEN = json.JSONEncoder(ensure_ascii=False).encode

_HEADS = select(JOURNAL_HEADS).where(
    JOURNAL_HEADS.c.municipality.in_(bindparam("places", expanding=True))
)
_LAST = select(func.max(JOURNAL.c.nth).label("nth"))
_NO_MOMENT = datetime(1, 1, 1, tzinfo=JST)


def _in_order(found: Select[Any]) -> Select[Any]:
    """Whole rows with their subjects, oldest first, of those that were found."""
    which = found.subquery()
    return _ROWS_WITH_SUBJECTS.join(
        which,
        and_(
            which.c.municipality == JOURNAL.c.municipality,
            which.c.sequence == JOURNAL.c.sequence,
        ),
    ).order_by(
        JOURNAL.c.at,
        JOURNAL.c.municipality,
        JOURNAL.c.sequence,
        JOURNAL_SUBJECTS.c.place,
    )


def _head(row: SqlRow[Any]) -> Head:
    return Head(
        municipality=row.municipality,
        sequence=row.sequence,
        hash=row.hash,
        seal=row.seal,
    )


# A row must be readable whatever somebody has written over it: the chain's check
# says which row was changed, and that needs a value, however wrong.


def _plain(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _place(value: object) -> int:
    return value if isinstance(value, int) else 0


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(_plain(text)).astimezone(JST)
    except (ValueError, OverflowError):
        return _NO_MOMENT


def _facts(text: object) -> dict[str, str]:
    try:
        facts = json.loads(_plain(text))
    except ValueError:
        facts = None
    return facts if isinstance(facts, dict) else {"": _plain(text)}


def _in_japan(entry: Entry) -> Entry:
    if entry.at.tzinfo is JST:
        return entry
    if entry.at.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return replace(entry, at=entry.at.astimezone(JST))


def _journal_row(lines: Sequence[SqlRow[Any]]) -> Row:
    first = lines[0]
    return Row(
        entry=Entry(
            municipality=first.municipality,
            at=_moment(first.at),
            actor=_plain(first.actor),
            action=_plain(first.action),
            subjects=tuple(
                _plain(line.subject) for line in lines if line.subject is not None
            ),
            facts=_facts(first.facts),
        ),
        sequence=_place(first.sequence),
        previous=_plain(first.previous),
        hash=_plain(first.hash),
        nth=None if first.nth is None else _place(first.nth),
    )


class SqlJournal:
    """The journal; ``key`` seals the ends of its chains."""

    def __init__(self, session: Session, *, key: bytes) -> None:
        self._session = session
        self._key = key

    def write(self, entry: Entry) -> Row:
        """Append a row to the municipality's chain. The moment is written down in
        Japan's zone, whichever zone it came in; without one it is refused with
        ``ValueError``."""
        return self.write_all((entry,))[0]

    def write_all(self, entries: Sequence[Entry]) -> Sequence[Row]:
        """As :meth:`write`, many at once, each to the chain of its municipality in
        the order given."""
        chains: dict[str, list[tuple[int, Entry]]] = {}
        for nth, entry in enumerate(entries, self._written() + 1):
            chains.setdefault(entry.municipality, []).append((nth, _in_japan(entry)))
        before = self._heads(list(chains))
        ends = {
            place: append_all(chain, head=before.get(place), key=self._key)
            for place, chain in chains.items()
        }
        written = [row for rows, _ in ends.values() for row in rows]
        texts = MomentTexts()
        self._session.add_plain(
            JOURNAL,
            _COLUMNS,
            [
                (
                    row.entry.municipality,
                    row.sequence,
                    texts[row.entry.at],
                    row.entry.actor,
                    row.entry.action,
                    _WRITTEN(dict(row.entry.facts)),
                    row.previous,
                    row.hash,
                    row.nth,
                )
                for row in written
            ],
        )
        self._session.add_plain(
            JOURNAL_SUBJECTS,
            _SUBJECT_COLUMNS,
            [
                (row.entry.municipality, row.sequence, place, subject)
                for row in written
                for place, subject in enumerate(row.entry.subjects)
            ],
        )
        sealed = [
            {
                "municipality": place,
                "sequence": head.sequence,
                "hash": head.hash,
                "seal": head.seal,
            }
            for place, (_, head) in ends.items()
        ]
        known = [row for row in sealed if row["municipality"] in before]
        self._session.change_each(JOURNAL_HEADS, ("municipality",), known)
        for row in sealed:
            if row["municipality"] not in before:
                self._session.add(JOURNAL_HEADS, row)
        behind = {place: iter(rows) for place, (rows, _) in ends.items()}
        return [next(behind[entry.municipality]) for entry in entries]

    def _written(self) -> int:
        """The number of the box's last row; nobody else writes meanwhile."""
        last = self._session.first(_LAST)
        return 0 if last is None or last.nth is None else int(last.nth)

    def _heads(self, municipalities: list[str]) -> dict[str, Head]:
        """The ends of these chains, as far as they were begun."""
        found: dict[str, Head] = {}
        for start in range(0, len(municipalities), _PAGE):
            page = municipalities[start : start + _PAGE]
            rows = self._session.all(_HEADS, {"places": page})
            found |= {row.municipality: _head(row) for row in rows}
        return found

    def about(self, subject: str, *, limit: int = 1000) -> Sequence[Row]:
        """The last ``limit`` rows that touched ``subject``, in the order in which they
        were written."""
        nth = func.coalesce(JOURNAL.c.nth, 0).label("nth")
        touched = (
            select(JOURNAL.c.municipality, JOURNAL.c.sequence)
            .join(JOURNAL_SUBJECTS, _SAME_ROW)
            .where(JOURNAL_SUBJECTS.c.subject == subject)
            .distinct()
            .add_columns(JOURNAL.c.at, nth)
            .order_by(
                nth.desc(),
                JOURNAL.c.at.desc(),
                JOURNAL.c.municipality.desc(),
                JOURNAL.c.sequence.desc(),
            )
            .limit(limit)
        )
        return as_it_happened(self._rows(_in_order(touched)))

    def last(self, subject: str) -> Sequence[tuple[str, int]]:
        """The number of the last row about ``subject``, in each chain that has one."""
        query = (
            select(
                JOURNAL_SUBJECTS.c.municipality,
                func.max(JOURNAL_SUBJECTS.c.sequence).label("last"),
            )
            .where(JOURNAL_SUBJECTS.c.subject == subject)
            .group_by(JOURNAL_SUBJECTS.c.municipality)
        )
        return [(row.municipality, row.last) for row in self._session.all(query)]

    def page(
        self,
        subject: str,
        *,
        municipality: str | None = None,
        after: tuple[str, int] | None = None,
        limit: int = 100,
    ) -> Sequence[Row]:
        """Rows that touched ``subject``, oldest first, behind the row ``after``."""
        place = (JOURNAL.c.at, JOURNAL.c.municipality, JOURNAL.c.sequence)
        touched = (
            select(*place)
            .join(JOURNAL_SUBJECTS, _SAME_ROW)
            .where(JOURNAL_SUBJECTS.c.subject == subject)
            .distinct()
            .order_by(*place)
            .limit(limit)
        )
        if municipality is not None:
            touched = touched.where(JOURNAL.c.municipality == municipality)
        if after is not None:
            chain, sequence = after
            before = self._session.first(
                select(JOURNAL.c.at).where(
                    JOURNAL.c.municipality == chain, JOURNAL.c.sequence == sequence
                )
            )
            if before is None:
                raise Missing("journal row", f"{chain}.{sequence}")
            touched = touched.where(tuple_(*place) > (before.at, chain, sequence))
        return list(self._rows(_in_order(touched)))

    def length(self, municipality: str) -> int:
        """The number of the last row of a chain; 0 if there is none."""
        mine = JOURNAL_HEADS.c.municipality == municipality
        found = self._session.first(select(JOURNAL_HEADS.c.sequence).where(mine))
        return 0 if found is None else int(found.sequence)

    def rows(self, municipality: str, *, after: int, limit: int) -> Sequence[Row]:
        """Rows of a chain behind number ``after``, oldest first."""
        query = _ROWS_WITH_SUBJECTS.where(
            JOURNAL.c.municipality == municipality,
            JOURNAL.c.sequence > after,
            JOURNAL.c.sequence <= after + limit,
        ).order_by(JOURNAL.c.sequence, JOURNAL_SUBJECTS.c.place)
        return list(self._rows(query))

    def chain(self, municipality: str) -> Iterator[Row]:
        """A whole chain, oldest first, read as it is asked for."""
        return self._rows(
            _ROWS_WITH_SUBJECTS.where(JOURNAL.c.municipality == municipality).order_by(
                JOURNAL.c.sequence, JOURNAL_SUBJECTS.c.place
            )
        )

    def heads(self) -> Sequence[Head]:
        """The sealed end of every chain, by municipality."""
        query = select(JOURNAL_HEADS).order_by(JOURNAL_HEADS.c.municipality)
        return [_head(row) for row in self._session.all(query)]

    def municipalities(self) -> Sequence[str]:
        """Every municipality of a row, a seal, a person or a card."""
        every = union(
            *(
                select(table.c.municipality)
                for table in (JOURNAL, JOURNAL_HEADS, RESIDENTS, CARDS)
            )
        ).subquery()
        query = select(every.c.municipality).order_by(every.c.municipality)
        return [row.municipality for row in self._session.all(query)]

    def _rows(self, query: Select[Any]) -> Iterator[Row]:
        lines = self._session.stream(query)
        for _, same in groupby(
            lines, key=lambda line: (line.municipality, line.sequence)
        ):
            yield _journal_row(list(same))
