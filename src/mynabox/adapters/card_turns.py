"""Whose turn it is with one card's file, among all threads and processes.

The same two lock files, in the same order, as :func:`mynabox.adapters.files.locked`
takes them, so that who waits is not overtaken; but kept open between two turns: a
card in a reader has thousands of turns, and opening files is most of what one costs.
"""

import fcntl
import os
import time
from pathlib import Path

from mynabox.adapters.files import LockTimeout

_SHORTEST, _LONGEST = 0.0002, 0.005  # pauses between two looks at a lock, seconds
_AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB


class CardTurns:
    """The lock ``path`` and the place next in line for it, ``<path>-next``.

    Not for two threads at once: its owner has a lock of its own for them.
    """

    __slots__ = ("_lock", "_name", "_patience", "_place", "_process")

    def __init__(self, path: Path, *, patience: float) -> None:
        self._name = str(path)
        self._patience = patience
        self._place = self._lock = -1
        self._process = 0

    def take(self) -> None:
        """Wait for the turn; raises :class:`LockTimeout`."""
        if self._process != os.getpid():  # a forked child must not share our lock
            self.renew()
        while True:
            self._wait(self._place)
            try:
                self._wait(self._lock)
            finally:
                fcntl.flock(self._place, fcntl.LOCK_UN)
            if os.fstat(self._lock).st_nlink:
                return
            self.renew()  # somebody took the file away: others lock a new one

    def give_back(self) -> None:
        """The turn is over."""
        if self._lock >= 0:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def renew(self) -> None:
        """Open the lock files by their names again; a turn under way is over."""
        self.close()
        self._place = self._opened(f"{self._name}-next")
        self._lock = self._opened(self._name)
        self._process = os.getpid()

    def close(self) -> None:
        """Let go of the files; the next turn opens them again. Twice is harmless."""
        self._process = 0
        place, self._place = self._place, -1
        lock, self._lock = self._lock, -1
        for descriptor in (place, lock):
            if descriptor >= 0:
                os.close(descriptor)

    @staticmethod
    def _opened(name: str) -> int:
        return os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _wait(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, _AT_ONCE)
        except BlockingIOError:
            pass
        else:
            return
        until, pause = time.monotonic() + self._patience, _SHORTEST
        while True:
            time.sleep(pause)
            try:
                fcntl.flock(descriptor, _AT_ONCE)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise LockTimeout(Path(self._name).name) from None
                pause = min(pause * 2, _LONGEST)
            else:
                return
