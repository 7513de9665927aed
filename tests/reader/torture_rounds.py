"""Insert, use, eject, again and again: ``python -m tests.reader.torture_rounds COUNT``.

A standing client keeps its handle through all rounds and a passing one is killed in
its transaction now and then; nothing may be left behind.
"""

import gc
import sys
import tempfile
import threading
import tracemalloc
from pathlib import Path

from mynabox.reader.daemon import ReaderDaemon
from tests.reader.programs import Program
from tests.reader.small_cards import SmallTray

READER = "mynabox virtual reader 00 00"
OK = "SCARD_S_SUCCESS"
EMPTY, CARD = 0x10, 0x20
KILL_EVERY = 25
MEMORY = 30_000
"""Bytes that may be in use at the end beyond those after the first rounds, however many
the rounds: a forgotten client or card would cost some thousands each."""


def descriptors_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def rounds(count: int, tray: SmallTray, daemon: ReaderDaemon) -> None:
    """``count`` lives of a card in the reader.

    Asserts that descriptors and threads come back to what they were and that memory
    does not grow with the rounds.
    """
    standing = arrived(daemon)
    handle = standing.connect(READER)
    known = standing.call("change", 0, {READER: 0})[1][READER]
    warm_up = min(count, 20)
    descriptors = threads = memory = 0
    tracemalloc.start()
    try:
        for number in range(warm_up + count):
            if number == warm_up:
                gc.collect()
                descriptors = descriptors_open()
                threads = threading.active_count()
                memory = tracemalloc.get_traced_memory()[0]
            known = one_round(number, tray, daemon, standing, handle, known)
            if number % KILL_EVERY == 0:
                one_killed(arrived(daemon), standing, handle)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - memory
    finally:
        tracemalloc.stop()
    assert daemon.clients == 1
    assert descriptors_open() <= descriptors
    assert threading.active_count() <= threads
    assert grown < MEMORY, f"{grown} bytes more after {count} rounds"
    assert sum(card.powered for card in tray.cards.values()) == 1
    standing.end()


def arrived(daemon: ReaderDaemon) -> Program:
    """A client with a context."""
    program = Program(daemon.environment)
    assert program.call("establish") == [OK]
    return program


def one_round(
    number: int,
    tray: SmallTray,
    daemon: ReaderDaemon,
    standing: Program,
    handle: int,
    known: int,
) -> int:
    serial = "AB"[number % 2]
    tray.cards[serial].resets.clear()
    tray.eject()
    daemon.notice()
    code, seen = standing.call("change", 5000, {READER: known})
    assert code == OK
    assert seen[READER] & EMPTY
    assert standing.call("transmit", handle, "80E0000000")[0] == "SCARD_W_REMOVED_CARD"
    tray.insert(serial)
    daemon.notice()
    code, seen = standing.call("change", 5000, {READER: seen[READER]})
    assert code == OK
    assert seen[READER] & CARD
    assert standing.call("reconnect", handle, 2, 3, 0)[0] == OK
    assert standing.call("transmit", handle, "80E00000000102")[1] == "01029000"
    passing = standing.connect(READER)
    assert standing.call("begin", passing) == [OK]
    assert standing.call("disconnect", passing, 1) == [OK]
    assert standing.call("reconnect", handle, 2, 3, 0)[0] == OK
    return int(seen[READER])


def one_killed(victim: Program, standing: Program, handle: int) -> None:
    """A client dies in a transaction; the standing one takes over."""
    assert victim.call("begin", victim.connect(READER)) == [OK]
    standing.ask("begin", handle)
    victim.kill()
    victim.end()
    assert standing.told() == ["SCARD_W_RESET_CARD"]
    assert standing.call("reconnect", handle, 2, 3, 0)[0] == OK


def main(count: int) -> None:
    """So many rounds in a daemon of their own."""
    with tempfile.TemporaryDirectory(prefix="mynabox-") as folder:
        tray = SmallTray()
        tray.make("A")
        tray.make("B")
        tray.insert("A")
        with ReaderDaemon(tray, Path(folder) / "pcscd.comm") as daemon:
            rounds(count, tray, daemon)
    sys.stdout.write(f"{count} rounds, nothing left behind\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
