"""Entries of revocation lists, packed in step with the certificates' rows.

A trigger notes every certificate whose stop is recorded or changed, whoever does it.
Before entries are given out, the rows of those noted are read, and what they say now
takes the place of what was packed of them. ``misfits`` compares all that is packed
with the rows, ``unpack`` has all of it made anew.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, Select, Text, and_, select, text, tuple_, type_coerce

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import CERTIFICATES, STOPPED
from mynabox.adapters.store.tables_lists import CHANGED_STOPS, PACKED_STOPS
from mynabox.lifecycle.certificate import CertificateState, StopReason
from mynabox.pki.crl_entry import Revocation, entry, split
from mynabox.ports import Packed

TOGETHER = 256
"""Entries that are packed into one row at most."""

SPLIT = 192
"""What is split goes into as few rows of at most so many as hold it, evenly: there is
room for what comes, and the entries nearly fill a page of the file."""

PAGE = 20_000
"""Certificates whose rows are read at a time."""

REASONS: dict[str | None, StopReason] = {
    None: StopReason.UNSPECIFIED,
    **{reason.value: reason for reason in StopReason},
}
_STOPPED_STATES = (CertificateState.ON_HOLD.value, CertificateState.REVOKED.value)
_OF = CERTIFICATES.c
_AT, _RECORDED = type_coerce(_OF.stopped, Text), type_coerce(_OF.recorded, Text)
"""Moments lie in their columns as the ports write them."""


def stopped_rows(issuer: str, municipality: str | None = None) -> Select[Any]:
    """serial, at, reason, recorded and municipality of stopped certificates, by
    municipality and serial."""
    # The very words of the partial index: with bound values it is not used.
    query = select(
        _OF.serial,
        _AT.label("at"),
        _OF.reason,
        _RECORDED.label("recorded"),
        _OF.municipality,
    ).where(text(STOPPED), _OF.issuer == issuer)
    if municipality is not None:
        query = query.where(_OF.municipality == municipality)
    return query.order_by(_OF.municipality, _OF.serial)


def packed(
    session: Session, issuer: str, municipality: str | None, *, until: str, now: str
) -> Iterator[Packed]:
    """The entries of what has stopped ``until`` a moment, municipality by municipality.

    ``Packed.latest`` is later than ``until`` if some were packed at a later time, or
    if something stopped later that holds nevertheless, because it was recorded after
    ``now``: the clock was turned back.
    """
    pending = _pack(session, issuer, municipality, until=until)
    early: dict[str, str] = {}
    for row in pending:
        if row.at <= (row.recorded or row.at) > now:
            early[row.municipality] = max(early.get(row.municipality, ""), row.at)
    of = PACKED_STOPS.c
    query = select(of.municipality, of.latest, of.entries).where(of.issuer == issuer)
    if municipality is not None:
        query = query.where(of.municipality == municipality)
    rows = session.all(query.order_by(of.municipality, of.low))
    found: dict[str, Packed] = {}
    for place, same in groupby(rows, key=itemgetter(0)):
        _, moments, entries = zip(*same, strict=True)
        found[place] = Packed(place, entries, max(moments))
    for place, at in early.items():
        known = found.get(place, Packed(place, (), ""))
        found[place] = known._replace(latest=max(at, known.latest))
    return (found[place] for place in sorted(found))


def _pack(
    session: Session, issuer: str, municipality: str | None, *, until: str
) -> list[Row[Any]]:
    """Pack what has changed and has stopped ``until`` a moment; what stops later."""
    later: list[Row[Any]] = []
    lows: dict[str, list[int]] | None = None
    after = ("", -1)
    while rows := _changed(session, issuer, municipality, after=after):
        after = (rows[-1].municipality, rows[-1].serial)
        due = [row for row in rows if not row.stopped or row.at <= until]
        later += [row for row in rows if row.stopped and row.at > until]
        if due:
            lows = _lows(session, issuer) if lows is None else lows
            _merge(session, issuer, due, lows)
    return later


def _changed(
    session: Session, issuer: str, municipality: str | None, *, after: tuple[str, int]
) -> Sequence[Row[Any]]:
    """The next of what was noted, with what the certificate's row says now."""
    changed = CHANGED_STOPS.c
    query = (
        select(
            changed.municipality,
            changed.serial,
            _AT.label("at"),
            _RECORDED.label("recorded"),
            _OF.reason,
            _OF.state.in_(_STOPPED_STATES).label("stopped"),
        )
        .select_from(CHANGED_STOPS)
        .outerjoin(
            CERTIFICATES,
            and_(
                _OF.serial == changed.serial,
                _OF.issuer == changed.issuer,
                _OF.municipality == changed.municipality,
            ),
        )
        .where(
            changed.issuer == issuer,
            tuple_(changed.municipality, changed.serial) > tuple_(*after),
        )
    )
    if municipality is not None:
        query = query.where(changed.municipality == municipality)
    query = query.order_by(changed.municipality, changed.serial)
    return session.all(query.limit(PAGE))


