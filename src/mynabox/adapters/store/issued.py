"""What was issued: cards, and the certificates written to them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from mynabox.adapters.store.columns import MomentTexts
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import CARDS, CERTIFICATES, COUNTERS
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
    StopReason,
)
from mynabox.ports import Missing

_ISSUANCE_NUMBER = "issuance number"
_ITS_COUNTER = COUNTERS.c.name == _ISSUANCE_NUMBER
_COMING = select(COUNTERS.c.next_value).where(_ITS_COUNTER)

_COLUMNS = (
    *("serial", "kind", "issuer", "card", "nth", "resident", "municipality"),
    *("not_before", "not_after", "der", "state", "stopped", "reason", "recorded"),
)


def _card_row(card: Card) -> dict[str, object]:
    return {
        "serial": card.serial,
        "resident": card.resident,
        "municipality": card.municipality,
        "application": card.application,
        "security_code": card.security_code,
        "issued": card.issued,
        "expires": card.expires,
        "since": card.since,
        "state": card.state.value,
        "printed": card.printed,
        "written": card.written,
        "without_pins": card.without_pins,
    }


def _card(row: Row[Any]) -> Card:
    return Card(
        serial=row.serial,
        resident=row.resident,
        municipality=row.municipality,
        application=row.application,
        security_code=row.security_code,
        issued=row.issued,
        expires=row.expires,
        since=row.since,
        state=CardState(row.state),
        printed=row.printed,
        written=row.written,
        without_pins=row.without_pins,
    )


def _certificate_row(certificate: Certificate) -> dict[str, object]:
    return {
        "serial": certificate.serial,
        "kind": certificate.kind.value,
        "issuer": certificate.issuer,
        "card": certificate.card,
        "resident": certificate.resident,
        "municipality": certificate.municipality,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "der": certificate.der,
        **_certificate_status(certificate),
    }


def _certificate_status(certificate: Certificate) -> dict[str, object]:
    return {
        "state": certificate.state.value,
        "stopped": certificate.stopped,
        "reason": None if certificate.reason is None else certificate.reason.value,
        "recorded": certificate.recorded,
    }


def certificate_from(row: Row[Any]) -> Certificate:
    """The certificate in a row of its table."""
    return Certificate(
        serial=row.serial,
        kind=CertificateKind(row.kind),
        issuer=row.issuer,
        card=row.card,
        resident=row.resident,
        municipality=row.municipality,
        not_before=row.not_before,
        not_after=row.not_after,
        der=row.der,
        state=CertificateState(row.state),
        stopped=row.stopped,
        reason=None if row.reason is None else StopReason(row.reason),
        recorded=row.recorded,
    )


class SqlCards:
    """Cards, as the register knows them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, card: Card) -> None:
        """Add one; raises ``Duplicate`` ("card", "card in use", "produced card"),
        ``Missing``."""
        self._session.add(CARDS, _card_row(card), nth_of=("resident",))

    def save(self, card: Card) -> None:
        """Overwrite one; raises as :meth:`add` does."""
        if not self._session.change(
            CARDS, CARDS.c.serial == card.serial, _card_row(card)
        ):
            raise Missing("card", card.serial)

    def get(self, serial: str) -> Card:
        """The card; raises ``Missing``."""
        row = self._session.first(select(CARDS).where(CARDS.c.serial == serial))
        if row is None:
            raise Missing("card", serial)
        return _card(row)

    def of(self, resident: str) -> Sequence[Card]:
        """The person's cards in the order in which they were added."""
        query = select(CARDS).where(CARDS.c.resident == resident)
        return [_card(row) for row in self._session.all(query.order_by(CARDS.c.nth))]

    def list(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Card]:
        """A page of cards by serial, behind ``after``."""
        query = select(CARDS).where(CARDS.c.serial > after)
        if municipality is not None:
            query = query.where(CARDS.c.municipality == municipality)
        query = query.order_by(CARDS.c.serial).limit(limit)
        return [_card(row) for row in self._session.all(query)]


class SqlCertificates:
    """Certificates."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_serial(self) -> int:
        """The next issuance number: 1, 2, 3 ... over both hierarchies, or on from
        where a restore has set it."""
        return self.take_serials(1)

    def take_serials(self, count: int) -> int:
        """As :meth:`next_serial`, ``count`` of them: the first; the others follow it."""
        first = self.coming_serial()
        beyond = {"next_value": first + count}
        if not self._session.change(COUNTERS, _ITS_COUNTER, beyond):
            self.skip_to(first + count)
        return first

    def coming_serial(self) -> int:
        """The number that :meth:`next_serial` would give; none is used up."""
        row = self._session.first(_COMING)
        return 1 if row is None else int(row.next_value)

    def skip_to(self, serial: int) -> None:
        """Give no issuance number below this one any more."""
        self._session.raise_counter(_ISSUANCE_NUMBER, serial)

    def add(self, certificate: Certificate) -> None:
        """Add one; raises ``Duplicate`` ("certificate", "certificate of the card"),
        ``Missing``."""
        self._session.add(CERTIFICATES, _certificate_row(certificate), nth_of=("card",))

    def add_all(self, certificates: Sequence[Certificate]) -> None:
        """As :meth:`add`, many at once."""
        cards = list(dict.fromkeys(one.card for one in certificates))
        nth = Counter(self._session.last_nths(CERTIFICATES, "card", cards))
        texts = MomentTexts()
        rows = []
        for one in certificates:
            nth[one.card] += 1
            rows.append(
                (
                    one.serial,
                    str(one.kind),
                    one.issuer,
                    one.card,
                    nth[one.card],
                    one.resident,
                    one.municipality,
                    texts[one.not_before],
                    texts[one.not_after],
                    one.der,
                    str(one.state),
                    one.stopped and texts[one.stopped],
                    one.reason and str(one.reason),
                    one.recorded and texts[one.recorded],
                )
            )
        self._session.add_plain(CERTIFICATES, _COLUMNS, rows)

    def save(self, certificate: Certificate) -> None:
        """Overwrite state, moments and reason; raises as :meth:`add` does."""
        if not self._session.change(
            CERTIFICATES,
            CERTIFICATES.c.serial == certificate.serial,
            _certificate_status(certificate),
        ):
            raise Missing("certificate", str(certificate.serial))

    def find(self, serial: int) -> Certificate | None:
        """The certificate with this issuance number."""
        if not 0 <= serial < 2**63:  # more than a column holds: nobody has it
            return None
        row = self._session.first(
            select(CERTIFICATES).where(CERTIFICATES.c.serial == serial)
        )
        return None if row is None else certificate_from(row)

    def list(self, *, after: int = 0, limit: int = 1000) -> Sequence[Certificate]:
        """A page of certificates by serial, behind ``after``."""
        query = select(CERTIFICATES).where(CERTIFICATES.c.serial > after)
        return [
            certificate_from(row)
            for row in self._session.all(
                query.order_by(CERTIFICATES.c.serial).limit(limit)
            )
        ]

    def of_card(self, card: str) -> Sequence[Certificate]:
        """The card's certificates in the order in which they were added."""
        query = select(CERTIFICATES).where(CERTIFICATES.c.card == card)
        return [
            certificate_from(row)
            for row in self._session.all(query.order_by(CERTIFICATES.c.nth))
        ]
