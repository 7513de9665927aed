"""Cards and clients that come and go leave nothing behind."""

import socket
import struct
import threading

from mynabox.reader.daemon import ReaderDaemon
from tests.reader.small_cards import SmallTray
from tests.reader.torture_rounds import descriptors_open, rounds


def test_two_hundred_rounds(tray: SmallTray, daemon: ReaderDaemon) -> None:
    rounds(200, tray, daemon)


def test_clients_that_come_and_go_leave_nothing(
    daemon: ReaderDaemon,
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
