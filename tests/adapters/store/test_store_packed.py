"""Entries that lie ready for revocation lists: always what the rows say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from mynabox.adapters.store import SqlStore
from mynabox.adapters.store.packing import TOGETHER
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateEvent,
    CertificateState,
    StopReason,
)
from mynabox.pki.crl_entry import Revocation, entry
from mynabox.ports import Packed, Work, written
from tests.adapters.store.conftest import NOON, SAPPORO, YOKOHAMA

CA = "signature-01"
TSUKUBA = "082201"
TOWNS = (SAPPORO, TSUKUBA, YOKOHAMA)
Raw = Callable[..., list[Any]]


def told(work: Work, town: str | None, at: datetime) -> bytes:
    """What a list of this moment says, by the rows alone."""
    latest, now = written(at), written(at)
    return b"".join(
        entry(Revocation(stop.serial, min(stop.at, latest), stop.reason))
        for stop in work.statuses.stops(CA, municipality=town)
        if stop.at <= latest or stop.at <= stop.recorded > now
    )


def ready(work: Work, town: str | None, at: datetime) -> list[Packed]:
    latest = written(at)
    return list(work.statuses.packed(CA, municipality=town, until=latest, now=latest))


def agree(store: SqlStore, town: str | None, at: datetime) -> None:
    """Where entries are ready, they are those of the rows; where they are not, the
    clock was turned back."""
    with store.work() as work:
        found = ready(work, town, at)
        assert [one.municipality for one in found] == sorted(
            {one.municipality for one in found}
        )
        said = b"".join(
            b"".join(one.entries)
            if one.latest <= written(at)
            else told(work, one.municipality, at)
            for one in found
        )
        assert said == told(work, town, at)


def stopped(specimens: Any, card: Any, **other: object) -> Certificate:
    made: Certificate = specimens.certificate(
        card,
        CertificateState.REVOKED,
        **{"reason": StopReason.SUPERSEDED, "stopped": NOON, "recorded": NOON} | other,
    )
    return made


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(chance=st.randoms(use_true_random=True))
def test_a_long_life_of_stops(
    store: SqlStore, specimens: Any, holder: Any, chance: Any
) -> None:
    """stopped, held, ended, announced for tomorrow, with a clock that goes both ways"""
    clock = NOON
    live: list[Certificate] = []
    serials = (nth * 0x9E3779B97F4A7C15 % 2**62 for nth in specimens.counter)
    for step in range(90):
        clock += timedelta(hours=chance.choice((1, 1, 2, 30, -3 if step > 20 else 1)))
        with store.work() as work:
            match chance.randrange(5):
                case 0 | 1:
                    made = specimens.certificate(
                        holder.card,
                        CertificateState.ON_HOLD,
                        serial=next(serials),
                        municipality=chance.choice(TOWNS),
                        stopped=clock,
                        recorded=clock,
                        reason=StopReason.CERTIFICATE_HOLD,
                    )
                    work.certificates.add(made)
                    live.append(made)
                case 2 | 3 if live:
                    mine = live.pop(chance.randrange(len(live)))
                    work.certificates.save(
                        mine.after(CertificateEvent.CONTENT_CHANGED, at=clock)
                    )
                case _:
                    tomorrow = clock + timedelta(days=1)
                    work.certificates.add(
                        stopped(
                            specimens,
                            holder.card,
                            serial=next(serials),
                            municipality=chance.choice(TOWNS),
                            stopped=tomorrow,
                            recorded=clock,
                        )
                    )
        if chance.random() < 0.6:
            agree(store, chance.choice((None, *TOWNS)), clock)
    with store.work() as work:
        assert list(work.statuses.misfits(CA)) == []
        assert len(told(work, None, clock + timedelta(days=9))) > 40 * 30
    agree(store, None, clock + timedelta(days=9))


def test_many_stops_lie_in_several_rows(
    store: SqlStore, specimens: Any, holder: Any, raw: Raw
) -> None:
    """more than one row holds; then one is changed in each of them"""
    many = [
        stopped(specimens, holder.card, serial=serial * 7)
        for serial in range(1, TOGETHER * 3)
    ]
    with store.work() as work:
        for each in many[::2]:
            work.certificates.add(each)
    agree(store, YOKOHAMA, NOON)
    with store.work() as work:
        for each in many[1::2]:
            work.certificates.add(each)
    agree(store, None, NOON)
    sizes = [
        len(row.entries) for row in raw("SELECT entries FROM packed_stops ORDER BY low")
    ]
    assert len(sizes) > 2
    assert max(sizes) <= TOGETHER * len(
        entry(Revocation(2**40, written(NOON), StopReason.SUPERSEDED))
    )
    with store.look() as work:
        assert list(work.statuses.misfits(CA)) == []


def test_nothing_is_packed_twice(
    store: SqlStore, specimens: Any, holder: Any, raw: Raw
) -> None:
    with store.work() as work:
        work.certificates.add(stopped(specimens, holder.card))
    agree(store, None, NOON)
    before = raw("SELECT * FROM packed_stops")
    assert len(before) == 1
    assert raw("SELECT * FROM changed_stops") == []
    agree(store, None, NOON)
    assert raw("SELECT * FROM packed_stops") == before


def test_what_any_program_writes_is_noted(
    store: SqlStore, specimens: Any, holder: Any, raw: Raw
) -> None:
    """triggers see to it, not this program"""
    with store.work() as work:
        work.certificates.add(held := stopped(specimens, holder.card))
        work.certificates.save(
            replace(
                holder.certificate,
                state=CertificateState.ON_HOLD,
                stopped=NOON,
                reason=StopReason.CERTIFICATE_HOLD,
            )
        )
    agree(store, None, NOON)
    raw(
        "UPDATE certificates SET municipality = '082201' WHERE serial = :it",
        it=held.serial,
    )
    raw(
        "UPDATE certificates SET state = 'revoked', reason = 'keyCompromise'"
        " WHERE serial = :it",
        it=holder.certificate.serial,
    )
    noted = raw("SELECT municipality, serial FROM changed_stops ORDER BY 1, 2")
    assert [tuple(row) for row in noted] == sorted(
        [
            (TSUKUBA, held.serial),
            (YOKOHAMA, held.serial),
            (YOKOHAMA, holder.certificate.serial),
        ]
    )
    for town in (YOKOHAMA, TSUKUBA, None):
        agree(store, town, NOON)


DRIFT = {
    "an entry away": "UPDATE packed_stops SET entries = substr(entries, 40)",
    "everything away": "DELETE FROM packed_stops",
    "a range away": "UPDATE packed_stops SET municipality = '011002'",
    "another CA's": "UPDATE packed_stops SET issuer = 'signature-02'",
    "a moment that is not theirs": "UPDATE packed_stops SET latest = '2001-01-01'",
}


@pytest.mark.parametrize("name", DRIFT)
def test_drift_is_found_and_made_good(
    store: SqlStore, specimens: Any, holder: Any, raw: Raw, name: str
) -> None:
    with store.work() as work:
        work.statuses.add_authority(specimens.authority("signature-02", 2))
        for nth in range(5):
            work.certificates.add(stopped(specimens, holder.card, serial=2**40 + nth))
    agree(store, None, NOON)
    raw(DRIFT[name])
    with store.work() as work:
        found = {
            serial
            for ca in (CA, "signature-02")
            for serial in work.statuses.misfits(ca)
        }
        assert 2**40 in found
        for ca in (CA, "signature-02"):
            work.statuses.unpack(ca)
            assert list(work.statuses.misfits(ca)) == []
            ready(work, None, NOON)
    agree(store, None, NOON)
    with store.look() as work:
        assert list(work.statuses.misfits(CA)) == []


def test_a_copied_box_packs_its_own(
    store: SqlStore, specimens: Any, holder: Any, raw: Raw
) -> None:
    with store.work() as work:
        work.certificates.add(stopped(specimens, holder.card))
    agree(store, None, NOON)
    assert raw("SELECT 1 FROM packed_stops") != []
    tables = {table for table, _ in store.rows()}
    assert "certificates" in tables
    assert tables.isdisjoint({"packed_stops", "changed_stops"})


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("state = 'active'", True),
        ("state = 'issued'", True),
        ("stopped = '2027-01-01T00:00:00.000000+09:00'", True),
        ("stopped = NULL", True),
        ("stopped = '2026-11-01T00:00:00.000000+09:00'", False),
        ("state = 'revoked'", False),
    ],
)
def test_a_hold_stays(
    store: SqlStore,
    specimens: Any,
    holder: Any,
    raw: Raw,
    statement: str,
    refused: bool,
) -> None:
    """R149: what was stopped is stopped, from then on or earlier; whoever asks"""
    with store.work() as work:
        held = specimens.certificate(
            holder.card,
            CertificateState.ON_HOLD,
            stopped=NOON,
            reason=StopReason.CERTIFICATE_HOLD,
        )
        work.certificates.add(held)
    update = f"UPDATE certificates SET {statement} WHERE serial = {held.serial}"
    if refused:
        with pytest.raises(DatabaseError, match="a hold is not lifted"):
            raw(update)
    else:
        raw(update)
    agree(store, None, NOON)
    with store.work() as work:
        assert [one.latest <= written(NOON) for one in ready(work, None, NOON)] == [
            True
        ]
        assert any(one.entries for one in ready(work, None, NOON))
