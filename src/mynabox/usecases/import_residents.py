"""Enter many people from a register file, line by line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import COLUMNS, read_registration
from mynabox.ports import Box, Duplicate, Work
from mynabox.usecases.register_resident import Taken, register_in

LINES_A_TRANSACTION = 200


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


def import_residents(
    lines: Iterable[bytes], box: Box, *, actor: str = "counter"
) -> Iterator[Line]:
    """Enter the people of a UTF-8 CSV file; yields what became of each line.

    A line is yielded only after it is durable, so whatever a caller has seen
    survives a crash; running the same file again finds those people there.
    Raises ``Refused`` before anything is taken if the header is not right.
    """
    source = enumerate(lines, start=1)
    _check_header(next(source, (1, b""))[1])
    batch: list[tuple[int, bytes]] = []
    for numbered in source:
        if not numbered[1].strip():
            continue
        batch.append(numbered)
        if len(batch) == LINES_A_TRANSACTION:
            yield from _take(batch, box, actor=actor)
            batch = []
    yield from _take(batch, box, actor=actor)


def _check_header(header: bytes) -> None:
    try:
        columns = next(csv.reader([header.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error):
        raise Refused("import.not_a_register_file") from None
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise Refused("import.columns_missing", columns=", ".join(missing))
    if tuple(columns) != COLUMNS:
        raise Refused("import.columns_out_of_order", expected=",".join(COLUMNS))


def _take(batch: list[tuple[int, bytes]], box: Box, *, actor: str) -> list[Line]:
    if not batch:
        return []
    try:
        with box.store.work() as work:
            return [_take_line(work, number, raw, box, actor) for number, raw in batch]
    except Duplicate:
        return [_take_alone(number, raw, box, actor) for number, raw in batch]


def _take_alone(number: int, raw: bytes, box: Box, actor: str) -> Line:
    """One line in its own transaction: somebody else was faster with the same
    person or number, and only that line must suffer for it."""
    try:
        with box.store.work() as work:
            return _take_line(work, number, raw, box, actor)
    except Duplicate as duplicate:
        return Line(
            line=number,
            name="",
            refused=Refused("import.duplicate", what=duplicate.what),
        )


def _take_line(work: Work, number: int, raw: bytes, box: Box, actor: str) -> Line:
    name = ""
    try:
        values = _fields(raw)
        name = values["name"]
        registration = read_registration(values, on=box.clock.now().date())
        done = register_in(work, registration, box, actor=actor)
    except Refused as refused:
        return Line(line=number, name=name, refused=refused)
    return Line(
        line=number,
        name=name,
        taken=done.how,
        resident=done.resident.id,
        remarks=registration.remarks,
    )


def _fields(raw: bytes) -> dict[str, str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("import.not_utf8", byte=str(error.start + 1)) from None
    try:
        rows = list(csv.reader([text.rstrip("\r\n")], strict=True))
    except csv.Error:
        raise Refused("import.broken_quotes") from None
    fields = rows[0] if rows else []
    if len(fields) != len(COLUMNS):
        raise Refused(
            "import.wrong_number_of_columns",
            found=str(len(fields)),
            expected=str(len(COLUMNS)),
        )
    return dict(zip(COLUMNS, fields, strict=True))
