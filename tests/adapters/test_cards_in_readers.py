"""Cards that fail in a reader as somebody asked, and what is written down of them."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from mynabox.adapters.trays import CardSilent, Faults, InReaders, TraceFile
from mynabox.terminal.connection import CardRemoved, Connection

SERIAL = "9000330000000017"
READ = bytes.fromhex("00B0000010")
RECORD = bytes.fromhex("00B2010C00")
SELECT = bytes.fromhex("00A4020C020006")
GOOD = b"\x90\x00"


class Plain:
    """A card that answers 9000 to everything."""

    atr = b"\x3b\x80"

    def __init__(self) -> None:
        self.closed = 0

    def transmit(self, command: bytes) -> bytes:
        return GOOD

    def reset(self, *, cold: bool = False) -> None:
        pass

    def close(self) -> None:
        self.closed += 1


class Tray:
    """One such card in the second of two readers."""

    def __init__(self) -> None:
        self.lying: list[str | None] = [None, SERIAL]
        self.card = Plain()

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes,
        tries: Mapping[str, int],
        issuer_tries: int,
        profile: str | None = None,
    ) -> None:
        raise AssertionError("nothing is made here")

    def connect(self, serial: str) -> Connection:
        return self.card

    def tray(self) -> tuple[str | None, ...]:
        return tuple(self.lying)

    def insert(self, serial: str, slot: int = 0) -> None:
        self.lying[slot] = serial

    def eject(self, slot: int = 0) -> None:
        self.lying[slot] = None


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def readers(tray: Tray, tmp_path: Path) -> InReaders:
    return InReaders(tray, tmp_path)


def test_a_card_without_faults_is_the_card_itself(
    readers: InReaders, tray: Tray
) -> None:
    assert readers.connect(SERIAL) is tray.card


@pytest.mark.parametrize(
    ("faults", "commands", "answers"),
    [
        (Faults(reads=2), [READ, SELECT, RECORD, READ, SELECT], "9 9 9 6 9"),
        (Faults(reads=0), [READ, SELECT], "6 9"),
        (Faults(reads=1, failure="silence"), [READ, READ, SELECT], "9 silent 9"),
        (Faults(commands=2), [SELECT, READ, SELECT], "9 9 gone"),
        (Faults(commands=0), [SELECT], "gone"),
        (Faults(commands=3, reads=1), [READ, READ, READ, READ], "9 6 6 gone"),
    ],
)
def test_faults(
    readers: InReaders, faults: Faults, commands: list[bytes], answers: str
) -> None:
    readers.give(SERIAL, faults)
    card = readers.connect(SERIAL)
    found = []
    for command in commands:
        try:
            found.append(
                {GOOD: "9", b"\x6f\x00": "6"}[card.transmit(command)],
            )
        except CardSilent:
            found.append("silent")
        except CardRemoved:
            found.append("gone")
    assert " ".join(found) == answers


def test_a_card_that_is_gone_is_out_of_its_reader(
    readers: InReaders, tray: Tray
) -> None:
    readers.give(SERIAL, Faults(commands=0))
    with pytest.raises(CardRemoved):
        readers.connect(SERIAL).transmit(SELECT)
    assert tray.lying == [None, None]


def test_latency(readers: InReaders) -> None:
    readers.give(SERIAL, Faults(latency_ms=30))
    card = readers.connect(SERIAL)
    began = time.perf_counter()
    for _ in range(3):
        card.transmit(SELECT)
    assert time.perf_counter() - began >= 0.09


def test_what_was_counted_begins_anew_with_the_power(readers: InReaders) -> None:
    readers.give(SERIAL, Faults(reads=1))
    card = readers.connect(SERIAL)
    assert card.transmit(READ) == GOOD
    card.reset()
    assert card.transmit(READ) != GOOD
    card.reset(cold=True)
    assert card.transmit(READ) == GOOD
    assert readers.connect(SERIAL).transmit(READ) == GOOD


def test_faults_are_kept_beside_the_card_and_taken_back(
    readers: InReaders, tmp_path: Path
) -> None:
    faults = Faults(latency_ms=5, reads=7, failure="silence", commands=9)
    readers.give(SERIAL, faults)
    assert InReaders(Tray(), tmp_path).faults(SERIAL) == faults
    assert readers.faults("9" * 16) == Faults()
    readers.give(SERIAL, Faults())
    assert list((tmp_path / "cards").iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"colour": 1}', "7"])
def test_a_file_that_says_nothing_is_no_fault(
    readers: InReaders, tmp_path: Path, text: str
) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / f"{SERIAL}.faults").write_text(text)
    assert readers.faults(SERIAL) == Faults()


def test_the_trace_tells_of_power(tray: Tray, tmp_path: Path) -> None:
    told: list[str] = []
    card = InReaders(tray, tmp_path, trace=told.append).connect(SERIAL)
    card.reset()
    card.reset(cold=True)
    card.close()
    card.close()
    assert told == ["! power on", "! warm reset", "! power on", "! power off"]


def test_a_trace_file_is_its_owners_alone_and_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "trace.apdu"
    for said in ("> 00", "> 01"):
        trace = TraceFile(path)
        trace(said)
        assert path.read_text() == f"{said}\n"
        trace.close()
        trace("> 02")
        assert path.read_text() == f"{said}\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_trace_file_that_is_full_makes_room(tmp_path: Path) -> None:
    path = tmp_path / "trace.apdu"
    trace = TraceFile(path, limit=100)
    for number in range(20):
        trace(f"> line {number:3}")
    trace.close()
    assert path.stat().st_size <= 111
    kept = path.with_name("trace.apdu.old").read_text() + path.read_text()
    assert kept.splitlines()[-1] == "> line  19"
