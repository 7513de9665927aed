"""Chips as sealed files, and the trays they lie in.

A chip is the file ``cards/<serial>.card``: a head, a nonce, and the chip's memory
sealed with AES-256-GCM under a key of this serial's own. It is replaced as a whole
with every write, so a chip that was cut off from its power remembers its last state
(a PIN try is noted before the PIN is compared). One APDU is one turn with the card's
lock, whichever process it comes from; who finds that another process has changed the
card meanwhile has the chip read its memory again.

A copy of an old file put back brings the old state back, tries included: that is as
far as a file can imitate a chip.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mynabox.adapters.card_file import PATIENCE, CardFile, CardFileDamaged
from mynabox.adapters.files import (
    LockTimeout,
    locked,
    make_private,
    remove_file,
    replace_file,
)
from mynabox.card import (
    CARD,
    PROFILES,
    Chip,
    ImageDamaged,
    Profile,
    Secret,
    blank_image,
    make_rsa_key,
)
from mynabox.ports import Busy, Random
from mynabox.terminal.connection import CardRemoved

__all__ = ["CardFile", "CardFileDamaged", "CardFiles", "InProcess"]

_SERIAL = re.compile(r"[0-9]{16}")
_SECRETS = {
    "authentication": Secret.AUTHENTICATION,
    "signature": Secret.SIGNATURE,
    "juki": Secret.JUKI,
    "input_support": Secret.INPUT_SUPPORT,
    "number_a": Secret.NUMBER_A,
    "number_b": Secret.NUMBER_B,
    "birth": Secret.BIRTH,
}


class InProcess:
    """A powered card of this box without a reader between: a ``Connection``.

    May be shared by threads: commands to one card never overlap. Every method may
    raise ``CardRemoved``, :class:`CardFileDamaged` and ``Busy``.
    """

    def __init__(self, chip: Chip, file: CardFile) -> None:
        self._chip = chip
        self._file = file
        self._open = True
        self._guard = threading.Lock()
        with file.turn(), self._readable():
            self._atr = chip.power_on()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        self._begin()
        self._end()
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """What the card answers to a command APDU."""
        self._begin()
        try:
            return self._chip.transmit(command)
        finally:
            self._end()

    def reset(self, *, cold: bool = False) -> None:
        """Reset the card: warm unless ``cold``."""
        self._begin()
        try:
            with self._readable():
                self._atr = self._chip.power_on() if cold else self._chip.warm_reset()
        finally:
            self._end()

    def close(self) -> None:
        """Power the card off; from now on it is gone."""
        with self._guard:
            self._open = False
            self._chip.power_off()
            self._file.close()

    def _begin(self) -> None:
        """Have the card's turn, with the chip knowing what its memory is by now."""
        self._guard.acquire()
        try:
            if not self._open:
                raise CardRemoved("the card was let go of")
            file = self._file
            file.take()
            try:
                if file.changed():
                    file.take_anew()
                    with self._readable():
                        self._chip.reload()
            except BaseException:
                file.give_back()
                raise
        except BaseException:
            self._guard.release()
            raise

    def _end(self) -> None:
        self._file.give_back()
        self._guard.release()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except ImageDamaged as error:
            raise self._file.damaged(f"holds a chip unknown here ({error})") from None


