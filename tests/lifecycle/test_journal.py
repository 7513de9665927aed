"""A chain tells every change, removal and insertion, and where."""

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.lifecycle.journal import (
    Entry,
    Head,
    Row,
    append,
    as_it_happened,
    row_hash,
    seal,
    verify,
)

KEY = bytes(range(32))
CITY = "141003"
NOON = datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=9)))


def entry(nth: int, **other: object) -> Entry:
    values: dict[str, object] = {
        "municipality": CITY,
        "at": NOON + timedelta(minutes=nth),
        "actor": "counter:clerk-1",
        "action": "report_lost",
        "subjects": (f"res-{nth}", f"card-{nth}"),
        "facts": {"nth": str(nth), "理由": "紛失"},
    }
    return Entry(**{**values, **other})  # type: ignore[arg-type]


def chain_of(count: int, *, key: bytes = KEY) -> tuple[list[Row], Head | None]:
    rows, head = [], None
    for nth in range(1, count + 1):
        row, head = append(entry(nth), 10 * nth, head=head, key=key)
        rows.append(row)
    return rows, head


def told(rows: list[Row], head: Head | None, key: bytes = KEY) -> list[tuple[int, str]]:
    found = verify(rows, head, municipality=CITY, key=key)
    assert all(damage.municipality == CITY for damage in found)
    return [(damage.sequence, damage.what) for damage in found]


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_sound_chain_has_no_damage(count: int) -> None:
    rows, head = chain_of(count)
    assert told(rows, head) == []
    assert [row.sequence for row in rows] == list(range(1, count + 1))


def test_rows_hang_together() -> None:
    rows, head = chain_of(3)
    assert [row.previous for row in rows] == ["0" * 64, rows[0].hash, rows[1].hash]
    assert head == Head(
        municipality=CITY,
        sequence=3,
        hash=rows[2].hash,
        seal=seal(CITY, 3, rows[2].hash, key=KEY),
    )


def changed(row: Row, **other: object) -> Row:
    return replace(row, entry=replace(row.entry, **other))  # type: ignore[arg-type]


def rewritten(rows: list[Row], at: int, **other: object) -> list[Row]:
    """The row at ``at`` changed, its hash and all rows behind it made to fit."""
    made: list[Row] = rows[:at]
    for row in [changed(rows[at], **other), *rows[at + 1 :]]:
        previous = made[-1].hash if made else "0" * 64
        digest = row_hash(
            row.entry, sequence=row.sequence, previous=previous, nth=row.nth
        )
        made.append(replace(row, previous=previous, hash=digest))
    return made


CHANGES: dict[str, tuple[Callable[[list[Row]], list[Row]], list[tuple[int, str]]]] = {
    "another actor": (
        lambda rows: [*rows[:2], changed(rows[2], actor="box"), *rows[3:]],
        [(3, "changed")],
    ),
    "a second later": (
        lambda rows: [changed(rows[0], at=NOON + timedelta(seconds=1)), *rows[1:]],
        [(1, "changed")],
    ),
    "another action": (
        lambda rows: [*rows[:4], changed(rows[4], action="found")],
        [(5, "changed")],
    ),
    "a subject fewer": (
        lambda rows: [*rows[:1], changed(rows[1], subjects=("res-2",)), *rows[2:]],
        [(2, "changed")],
    ),
    "subjects turned round": (
        lambda rows: [changed(rows[0], subjects=("card-1", "res-1")), *rows[1:]],
        [(1, "changed")],
    ),
    "another fact": (
        lambda rows: [changed(rows[0], facts={"nth": "1"}), *rows[1:]],
        [(1, "changed")],
    ),
    "another place among all rows": (
        lambda rows: [*rows[:3], replace(rows[3], nth=9), rows[4]],
        [(4, "changed")],
    ),
    "no place among all rows": (
        lambda rows: [*rows[:3], replace(rows[3], nth=None), rows[4]],
        [(4, "changed")],
    ),
    "two rows changed": (
        lambda rows: [
            changed(rows[0], actor="box"),
            *rows[1:3],
            changed(rows[3], actor="box"),
            rows[4],
        ],
        [(1, "changed"), (4, "changed")],
    ),
    "the first row gone": (lambda rows: rows[1:], [(1, "removed")]),
    "rows in the middle gone": (
        lambda rows: [rows[0], *rows[3:]],
        [(2, "removed"), (3, "removed")],
    ),
    "the end cut off": (lambda rows: rows[:3], [(4, "removed"), (5, "removed")]),
    "everything gone": (lambda rows: [], [(n, "removed") for n in range(1, 6)]),
    "a row twice": (
        lambda rows: [*rows[:2], rows[1], *rows[2:]],
        [(2, "inserted")],
    ),
    "rows appended without the key": (
        lambda rows: [
            *rows,
            append(
                entry(6),
                60,
                head=Head(municipality=CITY, sequence=5, hash=rows[4].hash, seal=""),
                key=b"guessed",
            )[0],
        ],
        [(6, "inserted")],
    ),
    "everything behind a change made to fit": (
        lambda rows: rewritten(rows, 1, actor="box"),
        [(5, "is not the row that was sealed")],
    ),
    "a row of another chain of the box": (
        lambda rows: [
            *rows[:3],
            append(
                entry(4),
                40,
                head=Head(municipality=CITY, sequence=3, hash="f" * 64, seal=""),
                key=KEY,
            )[0],
            rows[4],
        ],
        [
            (4, "does not follow the row before it"),
            (5, "does not follow the row before it"),
        ],
    ),
}


