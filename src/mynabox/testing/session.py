"""A box that lives as long as a test session, with its reader and its services."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from mynabox.law.days import JST
from mynabox.lifecycle.authority import Authority
from mynabox.pki.text import pem
from mynabox.reader.daemon import ReaderDaemon
from mynabox.sandbox.scenarios import Staged, stage, staged_json
from mynabox.settings import Settings
from mynabox.terminal.connection import Connection
from mynabox.usecases.open_box import open_box
from mynabox.usecases.show import list_authorities
from mynabox.usecases.status import answer_ocsp, publish_list
from mynabox.usecases.turn_clock import follow_clock, turn_clock
from mynabox.wiring import (
    Faults,
    Home,
    open_home,
    reader_daemon,
    reader_names,
    web_server,
)

Kind = Literal["authentication", "signature"]

_LEAVING_SECONDS = 0.06
"""Longer than the reader takes from one look at its tray to the next."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The four basic data of a card's holder; ``sex`` is male, female or unknown."""

    name: str = field(repr=False)
    address: str = field(repr=False)
    born: date = field(repr=False)
    sex: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCertificate:
    """A certificate on a card.

    ``issuance_number`` is its serial number; ``status`` what is known of it, in the
    words of docs/scenarios.md; ``authority_pem`` who issued it, as the card says.
    """

    issuance_number: int
    status: str
    not_before: datetime
    not_after: datetime
    pem: str = field(repr=False)
    authority_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyNumberCard:
    """A specimen card that lies in a reader, and all that is known of it.

    ``reader``          the reader's name in PC/SC
    ``pins``            by ``authentication``, ``signature``, ``juki``,
                        ``input_support``; None where the card has no such PIN
    ``tries``           wrong values that each of them takes before it is locked
    ``verification_a``, ``verification_b``, ``birth``
                        what is printed on the card and opens it; None on a telephone
    ``certificates``    by ``authentication`` and ``signature``, where there are such

    Values that would be secrets of a genuine card are not shown by ``repr``.
    """

    scenario: str
    serial: str
    reader: str
    atr: bytes
    state: str
    expires: date
    pins: Mapping[str, str | None] = field(repr=False)
    tries: Mapping[str, int]
    verification_a: str | None = field(repr=False)
    verification_b: str | None = field(repr=False)
    birth: str | None = field(repr=False)
    number: str = field(repr=False)
    attributes: Attributes = field(repr=False)
    certificates: Mapping[str, CardCertificate]
    _home: Home = field(repr=False, compare=False)
    _told: Mapping[str, Any] = field(repr=False, compare=False)

    def connect(self) -> Connection:
        """The powered card without PC/SC; the caller closes it. Faults hold here too."""
        return self._home.in_readers().connect(self.serial)

    def as_json(self) -> dict[str, Any]:
        """What ``mynabox card scenario --json`` prints."""
        return dict(self._told)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReader:
    """A running card reader.

    ``environment`` is what a PC/SC program needs in its environment.
    """

    name: str
    socket: Path
    environment: Mapping[str, str]


class BoxClock:
    """The clock of a box; every process and service of the box has the same."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def now(self) -> datetime:
        """This moment in the box, in Japan standard time."""
        return self._home.clock.now()

    def set(self, moment: datetime) -> None:
        """Make it ``moment``; without a zone it is meant in Japan standard time."""
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=JST)
        turn_clock(zoned, self._home.box, self._home.clock)

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Let time pass, or with negative values turn it back."""
        passed = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self.set(self.now() + passed)

    def follow(self) -> None:
        """Follow the machine's clock again."""
        if self._home.clock.ahead:
            follow_clock(self._home.box, self._home.clock)


