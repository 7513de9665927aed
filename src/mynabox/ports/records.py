"""What the store keeps, one protocol for each kind of thing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from mynabox.law.days import in_japan
from mynabox.lifecycle.application import Application
from mynabox.lifecycle.authority import Authority, Responder, RevocationList
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import Certificate, StopReason
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.journal import Entry, Head, Row
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import FormerRecord, Resident
from mynabox.lifecycle.secret import IndividualNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom somebody looks for: all that is given must be so.

    ``name``          words of a name, kana, Roman name or alias, or their beginnings,
                      in any order and script
    ``former_names``  whether names of before count too
    ``address``       how the address begins
    """

    name: str | None = None
    former_names: bool = True
    address: str | None = None
    born: date | None = None


class Residents(Protocol):
    """The register."""

    def add(self, resident: Resident) -> None:
        """Add a person; raises ``Duplicate`` on a known id or record code, or on a
        second head of a household."""
        ...

    def add_all(self, residents: Sequence[Resident]) -> None:
        """Add many people, all or none; raises ``Duplicate`` as :meth:`add` does."""
        ...

    def save(self, resident: Resident) -> None:
        """Overwrite the record of the person with this id. How it read before is
        kept by the store, whatever the program does."""
        ...

    def history(self, resident: str) -> Sequence[FormerRecord]:
        """How the person's record read before each change, oldest first."""
        ...

    def household(self, municipality: str, household: str) -> Sequence[Resident]:
        """Who is registered in a household now, by id."""
        ...

    def find(
        self,
        wanted: Wanted,
        *,
        municipality: str | None = None,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[Resident]:
        """People who are all that is wanted, by id, behind ``after``."""
        ...

    def keys(self, resident: str) -> frozenset[tuple[str, str]]:
        """Those kinds and keys of what finds a person that are there."""
        ...

    def by_record_codes(self, codes: Collection[str]) -> Mapping[str, Resident]:
        """The people with these resident record codes, by code."""
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

    def skip_to(self, index: int) -> int:
        """From now on draw from the part of restored boxes, not before this place in
        it, and never where this box has been; the place."""
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

    def at_post_office(self, *, limit: int = 100) -> Iterable[Notice]:
        """Notices that wait to be fetched, those that wait longest first."""
        ...


class Forms(Protocol):
    """Application forms, wherever they were printed."""

    def add(self, form: Form) -> None:
        """Add one that was printed by itself; raises ``Duplicate`` on a known
        application ID."""
        ...

    def find(self, application_id: str) -> Form | None:
        """The form that bears this application ID, be it printed with a notice."""
        ...

    def get(self, form: str) -> Form:
        """One that was printed by itself; raises ``Missing``."""
        ...

    def of(self, resident: str) -> Iterable[Form]:
        """The person's forms that were printed by themselves, oldest first."""
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

    def received(self, municipality: str) -> Iterable[str]:
        """Ids of the municipality's applications that wait for production, in the order
        in which they were received."""
        ...

    def of(self, resident: str) -> Iterable[Application]:
        """The person's applications, oldest first."""
        ...

    def to_review(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Iterable[Application]:
        """Applications that came in and that no clerk has looked at, oldest first,
        beginning behind the one with the id ``after``; raises ``Missing`` if there is
        none with it."""
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

    def list(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Iterable[Card]:
        """Cards in the order of their serials, beginning behind ``after``."""
        ...


class Certificates(Protocol):
    """Certificates, found by issuance number."""

    def next_serial(self) -> int:
        """A fresh issuance number, never given before."""
        ...

    def take_serials(self, count: int) -> int:
        """The first of ``count`` fresh issuance numbers that follow one another."""
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

    def add_all(self, certificates: Sequence[Certificate]) -> None:
        """Add many; raises as ``add`` does, and none is added then."""
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


class Packed(NamedTuple):
    """The entries of one municipality in a list, ready in DER, by serial.

    ``entries`` several entries behind one another, as often as there are more
    ``latest``  nothing of what they say stopped later than this, as :func:`written`
                gives it
    """

    municipality: str
    entries: tuple[bytes, ...]
    latest: str


def written(moment: datetime) -> str:
    """A moment in Japan's time, ``2026-11-20T10:00:00.000000+09:00``: always as long,
    so that texts compare as the moments do."""
    return in_japan(moment).isoformat(timespec="microseconds")


class StatusLists(Protocol):
    """What the CAs say about certificates, and with which keys."""

    def stops(self, issuer: str, *, municipality: str | None = None) -> Iterable[Stop]:
        """Held and revoked certificates of an issuer, by municipality and serial,
        without content."""
        ...

    def packed(
        self, issuer: str, *, municipality: str | None = None, until: str, now: str
    ) -> Iterable[Packed]:
        """What :meth:`stops` says, as entries that are ready: of all that has stopped
        ``until`` a moment. A ``latest`` beyond ``until`` means that the municipality
        has to be told by :meth:`stops`, because the clock was turned back: a stop is
        packed already that is to come again, or holds at ``now`` though its moment
        has not come again. Packs what has changed since, so it is a writing call."""
        ...

    def misfits(self, issuer: str) -> Iterable[int]:
        """Serials of which the ready entries say something else than :meth:`stops`."""
        ...

    def unpack(self, issuer: str) -> None:
        """Throw the ready entries away: they are made anew when next needed."""
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

    def write_all(self, entries: Sequence[Entry]) -> Sequence[Row]:
        """Append many rows, each to the chain of its municipality, in their order."""
        ...

    def about(self, subject: str, *, limit: int = 1000) -> Iterable[Row]:
        """The last ``limit`` rows that touched a resident, card …, of whichever chains,
        in the order in which they were written, whatever the clock said."""
        ...

    def last(self, subject: str) -> Iterable[tuple[str, int]]:
        """The number of the last row about a subject, in each chain that has one."""
        ...

    def page(
        self,
        subject: str,
        *,
        municipality: str | None = None,
        after: tuple[str, int] | None = None,
        limit: int = 100,
    ) -> Iterable[Row]:
        """Rows that touched a subject, oldest first, beginning behind the row
        ``after`` (its chain and number); raises ``Missing`` if there is no such row.

        ``municipality``  only rows of this chain
        """
        ...

    def length(self, municipality: str) -> int:
        """The number of the last row of a chain; 0 if there is none."""
        ...

    def rows(self, municipality: str, *, after: int, limit: int) -> Iterable[Row]:
        """Rows of a chain behind number ``after``, oldest first."""
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

    def add_all(self, several: Sequence[Outgoing]) -> None:
        """Put many things on their way."""
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
