"""The notice board: the reader states everybody may see, and who waits for a change."""

import threading
from collections.abc import Callable

from mynabox.reader.codes import Code
from mynabox.reader.layout import MAX_READERS
from mynabox.reader.messages import NO_OLD_READER, NO_READER, ReaderState


class Watcher:
    """One client's place in front of the board.

    ``due`` is what the client must be told; set by others, taken by the client's own
    thread, which is the only one to write to its connection.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.due: Code | None = None


class Board:
    """Reader states by number, as one array of bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: list[bytes] = []
        self._old_states: list[bytes] = []
        self._waiting: set[Watcher] = set()
        self._array = NO_READER * MAX_READERS
        self._old_array = NO_OLD_READER * MAX_READERS
        self._exact = b""

    @property
    def old_array(self) -> bytes:
        """Sixteen states for clients whose reader names have 100 bytes."""
        return self._old_array

    @property
    def array(self) -> bytes:
        """Sixteen states; those of no reader are zeros."""
        return self._array

    @property
    def exact(self) -> bytes:
        """As many states as there are readers."""
        return self._exact

    @property
    def readers(self) -> int:
        """How many readers there are."""
        return len(self._states)

    def post(self, number: int, state: ReaderState) -> None:
        """Put up a reader's state and call everybody who waits for a change."""
        with self._lock:
            if number == len(self._states):
                self._states.append(b"")
                self._old_states.append(b"")
            self._states[number] = state.pack()
            self._old_states[number] = state.pack(old=True)
            missing = MAX_READERS - len(self._states)
            self._exact = b"".join(self._states)
            self._array = self._exact + NO_READER * missing
            self._old_array = b"".join(self._old_states) + NO_OLD_READER * missing
            called, self._waiting = self._waiting, set()
            for watcher in called:
                watcher.due = Code.SCARD_S_SUCCESS
        for watcher in called:
            watcher.wake()

    def wait(self, watcher: Watcher) -> bytes:
        """Call ``watcher`` at the next change; the states until then."""
        with self._lock:
            watcher.due = None
            self._waiting.add(watcher)
            return self._array

    def stop(self, watcher: Watcher) -> bool:
        """Do not call ``watcher`` any more; whether it was still waiting."""
        with self._lock:
            waiting = watcher in self._waiting
            self._waiting.discard(watcher)
            return waiting

    def cancel(self, watcher: Watcher) -> None:
        """Call ``watcher`` now and tell it that it was cancelled."""
        with self._lock:
            if watcher not in self._waiting:
                return
            self._waiting.discard(watcher)
            watcher.due = Code.SCARD_E_CANCELLED
        watcher.wake()
