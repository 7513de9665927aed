"""Every minor version of the language, spoken byte by byte as its libpcsclite does.

The layouts are those of pcsc-lite's winscard_msg.h and eventhandler.h in 1.8.3, 1.8.8,
1.8.23, 1.9.9, 2.3.3 and 2.5.2, written down here once more.
"""

import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from mynabox.reader.daemon import ReaderDaemon
from tests.reader.small_cards import ATR, SmallTray

READER = "mynabox virtual reader 00 00"
STOPPED = 0x8010001E
CANCELLED = 0x80100002
CHANGED, NOTHING = bytes(8), b""
(ABSENT, PRESENT) = (0x02, 0x34)


@dataclass(frozen=True, slots=True)
class Language:
    """What a libpcsclite says and expects."""

    minor: int
    library: str
    name_size: int = 128
    wait_body: bytes = b""
    """``wait_reader_state_change {timeOut, rv}`` until 4:3."""
    states_with_wait: bool = True
    stop_always_answered: bool = False
    asks_for_size: bool = False
    counts_events: bool = False

    @property
    def state(self) -> struct.Struct:
        return struct.Struct(f"={self.name_size}sIIi33s3xII")


OLDEST = Language(
    2,
    "1.6.5 to 1.8.3",
    name_size=100,
    wait_body=struct.pack("=II", 0, 0),
    states_with_wait=False,
    stop_always_answered=True,
)
LANGUAGES = [
    OLDEST,
    Language(
        2,
        "1.8.4 to 1.8.8",
        wait_body=struct.pack("=II", 1000, 0),
        states_with_wait=False,
        stop_always_answered=True,
    ),
    Language(
        3,
        "1.8.9 to 1.8.23",
        wait_body=struct.pack("=II", 1000, 0),
        states_with_wait=False,
        stop_always_answered=True,
    ),
    Language(4, "1.8.24 to 2.2.3"),
    Language(5, "2.3.0 to 2.4.1", counts_events=True),
    Language(
        6,
        "2.5.0 on",
        counts_events=True,
        states_with_wait=False,
        asks_for_size=True,
    ),
]


class Client:
    """One connection, as ``language`` has it."""

    def __init__(self, path: Path, language: Language) -> None:
        self.language = language
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(5)
        self.socket.connect(os.fspath(path))

    def send(self, command: int, body: bytes = b"") -> None:
        """In the pieces libpcsclite makes of it."""
        self.socket.sendall(struct.pack("=II", len(body), command))
        if body:
            self.socket.sendall(body)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            assert more, "the daemon hung up"
            data += more
        return data

    def owes_nothing(self) -> bool:
        """Whether nothing else was sent; asked by a question with a known answer."""
        self.send(0x11, struct.pack("=iiI", 4, self.language.minor, 0))
        said = struct.unpack("=iiI", self.read(12))
        return said == (4, self.language.minor, 0)

    def version(self, minor: int) -> tuple[int, int, int]:
        self.send(0x11, struct.pack("=iiI", 4, minor, 0))
        major, minor, code = struct.unpack("=iiI", self.read(12))
        return major, minor, code

    def establish(self) -> int:
        assert self.version(self.language.minor) == (4, self.language.minor, 0)
        self.send(0x01, struct.pack("=III", 2, 0, 0))
        scope, context, code = struct.unpack("=III", self.read(12))
        assert (scope, code) == (2, 0)
        assert context
        return int(context)

    def states(self) -> list[tuple[bytes, int, int, int, bytes, int, int]]:
        """The readers there are: name, events, flags, users, ATR, its length, T."""
        count, ask = 16, 0x12
        if self.language.asks_for_size:
            self.send(0x16)
            (count,) = struct.unpack("=i", self.read(4))
            ask = 0x17
        self.send(ask)
        return self.listed(self.read(count * self.language.state.size))

    def listed(self, raw: bytes) -> list[tuple[bytes, int, int, int, bytes, int, int]]:
        found = []
        for name, *rest in self.language.state.iter_unpack(raw):
            if name.rstrip(b"\0"):
                found.append((name.rstrip(b"\0"), *rest))
            else:
                assert not any(any(v) if isinstance(v, bytes) else v for v in rest)
        return found

    def wait(self) -> None:
        """SCardGetStatusChange registers, and sees the states in its own way."""
        self.send(0x13, self.language.wait_body)
        if self.language.states_with_wait:
            assert self.listed(self.read(16 * self.language.state.size))
        elif self.language.asks_for_size:
            assert self.states()

    def stop(self) -> None:
        self.send(0x14, self.language.wait_body)

    def connect(self, context: int, reader: str = READER) -> tuple[int, int, int]:
        """The handle, the protocol, the code."""
        shape = struct.Struct(f"=I{self.language.name_size}sIIiII")
        self.send(0x04, shape.pack(context, reader.encode(), 2, 3, 0, 0, 0))
        said = shape.unpack(self.read(shape.size))
        assert said[:4] == (
            context,
            reader.encode().ljust(self.language.name_size, b"\0"),
            2,
            3,
        )
        return said[4:]

    def transmit(self, handle: int, command: bytes) -> bytes:
        shape = struct.Struct("=iIIIIIII")
        self.send(0x09, shape.pack(handle, 2, 16, len(command), 3, 16, 258, 0))
        self.socket.sendall(command)
        *_, size, code = shape.unpack(self.read(shape.size))
        assert code == 0
        return self.read(size)


