"""The world around a box: time, chance, keys, letters, mails, cards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from mynabox.lifecycle.outgoing import Outgoing
from mynabox.terminal.connection import Connection

if TYPE_CHECKING:  # programs that need no key load no cryptography
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class Clock(Protocol):
    """The box's own time."""

    def now(self) -> datetime:
        """This moment, in Japan standard time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """What the journal is to say of a turning of the clock.

    ``id``      its own, by which its row is found
    ``before``  what time it was
    """

    id: str
    actor: str
    before: datetime


class SettableClock(Clock, Protocol):
    """A clock that a sandbox box may turn. Turning is one step: what is to be said of
    it is there when it has happened, and not before."""

    def set(self, moment: datetime, turning: Turning | None = None) -> None:
        """Make it ``moment`` now; the clock goes on ticking from there."""
        ...

    def follow(self, turning: Turning | None = None) -> None:
        """Follow the machine's clock again."""
        ...

    def turned(self) -> Turning | None:
        """What is to be said of the last turning, if that is known."""
        ...


class Random(Protocol):
    """Unpredictable bytes."""

    def __call__(self, size: int, /) -> bytes:
        """``size`` random bytes."""
        ...


class Signer(Protocol):
    """Keys that sign and are never seen; a key is known by its label."""

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        """Make the RSA-2048 (or P-384) key ``key`` unless it exists; its SPKI in
        DER. Raises ``KeysUnavailable``."""
        ...

    def public_key(self, key: str) -> bytes:
        """The SPKI in DER; raises ``KeyError`` if there is no such key,
        ``KeysUnavailable``."""
        ...

    def sign(self, key: str, data: bytes) -> bytes:
        """PKCS#1 v1.5 signature over the SHA-256 of ``data``; with a P-384 key, ECDSA
        over its SHA-384 in DER. Raises ``KeyError``, ``KeysUnavailable``."""
        ...


class FreshKeys(Protocol):
    """RSA-2048 keys that a use case holds itself, for one thing, and then forgets."""

    def __call__(self, /) -> "RSAPrivateKey":
        """A key that nobody else has had or will have; made ahead, if the box does."""
        ...


class Vault(Protocol):
    """The box's symmetric secrets."""

    def secret(self, name: str) -> bytes:
        """The 32-byte secret ``name``, made on first use."""
        ...

    def derive(self, name: str, context: bytes) -> bytes:
        """A 32-byte key for ``context`` under the secret ``name``."""
        ...


class Post(Protocol):
    """Takes letters. Delivering the same ``id`` again replaces the letter."""

    def deliver(self, outgoing: Outgoing) -> None:
        """Put the letter in the addressee's box; durable when it returns."""
        ...

    def read(self, outgoing: str) -> bytes:
        """The PDF of a letter that was delivered; raises ``Missing``."""
        ...

    def ids(self) -> Iterable[str]:
        """The id of every letter that lies there; of a file that is no letter of
        this box, its name."""
        ...


class Mail(Protocol):
    """Takes electronic mail. Delivering the same ``id`` again replaces it."""

    def deliver(self, outgoing: Outgoing) -> None:
        """Put the mail in the addressee's mailbox; durable when it returns."""
        ...

    def read(self, outgoing: str) -> str:
        """The text of a mail that was delivered; raises ``Missing``."""
        ...


class Cards(Protocol):
    """The chips of this box and the trays they may lie in."""

    def make(
        self,
        serial: str,
        *,
        issuer_key: bytes,
        tries: Mapping[str, int],
        issuer_tries: int,
        profile: str | None = None,
    ) -> None:
        """Make a blank chip. Making a serial again starts it anew.

        ``tries``  wrong tries in a row that lock each secret: ``authentication``,
        ``signature``, ``juki``, ``input_support``, ``number_a``, ``number_b``, ``birth``
        ``profile``  the name of another kind of chip than the usual card's
        """
        ...

    def connect(self, serial: str) -> Connection:
        """Power the chip up at the counter; raises ``KeyError`` if unknown,
        ``Damaged``."""
        ...

    def tray(self) -> tuple[str | None, ...]:
        """What lies in each reader: the serial of a card, or nothing."""
        ...

    def insert(self, serial: str, slot: int = 0) -> None:
        """Lay the card in a reader, in place of what lies there."""
        ...

    def eject(self, slot: int = 0) -> None:
        """Take out what lies in the reader, if anything does."""
        ...


class CardStock(Cards, Protocol):
    """Every chip that this box made."""

    def serials(self) -> Iterable[str]:
        """The serial of every chip there is, in their order."""
        ...

    def scrap(self, serial: str) -> None:
        """Destroy a chip that never became a card; raises ``KeyError``."""
        ...
