"""A PC/SC daemon for the virtual cards of a box, without root, drivers or TCP.

Programs linked to libpcsclite take it for pcscd when ``PCSCLITE_CSOCK_NAME`` names its
socket. It lives in threads of its own inside the process that starts it.
"""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mynabox.ports import Cards
from mynabox.reader.board import Board
from mynabox.reader.layout import MAX_READERS, NAME_SIZE
from mynabox.reader.place import Log
from mynabox.reader.server import Access, Server
from mynabox.reader.session import Desk
from mynabox.reader.slot import Slot

ENVIRONMENT: Final = "PCSCLITE_CSOCK_NAME"
"""The environment variable by which libpcsclite finds its daemon."""

_LOOK_SECONDS: Final = 0.05
_IDLE_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 10.0
_MUTE_SECONDS: Final = 1.0
"""A card that did not answer, because its file was busy or torn, is tried again."""


class _Silence:
    def info(self, event: str, /, **facts: object) -> None:
        pass

    def warning(self, event: str, /, **facts: object) -> None:
        pass


class ReaderDaemon:
    """Serves the trays of ``cards`` as card readers at ``socket_path``.

    ``readers``  names of the readers, or how many; by default one for every tray
    ``access``   "owner": only the user who runs this; "everyone": every local user
    ``log``      takes events with facts, such as a structlog logger
    ``look``     seconds between looks at the tray
    ``idle``     seconds after which a card nobody has open is powered off, as by pcscd
    ``patience`` seconds a request may stay half written or an answer unread
    ``old_names`` whether libpcsclites that speak 4:2 are those of pcsc-lite 1.6.5 to
                 1.8.3, with reader names of 100 bytes, not of 1.8.4 to 1.8.8, with
                 names of 128: they do not say so themselves

    :meth:`start` raises ``SocketTrouble`` (``SocketPathTooLong``, ``SocketInUse``).
    """

    def __init__(
        self,
        cards: Cards,
        socket_path: Path,
        *,
        readers: Sequence[str] | int | None = None,
        access: Access = "owner",
        log: Log | None = None,
        look: float = _LOOK_SECONDS,
        idle: float = _IDLE_SECONDS,
        patience: float = _PATIENCE_SECONDS,
        old_names: bool = False,
    ) -> None:
        self._cards = cards
        self._path = socket_path
        self._names = _names(len(cards.tray()) if readers is None else readers)
        self._access = access
        self._log: Log = log or _Silence()
        self._look = look
        self._idle = idle
        self._patience = patience
        self._old_names = old_names
        self._stopping = False
        self._nudge = threading.Event()
        self._slots: tuple[Slot, ...] = ()
        self._server: Server | None = None
        self._watcher: threading.Thread | None = None
        self._tray_failed = False

    @property
    def socket_path(self) -> Path:
        """Where clients find the daemon."""
        return self._path

    @property
    def reader_names(self) -> tuple[str, ...]:
        """The readers as clients see them."""
        return self._names

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs in its environment."""
        return {ENVIRONMENT: str(self._path.absolute())}

    @property
    def clients(self) -> int:
        """Open connections."""
        return self._server.clients if self._server is not None else 0

    def start(self) -> None:
        """Look at the tray and take clients; when this returns, programs can come."""
        if self._server is not None:
            raise RuntimeError("the reader daemon runs already")
        board = Board()
        self._slots = tuple(
            Slot(
                self._cards, name=name, number=number, publish=board.post, log=self._log
            )
            for number, name in enumerate(self._names)
        )
        first = os.getpid() << 16 ^ time.monotonic_ns()
        desk = Desk(
            slots=self._slots,
            board=board,
            first_number=first,
            old_names=self._old_names,
        )
        self._look_at_tray()
        try:
            self._server = Server(
                desk,
                self._path,
                access=self._access,
                patience=self._patience,
                log=self._log,
            )
        except BaseException:
            self._close_slots()
            raise
        self._stopping = False
        self._watcher = threading.Thread(
            target=self._watch, name="reader tray", daemon=True
        )
        self._watcher.start()
        self._log.info("reader daemon started", socket=str(self._path))

    def stop(self) -> None:
        """Hang up on every client and power the cards off. Twice is harmless."""
        if self._server is None or self._watcher is None:
            return
        self._stopping = True
        self._nudge.set()
        self._watcher.join()
        self._server.close()
        self._server = self._watcher = None
        self._close_slots()
        self._log.info("reader daemon stopped", socket=str(self._path))

    def notice(self) -> None:
        """Look at the tray now: this process has just moved a card."""
        self._nudge.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _close_slots(self) -> None:
        for slot in self._slots:
            slot.close()
        self._slots = ()

    def _watch(self) -> None:
        while not self._stopping:
            self._nudge.wait(self._look)
            self._nudge.clear()
            self._look_at_tray()

    def _look_at_tray(self) -> None:
        """See what lies in every reader. While the tray cannot be read, every card
        stays where it was last seen."""
        try:
            tray = self._cards.tray()
        except Exception as error:
            if not self._tray_failed:
                self._log.warning("tray unreadable", error=type(error).__name__)
            self._tray_failed = True
            return
        self._tray_failed = False
        idle_limit = round(self._idle / self._look)
        mute_limit = round(_MUTE_SECONDS / self._look)
        for number, slot in enumerate(self._slots):
            slot.look(
                tray[number] if number < len(tray) else None,
                idle_limit=idle_limit,
                mute_limit=mute_limit,
            )


def _names(readers: Sequence[str] | int) -> tuple[str, ...]:
    """Names as pcscd gives them: what it is, which one, which slot."""
    if isinstance(readers, int):
        readers = [f"mynabox virtual reader {n:02X} 00" for n in range(readers)]
    names = tuple(readers)
    if not 1 <= len(names) <= MAX_READERS:
        raise ValueError(f"{len(names)} readers; clients see 1 to {MAX_READERS}")
    if len(set(names)) != len(names):
        raise ValueError("two readers of one name")
    for name in names:
        if not name or "\0" in name or len(name.encode()) >= NAME_SIZE:
            raise ValueError(f"{name!r} cannot be a reader's name")
    return names
