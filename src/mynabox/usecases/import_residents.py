"""Enter many people from a register file, line by line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import (
    COLUMNS,
    GUARDIAN_COLUMNS,
    HOUSEHOLD_COLUMNS,
    Registration,
    read_registration,
)
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Box, Duplicate, Work
from mynabox.usecases.register_resident import (
    Registered,
    Taken,
    entry_of,
    newcomer,
    register_in,
)

LINES_A_TRANSACTION = 1000
HEADERS = (
    COLUMNS,
    COLUMNS + HOUSEHOLD_COLUMNS,
    COLUMNS + HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS,
)
"""What the first line of a register file may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one line; either ``taken`` or ``refused`` is there.

    ``line``      line number in the file, the header being line 1
    ``resident``  id of the person, if taken
    ``remarks``   codes of what is odd about a line that was taken
    """

    line: int
    name: str
    taken: Taken | None = None
    resident: str | None = None
    refused: Refused | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A line as it was read: a registration, or why it is none."""

    line: int
    name: str
    registration: Registration | None
    refused: Refused | None = None

    def taken(self, done: Registered) -> Line:
        assert self.registration is not None
        return Line(
            line=self.line,
            name=self.name,
            taken=done.how,
            resident=done.resident.id,
            remarks=self.registration.remarks,
        )

    def not_taken(self, refused: Refused | None) -> Line:
        return Line(line=self.line, name=self.name, refused=refused)


def import_residents(
    lines: Iterable[bytes], box: Box, *, actor: str = "counter"
) -> Iterator[Line]:
    """Enter the people of a UTF-8 CSV file; yields what became of each line.

    The header is one of :data:`HEADERS`.
    A line is yielded only after it is durable, so whatever a caller has seen
    survives a crash; running the same file again finds those people there.
    Raises ``Refused`` before anything is taken if the header is not right.
    """
    source = enumerate(lines, start=1)
    columns = _columns(next(source, (1, b""))[1])
    batch: list[tuple[int, bytes]] = []
    for numbered in source:
        if not numbered[1].strip():
            continue
        batch.append(numbered)
        if len(batch) == LINES_A_TRANSACTION:
            yield from _take(batch, columns, box, actor=actor)
            batch = []
    yield from _take(batch, columns, box, actor=actor)


def _columns(header: bytes) -> tuple[str, ...]:
    try:
        columns = next(csv.reader([header.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error):
        raise Refused("import.not_a_register_file") from None
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise Refused("import.columns_missing", columns=", ".join(missing))
    if tuple(columns) not in HEADERS:
        raise Refused("import.columns_out_of_order", expected=",".join(COLUMNS))
    return tuple(columns)


def _take(
    batch: list[tuple[int, bytes]], columns: tuple[str, ...], box: Box, *, actor: str
) -> list[Line]:
    if not batch:
        return []
    today = box.clock.now().date()
    read = [_read(number, raw, columns, on=today) for number, raw in batch]
    try:
        with box.store.work() as work:
            return _take_together(work, read, box, actor)
    except Duplicate:
        return [_take_alone(one, box, actor) for one in read]


def _take_together(work: Work, read: list[_Read], box: Box, actor: str) -> list[Line]:
    """All lines in one transaction: people whom nobody knows in one go, then one by
    one those who need a closer look."""
    codes = [one.registration.record_code for one in read if one.registration]
    seen = set(work.residents.by_record_codes(codes))
    new: dict[int, Resident] = {}
    for one in read:
        asked = one.registration
        if asked is None or asked.record_code in seen:
            continue
        seen.add(asked.record_code)
        if asked.number is None:
            new[one.line] = newcomer(asked, box)
    work.residents.add_all(list(new.values()))
    at = box.clock.now()
    work.journal.write_all(
        [
            entry_of(person, Taken.REGISTERED, number=False, at=at, actor=actor)
            for person in new.values()
        ]
    )
    return [
        one.taken(Registered(resident=new[one.line], how=Taken.REGISTERED))
        if one.line in new
        else _take_line(work, one, box, actor)
        for one in read
    ]


def _take_alone(one: _Read, box: Box, actor: str) -> Line:
    """One line in its own transaction: somebody else was faster with the same
    person or number, and only that line must suffer for it."""
    try:
        with box.store.work() as work:
            return _take_line(work, one, box, actor)
    except Duplicate as duplicate:
        return Line(
            line=one.line,
            name="",
            refused=Refused("import.duplicate", what=duplicate.what),
        )


def _take_line(work: Work, one: _Read, box: Box, actor: str) -> Line:
    if one.registration is None:
        return one.not_taken(one.refused)
    try:
        return one.taken(register_in(work, one.registration, box, actor=actor))
    except Refused as refused:
        return one.not_taken(refused)


def _read(number: int, raw: bytes, columns: tuple[str, ...], *, on: date) -> _Read:
    name = ""
    try:
        values = _fields(raw, columns)
        name = values["name"]
        return _Read(number, name, read_registration(values, on=on))
    except Refused as refused:
        return _Read(number, name, None, refused)


def _fields(raw: bytes, columns: tuple[str, ...]) -> dict[str, str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("import.not_utf8", byte=str(error.start + 1)) from None
    try:
        rows = list(csv.reader([text.rstrip("\r\n")], strict=True))
    except csv.Error:
        raise Refused("import.broken_quotes") from None
    fields = rows[0] if rows else []
    if len(fields) != len(columns):
        raise Refused(
            "import.wrong_number_of_columns",
            found=str(len(fields)),
            expected=str(len(columns)),
        )
    return dict(zip(columns, fields, strict=True))
