"""The reader's side of vpcd's protocol on loopback, as a test wants it.

Speaks as the driver does: one card at a time, lengths of two bytes, orders of one. How
a message is cut on its way is up to the test.
"""

import socket
import struct
from collections.abc import Callable
from typing import Self

OFF, ON, RESET, ATR = b"\x00", b"\x01", b"\x02", b"\x04"

Cut = Callable[[bytes], list[bytes]]


def whole(message: bytes) -> list[bytes]:
    return [message]


def as_version_3_3(message: bytes) -> list[bytes]:
    """Length and body by themselves."""
    return [message[:2], message[2:]]


def by_the_byte(message: bytes) -> list[bytes]:
    return [message[at : at + 1] for at in range(len(message))]


class HungUp(Exception):
    """The card's side ended the connection."""


class SmallVpcd:
    """Listens like vpcd; ``accept`` is its look at a reader without a card."""

    def __init__(self, port: int = 0, cut: Cut = whole) -> None:
        self._cut = cut
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1)
        self._listener.settimeout(10)
        self._card: socket.socket | None = None

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def accept(self, seconds: float = 10) -> bool:
        """Whether a card comes in time."""
        self.hang_up()
        self._listener.settimeout(seconds)
        try:
            self._card, _ = self._listener.accept()
        except TimeoutError:
            return False
        self._card.settimeout(10)
        self._card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return True

    @property
    def card(self) -> socket.socket:
        assert self._card is not None
        return self._card

    def send(self, message: bytes) -> None:
        for piece in self._cut(struct.pack(">H", len(message)) + message):
            self.card.sendall(piece)

    def receive(self) -> bytes:
        return self._exactly(struct.unpack(">H", self._exactly(2))[0])

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        return self.receive()

    def present(self) -> bool:
        """The driver's look at a reader with a card."""
        try:
            return self.ask(ATR) != b""
        except (HungUp, OSError):
            return False

    def hang_up(self) -> None:
        if self._card is not None:
            self._card.close()
            self._card = None

    def close(self) -> None:
        self.hang_up()
        self._listener.close()

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            piece = self.card.recv(size - len(got))
            if not piece:
                raise HungUp
            got += piece
        return got

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