class Authorities:
    """The certificate authorities of a box, and what they say of certificates."""

    def __init__(self, home: Home, stack: ExitStack) -> None:
        self._home = home
        self._stack = stack
        self._address: str | None = None

    def pem(self, kind: Kind | None = None) -> str:
        """Certificates of every published generation, of one kind or of both."""
        return "".join(pem("CERTIFICATE", one.der) for one in self._known(kind))

    def der(self, kind: Kind | None = None) -> tuple[bytes, ...]:
        """The same, each in DER."""
        return tuple(one.der for one in self._known(kind))

    def crls(self, kind: Kind | None = None) -> tuple[bytes, ...]:
        """A revocation list of this moment from each generation that is valid now."""
        now = self._home.clock.now()
        return tuple(
            publish_list(one.name, self._home.box).der
            for one in self._known(kind)
            if one.not_before <= now <= one.not_after
        )

    def ocsp(self, request: bytes) -> bytes:
        """The answer to an OCSP request in DER, without a network."""
        return answer_ocsp(request, self._home.box).answer.encoded

    @property
    def address(self) -> str:
        """Where pages, API, OCSP and CRLs are served over HTTP, on the loopback
        interface, from the first time this is asked on."""
        if self._address is None:
            self._address = self._stack.enter_context(web_server(self._home))
        return self._address

    @property
    def ocsp_url(self) -> str:
        """Where OCSP requests are answered over HTTP."""
        return f"{self.address}/ocsp"

    def _known(self, kind: Kind | None) -> list[Authority]:
        return [
            one
            for one in list_authorities(self._home.box)
            if kind is None or one.kind.value == kind
        ]


class SessionBox:
    """The box of a test session."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._daemon: ReaderDaemon | None = None
        self._last: str | None = None

    @property
    def path(self) -> Path:
        """Its folder, for ``mynabox --home``."""
        return self._home.path

    def lay(
        self,
        scenario: str,
        *,
        latency_ms: int = 0,
        reads: int | None = None,
        failure: Literal["6F00", "silence"] = "6F00",
        commands: int | None = None,
    ) -> MyNumberCard:
        """Lay the card of a scenario in the reader, and let it fail as is said.

        Raises ``LookupError`` for a name that is none, and what
        :func:`mynabox.sandbox.scenarios.stage` raises.
        """
        faults = Faults(
            latency_ms=latency_ms, reads=reads, failure=failure, commands=commands
        )
        self.clear()
        staged = stage(
            scenario,
            self._home.box,
            before=lambda serial: self._ready(serial, faults),
        )
        self._look()
        return self._card(staged)

    def clear(self) -> None:
        """Empty the reader."""
        self._home.cards.eject()
        self._look()

    @contextmanager
    def reading(self) -> Iterator[CardReader]:
        """Run the reader within the block."""
        with reader_daemon(self._home, quiet=True) as daemon:
            self._daemon = daemon
            try:
                yield CardReader(
                    name=daemon.reader_names[0],
                    socket=daemon.socket_path,
                    environment=daemon.environment,
                )
            finally:
                self._daemon = None

    @contextmanager
    def authorities(self) -> Iterator[Authorities]:
        """The authorities, and their services as long as the block lasts."""
        with ExitStack() as stack:
            yield Authorities(self._home, stack)

    def clock(self) -> BoxClock:
        """The clock, to be turned."""
        return BoxClock(self._home)

    def _ready(self, serial: str, faults: Faults) -> None:
        """The card may fail from now on; one that lay in the reader just now has been
        seen to leave it."""
        self._home.in_readers().give(serial, faults)
        if serial == self._last:
            time.sleep(_LEAVING_SECONDS)
        self._last = serial

    def _look(self) -> None:
        """Have the reader look at its tray."""
        if self._daemon is not None:
            self._daemon.notice()

    def _card(self, staged: Staged) -> MyNumberCard:
        told = staged_json(staged, reader=reader_names(self._home)[staged.slot])
        return MyNumberCard(
            scenario=staged.scenario.name,
            serial=staged.serial,
            reader=told["reader"],
            atr=staged.atr,
            state=staged.state,
            expires=staged.expires,
            pins=staged.pins,
            tries=staged.scenario.tries,
            verification_a=staged.verification_a,
            verification_b=staged.verification_b,
            birth=staged.birth,
            number=staged.number.digits,
            attributes=Attributes(
                name=staged.attributes["name"],
                address=staged.attributes["address"],
                born=date.fromisoformat(staged.attributes["born"]),
                sex=staged.attributes["sex"],
            ),
            certificates={
                kind.value: CardCertificate(
                    issuance_number=one.issuance_number,
                    status=staged.scenario.status[kind],
                    not_before=one.not_before,
                    not_after=one.not_after,
                    pem=pem("CERTIFICATE", one.der),
                    authority_pem=pem("CERTIFICATE", one.authority),
                )
                for kind, one in staged.certificates.items()
            },
            _home=self._home,
            _told=told,
        )


@contextmanager
def session_box(home: Path) -> Iterator[SessionBox]:
    """A new box in a folder, with its authorities."""
    opened = open_home(Settings().model_copy(update={"home": home}), create=True)
    try:
        open_box(opened.box)
        yield SessionBox(opened)
    finally:
        opened.close()
