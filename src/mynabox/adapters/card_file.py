"""One chip as a sealed file: its memory, and whose turn it is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mynabox.adapters.card_turns import CardTurns
from mynabox.adapters.files import LockTimeout, replace_file
from mynabox.ports import Busy, Damaged, Random
from mynabox.terminal.connection import CardRemoved

PATIENCE = 30.0
"""Seconds to wait while another process uses the card."""

_HEAD = b"mynabox card file 1\n"
_NONCE = 12  # bytes, of AES-GCM
_STAMP = len(_HEAD) + _NONCE


class CardFileDamaged(Damaged):
    """A file is not what this box put there."""


class CardFile:
    """The file of one card: its turn, and the memory of the chip that has its turn.

    The file last read or written stays open: as long as it does, no other can have its
    number, and a look at what lies under its name tells whether it is still this one.
    """

    def __init__(
        self, directory: Path, serial: str, *, key: bytes, random: Random
    ) -> None:
        self.path = directory / f"{serial}.card"
        self._turns = CardTurns(self.path.with_suffix(".lock"), patience=PATIENCE)
        self._bound = _HEAD + serial.encode()
        self._random = random
        self._cipher = AESGCM(
            HKDF(
                SHA256(), length=32, salt=None, info=b"card " + serial.encode()
            ).derive(key)
        )
        self._known = -1
        self._seen: tuple[int, ...] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the card to oneself within the block; raises ``Busy``."""
        self.take()
        try:
            yield
        finally:
            self.give_back()

    def take(self) -> None:
        """Have the card to oneself until :meth:`give_back`; raises ``Busy``."""
        try:
            self._turns.take()
        except LockTimeout:
            raise Busy(
                f"another program has kept {self.path.name} for {PATIENCE:g} s"
            ) from None

    def give_back(self) -> None:
        """Others may have the card."""
        self._turns.give_back()

    def take_anew(self) -> None:
        """Have the turn by the lock that lies there now: the card's file is another,
        and perhaps its whole directory."""
        self._turns.renew()
        self.take()

    def exists(self) -> bool:
        """Whether there is such a card."""
        return self.path.exists()

    def read(self) -> bytes:
        """The chip's memory; raises ``CardRemoved``, :class:`CardFileDamaged`."""
        descriptor = self._opened()
        try:
            seen = _looks(os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                raw = file.read()
            image = self._unsealed(raw)
        except BaseException:
            os.close(descriptor)
            raise
        self._keep(descriptor, seen)
        return image

    def write(self, image: bytes) -> None:
        """Replace the chip's memory, durably."""
        nonce = self._random(_NONCE)
        sealed = self._cipher.encrypt(nonce, image, self._bound)
        self._seen = None  # whatever comes of this, it is to be read again
        replace_file(
            self.path, _HEAD + nonce + sealed, via=self.path.with_suffix(".new")
        )
        descriptor = self._opened()
        self._keep(descriptor, _looks(os.fstat(descriptor)))

    def changed(self) -> bool:
        """Whether the memory is another than the one last read or written; raises
        ``CardRemoved``. Asked before every command, so it is kept short."""
        try:
            return _looks(self.path.stat()) != self._seen
        except FileNotFoundError:
            raise CardRemoved(f"{self.path} is gone") from None

    def close(self) -> None:
        """Let go of what is open. Twice is harmless."""
        self._turns.close()
        self._seen = None
        known, self._known = self._known, -1
        if known >= 0:
            os.close(known)

    def __del__(self) -> None:
        self.close()

    def _opened(self) -> int:
        try:
            return os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise CardRemoved(f"{self.path} is gone") from None

    def _keep(self, descriptor: int, seen: tuple[int, ...]) -> None:
        if self._known >= 0:
            os.close(self._known)
        self._known, self._seen = descriptor, seen

    def _unsealed(self, raw: bytes) -> bytes:
        nonce, sealed = raw[len(_HEAD) : _STAMP], raw[_STAMP:]
        if not raw.startswith(_HEAD):
            raise self.damaged("is no card's file")
        try:
            return self._cipher.decrypt(nonce, sealed, self._bound)
        except (InvalidTag, ValueError):
            raise self.damaged("is torn, or another box's or card's") from None

    def damaged(self, what: str) -> CardFileDamaged:
        """The error that names this file."""
        return CardFileDamaged(
            f"{self.path} {what}; it was left as it is: put a good copy in its place, "
            "or take it away and issue the card anew"
        )


def _looks(status: os.stat_result) -> tuple[int, ...]:
    """What tells one file from another, and from itself spoilt in place."""
    return (
        status.st_ino,
        status.st_dev,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
