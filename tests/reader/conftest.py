"""A tray of small simulated cards, a daemon that serves it, and programs that use it."""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mynabox.reader.daemon import ReaderDaemon
from mynabox.terminal.connection import CardRemoved

ATR = bytes.fromhex("3BE000FF8131FE4514")
PROGRAM = Path(__file__).with_name("pcsc_program.py")


class SmallCard:
    """Echoes (80 E0), reads (00 B0), counts (80 C0), sleeps until told (80 51),
    remembers a password while powered (80 20, asked by 80 21)."""

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self.count = 0
        self.resets: list[str] = []
        self.powered = 0
        self.busy = threading.Event()
        self.go_on = threading.Event()
        self.overlap = False
        self._inside = threading.Lock()


class SmallConnection:
    def __init__(self, card: SmallCard, present: Callable[[], bool]) -> None:
        self._card = card
        self._present = present
        self._open = True
        self._verified = False
        card.powered += 1

    @property
    def atr(self) -> bytes:
        return ATR

    def transmit(self, command: bytes) -> bytes:
        card = self._card
        if not self._present() or not self._open:
            raise CardRemoved
        if not card._inside.acquire(blocking=False):
            card.overlap = True
            return b"\x6f\x01"
        try:
            return self._answer(command)
        finally:
            card._inside.release()

    def _answer(self, command: bytes) -> bytes:
        card = self._card
        match command[:2]:
            case b"\x80\xe0":
                return command[5:] + b"\x90\x00"
            case b"\x00\xb0":
                size = int.from_bytes(command[-2:], "big") or 0x10000
                return bytes(i & 0xFF for i in range(size)) + b"\x90\x00"
            case b"\x80\xc0":
                card.count += 1
                return card.count.to_bytes(4, "big") + b"\x90\x00"
            case b"\x80\x51":
                card.busy.set()
                card.go_on.wait(20)
                return b"\x90\x00"
            case b"\x80\x20":
                self._verified = True
                return b"\x90\x00"
            case b"\x80\x21":
                return b"\x90\x00" if self._verified else b"\x69\x82"
            case b"\x80\xff":
                raise ZeroDivisionError
            case _:
                return b"\x6d\x00"

    def reset(self, *, cold: bool = False) -> None:
        if not self._present():
            raise CardRemoved
        self._card.resets.append("cold" if cold else "warm")
        if cold:
            self._verified = False

    def close(self) -> None:
        if self._open:
            self._open = False
            self._card.powered -= 1


class SmallTray:
    """The Cards port over small cards in memory."""

    def __init__(self, slots: int = 1) -> None:
        self.cards: dict[str, SmallCard] = {}
        self._slots: list[str | None] = [None] * slots
        self._stays = [0] * slots

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes = b"",
        tries: Mapping[str, int] | None = None,
        issuer_tries: int = 0,
    ) -> None:
        self.cards[serial] = SmallCard(serial)

    def connect(self, serial: str) -> SmallConnection:
        card = self.cards[serial]
        slot = self._slots.index(serial)
        stay = self._stays[slot]
        return SmallConnection(
            card, lambda: self._slots[slot] == serial and self._stays[slot] == stay
        )

    def tray(self) -> tuple[str | None, ...]:
        return tuple(self._slots)

    def insert(self, serial: str, slot: int = 0) -> None:
        self._stays[slot] += 1
        self._slots[slot] = serial

    def eject(self, slot: int = 0) -> None:
        self._stays[slot] += 1
        self._slots[slot] = None


class Program:
    """Another process that calls libpcsclite as it is told."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
            bufsize=1,
        )
        self._answers: queue.Queue[Any] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(json.loads(line))

    def ask(self, function: str, *arguments: object) -> None:
        """Begin a call and do not wait for its end."""
        assert self.process.stdin is not None
        print(json.dumps([function, *arguments]), file=self.process.stdin, flush=True)

    def told(self, seconds: float = 10) -> Any:
        """What the call gave."""
        return self._answers.get(timeout=seconds)

    def is_waiting(self, seconds: float = 0.3) -> bool:
        """Whether the call begun is not over after so long."""
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            return True
        self._answers.put(answer)
        return False

    def call(self, function: str, *arguments: object) -> Any:
        self.ask(function, *arguments)
        return self.told()

    def connect(self, reader: str, mode: int = 2, protocols: int = 3) -> int:
        """A handle; fails if PC/SC refuses."""
        code, handle, _ = self.call("connect", reader, mode, protocols)
        assert code == "SCARD_S_SUCCESS"
        assert isinstance(handle, int)
        return handle

    def kill(self) -> None:
        """As the operating system does it, without a goodbye."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        elif not self.process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self._reader.join(5)
        self.process.stdout.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, open to other users."""
    path = Path(tempfile.mkdtemp(prefix="mynabox-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def tray() -> SmallTray:
    """One reader with the card "A" in it; "B" lies beside."""
    tray = SmallTray()
    tray.make("A")
    tray.make("B")
    tray.insert("A")
    return tray


@pytest.fixture
def daemon(tray: SmallTray, folder: Path) -> Iterator[ReaderDaemon]:
    with ReaderDaemon(tray, folder / "pcscd.comm", look=0.005) as daemon:
        yield daemon


@pytest.fixture
def use() -> Iterator[Callable[[ReaderDaemon], Program]]:
    """Starts a program that sees a daemon and has a context."""
    started: list[Program] = []

    def start(daemon: ReaderDaemon) -> Program:
        one = Program(daemon.environment)
        started.append(one)
        assert one.call("establish") == ["SCARD_S_SUCCESS"]
        return one

    yield start
    for one in started:
        one.end()


@pytest.fixture
def program(
    daemon: ReaderDaemon, use: Callable[[ReaderDaemon], Program]
) -> Callable[[], Program]:
    """Starts a program that sees the daemon of this test."""
    return lambda: use(daemon)
