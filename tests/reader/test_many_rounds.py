"""Insert, use, eject, again and again: nothing is left behind."""

import gc
import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mynabox.reader.daemon import ReaderDaemon

READER = "mynabox virtual reader 00 00"
OK = "SCARD_S_SUCCESS"
EMPTY, CARD = 0x10, 0x20
MEMORY_PER_ROUND = 200


def descriptors_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def rounds(
    count: int, tray: Any, daemon: ReaderDaemon, start: Callable[[], Any]
) -> None:
    """``count`` lives of a card in the reader, with a standing and a passing client.

    Asserts that descriptors and threads come back to what they were and memory does
    not grow with the rounds. ``make torture`` calls this with a large number.
    """
    standing = start()
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
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - memory
    finally:
        tracemalloc.stop()
    assert descriptors_open() <= descriptors
    assert threading.active_count() <= threads
    assert grown < 20_000 + MEMORY_PER_ROUND * count
    assert sum(card.powered for card in tray.cards.values()) <= 1


def one_round(
    number: int, tray: Any, daemon: ReaderDaemon, standing: Any, handle: int, known: int
) -> int:
    serial = "AB"[number % 2]
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


def test_two_hundred_rounds(
    tray: Any, daemon: ReaderDaemon, program: Callable[[], Any]
) -> None:
    rounds(200, tray, daemon, program)


def test_clients_that_come_and_go_leave_nothing(
    daemon: ReaderDaemon, folder: Path
) -> None:
    def visit() -> None:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(daemon.socket_path))
            one.sendall(struct.pack("=IIiiI", 12, 0x11, 4, 4, 0))
            assert len(one.recv(12)) == 12

    visit()
    while daemon.clients:
        continue
    descriptors, threads = descriptors_open(), threading.active_count()
    for _ in range(500):
        visit()
    while daemon.clients:
        continue
    assert descriptors_open() <= descriptors
    assert threading.active_count() <= threads
