"""What the use cases need of the world, as small protocols.

Everything here can be had from an adapter (``wiring.py`` puts one together) or,
in a test, from the simulators that ship with the product.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from mynabox.law.days import in_japan
from mynabox.lifecycle.application import Application
from mynabox.lifecycle.authority import Authority, Responder, RevocationList
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import Certificate, StopReason
from mynabox.lifecycle.journal import Entry, Head, Row
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.terminal.connection import Connection


class Clock(Protocol):
    """The box's own time."""

    def now(self) -> datetime:
        """This moment, in Japan standard time."""
        ...


class SettableClock(Clock, Protocol):
    """A clock that a sandbox box may turn."""

    def set(self, moment: datetime) -> None:
        """Make it ``moment`` now; the clock goes on ticking from there."""
        ...

    def follow(self) -> None:
        """Follow the machine's clock again."""
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
        """Power the chip up at the counter; raises ``KeyError`` if unknown."""
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


class Residents(Protocol):
    """The register."""

    def add(self, resident: Resident) -> None:
        """Add a person; raises ``Duplicate`` on a known id or record code."""
        ...

    def save(self, resident: Resident) -> None:
        """Overwrite the record of the person with this id."""
        ...

    def get(self, resident: str) -> Resident:
        """The person; raises ``Missing``."""
        ...

    def by_record_code(self, code: str) -> Resident | None:
        """The person with this resident record code, if there is one."""
        ...

    def list(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Iterable[Resident]:
        """People in the order of their ids, beginning behind ``after``."""
        ...


class Numbers(Protocol):
    """Who has which Individual Number."""

    def reserve(self, municipality: str) -> tuple[int, int]:
        """(shard, counter) of the next number of a municipality, used up by this."""
        ...

    def add(self, assignment: Assignment) -> None:
        """Write a number down; raises ``Duplicate`` if the number is taken ("number")
        or the person has one ("current number"), both held by unique indexes."""
        ...

    def save(self, assignment: Assignment) -> None:
        """Overwrite the state of a number: it is retired before the person gets a
        new one (R003)."""
        ...

    def current(self, resident: str) -> Assignment | None:
        """The person's number of today."""
        ...

    def owner(self, number: IndividualNumber) -> Assignment | None:
        """Whose number this is or was."""
        ...


class Notices(Protocol):
    """Notices and the application forms printed with them."""

    def add(self, notice: Notice) -> None:
        """Add one; raises ``Duplicate`` on a known application ID."""
        ...

    def save(self, notice: Notice) -> None:
        """Overwrite the notice with this id."""
        ...

    def by_application_id(self, application_id: str) -> Notice | None:
        """The notice whose form bears this application ID."""
        ...

    def of(self, resident: str) -> Iterable[Notice]:
        """The person's notices, oldest first."""
        ...


class Applications(Protocol):
    """Applications for a card."""

    def add(self, application: Application) -> None:
        """Add one."""
        ...

    def save(self, application: Application) -> None:
        """Overwrite the application with this id."""
        ...

    def get(self, application: str) -> Application:
        """The application; raises ``Missing``."""
        ...

    def by_link(self, link_hash: str) -> Application | None:
        """The application whose mailed link has this hash."""
        ...

    def of(self, resident: str) -> Iterable[Application]:
        """The person's applications, oldest first."""
        ...


class IssuedCards(Protocol):
    """Cards, as the register knows them."""

    def add(self, card: Card) -> None:
        """Add one. Two unique indexes hold R030: a person has at most one card that
        is active or suspended and at most one produced and not yet handed over;
        ``Duplicate`` says so here and in ``save``."""
        ...

    def save(self, card: Card) -> None:
        """Overwrite the card with this serial."""
        ...

    def get(self, serial: str) -> Card:
        """The card; raises ``Missing``."""
        ...

    def of(self, resident: str) -> Iterable[Card]:
        """The person's cards, oldest first."""
        ...

    def list(self, *, after: str = "", limit: int = 100) -> Iterable[Card]:
        """Cards in the order of their serials, beginning behind ``after``."""
        ...


class Certificates(Protocol):
    """Certificates, found by issuance number."""

    def next_serial(self) -> int:
        """A fresh issuance number, never given before."""
        ...

    def coming_serial(self) -> int:
        """The number that :meth:`next_serial` would give; none is used up."""
        ...

    def skip_to(self, serial: int) -> None:
        """Give no issuance number below ``serial`` any more."""
        ...

    def add(self, certificate: Certificate) -> None:
        """Add one; raises ``Duplicate`` on a known serial, or if the card has
        another of the same kind that is issued or active (held by a unique index)."""
        ...

    def save(self, certificate: Certificate) -> None:
        """Overwrite state, moments and reason of the certificate."""
        ...

    def find(self, serial: int) -> Certificate | None:
        """The certificate with this issuance number."""
        ...

    def list(self, *, after: int = 0, limit: int = 1000) -> Iterable[Certificate]:
        """Certificates in the order of their serials, beginning behind ``after``."""
        ...

    def of_card(self, card: str) -> Iterable[Certificate]:
        """Every certificate ever written to a card, oldest first."""
        ...


class Stop(NamedTuple):
    """A certificate that is on hold or revoked: what lists say of it.

    Millions of these make one list, so the moments are texts as :func:`written`
    gives them, which sort as the moments do.
    """

    serial: int
    at: str
    reason: StopReason
    recorded: str


def written(moment: datetime) -> str:
    """A moment in Japan's time, ``2026-11-20T10:00:00.000000+09:00``: always as long,
    so that texts compare as the moments do."""
    return in_japan(moment).isoformat(timespec="microseconds")


class StatusLists(Protocol):
    """What the CAs say about certificates, and with which keys."""

    def stops(self, issuer: str, *, municipality: str | None = None) -> Iterable[Stop]:
        """Held and revoked certificates of an issuer, by serial, without content."""
        ...

    def stopped(
        self, issuer: str, *, municipality: str | None = None
    ) -> Iterable[Certificate]:
        """Held and revoked certificates of an issuer, by serial."""
        ...

    def authorities(self) -> Iterable[Authority]:
        """Every CA generation, oldest first."""
        ...

    def add_authority(self, authority: Authority) -> None:
        """Add a CA generation; raises ``Duplicate`` on a known name."""
        ...

    def responders(self, issuer: str) -> Iterable[Responder]:
        """OCSP responder certificates of a CA, oldest first."""
        ...

    def responder_at(self, issuer: str, moment: datetime) -> Responder | None:
        """The CA's newest responder certificate that is valid at a moment."""
        ...

    def add_responder(self, responder: Responder) -> None:
        """Add an OCSP responder certificate."""
        ...

    def next_number(self, issuer: str, *, municipality: str | None = None) -> int:
        """The number of the next CRL: higher than all before it, deltas included."""
        ...

    def skip_to(self, number: int) -> None:
        """Give no list a number below this any more."""
        ...

    def latest_list(
        self, issuer: str, *, municipality: str | None = None, delta: bool = False
    ) -> RevocationList | None:
        """The newest CRL of an issuer (of one municipality's part, if given), or its
        newest delta CRL."""
        ...

    def add_list(self, revocations: RevocationList) -> None:
        """Add a CRL; raises ``Duplicate`` on a CRL number given before."""
        ...


class Journal(Protocol):
    """The chained journal. Writing is the last thing a use case does."""

    def write(self, entry: Entry) -> Row:
        """Append a row to the chain of the entry's municipality."""
        ...

    def about(self, subject: str, *, limit: int = 1000) -> Iterable[Row]:
        """The last ``limit`` rows that touched a resident, card …, oldest first."""
        ...

    def chain(self, municipality: str) -> Iterator[Row]:
        """A whole chain, oldest first."""
        ...

    def heads(self) -> Iterable[Head]:
        """The sealed end of every chain."""
        ...

    def municipalities(self) -> Iterable[str]:
        """Every municipality that rows, people or cards belong to."""
        ...


class Outbox(Protocol):
    """What is on its way out."""

    def add(self, outgoing: Outgoing) -> None:
        """Put a thing on its way."""
        ...

    def waiting(self, *, limit: int = 100) -> Iterable[Outgoing]:
        """Things not delivered yet, oldest first."""
        ...

    def delivered(self, outgoing: str, *, at: datetime) -> None:
        """Note a delivery and forget the content."""
        ...

    def sent(
        self, *, carrier: Carrier | None = None, limit: int = 100
    ) -> Iterable[Outgoing]:
        """What went out, newest first, without content."""
        ...


class Work(Protocol):
    """One transaction: what is read in it is consistent, what is written in it
    happens whole or not at all."""

    @property
    def residents(self) -> Residents: ...
    @property
    def numbers(self) -> Numbers: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def applications(self) -> Applications: ...
    @property
    def cards(self) -> IssuedCards: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def statuses(self) -> StatusLists: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def outbox(self) -> Outbox: ...


class Store(Protocol):
    """Where the box keeps what it knows."""

    def work(self) -> AbstractContextManager[Work]:
        """A writing transaction: committed and durable when the block ends,
        rolled back when it raises. Waits for its turn (one writer); raises ``Busy``
        if that takes too long."""
        ...

    def look(self) -> AbstractContextManager[Work]:
        """A reading transaction; writing in it is an error."""
        ...


class Duplicate(Exception):
    """A unique index refused a row; ``what`` names the thing that exists."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Busy(Exception):
    """Somebody else keeps what one waited for; nothing was changed, try again."""


class KeysUnavailable(Busy):
    """The keys cannot be used now (an HSM is gone, a passphrase is missing); nothing
    was changed, and it can be tried again. The text says what to do."""


class Missing(Exception):
    """There is no such thing; ``what`` and ``key`` say which."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"no {what} {key}")
        self.what = what
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a box tells others about itself.

    ``address``           base URL under which its pages and services are reached
    ``with_uri``          whether certificates carry HTTP pointers to CRL and OCSP
    ``production_shape``  whether they carry the genuine policy OIDs
    ``next_card``         whether CA generations made from now on, and certificates
                          under them, are those announced for the next card
    ``status_mode``       whether status answers know all that has happened
                          (*immediate*), or what had happened by the last quarter of
                          an hour (*grid*, as the genuine service)
    """

    address: str
    with_uri: bool = False
    production_shape: bool = False
    next_card: bool = False
    status_mode: Literal["immediate", "grid"] = "immediate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Everything a use case may touch."""

    store: Store
    clock: Clock
    random: Random
    signer: Signer
    vault: Vault
    post: Post
    mail: Mail
    cards: Cards
    site: Site


Progress = Callable[[int, int], None]
"""Told (done, of all) as a long piece of work goes on."""

__all__ = [
    "Applications",
    "Box",
    "Busy",
    "Cards",
    "Certificates",
    "Clock",
    "Duplicate",
    "IssuedCards",
    "Journal",
    "KeysUnavailable",
    "Mail",
    "Missing",
    "Notices",
    "Numbers",
    "Outbox",
    "Post",
    "Progress",
    "Random",
    "Residents",
    "SettableClock",
    "Signer",
    "Site",
    "StatusLists",
    "Stop",
    "Store",
    "Vault",
    "Work",
    "written",
]
