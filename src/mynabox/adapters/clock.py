"""The machine's clock, and the clock of a box that may be turned."""

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from mynabox.adapters.files import make_private, remove_file, replace_file
from mynabox.law.days import JST
from mynabox.ports import Clock, Turning

_MICROSECOND = timedelta(microseconds=1)
_SETTLED_NANOSECONDS = 1_000_000_000
"""Far more than the steps in which file systems keep time."""
_AHEAD = "microseconds_ahead"
_TURNED = "turned"
_WHAT_TO_DO = "set the clock again, or let it follow the machine's"

_log = logging.getLogger(__name__)


class MachineClock:
    """The machine's clock, in Japan's zone."""

    def now(self) -> datetime:
        """This moment."""
        return datetime.now(JST)


class BoxClock:
    """A clock so many microseconds ahead of (or behind) the machine's.

    The difference lies in the file ``path``, which is looked at for every answer: when one
    process turns the clock, all others have the new time at once. Without the file
    the clock is the machine's. With the difference lies what is to be said of the
    turning that made it. A file that cannot be understood is told to ``report``
    (once) and by :attr:`trouble`; the clock goes on with the last difference that
    this process knew.

    ``look_every``  seconds for which one look at the file is enough, for a process that
                    asks a hundred thousand times a second
    """

    def __init__(
        self,
        path: Path,
        *,
        machine: Clock | None = None,
        report: Callable[[str], None] = _log.warning,
        look_every: float = 0.0,
    ) -> None:
        self._path = path
        self._look_every = look_every
        self._next_look = 0.0
        self._machine = machine or MachineClock()
        self._report = report
        self._ahead = timedelta()
        self._known: tuple[tuple[int, int, int], timedelta] | None = None
        self._trouble: str | None = None

    def now(self) -> datetime:
        """This moment in the box; never raises."""
        machine = self._machine.now()
        if self._look_every:
            tick = time.monotonic()
            if tick < self._next_look:
                return machine + self._ahead
            self._next_look = tick + self._look_every
        try:
            ahead = self._read()
            moment = machine + ahead
        except (OSError, ValueError, TypeError, KeyError, OverflowError) as error:
            self._note(f"{self._path} tells no time ({error}): {_WHAT_TO_DO}")
            return machine + self._ahead
        self._note(None)
        self._ahead = ahead
        return moment

    def set(self, moment: datetime, turning: Turning | None = None) -> None:
        """Make it ``moment`` now, for every process that uses this box.

        Raises ``ValueError`` for a moment without a zone.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment needs a zone")
        ahead = (moment - self._machine.now()) // _MICROSECOND
        self._write(ahead, turning)

    def follow(self, turning: Turning | None = None) -> None:
        """Follow the machine's clock again."""
        if turning is None:
            remove_file(self._path)
        else:
            self._write(0, turning)

    def turned(self) -> Turning | None:
        """What is to be said of the last turning; none if the file does not tell."""
        try:
            said = json.loads(self._path.read_bytes())[_TURNED]
            return Turning(
                id=str(said["id"]),
                actor=str(said["actor"]),
                before=datetime.fromisoformat(said["from"]).astimezone(JST),
            )
        except (OSError, ValueError, TypeError, KeyError, OverflowError):
            return None

    @property
    def ahead(self) -> timedelta:
        """How far the box is ahead of the machine."""
        self.now()
        return self._ahead

    @property
    def trouble(self) -> str | None:
        """What is wrong with the clock's file and what to do, if anything is."""
        self.now()
        return self._trouble

    def _write(self, ahead: int, turning: Turning | None) -> None:
        said: dict[str, object] = {_AHEAD: ahead}
        if turning is not None:
            said[_TURNED] = {
                "id": turning.id,
                "actor": turning.actor,
                "from": turning.before.isoformat(),
            }
        make_private(self._path.parent)
        replace_file(self._path, json.dumps(said).encode() + b"\n")

    def _read(self) -> timedelta:
        try:
            found = self._path.stat()
            file = (found.st_ino, found.st_size, found.st_mtime_ns)
            known = self._known
            if known is not None and known[0] == file:
                return known[1]
            said = self._path.read_bytes()
        except FileNotFoundError:
            self._known = None
            return timedelta()
        ahead = json.loads(said)[_AHEAD]
        if type(ahead) is not int:
            raise ValueError(f"{_AHEAD} is no whole number")
        # One written this moment may yet be replaced by one that looks the same.
        settled = time.time_ns() - found.st_mtime_ns > _SETTLED_NANOSECONDS
        self._known = (file, ahead * _MICROSECOND) if settled else None
        return ahead * _MICROSECOND

    def _note(self, trouble: str | None) -> None:
        if trouble is not None and trouble != self._trouble:
            self._report(trouble)
        self._trouble = trouble
