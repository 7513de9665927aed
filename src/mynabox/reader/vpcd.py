"""A card of the box in a reader of the system's own pcscd, by its driver vpcd.

vpcd (vsmartcard) is a reader driver that waits for cards on TCP: who connects has laid
a card in, who hangs up has taken it out. Every message is its length in two bytes, most
significant first, and as many bytes. One byte is an order of the reader, more are a
command for the card::

    00  power off              01  power on              02  reset
    04  answer to reset: the only order that is answered, and the driver's way to see
        every 0.4 s whether the card is there

vpcd asks nobody who they are and, as Debian sets it up, listens on every address of the
machine: it belongs behind a firewall or into a network namespace.
"""

import os
import select
import socket
import threading
import time
from enum import Enum
from types import TracebackType
from typing import Final, Self

from mynabox.ports import Cards
from mynabox.reader.codes import Refused
from mynabox.reader.place import Log, Place
from mynabox.terminal.connection import CardRemoved

PORT: Final = 35963
"""Where vpcd listens for the card of its first reader; the next reader is the next."""

_LONGEST: Final = 0xFFFF
_WRONG_LENGTH: Final = b"\x67\x00"

_LOOK_SECONDS: Final = 0.05
_EMPTY_SECONDS: Final = 0.6
"""How long a reader stays empty between two cards. pcscd looks every 0.4 s: a shorter
gap it may not see, and would then take the new card for the old one."""
_AGAIN_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 10.0


class _End(Enum):
    """Why a conversation is over."""

    STOPPED = "stopped"
    TAKEN_OUT = "taken out"
    HUNG_UP = "hung up"
    NONSENSE = "nonsense"
    CARD_FAILED = "card failed"


class Frames:
    """Messages out of a stream of bytes that was cut anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def unfinished(self) -> bool:
        """Whether a message was begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what came over the connection."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The next whole message; ``None`` if it is not there yet."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        end = 2 + int.from_bytes(buffer[:2], "big")
        if len(buffer) < end:
            return None
        message = bytes(buffer[2:end])
        del buffer[:end]
        return message


def framed(message: bytes) -> bytes:
    """A message as it goes over the connection."""
    return len(message).to_bytes(2, "big") + message


class _Silence:
    def info(self, event: str, /, **facts: object) -> None:
        pass

    def warning(self, event: str, /, **facts: object) -> None:
        pass


