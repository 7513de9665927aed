"""Duties that fall due as the days pass, and which of them are done."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Row,
    Select,
    Text,
    cast,
    exists,
    literal,
    select,
    text,
)

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import (
    CARDS,
    CERTIFICATES,
    COUNTERS,
    DUTIES,
    RESIDENTS,
)
from mynabox.adapters.store.tables_register import MOVES
from mynabox.law.days import JST
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.ports import Ending, EndingKind

_REACHED = "duties reached, microseconds"
_EPOCH = datetime(2000, 1, 1, tzinfo=JST)
_MICROSECOND = timedelta(microseconds=1)

IN_USE = "cards.state IN ('active', 'suspended')"
"""The very words of the partial index."""


class SqlDueWork:
    """The table of done duties beside the tables of what ends."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def reached(self) -> datetime | None:
        """Up to which moment every duty is done."""
        mine = COUNTERS.c.name == _REACHED
        found = self._session.first(select(COUNTERS.c.next_value).where(mine))
        return None if found is None else _EPOCH + found.next_value * _MICROSECOND

    def set_reached(self, moment: datetime) -> None:
        """Every duty up to ``moment`` is done."""
        value = (moment - _EPOCH) // _MICROSECOND
        mine = COUNTERS.c.name == _REACHED
        if not self._session.change(COUNTERS, mine, {"next_value": value}):
            self._session.add(COUNTERS, {"name": _REACHED, "next_value": value})

    def done(self, job: str, ending: Ending, *, at: datetime) -> None:
        """Note that a duty is done; raises ``Duplicate`` ("duty") if it was."""
        self._session.add(
            DUTIES,
            {
                "job": job,
                "subject": ending.subject,
                "last_day": ending.last_day,
                "done": at,
            },
        )

    def next_day(self, job: str, kind: EndingKind, *, first: date) -> date | None:
        """The earliest last day of a thing for which the duty is not done."""
        found = self._session.first(_undone(job, kind, first=first).limit(1))
        return None if found is None else _ending(kind, found).last_day

    def endings(
        self, job: str, kind: EndingKind, *, first: date, last: date, limit: int = 500
    ) -> Iterator[Ending]:
        """Things for which the duty is not done, earliest last day first."""
        query = _undone(job, kind, first=first, last=last).limit(limit)
        return (_ending(kind, row) for row in self._session.all(query))


def _undone(
    job: str, kind: EndingKind, *, first: date, last: date | None = None
) -> Select[Any]:
    match kind:
        case EndingKind.CARD:
            return _cards(job, first=first, last=last)
        case EndingKind.MOVE:
            return _moves(job, first=first, last=last)
        case EndingKind.STAY:
            return _stays(job, first=first, last=last)
        case EndingKind.SIGNATURE | EndingKind.AUTHENTICATION:
            return _certificates(job, kind, first=first, last=last)


def _cards(job: str, *, first: date, last: date | None) -> Select[Any]:
    day = CARDS.c.expires
    query = select(
        CARDS.c.serial.label("subject"),
        CARDS.c.resident,
        CARDS.c.serial.label("card"),
        day.label("last_day"),
    ).where(text(IN_USE), day >= first, ~_done(job, CARDS.c.serial, day))
    if last is not None:
        query = query.where(day <= last)
    return query.order_by(day, CARDS.c.serial)


def _moves(job: str, *, first: date, last: date | None) -> Select[Any]:
    day = MOVES.c.due
    query = select(
        MOVES.c.id.label("subject"),
        MOVES.c.resident,
        MOVES.c.id.label("card"),
        day.label("last_day"),
    ).where(text("due IS NOT NULL"), day >= first, ~_done(job, MOVES.c.id, day))
    if last is not None:
        query = query.where(day <= last)
    return query.order_by(day, MOVES.c.id)


def _stays(job: str, *, first: date, last: date | None) -> Select[Any]:
    day = RESIDENTS.c.stay_until
    query = (
        select(
            RESIDENTS.c.id.label("subject"),
            RESIDENTS.c.id.label("resident"),
            CARDS.c.serial.label("card"),
            day.label("last_day"),
        )
        .join(CARDS, CARDS.c.resident == RESIDENTS.c.id)
        .where(
            text(IN_USE),
            text("residents.stay_until IS NOT NULL"),
            day >= first,
            ~_done(job, RESIDENTS.c.id, day),
        )
    )
    if last is not None:
        query = query.where(day <= last)
    return query.order_by(day, RESIDENTS.c.id)


def _certificates(
    job: str, kind: EndingKind, *, first: date, last: date | None
) -> Select[Any]:
    """A certificate never gets another last day, so its name alone tells the duty."""
    day = CERTIFICATES.c.not_after
    name = literal("cert-").concat(cast(CERTIFICATES.c.serial, Text))
    query = (
        select(
            CERTIFICATES.c.serial.label("subject"),
            CERTIFICATES.c.resident,
            CERTIFICATES.c.card,
            day.label("last_day"),
        )
        .join(CARDS, CARDS.c.serial == CERTIFICATES.c.card)
        .where(
            text(IN_USE),
            text("certificates.state = 'active'"),
            CERTIFICATES.c.kind == CertificateKind(kind.value).value,
            day >= datetime.combine(first, time(), JST),
            ~_done(job, name),
        )
    )
    if last is not None:
        query = query.where(day <= datetime.combine(last, time.max, JST))
    return query.order_by(day, CERTIFICATES.c.serial)


def _done(
    job: str, subject: ColumnElement[str], day: ColumnElement[date] | None = None
) -> Exists:
    found = exists().where(DUTIES.c.job == job, DUTIES.c.subject == subject)
    return found if day is None else found.where(DUTIES.c.last_day == day)


def _ending(kind: EndingKind, row: Row[Any]) -> Ending:
    certificate = kind in (EndingKind.SIGNATURE, EndingKind.AUTHENTICATION)
    return Ending(
        kind=kind,
        subject=f"cert-{row.subject}" if certificate else row.subject,
        resident=row.resident,
        card=row.card,
        last_day=row.last_day.date() if certificate else row.last_day,
    )
