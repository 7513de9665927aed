"""A daemon that serves a tray of small cards, and programs that use it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mynabox.reader.daemon import ReaderDaemon
from tests.reader.programs import Program
from tests.reader.small_cards import SmallTray


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