class CardFiles:
    """The chips under ``home``, and its readers (``Cards`` of the ports).

    ``key``       secret from which every card's own key is derived
    ``random``    gives nonces and the chips' challenges
    ``slots``     number of readers
    ``make_key``  gives chips their RSA keys
    ``trace``     is told every command and answer, masked
    """

    def __init__(
        self,
        home: Path,
        *,
        key: bytes,
        random: Random,
        slots: int = 1,
        profile: Profile = CARD,
        make_key: Callable[[], RSAPrivateKey] = make_rsa_key,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self._cards = home / "cards"
        self._tray = home / "tray"
        self._key = key
        self._random = random
        self._slots = slots
        self._profile = profile
        self._make_key = make_key
        self._trace = trace

    def traced(self, trace: Callable[[str], None]) -> "CardFiles":
        """The same chips and trays, but ``trace`` is told what is said."""
        same = copy(self)
        same._trace = trace
        return same

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes,
        tries: Mapping[str, int],
        issuer_tries: int,
        profile: str | None = None,
    ) -> None:
        """Make a blank chip, or start an old one anew. Raises ``ValueError`` for a
        serial that is not sixteen digits or an unknown ``profile``,
        :class:`CardFileDamaged` rather than write over a file that is not a card of
        this box."""
        if profile is not None and profile not in PROFILES:
            raise ValueError(f"there is no kind of chip {profile!r}")
        image = blank_image(
            profile=self._profile if profile is None else PROFILES[profile],
            serial=serial,
            issuer_key=issuer_key,
            tries={
                secret: tries[name]
                for name, secret in _SECRETS.items()
                if name in tries
            },
            issuer_tries=issuer_tries,
        )
        make_private(self._cards)
        file = self._file(serial)
        with file.turn():
            if file.exists():
                file.read()
            file.write(image)

    def serials(self) -> tuple[str, ...]:
        """The serial of every chip there is, in their order."""
        files = self._cards.glob("*.card")
        return tuple(
            sorted(file.stem for file in files if _SERIAL.fullmatch(file.stem))
        )

    def scrap(self, serial: str) -> None:
        """Destroy a chip that never became a card, with its keys; raises ``KeyError``
        if there is none with this serial, ``Busy``."""
        file = self._known(serial)
        with file.turn():
            remove_file(file.path)
            remove_file(file.path.with_suffix(".lock"))

    def connect(self, serial: str) -> InProcess:
        """Power a chip up; raises ``KeyError`` if there is none with this serial,
        :class:`CardFileDamaged`, ``Busy``."""
        file = self._known(serial)
        chip = Chip(
            file, random=self._random, make_key=self._make_key, trace=self._trace
        )
        return InProcess(chip, file)

    def tray(self) -> tuple[str | None, ...]:
        """What lies in each reader; raises :class:`CardFileDamaged`."""
        return tuple(self._lying(slot) for slot in range(self._slots))

    def insert(self, serial: str, slot: int = 0) -> None:
        """Lay the card in a reader, taking it out of the one in which it lies. Raises
        ``KeyError`` for an unknown card, ``IndexError`` for an unknown reader."""
        self._known(serial)
        place = self._slot(slot)
        make_private(self._tray)
        with self._tray_turn():
            for other in range(self._slots):
                if other != slot and self._lying(other) == serial:
                    remove_file(self._slot(other))
            replace_file(place, f"{serial}\n".encode())

    def eject(self, slot: int = 0) -> None:
        """Take out what lies in the reader; raises ``IndexError``."""
        place = self._slot(slot)
        make_private(self._tray)
        with self._tray_turn():
            remove_file(place)

    def _file(self, serial: str) -> CardFile:
        return CardFile(self._cards, serial, key=self._key, random=self._random)

    def _known(self, serial: str) -> CardFile:
        if _SERIAL.fullmatch(serial):
            file = self._file(serial)
            if file.exists():
                return file
        raise KeyError(serial)

    def _slot(self, slot: int) -> Path:
        if not 0 <= slot < self._slots:
            raise IndexError(f"there is no reader {slot}; there are {self._slots}")
        return self._tray / str(slot)

    def _lying(self, slot: int) -> str | None:
        path = self._slot(slot)
        try:
            said = path.read_bytes()
        except FileNotFoundError:
            return None
        serial = said.decode("ascii", "replace").strip()
        if not _SERIAL.fullmatch(serial):
            raise CardFileDamaged(f"{path} names no card: take the file away")
        return serial

    @contextmanager
    def _tray_turn(self) -> Iterator[None]:
        try:
            with locked(self._tray / "lock", patience=PATIENCE):
                yield
        except LockTimeout:
            raise Busy("another program has kept the readers' tray") from None