class VpcdClient:
    """Shows what lies in reader ``slot`` of ``cards`` to the vpcd at ``host``.

    ``port``     of that reader's card; by default vpcd's port for this slot
    ``log``      takes events with facts, such as a structlog logger
    ``look``     seconds between looks at the tray
    ``empty``    seconds a reader stays empty between two cards
    ``again``    seconds after which a vpcd that is not there, or a card that does not
                 answer, is tried again
    ``patience`` seconds a message may stay half sent

    Works from :meth:`start` to :meth:`stop` in a thread of its own, whether vpcd is
    there yet or not; a pcscd that is started again finds the card again.
    """

    def __init__(
        self,
        cards: Cards,
        slot: int = 0,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        log: Log | None = None,
        look: float = _LOOK_SECONDS,
        empty: float = _EMPTY_SECONDS,
        again: float = _AGAIN_SECONDS,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._cards = cards
        self._slot = slot
        self._address = host, PORT + slot if port is None else port
        self._log: Log = log or _Silence()
        self._look = look
        self._empty = empty
        self._again = again
        self._patience = patience
        self._place = Place(cards, reader=f"vpcd {host}", log=self._log)
        self._thread: threading.Thread | None = None
        self._signal = -1
        self._guard = threading.Lock()
        self._stopping = False
        self._connected = False
        self._missed = False
        self._tray_failed = False
        self._seen: str | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection to vpcd (which takes it at its next look)."""
        return self._connected

    def start(self) -> None:
        """Begin; returns at once."""
        if self._thread is not None:
            raise RuntimeError("the vpcd client runs already")
        self._signal = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="vpcd", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take the card out and power it off. Twice is harmless."""
        if self._thread is None:
            return
        self._stopping = True
        self.notice()
        self._thread.join()
        self._thread = None
        with self._guard:
            os.close(self._signal)
            self._signal = -1

    def notice(self) -> None:
        """Look at the tray now: this process has just moved a card."""
        with self._guard:
            if self._signal >= 0:
                os.eventfd_write(self._signal, 1)

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

    # -- inside: all in the client's own thread -------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            serial = self._lying()
            if serial is None:
                self._rest(self._look)
                continue
            self._place.inserted(serial)
            self._show(serial)
            if not self._place.empty:
                self._place.removed()
            self._rest(self._look)

    def _show(self, serial: str) -> None:
        """Let vpcd have the card for as long as it lies there."""
        place = self._place
        while not (self._stopping or place.empty) and self._lying() == serial:
            if place.mute:
                self._rest(self._again)
                place.rouse()
                continue
            link = self._call()
            if link is None:
                self._rest(self._again)
                continue
            self._connected = True
            with link:
                end = self._converse(link, serial)
            self._connected = False
            place.power_off()
            self._log.info("vpcd reader empty", slot=self._slot, why=end.value)
            self._wait_empty()

    def _call(self) -> socket.socket | None:
        try:
            link = socket.create_connection(self._address, timeout=self._patience)
        except OSError as error:
            if not self._missed:
                self._log.warning(
                    "vpcd is not there",
                    host=self._address[0],
                    port=self._address[1],
                    why=type(error).__name__,
                )
            self._missed = True
            return None
        self._missed = False
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return link

    def _converse(self, link: socket.socket, serial: str) -> _End:
        """Do what vpcd says until one side has enough."""
        events = select.poll()
        events.register(link, select.POLLIN)
        events.register(self._signal, select.POLLIN)
        own, frames = link.fileno(), Frames()
        next_look = began = time.monotonic()
        while True:
            try:
                while (message := frames.next()) is not None:
                    answer = self._answer(message)
                    if answer is not None:
                        link.sendall(framed(answer))
                now = time.monotonic()
                if now >= next_look:
                    next_look = now + self._look
                    if self._lying() != serial:
                        return _End.TAKEN_OUT
                if self._stopping:
                    return _End.STOPPED
                if not frames.unfinished:
                    began = now
                elif now - began > self._patience:
                    return _End.NONSENSE
                for descriptor, _ in events.poll(1000 * self._look):
                    if descriptor == own:
                        # Older versions of vpcd send length and body by themselves;
                        # the kernel holds the body back until it has our receipt
                        # for the length, and that may take us 40 ms.
                        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                        data = link.recv(_LONGEST + 2)
                        if not data:
                            return _End.HUNG_UP
                        frames.feed(data)
                    else:
                        os.eventfd_read(self._signal)
                        next_look = now
            except _Nonsense:
                return _End.NONSENSE
            except OSError:
                return _End.HUNG_UP
            except CardRemoved:
                self._place.removed()
                return _End.TAKEN_OUT
            except Refused:
                return _End.CARD_FAILED

    def _answer(self, message: bytes) -> bytes | None:
        """What a message is answered with, perhaps nothing."""
        match message:
            case b"":
                raise _Nonsense
            case b"\x00":
                self._place.power_off()
            case b"\x01":
                self._place.card()
            case b"\x02":
                self._place.reset(cold=False)
            case b"\x04":
                return self._place.atr
            case _:
                answer = self._place.transmit(message)
                return answer if len(answer) <= _LONGEST else _WRONG_LENGTH
        return None

    def _lying(self) -> str | None:
        """The serial of the card in our reader; while the tray cannot be read, of the
        last one seen there."""
        try:
            tray = self._cards.tray()
        except Exception as error:
            if not self._tray_failed:
                self._log.warning("tray unreadable", error=type(error).__name__)
            self._tray_failed = True
            return self._seen
        self._tray_failed = False
        self._seen = tray[self._slot] if self._slot < len(tray) else None
        return self._seen

    def _rest(self, seconds: float) -> None:
        """Until so much time has passed or somebody gives notice."""
        if self._stopping:
            return
        ready, _, _ = select.select([self._signal], [], [], seconds)
        if ready:
            os.eventfd_read(self._signal)

    def _wait_empty(self) -> None:
        """Until pcscd must have seen that no card is there."""
        end = time.monotonic() + self._empty
        while not self._stopping and (left := end - time.monotonic()) > 0:
            self._rest(left)


class _Nonsense(Exception):
    """A message that no vpcd sends."""
