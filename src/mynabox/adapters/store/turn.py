"""Whose turn it is to write: one writer at a time, first come, first served.

SQLite alone lets writers poll for its lock, and the quickest to come back can keep
the others out for ever. So the threads of a process queue up here in the order of
their coming, and the one at the head of each queue goes for a lock file for which
processes stand in line.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mynabox.adapters.files import LockTimeout, take_lock
from mynabox.adapters.store.errors import NoTurn


class Turns:
    """The turns of one store.

    ``path``      the lock file; None if there is another guard between processes
    ``patience``  seconds to wait for one's turn
    """

    def __init__(self, path: Path | None, *, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._guard = threading.Lock()
        self._holder: int | None = None
        self._queue: deque[tuple[threading.Event, int]] = deque()

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Wait for the turn and have it within the block; raises :class:`NoTurn`."""
        deadline = time.monotonic() + self._patience
        self._queue_up(deadline)
        try:
            lock = self._lock_file(deadline)
            try:
                yield
            finally:
                if lock is not None:
                    os.close(lock)
        finally:
            self._pass_on()

    def _queue_up(self, deadline: float) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("work() inside work(): one transaction at a time")
            if self._holder is None:
                self._holder = me
                return
            place = (threading.Event(), me)
            self._queue.append(place)
        if place[0].wait(max(0.0, deadline - time.monotonic())):
            return
        with self._guard:
            if place in self._queue:
                self._queue.remove(place)
                raise NoTurn(self._patience)
        # The turn came in the very moment in which patience ended: take it.

    def _pass_on(self) -> None:
        with self._guard:
            if self._queue:
                event, self._holder = self._queue.popleft()
                event.set()
            else:
                self._holder = None

    def _lock_file(self, deadline: float) -> int | None:
        if self._path is None:
            return None
        try:
            return take_lock(self._path, until=deadline)
        except LockTimeout:
            raise NoTurn(self._patience) from None