@pytest.mark.parametrize(("change", "damage"), CHANGES.values(), ids=CHANGES.keys())
def test_damage_is_told_with_its_place(
    change: Callable[[list[Row]], list[Row]], damage: list[tuple[int, str]]
) -> None:
    rows, head = chain_of(5)
    assert told(change(rows), head) == damage


def test_the_end_of_a_chain_is_sealed() -> None:
    rows, head = chain_of(3)
    assert head is not None
    assert told(rows, None) == [(3, "end of the chain is not sealed")]
    seals = "seal of the chain's end is not the box's"
    assert told(rows, replace(head, seal="0" * 64)) == [(3, seals)]
    assert told(rows, head, key=b"another box") == [(3, seals)]
    # The end cut off and the head set back, without the key:
    forged = replace(head, sequence=2, hash=rows[1].hash)
    assert told(rows[:2], forged) == [(2, seals)]


def test_chains_of_municipalities_do_not_mix() -> None:
    first, head = append(entry(1), 1, head=None, key=KEY)
    _, other = append(entry(1, municipality="011002"), 2, head=None, key=KEY)
    assert other.hash != head.hash
    assert seal(CITY, 1, first.hash, key=KEY) != seal("011002", 1, first.hash, key=KEY)


def row_of(name: str, hour: int, nth: int | None) -> Row:
    """A row such as ``A2``: the second of chain A."""
    at = NOON + timedelta(hours=hour)
    one = entry(1, municipality=name[0], at=at)
    return Row(entry=one, sequence=int(name[1]), previous="", hash="", nth=nth)


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        # chain and place in it, hour, number among all rows
        ([("A1", 5, 1), ("B1", 2, 2), ("A2", 9, 3)], "A1 B1 A2"),
        ([("A1", 5, 1), ("B1", 2, 3), ("A2", 9, 2)], "A1 A2 B1"),
        # not counted: each chain in its own order, and by the hours between chains
        ([("A1", 5, None), ("B1", 2, None), ("A2", 9, None)], "B1 A1 A2"),
        ([("A1", 5, None), ("A2", 2, None)], "A1 A2"),
        # what was not counted was written before
        ([("A1", 5, None), ("A2", 1, 1), ("B1", 9, None), ("B2", 0, 2)], "A1 B1 A2 B2"),
    ],
)
def test_rows_of_several_chains_come_as_they_were_written(
    rows: list[tuple[str, int, int | None]], order: str
) -> None:
    found = as_it_happened(row_of(*row) for row in reversed(rows))
    said = [f"{row.entry.municipality}{row.sequence}" for row in found]
    assert " ".join(said) == order


def test_the_order_of_facts_says_nothing() -> None:
    one = entry(1, facts={"a": "1", "b": "2"})
    two = entry(1, facts={"b": "2", "a": "1"})
    assert row_hash(one, sequence=1, previous="") == row_hash(
        two, sequence=1, previous=""
    )


TEXTS = st.text(max_size=12)
ENTRIES = st.builds(
    Entry,
    municipality=st.just(CITY),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=TEXTS,
    action=TEXTS,
    subjects=st.lists(TEXTS, max_size=3).map(tuple),
    facts=st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@given(one=ENTRIES, two=ENTRIES)
def test_two_entries_never_share_a_hash(one: Entry, two: Entry) -> None:
    """Wherever the boundaries between the texts lie."""
    same = row_hash(one, sequence=1, previous="") == row_hash(
        two, sequence=1, previous=""
    )
    assert same == (one == two)


@given(data=st.data())
def test_no_selection_of_rows_passes_for_the_chain(data: st.DataObject) -> None:
    rows, head = chain_of(6)
    kept = data.draw(st.lists(st.sampled_from(range(6)), max_size=8))
    damage = told([rows[index] for index in kept], head)
    assert (damage == []) == (kept == list(range(6)))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    actor=TEXT,
    subjects=st.lists(TEXT, max_size=4).map(tuple),
    facts=st.dictionaries(TEXT, TEXT | st.none() | st.integers() | st.lists(TEXT)),
    previous=TEXT,
    nth=st.none() | st.integers(min_value=1),
)
def test_what_is_hashed_is_plain_json(
    actor: str,
    subjects: tuple[str, ...],
    facts: dict[str, str],
    previous: str,
    nth: int | None,
) -> None:
    """so that anybody can check a chain with a library of their own; facts that are no
    texts stand only in a row that somebody wrote over"""
    one = entry(1, actor=actor, subjects=subjects, facts=facts)
    in_order = dict(sorted(facts.items()))
    at = one.at.isoformat()
    counted = () if nth is None else (nth,)
    said = json.dumps(
        [previous, CITY, 7, at, actor, one.action, subjects, in_order, *counted],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    assert (
        row_hash(one, sequence=7, previous=previous, nth=nth)
        == sha256(said.encode()).hexdigest()
    )


def test_the_seal_is_hmac_sha256() -> None:
    assert seal("", 0, "", key=b"") == hmac.new(b"", b"|0|", sha256).hexdigest()
