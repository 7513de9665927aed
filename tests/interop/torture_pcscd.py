"""Cards that come and go in the system's pcscd: ``python -m
tests.interop.torture_pcscd COUNT`` (root only; a round takes about a second, because
pcscd looks at its readers every 0.4 s).

A standing client keeps its handle through all rounds, as in ``torture_rounds`` of the
box's own reader; at the end nothing may be left in the process that lays the card in.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from mynabox.adapters.cards import CardFiles
from mynabox.adapters.randomness import SystemRandom
from tests.interop.readers import ROADS, SYSTEM, Reader, SystemReader, serving
from tests.reader.programs import Program

KEY = bytes(range(32))
SERIALS = ("9000330000000025", "9000330000000033")
OK = "SCARD_S_SUCCESS"
EMPTY, CARD = 0x10, 0x20
QUERY, YES = "00A4040C0AD392F000260100000001", "9000"
GROWTH = 4096
"""Kilobytes that the process may have grown by between the first rounds and the last."""


def make_cards(home: Path) -> CardFiles:
    """Two blank cards, the first of them in the reader."""
    cards = CardFiles(home, key=KEY, random=SystemRandom())
    names = ("authentication", "signature", "juki", "input_support")
    tries = dict.fromkeys((*names, "number_a", "number_b"), 3)
    for serial in SERIALS:
        cards.make(serial, issuer_key=bytes(32), tries=tries, issuer_tries=10)
    cards.insert(SERIALS[0])
    return cards


def feeder(reader: SystemReader) -> int:
    """The process id of the program that lays the card into vpcd."""
    parent = str(reader.pid)
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            command = (status.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"\nPPid:\t{parent}\n" in text and b"vpcd" in command:
            return int(status.parent.name)
    raise AssertionError("nothing lays the card in")


def kilobytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:", 1)[1].split()[0])


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def rounds(count: int, reader: Reader, cards: CardFiles) -> None:
    """``count`` lives of a card in pcscd's reader."""
    assert isinstance(reader, SystemReader)
    pid = feeder(reader)
    standing = Program({}, reader.words())
    assert standing.call("establish") == [OK]
    handle = standing.connect(reader.name)
    known = standing.call("change", 0, {reader.name: 0})[1][reader.name]
    warm_up = min(count, 3)
    open_files = memory = 0
    for number in range(warm_up + count):
        if number == warm_up:
            open_files, memory = descriptors(pid), kilobytes(pid)
        cards.eject()
        known = awaited(standing, reader.name, known, EMPTY)
        told = standing.call("transmit", handle, QUERY)[0]
        assert told == "SCARD_W_REMOVED_CARD", told
        cards.insert(SERIALS[number % 2])
        known = awaited(standing, reader.name, known, CARD)
        assert standing.call("reconnect", handle, 2, 3, 0)[0] == OK
        assert standing.call("transmit", handle, QUERY)[:2] == [OK, YES]
        known = standing.call("change", 0, {reader.name: 0})[1][reader.name]
    assert descriptors(pid) <= open_files
    assert kilobytes(pid) - memory < GROWTH
    standing.end()


def awaited(program: Program, reader: str, known: int, wanted: int) -> int:
    """The reader's state once it says ``wanted``; other news pass by."""
    while not known & wanted:
        code, seen = program.call("change", 5000, {reader: known & ~2})
        assert code == OK, code
        known = seen[reader]
    return known


def main(count: int) -> None:
    """So many rounds in a pcscd of their own."""
    if SYSTEM not in ROADS:
        sys.stdout.write("NOT RUN: needs root and network namespaces\n")
        return
    home = Path(tempfile.mkdtemp(prefix="mynabox-"))
    try:
        cards = make_cards(home)
        with serving(SYSTEM, home, KEY) as reader:
            rounds(count, reader, cards)
    finally:
        shutil.rmtree(home)
    sys.stdout.write(f"{count} rounds, nothing left behind\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
