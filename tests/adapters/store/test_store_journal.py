"""The journal in the store: written, found by subject, and damage made visible."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mynabox.adapters.store import SqlStore
from mynabox.law.days import JST
from mynabox.lifecycle.journal import NATIONWIDE, Damage, row_hash, seal, verify

KEY = bytes(range(32))
NOON = datetime(2026, 11, 20, 12, tzinfo=JST)
YOKOHAMA, SAPPORO = "141003", "011002"

Raw = Callable[..., list[Any]]


def damages(store: SqlStore) -> list[Damage]:
    """Every chain of the store, checked."""
    found = []
    with store.look() as look:
        heads = {head.municipality: head for head in look.journal.heads()}
        for each in look.journal.municipalities():
            found += verify(
                look.journal.chain(each), heads.get(each), municipality=each, key=KEY
            )
    return found


def test_rows_come_back_as_written(store: SqlStore, specimens: Any) -> None:
    entries = [
        specimens.entry("res-1", "card-1"),
        specimens.entry(),
        specimens.entry("res-2", facts={}),
        specimens.entry("b", "a", "b", at=NOON.replace(microsecond=1)),
        specimens.entry("res-1", municipality=NATIONWIDE),
        specimens.entry("res-1", at=datetime(2026, 11, 20, 4, 5, 6, tzinfo=UTC)),
    ]
    with store.work() as work:
        written = [work.journal.write(entry) for entry in entries[:3]]
    with store.work() as work:
        written += [work.journal.write(entry) for entry in entries[3:]]
    with store.look() as look:
        yokohama = list(look.journal.chain(YOKOHAMA))
        nationwide = list(look.journal.chain(NATIONWIDE))
        heads = list(look.journal.heads())
        assert list(look.journal.municipalities()) == [NATIONWIDE, YOKOHAMA]
    assert [*yokohama[:4], *nationwide, *yokohama[4:]] == written
    assert [row.entry for row in written] == entries
    assert written[5].entry.at.isoformat() == "2026-11-20T13:05:06+09:00"
    assert [(head.municipality, head.sequence) for head in heads] == [
        (NATIONWIDE, 1),
        (YOKOHAMA, 5),
    ]
    assert damages(store) == []


def test_a_moment_without_a_zone_is_refused(store: SqlStore, specimens: Any) -> None:
    entry = specimens.entry(at=NOON.replace(tzinfo=None))
    with store.work() as work, pytest.raises(ValueError, match="needs a zone"):
        work.journal.write(entry)


def test_rows_about_a_subject_are_the_last_in_order(
    store: SqlStore, specimens: Any
) -> None:
    with store.work() as work:
        for nth in range(6):
            municipality = SAPPORO if nth % 2 else YOKOHAMA
            work.journal.write(
                specimens.entry(
                    "res-1",
                    f"card-{nth}",
                    "res-1",
                    at=NOON + timedelta(hours=nth),
                    municipality=municipality,
                )
            )
        work.journal.write(specimens.entry("res-11"))

    def hours(subject: str, **limit: int) -> list[int]:
        with store.look() as look:
            rows = look.journal.about(subject, **limit)
            return [(row.entry.at - NOON) // timedelta(hours=1) for row in rows]

    assert hours("res-1") == [0, 1, 2, 3, 4, 5]
    assert hours("res-1", limit=2) == [4, 5]
    assert hours("card-3") == [3]
    assert hours("res") == []
    with store.look() as look:
        (row,) = look.journal.about("card-3")
        assert row.entry.subjects == ("res-1", "card-3", "res-1")


def test_rows_about_a_subject_come_as_they_were_written(
    store: SqlStore, specimens: Any
) -> None:
    """whatever time it was, in whichever chain"""
    hours = [5, 9, 2, 7, 1, 8]
    for nth, hour in enumerate(hours):
        with store.work() as work:
            municipality = SAPPORO if nth % 2 else YOKOHAMA
            at = NOON + timedelta(hours=hour)
            work.journal.write(
                specimens.entry("res-1", at=at, municipality=municipality)
            )
    with store.look() as look:
        rows = look.journal.about("res-1")
        last = look.journal.about("res-1", limit=2)
    assert [(row.entry.at - NOON) // timedelta(hours=1) for row in rows] == hours
    assert list(rows[-2:]) == list(last)
    assert [row.nth for row in rows] == [1, 2, 3, 4, 5, 6]


def test_rows_of_before_they_were_counted(
    store: SqlStore, specimens: Any, raw: Raw
) -> None:
    """stay as they are, come first and hang together with what follows"""
    for municipality, hour in ((SAPPORO, 3), (YOKOHAMA, 2)):
        entry = specimens.entry(
            at=NOON + timedelta(hours=hour), municipality=municipality
        )
        digest = row_hash(entry, sequence=1, previous="0" * 64)
        raw(
            "INSERT INTO journal (municipality, sequence, at, actor, action, facts,"
            " previous, hash) VALUES (:it, 1, :at, :actor, :action, :facts, :no, :hash)",
            it=municipality,
            at=entry.at.isoformat(timespec="microseconds"),
            actor=entry.actor,
            action=entry.action,
            facts=json.dumps(dict(entry.facts)),
            no="0" * 64,
            hash=digest,
        )
        raw(
            "INSERT INTO journal_heads VALUES (:it, 1, :hash, :seal)",
            it=municipality,
            hash=digest,
            seal=seal(municipality, 1, digest, key=KEY),
        )
    assert damages(store) == []
    with store.work() as work:
        work.journal.write(specimens.entry(municipality=SAPPORO))
        work.journal.write(specimens.entry())
    assert damages(store) == []
    with store.look() as look:
        found = [
            (row.sequence, row.nth)
            for place in (SAPPORO, YOKOHAMA)
            for row in look.journal.chain(place)
        ]
    assert found == [(1, None), (2, 1), (1, None), (2, 2)]


def test_the_municipalities_are_those_of_people_and_cards_too(
    store: SqlStore, holder: Any, specimens: Any
) -> None:
    with store.work() as work:
        work.residents.save(replace(holder.resident, municipality=SAPPORO))
        work.journal.write(specimens.entry(municipality=NATIONWIDE))
    with store.look() as look:
        assert list(look.journal.municipalities()) == [NATIONWIDE, SAPPORO, YOKOHAMA]


def test_a_long_chain_is_read_as_it_is_asked_for(
    store: SqlStore, specimens: Any
) -> None:
    count = 2500  # more than is held at a time
    with store.work() as work:
        for nth in range(count):
            work.journal.write(specimens.entry(f"res-{nth}", "x"))
    with store.look() as look:
        rows = look.journal.chain(YOKOHAMA)
        assert next(rows).sequence == 1
        assert sum(1 for _ in rows) == count - 1
    assert damages(store) == []


TAMPERING: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "an actor": (
        "UPDATE journal SET actor = 'box' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "facts": (
        "UPDATE journal SET facts = '{}' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "facts that are none": (
        "UPDATE journal SET facts = 'no JSON' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a list of facts": (
        "UPDATE journal SET facts = '[]' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a moment": (
        "UPDATE journal SET at = '2026-11-20T11:00:00.000000+09:00' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a moment that is none": (
        "UPDATE journal SET at = 'yesterday' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a moment without a zone": (
        "UPDATE journal SET at = '2026-11-20T11:00:00' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a place among all rows": (
        "UPDATE journal SET nth = nth + 90 WHERE sequence = 2",
        [(2, "changed")],
    ),
    "no place among all rows": (
        "UPDATE journal SET nth = NULL WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a hash": (
        "UPDATE journal SET hash = '' WHERE sequence = 2",
        [(2, "changed"), (3, "does not follow the row before it")],
    ),
    "a subject hidden": (
        "DELETE FROM journal_subjects WHERE sequence = 2 AND place = 0",
        [(2, "changed")],
    ),
    "a subject more": (
        "INSERT INTO journal_subjects VALUES ('141003', 2, 7, 'res-other')",
        [(2, "changed")],
    ),
    "a row removed": (
        "DELETE FROM journal WHERE sequence = 2",
        [(2, "removed")],
    ),
    "the end cut off": (
        "DELETE FROM journal WHERE sequence >= 2",
        [(2, "removed"), (3, "removed")],
    ),
    "a head removed": (
        "DELETE FROM journal_heads",
        [(3, "end of the chain is not sealed")],
    ),
    "a chain removed but its head": (
        "DELETE FROM journal",
        [(1, "removed"), (2, "removed"), (3, "removed")],
    ),
    "a head set back": (
        "UPDATE journal_heads SET sequence = 2",
        [(2, "seal of the chain's end is not the box's"), (3, "inserted")],
    ),
}

NONSENSE: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "bytes for an actor": (
        "UPDATE journal SET actor = x'00ff' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a number for an action": (
        "UPDATE journal SET facts = x'ff' WHERE sequence = 2",
        [(2, "changed")],
    ),
    "a word for a sequence": (
        "UPDATE journal SET sequence = 'two' WHERE sequence = 2",
        [(2, "removed"), (0, "inserted")],
    ),
}


def _tamper(raw: Raw, statement: str) -> None:
    """As somebody who may drop triggers of SQLite."""
    for (name,) in raw("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        raw(f"DROP TRIGGER {name}")
    raw(statement)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", [*TAMPERING, *NONSENSE])
def test_tampering_is_found_by_whoever_checks(
    store: SqlStore, specimens: Any, raw: Raw, name: str
) -> None:
    statement, damage = {**TAMPERING, **NONSENSE}[name]
    with store.work() as work:
        for nth in range(3):
            work.journal.write(specimens.entry(f"res-{nth}", "card-1"))
    assert damages(store) == []
    _tamper(raw, statement)
    assert [(each.sequence, each.what) for each in damages(store)] == damage
    with store.look() as look:  # and reading about a subject goes on working
        assert len(list(look.journal.about("card-1"))) <= 3
