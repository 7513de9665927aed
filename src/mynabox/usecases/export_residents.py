"""Give the register out as a file that another box can take in."""

import csv
from collections.abc import Iterator
from io import StringIO

from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.registration import (
    COLUMNS,
    GUARDIAN_COLUMNS,
    HOUSEHOLD_COLUMNS,
)
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.ports import Box

PAGE = 500
_COLUMNS = COLUMNS + HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS


def export_residents(
    box: Box, *, municipality: str | None = None, actor: str = "operator"
) -> Iterator[bytes]:
    """The header, then a line for each person registered now, in the order of their
    ids; of one municipality, if told.

    What :func:`mynabox.usecases.import_residents.import_residents` takes, byte for
    byte as it was entered. Individual Numbers are not among it: a number is told to
    nobody without a purpose (R011). The journal says who asked before the first line
    leaves. Raises nothing of its own; a page is one look at the store, so people who
    come or go while the file is written may be in it or not.
    """
    with box.store.work() as work:
        work.journal.write(
            Entry(
                municipality=municipality or NATIONWIDE,
                at=box.clock.now(),
                actor=actor,
                action="export_residents",
                subjects=(),
                facts={"municipality": municipality or "all"},
            )
        )
    yield _line(_COLUMNS)
    after = ""
    while True:
        with box.store.look() as work:
            page = tuple(
                work.residents.list(municipality=municipality, after=after, limit=PAGE)
            )
        for person in page:
            if person.state is ResidentState.REGISTERED:
                yield _line(_values(person))
        if len(page) < PAGE:
            return
        after = page[-1].id


def _values(person: Resident) -> tuple[str, ...]:
    told = {
        column: "" if (value := getattr(person, column, None)) is None else str(value)
        for column in _COLUMNS
    }
    return tuple(told.values())


def _line(values: tuple[str, ...]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode("utf-8")