def _lows(session: Session, issuer: str) -> dict[str, list[int]]:
    """Where the rows of each municipality begin."""
    of = PACKED_STOPS.c
    query = select(of.municipality, of.low).where(of.issuer == issuer)
    found: dict[str, list[int]] = {}
    for row in session.all(query.order_by(of.municipality, of.low)):
        found.setdefault(row.municipality, []).append(row.low)
    return found


def _merge(
    session: Session, issuer: str, due: list[Row[Any]], lows: dict[str, list[int]]
) -> None:
    """Bring the packed rows up to date with what is ``due``."""
    of = PACKED_STOPS.c
    of_row: dict[tuple[str, int], list[Row[Any]]] = {}
    for row in due:
        mine = lows.setdefault(row.municipality, [0])
        low = mine[max(0, bisect_right(mine, row.serial) - 1)]
        of_row.setdefault((row.municipality, low), []).append(row)
    query = select(of.municipality, of.low, of.latest, of.entries).where(
        of.issuer == issuer, of.municipality.in_({place for place, _ in of_row})
    )
    there = {
        (row.municipality, row.low): row
        for row in session.stream(query)
        if (row.municipality, row.low) in of_row
    }
    made = []
    for (place, low), changes in of_row.items():
        known = there.get((place, low))
        rows = list(
            _rows_of(
                dict(split(known.entries)) if known is not None else {},
                changes,
                low=low,
                latest=known.latest if known is not None else "",
            )
        )
        nth = lows[place].index(low)
        lows[place][nth : nth + 1] = [int(str(row["low"])) for row in rows]
        made += [{"issuer": issuer, "municipality": place, **row} for row in rows]
    session.remove_each(
        PACKED_STOPS,
        [{"issuer": issuer, "municipality": place, "low": low} for place, low in there],
    )
    session.add_all(PACKED_STOPS, made)
    session.remove_each(
        CHANGED_STOPS,
        [
            {"issuer": issuer, "municipality": row.municipality, "serial": row.serial}
            for row in due
        ],
    )


def _rows_of(
    entries: dict[int, bytes], changes: list[Row[Any]], *, low: int, latest: str
) -> Iterator[dict[str, object]]:
    """A range with its changes, as one row or as several if one does not hold it; the
    first begins where the range did."""
    for row in changes:
        if row.stopped:
            latest = max(latest, row.at)
            entries[row.serial] = entry(
                Revocation(row.serial, row.at, REASONS[row.reason])
            )
        else:
            entries.pop(row.serial, None)
    serials = sorted(entries)
    count = 1 if len(serials) <= TOGETHER else -(-len(serials) // SPLIT)
    step = -(-len(serials) // count) or 1
    for start in range(0, len(serials), step) or (0,):
        part = serials[start : start + step]
        yield {
            "low": part[0] if start else low,
            "latest": latest,
            "entries": b"".join([entries[serial] for serial in part]),
        }


def unpack(session: Session, issuer: str) -> None:
    """Forget everything packed of an issuer: it is made anew from the rows."""
    session.remove(PACKED_STOPS, PACKED_STOPS.c.issuer == issuer)
    session.remove(CHANGED_STOPS, CHANGED_STOPS.c.issuer == issuer)
    every = select(_OF.issuer, _OF.municipality, _OF.serial)
    session.add_from(CHANGED_STOPS, every.where(text(STOPPED), _OF.issuer == issuer))


def misfits(session: Session, issuer: str) -> Iterator[int]:
    """Serials of which something else is packed than their rows say. What is noted as
    changed is not looked at, because it is packed anew before it is used."""
    changed = CHANGED_STOPS.c
    noted = {
        row.serial
        for row in session.all(select(changed.serial).where(changed.issuer == issuer))
    }
    of = PACKED_STOPS.c
    query = select(of.municipality, of.latest, of.entries)
    there: dict[tuple[str, int], tuple[bytes, str]] = {}
    for row in session.stream(query.where(of.issuer == issuer)):
        for serial, octets in split(row.entries):
            if (row.municipality, serial) in there:
                yield serial
            there[row.municipality, serial] = (octets, row.latest)
    for row in session.stream(stopped_rows(issuer)):
        meant = entry(Revocation(row.serial, row.at, REASONS[row.reason]))
        said, latest = there.pop((row.municipality, row.serial), (b"", ""))
        if (said != meant or row.at > latest) and row.serial not in noted:
            yield row.serial
    yield from (serial for _, serial in there if serial not in noted)
