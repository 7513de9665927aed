"""Cards as they are met in a reader: with the faults somebody asked for, and traced.

At the counter a card is asked directly and never fails on purpose; what is here stands
between the chips and the readers. The faults of a card are a small file beside it,
``cards/<serial>.faults``, read whenever the card is powered up.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from mynabox.adapters.files import make_private, remove_file, replace_file
from mynabox.ports import Cards
from mynabox.terminal.connection import CardRemoved, Connection

_READS = frozenset((0xB0, 0xB2))
"""READ BINARY and READ RECORD."""
_NO_DIAGNOSIS = bytes.fromhex("6F00")
_TRACE_LIMIT = 8 * 1024 * 1024  # bytes

Failure = Literal["6F00", "silence"]
"""What a read comes to that fails: a status word, or no answer at all."""


class CardSilent(Exception):
    """The card did not answer, because it was told not to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What shall go wrong with a card in a reader; counted from each power-up.

    ``latency_ms``   every command takes as much longer
    ``reads``        so many reads are answered, the others come to ``failure``
    ``commands``     so many commands are answered, then the card is out of the reader
    """

    latency_ms: int = 0
    reads: int | None = None
    failure: Failure = "6F00"
    commands: int | None = None

    @property
    def none(self) -> bool:
        """Whether nothing goes wrong."""
        return not self.latency_ms and self.reads is None and self.commands is None


class InReaders:
    """The chips of ``cards`` under ``home`` for readers (``Cards`` of the ports).

    ``trace``  is told when a card is powered up or down or reset, as lines of a
               transcript; the commands are told by the chips themselves
    """

    def __init__(
        self, cards: Cards, home: Path, *, trace: Callable[[str], None] | None = None
    ) -> None:
        self._cards = cards
        self._folder = home / "cards"
        self._trace = trace

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes,
        tries: Mapping[str, int],
        issuer_tries: int,
        profile: str | None = None,
    ) -> None:
        """As ``Cards.make``."""
        self._cards.make(
            serial,
            issuer_key=issuer_key,
            tries=tries,
            issuer_tries=issuer_tries,
            profile=profile,
        )

    def connect(self, serial: str) -> Connection:
        """Power a chip up with its faults; raises as ``Cards.connect``."""
        card = self._cards.connect(serial)
        faults = self.faults(serial)
        if self._trace is None and faults.none:
            return card
        return _InReader(
            card, faults, take_out=lambda: self._take_out(serial), trace=self._trace
        )

    def tray(self) -> tuple[str | None, ...]:
        """As ``Cards.tray``."""
        return self._cards.tray()

    def insert(self, serial: str, slot: int = 0) -> None:
        """As ``Cards.insert``."""
        self._cards.insert(serial, slot)

    def eject(self, slot: int = 0) -> None:
        """As ``Cards.eject``."""
        self._cards.eject(slot)

    def faults(self, serial: str) -> Faults:
        """The faults of a card; a file that cannot be understood is none."""
        try:
            return Faults(**json.loads(self._file(serial).read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return Faults()

    def give(self, serial: str, faults: Faults) -> None:
        """Let a card fail like that from its next power-up on, or no longer."""
        if faults.none:
            remove_file(self._file(serial))
            return
        make_private(self._folder)
        replace_file(self._file(serial), json.dumps(asdict(faults)).encode() + b"\n")

    def _file(self, serial: str) -> Path:
        return self._folder / f"{serial}.faults"

    def _take_out(self, serial: str) -> None:
        tray = self._cards.tray()
        if serial in tray:
            self._cards.eject(tray.index(serial))


class _InReader:
    """A powered card with its faults: a ``Connection``."""

    def __init__(
        self,
        card: Connection,
        faults: Faults,
        *,
        take_out: Callable[[], None],
        trace: Callable[[str], None] | None,
    ) -> None:
        self._card = card
        self._faults = faults
        self._take_out = take_out
        self._tell = trace or (lambda line: None)
        self._reads = self._commands = 0
        self._open = True
        self._tell("! power on")

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        """What the card answers, if it does; raises :class:`CardSilent`."""
        faults = self._faults
        if faults.latency_ms:
            time.sleep(faults.latency_ms / 1000)
        if self._commands == faults.commands:
            self._take_out()
            raise CardRemoved("taken out as was asked for")
        self._commands += 1
        if command[1:2] and command[1] in _READS:
            if self._reads == faults.reads:
                if faults.failure == "silence":
                    raise CardSilent("no answer, as was asked for")
                return _NO_DIAGNOSIS
            self._reads += 1
        return self._card.transmit(command)

    def reset(self, *, cold: bool = False) -> None:
        """Reset the card; what was counted begins anew only with a cold one."""
        if cold:
            self._reads = self._commands = 0
        self._tell("! power on" if cold else "! warm reset")
        self._card.reset(cold=cold)

    def close(self) -> None:
        """Power the card off."""
        if self._open:
            self._open = False
            self._tell("! power off")
        self._card.close()


class TraceFile:
    """Lines of conversations, for whoever follows them; begun anew with each process.

    A file that has grown to its limit is put aside as ``<name>.old`` and begun anew.
    """

    def __init__(self, path: Path, *, limit: int = _TRACE_LIMIT) -> None:
        self._path = path
        self._limit = limit
        self._guard = threading.Lock()
        self._open()

    def __call__(self, line: str) -> None:
        """Write one line."""
        with self._guard:
            if self._file.closed:
                return
            self._file.write(line + "\n")
            if self._file.tell() > self._limit:
                self._file.close()
                self._path.replace(self._path.with_name(f"{self._path.name}.old"))
                self._open()

    def close(self) -> None:
        """No line is written any more; those that were can still be read."""
        with self._guard:
            self._file.close()

    def _open(self) -> None:
        self._path.unlink(missing_ok=True)
        self._path.touch(mode=0o600)
        self._file = self._path.open("a", encoding="ascii", buffering=1)