@pytest.fixture(params=LANGUAGES, ids=lambda it: f"4:{it.minor} ({it.library})")
def language(request: pytest.FixtureRequest) -> Language:
    assert isinstance(request.param, Language)
    return request.param


@pytest.fixture
def served(tray: SmallTray, folder: Path, language: Language) -> Iterator[ReaderDaemon]:
    with ReaderDaemon(
        tray, folder / "s", look=0.005, old_names=language is OLDEST
    ) as daemon:
        yield daemon


@pytest.fixture
def client(served: ReaderDaemon, language: Language) -> Iterator[Client]:
    client = Client(served.socket_path, language)
    yield client
    client.socket.close()


def test_a_whole_conversation(client: Client) -> None:
    """List, connect, transmit, state, disconnect, release."""
    context = client.establish()
    (before,) = client.states()
    assert before[:4] == (READER.encode(), 1, PRESENT, 0)
    assert before[4][: before[5]] == ATR
    handle, protocol, code = client.connect(context)
    assert (protocol, code) == (2, 0)
    assert client.transmit(handle, bytes.fromhex("00B0000004")).hex() == "000102039000"
    ((_, _, _, users, _, _, in_use),) = client.states()
    assert (users, in_use) == (1, 2)
    client.send(0x06, struct.pack("=iII", handle, 0, 0))
    assert struct.unpack("=iII", client.read(12)) == (handle, 0, 0)
    client.send(0x02, struct.pack("=II", context, 0))
    assert struct.unpack("=II", client.read(8)) == (context, 0)


def test_no_such_reader(client: Client) -> None:
    assert client.connect(client.establish(), "no reader")[2] == 0x80100009


def test_a_change_is_told(client: Client, tray: SmallTray) -> None:
    client.establish()
    client.wait()
    tray.eject()
    assert client.read(8) == CHANGED
    ((_, events, flags, *_),) = client.states()
    assert (events, flags) == (2, ABSENT)
    client.wait()
    tray.insert("B")
    assert client.read(8) == CHANGED
    assert client.owes_nothing()


