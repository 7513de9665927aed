"""Two programs at one card, and a card that comes and goes: PC/SC's rules hold by the
box's reader and by the system's pcscd, for programs linked to the same libpcsclite."""

import hashlib
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.readers import ROADS, Reader, both_roads, serving, system_road
from tests.interop.torture_pcscd import KEY, make_cards, rounds
from tests.reader.programs import Program

pytestmark = pytest.mark.interop

OK, VIOLATION = "SCARD_S_SUCCESS", "SCARD_E_SHARING_VIOLATION"
SHARED, EXCLUSIVE = 2, 1
SELECT_JPKI = "00A4040C0AD392F000260100000001"
SELECT_TEXT = "00A4040C0AD3921000310001010408"
SELECT_CA = "00A4020C02000B"
FIRST_BYTES = "00B0000004"
READING = Path(__file__).with_name("reading_program.py")

Start = Callable[..., Program]


@pytest.fixture
def start(reader: Reader) -> Iterator[Start]:
    """Starts a program with a context; an impatient one does not ask again."""
    running: list[Program] = []

    def one(*, impatient: bool = False) -> Program:
        mood = {"PCSCLITE_NO_BLOCKING": "1"} if impatient else {}
        environment = {**reader.environment, **mood}
        program = Program(environment, reader.words(plainly=False))
        running.append(program)
        assert program.call("establish") == [OK]
        return program

    yield one
    for program in running:
        program.end()


@both_roads
@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (SHARED, SHARED, OK),
        (SHARED, EXCLUSIVE, VIOLATION),
        (EXCLUSIVE, SHARED, VIOLATION),
        (EXCLUSIVE, EXCLUSIVE, VIOLATION),
    ],
)
def test_share_modes(
    start: Start, reader: Reader, first: int, second: int, code: str
) -> None:
    one, two = start(), start()
    handle = one.connect(reader.name, first)
    assert two.call("connect", reader.name, second, 3)[0] == code
    assert one.call("disconnect", handle) == [OK]
    if code != OK:
        assert two.call("connect", reader.name, second, 3)[0] == OK


@both_roads
def test_nothing_gets_into_a_half_done_errand(start: Start, reader: Reader) -> None:
    """The first selects a file in a transaction; the second wants another application
    and is kept out until the first has read what it selected."""
    one, two = start(), start(impatient=True)
    mine, yours = one.connect(reader.name), two.connect(reader.name)
    assert one.call("begin", mine) == [OK]
    assert one.call("transmit", mine, SELECT_JPKI)[1] == "9000"
    assert one.call("transmit", mine, SELECT_CA)[1] == "9000"
    assert two.call("transmit", yours, SELECT_TEXT)[0] == VIOLATION
    assert one.call("transmit", mine, FIRST_BYTES)[1][:4] == "3082"
    assert one.call("end", mine) == [OK]
    assert two.call("transmit", yours, SELECT_TEXT)[:2] == [OK, "9000"]


@both_roads
def test_without_a_transaction_others_do_get_in_between(
    start: Start, reader: Reader
) -> None:
    """What the test above would be worth otherwise."""
    one, two = start(), start()
    mine, yours = one.connect(reader.name), two.connect(reader.name)
    assert one.call("transmit", mine, SELECT_JPKI)[1] == "9000"
    assert one.call("transmit", mine, SELECT_CA)[1] == "9000"
    assert two.call("transmit", yours, SELECT_TEXT)[:2] == [OK, "9000"]
    assert one.call("transmit", mine, FIRST_BYTES)[1][-4:] != "9000"


@both_roads
def test_two_programs_read_two_files_at_once(reader: Reader, issued: Any) -> None:
    """Twenty times each, in pieces, each within transactions of its own: every reading
    is of the file that was asked for."""
    files = {"0B": "authentication CA", "0A": "authentication"}
    running = {
        name: subprocess.Popen(
            reader.words(
                *(sys.executable, str(READING), reader.name, file, "20"),
                plainly=False,
            ),
            env=reader.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for file, name in files.items()
    }
    for name, process in running.items():
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        wanted = hashlib.sha256(issued.certificates[name]).hexdigest()
        assert said.split() == [wanted] * 20


@both_roads
def test_who_dies_in_a_transaction_leaves_a_reset_card(
    start: Start, reader: Reader
) -> None:
    one, two = start(), start()
    yours = two.connect(reader.name)
    assert one.call("begin", one.connect(reader.name)) == [OK]
    two.ask("begin", yours)
    assert two.is_waiting()
    one.kill()
    assert two.told() in ([OK], ["SCARD_W_RESET_CARD"])
    assert two.call("reconnect", yours, SHARED, 3, 0)[0] == OK
    assert two.call("transmit", yours, SELECT_JPKI)[:2] == [OK, "9000"]


@system_road
def test_no_forty_milliseconds(start: Start, reader: Reader) -> None:
    """A delayed receipt costs 40 ms for each command; PIN queries, which touch no key,
    are far below even on a busy machine."""
    program = start()
    handle = program.connect(reader.name)
    assert program.call("transmit", handle, SELECT_JPKI)[1] == "9000"
    assert program.call("transmit", handle, "00A4020C020018")[1] == "9000"
    assert program.call("transmit", handle, "00200080")[1] == "63C3"
    (took,) = program.call("repeat", 300, handle, "00200080")
    assert statistics.median(took) < 0.005
    assert sum(one > 0.035 for one in took) < 30


@pytest.mark.parametrize("road", ROADS[1:])
def test_five_rounds_in_the_system_reader(road: str, tmp_path: Path) -> None:
    """The short form of ``torture_pcscd``."""
    cards = make_cards(tmp_path)
    with serving(road, tmp_path, KEY) as reader:
        rounds(5, reader, cards)
