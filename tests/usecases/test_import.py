"""A register file, line by line: taken whole, or refused with a reason."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import COLUMNS
from mynabox.ports import Duplicate, Work
from mynabox.usecases.import_residents import (
    LINES_A_TRANSACTION,
    Line,
    import_residents,
)
from mynabox.usecases.register_resident import Taken
from mynabox.usecases.show import all_residents
from tests.around import Around
from tests.usecases.places import (
    Failing,
    Place,
    PowerCut,
    particulars,
    record_codes,
    rows_in,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
HEADER = ",".join(COLUMNS).encode() + b"\n"


def line(**other: str) -> bytes:
    """A line of a register file."""
    return ",".join(particulars(**other).values()).encode() + b"\n"


def taken_in(place: Place, *lines: bytes, header: bytes = HEADER) -> list[Line]:
    return list(import_residents([header, *lines], place.box))


def many(count: int) -> list[bytes]:
    codes = record_codes()
    return [line(record_code=next(codes)) for _ in range(count)]


HEADERS: list[tuple[str, bytes, str, str]] = [
    ("nothing", b"", "import.columns_missing", "record_code"),
    ("a data line", line(), "import.columns_missing", "record_code"),
    (
        "one column short",
        HEADER.replace(b",number", b""),
        "import.columns_missing",
        "number",
    ),
    (
        "another order",
        b"number," + HEADER.replace(b",number", b""),
        "import.columns_out_of_order",
        "record_code,municipality",
    ),
    (
        "one column more",
        HEADER.replace(b"\n", b",more\n"),
        "import.columns_out_of_order",
        "record_code,municipality",
    ),
    ("other letters", HEADER.upper(), "import.columns_missing", "record_code"),
    (
        "semicolons",
        HEADER.replace(b",", b";"),
        "import.columns_missing",
        "record_code",
    ),
    ("Shift JIS", "住民票コード\n".encode("cp932"), "import.not_a_register_file", ""),
    ("UTF-16", HEADER.decode().encode("utf-16"), "import.not_a_register_file", ""),
    ("a spreadsheet", b"PK\x03\x04\xff\xfe", "import.not_a_register_file", ""),
]


@pytest.mark.parametrize(
    ("header", "code", "told"),
    [row[1:] for row in HEADERS],
    ids=[row[0] for row in HEADERS],
)
def test_files_of_another_kind(
    place: Place, header: bytes, code: str, told: str
) -> None:
    """refused before the first line is taken"""
    before = place.kept()
    with pytest.raises(Refused) as caught:
        taken_in(place, line(), header=header)
    assert caught.value.code == code
    assert told in " ".join(caught.value.facts.values())
    assert place.kept() == before


@pytest.mark.parametrize(
    "header",
    [HEADER, b"\xef\xbb\xbf" + HEADER, HEADER.replace(b"\n", b"\r\n")],
    ids=["plain", "byte order mark", "CRLF"],
)
def test_headers_as_programs_write_them(place: Place, header: bytes) -> None:
    """and the same for the lines' ends"""
    done = taken_in(place, line().replace(b"\n", b"\r\n"), header=header)
    assert [one.taken for one in done] == ["registered"]


LINES: list[tuple[str, bytes, str]] = [
    ("not UTF-8", line(name="箱田").decode().encode("cp932"), "import.not_utf8"),
    ("an open quote", line().replace(b",,", b',"', 1), "import.broken_quotes"),
    ("text behind a quote", b'"a"b' + line(), "import.broken_quotes"),
    (
        "one column short",
        line().rstrip(b"\n").rpartition(b",")[0],
        "import.wrong_number_of_columns",
    ),
    (
        "one column more",
        line().rstrip(b"\n") + b",more",
        "import.wrong_number_of_columns",
    ),
    ("a single word", b"word\n", "import.wrong_number_of_columns"),
    ("a zero byte", line(name="箱\0田"), "register.control_character"),
    ("a tab", line(name="箱\t田"), "register.control_character"),
    ("an escape", line(name="箱\x1b[2J田"), "register.control_character"),
    ("a check digit", line(number="123456789012"), "register.number_check_digit"),
    ("the future", line(born="2026-04-02"), "register.born_in_future"),
    (
        "an impossible stay",
        line(
            nationality="VNM", residence_status="mid_long_term", stay_until="2026-03-31"
        ),
        "register.stay_ends_before_registration",
    ),
]


@pytest.mark.parametrize(
    ("bad", "code"), [row[1:] for row in LINES], ids=[row[0] for row in LINES]
)
def test_a_bad_line_among_good_ones(place: Place, bad: bytes, code: str) -> None:
    """it alone is refused, by its number in the file; nothing of it remains"""
    first, last = many(2)
    done = taken_in(place, first, b"\n", bad, last)
    assert [one.line for one in done] == [2, 4, 5]
    assert [one.refused and one.refused.code for one in done] == [None, code, None]
    assert len(list(all_residents(place.box))) == 2