def test_a_change_between_wait_and_states(
    daemon: ReaderDaemon, tray: SmallTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4:6 reads the number of readers next: eight bytes of notice in its place would
    be taken for it."""
    monkeypatch.setattr("mynabox.reader.server._LISTING_PATIENCE", 60_000)
    client = Client(daemon.socket_path, LANGUAGES[-1])
    client.establish()
    for turn in range(10):
        client.send(0x13)
        assert client.owes_nothing()  # the daemon has read that it waits
        tray.insert("AB"[turn % 2]) if turn % 2 else tray.eject()
        time.sleep(0.02)
        ((_, _, flags, *_),) = client.states()
        assert flags == (PRESENT if turn % 2 else ABSENT)
        assert client.read(8) == CHANGED
    client.socket.close()


def test_who_never_asks_for_the_states_is_told_all_the_same(
    daemon: ReaderDaemon, tray: SmallTray
) -> None:
    client = Client(daemon.socket_path, LANGUAGES[-1])
    client.establish()
    client.send(0x13)
    assert client.owes_nothing()
    tray.eject()
    assert client.read(8) == CHANGED
    assert client.owes_nothing()
    client.socket.close()


def test_a_wait_is_stopped(client: Client) -> None:
    """As after a time-out."""
    client.establish()
    client.wait()
    client.stop()
    assert client.read(8) == bytes(8)
    assert client.owes_nothing()


def test_a_stop_too_late(client: Client, tray: SmallTray) -> None:
    """The change has been told; until 4:3 a stop is answered all the same."""
    client.establish()
    client.wait()
    tray.eject()
    assert client.read(8) == CHANGED
    client.stop()
    if client.language.stop_always_answered:
        assert client.read(8) == bytes(8)
    assert client.owes_nothing()


def test_a_wait_is_cancelled(client: Client, served: ReaderDaemon) -> None:
    context = client.establish()
    client.wait()
    with closing(Client(served.socket_path, client.language).socket) as other:
        for _ in range(50):  # who cancels before the wait has come in cancels nothing
            other.sendall(struct.pack("=IIiI", 8, 0x0D, context, 0))
            assert struct.unpack("=iI", other.recv(8)) == (context, 0)
            if select.select([client.socket], [], [], 0.1)[0]:
                break
    assert struct.unpack("=II", client.read(8)) == (0, CANCELLED)


def test_how_often_readers_came(client: Client) -> None:
    client.establish()
    if client.language.counts_events:
        client.send(0x15)
        assert client.read(8) == bytes(8)
    assert client.owes_nothing()


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (1, (4, 6, STOPPED)),
        (2, (4, 2, 0)),
        (3, (4, 3, 0)),
        (4, (4, 4, 0)),
        (5, (4, 5, 0)),
        (6, (4, 6, 0)),
        (7, (4, 6, STOPPED)),
    ],
)
def test_which_versions_are_spoken(
    daemon: ReaderDaemon, asked: int, answer: tuple[int, int, int]
) -> None:
    client = Client(daemon.socket_path, LANGUAGES[-1])
    assert client.version(asked) == answer
    client.socket.close()


def test_a_newer_client_steps_down(daemon: ReaderDaemon, tray: SmallTray) -> None:
    """What 4:7 asks first is refused with our version, and it asks again with that."""
    client = Client(daemon.socket_path, LANGUAGES[-1])
    _, minor, code = client.version(7)
    assert code == STOPPED
    assert client.version(minor) == (4, 6, 0)
    client.wait()
    tray.eject()
    assert client.read(8) == CHANGED
    client.socket.close()


def test_another_major_version_is_refused(daemon: ReaderDaemon) -> None:
    client = Client(daemon.socket_path, LANGUAGES[-1])
    client.send(0x11, struct.pack("=iiI", 5, 4, 0))
    assert struct.unpack("=iiI", client.read(12)) == (4, 6, STOPPED)
    client.socket.close()


def test_a_name_too_long_for_the_oldest_is_not_shown_to_them(
    tray: SmallTray, folder: Path
) -> None:
    names = ["x" * 99, "y" * 100]
    two = SmallTray(2)
    two.make("A")
    two.insert("A")
    with ReaderDaemon(two, folder / "s", readers=names, old_names=True) as daemon:
        old, new = (Client(daemon.socket_path, it) for it in (OLDEST, LANGUAGES[3]))
        old.establish()
        new.establish()
        assert [name.decode() for name, *_ in old.states()] == names[:1]
        assert [name.decode() for name, *_ in new.states()] == names
        old.socket.close()
        new.socket.close()


def test_4_2_has_long_names_unless_told_otherwise(daemon: ReaderDaemon) -> None:
    """1.8.4 to 1.8.8 are the ones that lived on; they say 4:2 as the older did."""
    client = Client(daemon.socket_path, LANGUAGES[1])
    client.establish()
    assert [name.decode() for name, *_ in client.states()] == [READER]
    client.socket.close()
