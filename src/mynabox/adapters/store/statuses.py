"""What the CAs say: stopped certificates, generations, responders and lists."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text

from mynabox.adapters.store import packing
from mynabox.adapters.store.issued import certificate_from
from mynabox.adapters.store.packing import REASONS, stopped_rows
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import (
    AUTHORITIES,
    CERTIFICATES,
    COUNTERS,
    RESPONDERS,
    REVOCATION_LISTS,
    STOPPED,
)
from mynabox.lifecycle.authority import Authority, Responder, RevocationList
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.ports import Packed, Stop

LIST_FLOOR = "list floor"
"""The counter below which no list is numbered any more."""


def _authority(row: Row[Any]) -> Authority:
    return Authority(
        name=row.name,
        kind=CertificateKind(row.kind),
        generation=row.generation,
        der=row.der,
        not_before=row.not_before,
        not_after=row.not_after,
    )


def _responder(row: Row[Any]) -> Responder:
    return Responder(
        issuer=row.issuer,
        key=row.key,
        der=row.der,
        not_before=row.not_before,
        not_after=row.not_after,
    )


def _list(row: Row[Any]) -> RevocationList:
    return RevocationList(
        issuer=row.issuer,
        municipality=row.municipality or None,
        number=row.number,
        this_update=row.this_update,
        next_update=row.next_update,
        der=row.der,
        base=row.base,
    )


_AUTHORITIES = select(AUTHORITIES).order_by(AUTHORITIES.c.nth)


class SqlStatusLists:
    """The CAs' own rows."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def stopped(
        self, issuer: str, *, municipality: str | None = None
    ) -> Iterator[Certificate]:
        """Held and revoked certificates by serial, read as they are asked for."""
        # The very words of the partial index: with bound values it is not used.
        query = select(CERTIFICATES).where(
            text(STOPPED), CERTIFICATES.c.issuer == issuer
        )
        if municipality is not None:
            query = query.where(CERTIFICATES.c.municipality == municipality)
        query = query.order_by(CERTIFICATES.c.serial)
        return (certificate_from(row) for row in self._session.stream(query))

    def stops(self, issuer: str, *, municipality: str | None = None) -> Iterator[Stop]:
        """As :meth:`stopped`, by municipality and serial, of each only what a list
        says."""
        for row in self._session.stream(stopped_rows(issuer, municipality)):
            yield Stop(row.serial, row.at, REASONS[row.reason], row.recorded or row.at)

    def packed(
        self, issuer: str, *, municipality: str | None = None, until: str, now: str
    ) -> Iterator[Packed]:
        """Ready entries by municipality and serial."""
        return packing.packed(self._session, issuer, municipality, until=until, now=now)

    def misfits(self, issuer: str) -> Iterator[int]:
        """Serials of which the ready entries say something else than the register."""
        return packing.misfits(self._session, issuer)

    def unpack(self, issuer: str) -> None:
        """Have the ready entries made anew."""
        packing.unpack(self._session, issuer)

    def authorities(self) -> Sequence[Authority]:
        """Every CA generation in the order in which they were added."""
        return [_authority(row) for row in self._session.all(_AUTHORITIES)]

    def add_authority(self, authority: Authority) -> None:
        """Add a generation; raises ``Duplicate`` ("authority", "generation")."""
        self._session.add(
            AUTHORITIES,
            {
                "name": authority.name,
                "kind": authority.kind.value,
                "generation": authority.generation,
                "der": authority.der,
                "not_before": authority.not_before,
                "not_after": authority.not_after,
            },
            nth_of=(),
        )

    def responders(self, issuer: str) -> Sequence[Responder]:
        """The CA's responders in the order in which they were added."""
        query = select(RESPONDERS).where(RESPONDERS.c.issuer == issuer)
        return [
            _responder(row)
            for row in self._session.all(query.order_by(RESPONDERS.c.nth))
        ]

    def responder_at(self, issuer: str, moment: datetime) -> Responder | None:
        """The CA's responder added last among those valid at a moment."""
        of = RESPONDERS.c
        row = self._session.first(
            select(RESPONDERS)
            .where(of.issuer == issuer, of.not_before <= moment, of.not_after >= moment)
            .order_by(of.nth.desc())
            .limit(1)
        )
        return None if row is None else _responder(row)

    def add_responder(self, responder: Responder) -> None:
        """Add a responder; raises ``Missing`` for an unknown CA."""
        self._session.add(
            RESPONDERS,
            {
                "issuer": responder.issuer,
                "key": responder.key,
                "der": responder.der,
                "not_before": responder.not_before,
                "not_after": responder.not_after,
            },
            nth_of=("issuer",),
        )

    def next_number(self, issuer: str, *, municipality: str | None = None) -> int:
        """One more than the highest number given; never below the floor that a
        restore has set."""
        highest = self._session.first(
            select(REVOCATION_LISTS.c.number)
            .where(
                REVOCATION_LISTS.c.issuer == issuer,
                REVOCATION_LISTS.c.municipality == (municipality or ""),
            )
            .order_by(REVOCATION_LISTS.c.number.desc())
            .limit(1)
        )
        floor = self._session.first(
            select(COUNTERS.c.next_value).where(COUNTERS.c.name == LIST_FLOOR)
        )
        return max(
            1 if highest is None else int(highest.number) + 1,
            1 if floor is None else int(floor.next_value),
        )

    def skip_to(self, number: int) -> None:
        """Number no list below this any more."""
        self._session.raise_counter(LIST_FLOOR, number)

    def latest_list(
        self, issuer: str, *, municipality: str | None = None, delta: bool = False
    ) -> RevocationList | None:
        """The list, or delta list, with the highest number."""
        base = REVOCATION_LISTS.c.base
        row = self._session.first(
            select(REVOCATION_LISTS)
            .where(
                REVOCATION_LISTS.c.issuer == issuer,
                REVOCATION_LISTS.c.municipality == (municipality or ""),
                base.is_not(None) if delta else base.is_(None),
            )
            .order_by(REVOCATION_LISTS.c.number.desc())
            .limit(1)
        )
        return None if row is None else _list(row)

    def add_list(self, revocations: RevocationList) -> None:
        """Add a list; raises ``Duplicate``, ``Missing`` for an unknown CA."""
        self._session.add(
            REVOCATION_LISTS,
            {
                "issuer": revocations.issuer,
                "municipality": revocations.municipality or "",
                "number": revocations.number,
                "this_update": revocations.this_update,
                "next_update": revocations.next_update,
                "der": revocations.der,
                "base": revocations.base,
            },
        )
