"""Readers for unmodified programs: the box's own daemon, and the system's pcscd.

There are two roads from a program to a card of the box::

    BOX      libpcsclite, the box's daemon on a unix socket
    SYSTEM   libpcsclite, pcscd, its driver vpcd, TCP, mynabox.reader.vpcd

The second needs namespaces, and only root may make them; ``tools/debian-packages test``
says so where it is left out.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mynabox.reader.daemon import ENVIRONMENT

HERE = Path(__file__).parent
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
BOX, SYSTEM = "box", "pcscd"


def namespaces_can_be_made() -> bool:
    """Whether this user may make network and mount namespaces here."""
    if os.getuid() != 0:
        return False
    made = subprocess.run(
        ["unshare", "--mount", "--net", "true"], capture_output=True, check=False
    )
    return made.returncode == 0


ROADS = (BOX, SYSTEM) if namespaces_can_be_made() else (BOX,)
both_roads = pytest.mark.parametrize("reader", ROADS, indirect=True)
"""Runs a test on every road there is on this machine."""

system_road = pytest.mark.parametrize("reader", ROADS[1:], indirect=True)
"""Runs a test by the system's pcscd alone."""


@dataclass(frozen=True)
class Done:
    """What a program did and said, on both streams."""

    status: int
    text: str


def program(name: str, package: str) -> str:
    """The path of an outside program; fails, naming the Debian package, without it."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: apt-get install {package}")
    return found


class Reader:
    """The box's own reader: ``program`` serves it, a process that can be killed."""

    name = "mynabox virtual reader 00 00"
    number = 1
    """How many readers programs see."""

    def __init__(self, home: Path, *program: str) -> None:
        self.home = home
        self._program = program
        self.socket = home / "pcscd.comm"
        self.work = Path(tempfile.mkdtemp(prefix="mynabox-"))
        self.work.chmod(0o777)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        self._process = subprocess.Popen(
            [*self._before(), *self._program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def end(self, *, kill: bool = False) -> None:
        """Stop it in an orderly way, or as a power cut would."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        if kill:
            process.send_signal(signal.SIGKILL)
        process.stdin.close()
        process.wait(20)
        process.stdout.close()

    def restart(self, *, kill: bool = False) -> None:
        """Another process on the same card files."""
        self.end(kill=kill)
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to see the reader, beside :meth:`words`."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.work),
            "LC_ALL": "C.UTF-8",
            ENVIRONMENT: str(self.socket),
        }

    def words(self, *words: str, plainly: bool = True) -> tuple[str, ...]:
        """The command line by which a program sees the reader; as an ordinary user if
        ``plainly``."""
        if plainly and os.getuid() == 0:
            return (program(NOBODY[0], "util-linux"), *NOBODY[1:], *words)
        return words

    def run(
        self,
        *words: str,
        into: bytes = b"",
        plainly: bool = True,
        **environment: str,
    ) -> Done:
        """Run a program to its end."""
        done = subprocess.run(
            self.words(*words, plainly=plainly),
            env={**self.environment, **environment},
            cwd=self.work,
            input=into,
            capture_output=True,
            timeout=120,
        )
        return Done(done.returncode, (done.stdout + done.stderr).decode())

    def _before(self) -> tuple[str, ...]:
        return ()


class SystemReader(Reader):
    """The system's pcscd with vpcd, in namespaces of their own with ``program``, which
    lays the card in.

    Programs enter the namespaces and stay root: pcscd asks polkit about everybody
    else, and there is none here.
    """

    name = "Virtual PCD 00 00"
    number = 2

    def words(self, *words: str, plainly: bool = True) -> tuple[str, ...]:
        enter = program("nsenter", "util-linux")
        into = (f"--target={self.pid}", "--mount", "--net")
        return (enter, *into, f"--wd={self.work}", *words)

    @property
    def environment(self) -> dict[str, str]:
        return {k: v for k, v in super().environment.items() if k != ENVIRONMENT}

    @property
    def pid(self) -> int:
        """The process that keeps the namespaces."""
        assert self._process is not None
        return self._process.pid

    def _before(self) -> tuple[str, ...]:
        program("pcscd", "pcscd")
        program("ip", "iproute2")
        return (
            *(program("unshare", "util-linux"), "--mount", "--net"),
            *(sys.executable, str(HERE / "pcscd_daemon.py")),
        )


@contextmanager
def started(reader: Reader) -> Iterator[Reader]:
    """A reader that serves while the block runs."""
    try:
        reader.start()
        yield reader
    finally:
        reader.end()
        shutil.rmtree(reader.work)


@contextmanager
def serving(road: str, home: Path, key: bytes) -> Iterator[Reader]:
    """A reader with the tray under ``home``, whose files have this key."""
    by_box = road == BOX
    daemon = HERE / ("card_daemon.py" if by_box else "vpcd_program.py")
    words = (sys.executable, str(daemon), str(home), key.hex())
    with started((Reader if by_box else SystemReader)(home, *words)) as reader:
        yield reader
