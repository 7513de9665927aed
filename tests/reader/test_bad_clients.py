"""Clients that vanish, stop half-way, flood, or speak no sense; the others go on."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynabox.reader.daemon import ReaderDaemon

READER = "mynabox virtual reader 00 00"
OK = "SCARD_S_SUCCESS"

Start = Callable[[], Any]


def frame(command: int, body: bytes = b"") -> bytes:
    return struct.pack("=II", len(body), command) + body


VERSION = frame(0x11, struct.pack("=iiI", 4, 4, 0))
ESTABLISH = frame(0x01, struct.pack("=III", 2, 0, 0))
STATES, WAIT, STOP = frame(0x12), frame(0x13), frame(0x14)
STATES_SIZE = 16 * 184


class Raw:
    """A client that speaks the wire itself."""

    def __init__(self, daemon: ReaderDaemon) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(5)
        self.socket.connect(str(daemon.socket_path))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def context(self) -> int:
        self.send(VERSION + ESTABLISH)
        assert struct.unpack("=iiI", self.read(12)) == (4, 4, 0)
        _, context, code = struct.unpack("=III", self.read(12))
        assert code == 0
        return int(context)

    def connect(self, context: int, mode: int = 2) -> int:
        body = struct.pack("=I128sIIiII", context, READER.encode(), mode, 3, 0, 0, 0)
        self.send(frame(0x04, body))
        *_, handle, _, code = struct.unpack("=I128sIIiII", self.read(152))
        assert code == 0
        return int(handle)

    def hung_up(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def raw(daemon: ReaderDaemon) -> Iterator[Callable[[], Raw]]:
    opened: list[Raw] = []

    def start() -> Raw:
        opened.append(Raw(daemon))
        return opened[-1]

    yield start
    for one in opened:
        one.socket.close()


@contextmanager
def within(seconds: float) -> Iterator[Callable[[], bool]]:
    deadline = time.monotonic() + seconds

    def more() -> bool:
        time.sleep(0.005)
        return time.monotonic() < deadline

    yield more


def settle(daemon: ReaderDaemon, clients: int) -> None:
    """Until the daemon has noticed who is gone."""
    with within(5) as more:
        while daemon.clients > clients and more():
            continue
    assert daemon.clients == clients


def test_killed_in_a_transaction(program: Start, tray: Any) -> None:
    """The waiting program gets the card, reset, and must acknowledge that."""
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    one.call("begin", mine)
    two.ask("begin", yours)
    assert two.is_waiting()
    one.kill()
    assert two.told(2) == ["SCARD_W_RESET_CARD"]
    assert tray.cards["A"].resets == ["warm"]
    assert two.call("reconnect", yours, 2, 3, 0)[0] == OK
    assert two.call("begin", yours) == [OK]
    assert two.call("transmit", yours, "80E0000000")[0] == OK


def test_killed_in_exclusive_use(program: Start, tray: Any) -> None:
    one, two = program(), program()
    one.connect(READER, 1)
    assert two.call("connect", READER, 2, 3)[0] == "SCARD_E_SHARING_VIOLATION"
    one.kill()
    with within(5) as more:
        while two.call("connect", READER, 2, 3)[0] != OK and more():
            continue
    assert tray.cards["A"].resets == ["warm"]
    seen = two.call("change", 0, {READER: 0})
    assert seen[1][READER] & 0x180 == 0x100


def test_killed_without_a_transaction_resets_nothing(
    program: Start, daemon: ReaderDaemon, tray: Any
) -> None:
    one, two = program(), program()
    one.connect(READER)
    handle = two.connect(READER)
    one.kill()
    settle(daemon, 1)
    assert two.call("status", handle)[0] == OK
    assert tray.cards["A"].resets == []


def test_killed_while_waiting(program: Start, daemon: ReaderDaemon) -> None:
    """Neither who waits for a lock nor who waits for a change leaves a place behind."""
    one, two, three, four = program(), program(), program(), program()
    mine, third = one.connect(READER), three.connect(READER)
    one.call("begin", mine)
    two.ask("connect", READER, 2, 3)
    assert two.is_waiting(0.1)
    three.ask("begin", third)
    assert three.is_waiting(0.1)
    four.ask("change", 60000, {READER: 0x120})
    assert four.is_waiting(0.1)
    two.kill()
    four.kill()
    settle(daemon, 2)
    one.call("end", mine)
    assert three.told(2) == [OK]


def test_killed_in_a_command(program: Start, daemon: ReaderDaemon, tray: Any) -> None:
    """The card finishes what it does; then the lock is free."""
    one, two = program(), program()
    mine, yours = one.connect(READER), two.connect(READER)
    one.call("begin", mine)
    one.ask("transmit", mine, "80510000")
    assert tray.cards["A"].busy.wait(5)
    one.kill()
    two.ask("begin", yours)
    tray.cards["A"].go_on.set()
    assert two.told(5)[0] == "SCARD_W_RESET_CARD"
    settle(daemon, 1)


def test_gone_in_the_middle_of_a_frame(
    raw: Callable[[], Raw], program: Start, daemon: ReaderDaemon
) -> None:
    two = program()
    for cut in (1, 7, 8, 20, 40, 44):
        one = raw()
        handle = one.connect(one.context(), mode=1)
        transmit = frame(
            0x09, struct.pack("=iIIIIIII", handle, 2, 16, 5, 3, 16, 300, 0)
        )
        one.send((transmit + b"\x80\xe0\0\0\0")[:cut])
        one.socket.close()
        settle(daemon, 1)
        handle = two.connect(READER, 1)
        two.call("disconnect", handle)


def test_a_frame_that_never_ends(tray: Any, folder: Any) -> None:
    with ReaderDaemon(tray, folder / "s", patience=0.2) as daemon:
        slow, idle = Raw(daemon), Raw(daemon)
        idle.context()
        slow.send(VERSION[:5])
        assert slow.hung_up()
        idle.send(STATES)
        assert len(idle.read(STATES_SIZE)) == STATES_SIZE
        slow.socket.close()
        idle.socket.close()


@pytest.mark.parametrize(
    "data",
    [
        frame(0x03),
        frame(0x99),
        frame(0x07, b"\0"),
        struct.pack("=II", 0xFFFFFFFF, 0x09),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        bytes(4096),
        b"\xff" * 4096,
    ],
)
def test_no_sense(raw: Callable[[], Raw], program: Start, data: bytes) -> None:
    one, two = raw(), program()
    one.send(data)
    assert one.hung_up()
    assert two.call("readers")[0] == OK


def test_a_stop_is_answered_once(raw: Callable[[], Raw], tray: Any) -> None:
    """Either the change or the stop: one message of eight bytes, never two."""
    one = raw()
    one.context()
    for _ in range(20):
        one.send(WAIT)
        one.read(STATES_SIZE)
        tray.insert("A") if tray.tray() == (None,) else tray.eject()
        one.send(STOP)
        assert one.read(8) == bytes(8)
        one.send(STATES)
        assert len(one.read(STATES_SIZE)) == STATES_SIZE
    one.send(STOP + STATES)
    assert len(one.read(STATES_SIZE)) == STATES_SIZE


def test_handles_of_others_are_no_handles(raw: Callable[[], Raw]) -> None:
    one, two = raw(), raw()
    handle = one.connect(one.context())
    context = two.context()
    for command, body in (
        (0x0B, struct.pack("=iI", handle, 0)),
        (0x07, struct.pack("=iI", handle, 0)),
    ):
        two.send(frame(command, body))
        assert two.read(8)[4:] == bytes.fromhex("03001080")
    two.send(frame(0x06, struct.pack("=iII", handle, 1, 0)))
    assert two.read(12)[8:] == bytes.fromhex("03001080")
    two.send(frame(0x02, struct.pack("=II", context + 1, 0)))
    assert two.read(8)[4:] == bytes.fromhex("11001080")
    body = struct.pack("=I128sIIiII", context + 1, READER.encode(), 2, 3, 0, 0, 0)
    two.send(frame(0x04, body))
    assert two.read(152)[-4:] == bytes.fromhex("11001080")
    one.send(frame(0x0B, struct.pack("=iI", handle, 0)))
    assert one.read(8)[4:] == bytes(4)


def test_no_context_no_reader(raw: Callable[[], Raw]) -> None:
    one = raw()
    one.send(frame(0x04, struct.pack("=I128sIIiII", 1, READER.encode(), 2, 3, 0, 0, 0)))
    assert one.read(152)[-4:] == bytes.fromhex("03001080")
    one.send(frame(0x02, struct.pack("=II", 1, 0)))
    assert one.read(8)[4:] == bytes.fromhex("03001080")
    one.send(frame(0x0D, struct.pack("=II", 1, 0)))
    assert one.read(8)[4:] == bytes.fromhex("03001080")


def test_a_reader_name_that_is_no_text(raw: Callable[[], Raw]) -> None:
    one = raw()
    context = one.context()
    body = struct.pack("=I128sIIiII", context, b"\xff" * 128, 2, 3, 0, 0, 0)
    one.send(frame(0x04, body))
    assert one.read(152)[-4:] == bytes.fromhex("09001080")


def test_a_client_that_does_not_read_holds_up_nobody(
    tray: Any, folder: Any, use: Callable[[ReaderDaemon], Any]
) -> None:
    with ReaderDaemon(tray, folder / "s", look=0.005, patience=0.5) as daemon:
        deaf, two = Raw(daemon), use(daemon)
        deaf.context()
        flood = threading.Thread(target=_flood, args=(deaf,))
        flood.start()
        handle = two.connect(READER)
        two.call("change", 0, {READER: 0})
        for _ in range(50):
            assert two.call("transmit", handle, "80E0000000")[0] == OK
        tray.eject()
        assert two.call("change", 1000, {READER: 0x120})[0] == OK
        flood.join(10)
        assert not flood.is_alive()
        settle(daemon, 1)
        deaf.socket.close()


def _flood(deaf: Raw) -> None:
    """Ask for states and register for changes without ever reading."""
    try:
        for _ in range(100_000):
            deaf.send(WAIT + STATES)
    except OSError:
        return


def test_two_hundred_clients_and_no_more(
    raw: Callable[[], Raw], program: Start, daemon: ReaderDaemon
) -> None:
    many = [raw() for _ in range(199)]
    for one in many:
        one.context()
    last = program()
    assert last.call("readers")[0] == OK
    assert raw().hung_up()
    many[0].socket.close()
    settle(daemon, 199)
    raw().context()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=64),
            st.builds(
                frame,
                st.integers(0, 0x18),
                st.binary(max_size=8)
                | st.sampled_from([bytes(n) for n in (8, 12, 24)]),
            ),
            st.sampled_from([VERSION, ESTABLISH, STATES, WAIT, STOP]),
        ),
        max_size=12,
    )
)
def test_random_frames_harm_nobody(daemon: ReaderDaemon, pieces: list[bytes]) -> None:
    one = Raw(daemon)
    with suppress(BrokenPipeError, ConnectionResetError):
        one.send(b"".join(pieces))
    one.socket.close()
    witness = Raw(daemon)
    witness.context()
    witness.send(STATES)
    assert witness.read(STATES_SIZE).startswith(READER.encode())
    witness.socket.close()