def test_refusals_never_tell_the_number(place: Place) -> None:
    """R265, R266: neither a wrong number nor one that is somebody's"""
    first, second = record_codes(), record_codes()
    next(second)
    done = taken_in(
        place,
        line(record_code=next(first), number="123456789018"),
        line(record_code=next(second), number="123456789018"),
        line(record_code="31415926530", number="123456789012"),
    )
    assert [one.refused and one.refused.code for one in done] == [
        None,
        "register.number_taken",
        "register.number_check_digit",
    ]
    for one in done:
        assert "12345678901" not in f"{one!r} {one.refused} {one.refused!r}"


def test_the_same_file_again_changes_nothing(place: Place) -> None:
    """every line is there already"""
    lines = (EXAMPLES / "residents.csv").read_bytes().splitlines(keepends=True)
    place.on("2026-11-20")
    first = list(import_residents(lines, place.box))
    assert all(one.taken for one in first)
    before = place.kept()
    again = list(import_residents(lines, place.box))
    assert {one.taken for one in again} == {"already_there"}
    assert [one.resident for one in again] == [one.resident for one in first]
    assert place.kept() == before


def test_a_file_full_of_mistakes(place: Place) -> None:
    """each with a reason of its own, and nobody entered"""
    place.on("2026-11-20")
    list(
        import_residents(
            (EXAMPLES / "residents.csv").read_bytes().splitlines(keepends=True)[:2],
            place.box,
        )
    )
    before = place.kept()
    lines = (EXAMPLES / "residents-with-mistakes.csv").read_bytes()
    done = list(import_residents(lines.splitlines(keepends=True), place.box))
    codes = [one.refused.code for one in done if one.refused]
    assert len(codes) == len(done) == len(set(codes)) + (len(codes) - len(set(codes)))
    assert len(set(codes)) > 20
    assert place.kept() == before


def test_a_twin_in_the_same_file(place: Place) -> None:
    """the second line with the same record code is the same person"""
    done = taken_in(place, line(), line(), line(name="箱山 太郎"))
    assert [one.taken for one in done] == ["registered", "already_there", None]
    assert done[2].refused and done[2].refused.code == "register.record_code_taken"


@pytest.mark.parametrize("count", [LINES_A_TRANSACTION, LINES_A_TRANSACTION + 1])
def test_lines_come_in_transactions(place: Place, count: int) -> None:
    """one chain row for each person, whatever the number of lines"""
    done = taken_in(place, *many(count))
    assert [one.line for one in done] == list(range(2, count + 2))
    rows = rows_in(place.home.path)
    assert len(rows["residents"]) == count
    written = [row for row in rows["journal"] if "register_resident" in row]
    assert len(written) == count


def test_what_was_reported_is_durable(place: Place) -> None:
    """a line is reported only after its transaction is in the store"""
    seen = []
    for one in import_residents([HEADER, *many(LINES_A_TRANSACTION + 5)], place.box):
        with closing(sqlite3.connect(place.home.path / "box.db")) as db:
            (there,) = db.execute(
                "SELECT count(*) FROM residents WHERE id = ?", (one.resident,)
            ).fetchone()
        seen.append(there)
    assert seen == [1] * (LINES_A_TRANSACTION + 5)


def test_the_box_dies_between_two_transactions(place: Place) -> None:
    """the first two hundred are there, the rest is not; the next run finds them"""
    lines = [HEADER, *many(LINES_A_TRANSACTION + 5)]
    broken = place.with_store(Failing(place.box.store, 2))
    reported = []
    with pytest.raises(PowerCut):
        for one in import_residents(lines, broken.box):
            reported.append(one)
    assert len(reported) == LINES_A_TRANSACTION
    assert len(list(all_residents(place.box))) == LINES_A_TRANSACTION
    again = list(import_residents(lines, place.box))
    assert [one.taken for one in again].count(
        Taken.ALREADY_THERE
    ) == LINES_A_TRANSACTION
    assert [one.taken for one in again].count(Taken.REGISTERED) == 5


@dataclass
class Faster(Around):
    """A store on which somebody else enters a person while a file is read."""

    enter: Callable[[], object]
    times: int = 1

    @contextmanager
    def work(self) -> Iterator[Work]:
        if self.times:
            self.times -= 1
            self.enter()
            # What the unique index would say, had the two run side by side.
            raise Duplicate("record code")
        with self.store.work() as work:
            yield work


def test_somebody_else_was_faster(place: Place) -> None:
    """only the line that both want suffers, and it is told so"""
    lines = many(3)
    box = place.with_store(
        Faster(place.box.store, lambda: taken_in(place, lines[1]))
    ).box
    done = list(import_residents([HEADER, *lines], box))
    assert [str(one.taken) for one in done] == [
        "registered",
        "already_there",
        "registered",
    ]


def test_somebody_else_was_faster_with_every_line(place: Place) -> None:
    """a line that is refused by the index alone is reported as such"""
    box = place.with_store(Faster(place.box.store, lambda: None, times=2)).box
    done = list(import_residents([HEADER, *many(2)], box))
    assert [one.refused and one.refused.code for one in done] == [
        "import.duplicate",
        None,
    ]
