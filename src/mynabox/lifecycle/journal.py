"""The journal: who did what to whom and why, chained so that nothing is unsaid.

Every row carries the hash of the row before it in the same municipality's chain.
Changing, removing or inserting a row breaks the chain at a place that
:func:`verify` names. The newest hash of every chain is sealed with a key of the
box, so that cutting off the end is found as well.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from heapq import merge

NATIONWIDE = "000000"
"""The chain of what concerns no single municipality (the CAs, the clock)."""

_GENESIS = "0" * 64
_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quoted = json.encoder.encode_basestring
"""A text in JSON, letters as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be written down.

    ``actor``    who did it: ``staff:…``, ``resident:…``, a channel (``counter``), ``box``
    ``action``   name of the use case
    ``subjects`` ids of the residents, cards, certificates … it touched
    ``facts``    what else matters; never a number, a PIN or a key
    """

    municipality: str
    at: datetime
    actor: str
    action: str
    subjects: tuple[str, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry at its place in the chain.

    ``nth``  its number among all rows of the box, of whichever chain, in the order in
             which they were written; none if it was written before rows were counted
    """

    entry: Entry
    sequence: int
    previous: str
    hash: str
    nth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The sealed end of one municipality's chain."""

    municipality: str
    sequence: int
    hash: str
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing wrong with a journal: which chain, at which row, and what."""

    municipality: str
    sequence: int
    what: str


def row_hash(
    entry: Entry, *, sequence: int, previous: str, nth: int | None = None
) -> str:
    """SHA-256 over everything a row says and over the row before it, as a list in JSON
    without blanks, facts by name; ``nth`` comes last, where the row has one."""
    facts = [
        f"{_quoted(name)}:{_quoted(value) if type(value) is str else _WRITTEN(value)}"
        for name, value in sorted(entry.facts.items())
    ]
    said = (
        f"[{_quoted(previous)},{_quoted(entry.municipality)},{sequence},"
        f'"{entry.at.isoformat()}",{_quoted(entry.actor)},{_quoted(entry.action)},'
        f"[{','.join(map(_quoted, entry.subjects))}],{{{','.join(facts)}}}"
        f"{']' if nth is None else f',{nth}]'}"
    )
    return sha256(said.encode()).hexdigest()


def append(
    entry: Entry, nth: int, *, head: Head | None, key: bytes
) -> tuple[Row, Head]:
    """The row for ``entry``, the box's ``nth``, behind ``head``, and the new head."""
    (row,), head = append_all(((nth, entry),), head=head, key=key)
    return row, head


def append_all(
    entries: Sequence[tuple[int, Entry]], *, head: Head | None, key: bytes
) -> tuple[list[Row], Head]:
    """The rows for ``entries`` with their numbers in the box, at least one and all of
    one municipality, behind ``head``, each behind the one before it, and the new head:
    the last row is sealed.
    """
    sequence, previous = (head.sequence, head.hash) if head else (0, _GENESIS)
    rows = []
    for nth, entry in entries:
        sequence += 1
        digest = row_hash(entry, sequence=sequence, previous=previous, nth=nth)
        row = Row(
            entry=entry, sequence=sequence, previous=previous, hash=digest, nth=nth
        )
        rows.append(row)
        previous = digest
    municipality = entries[-1][1].municipality
    return rows, Head(
        municipality=municipality,
        sequence=sequence,
        hash=previous,
        seal=seal(municipality, sequence, previous, key=key),
    )


def as_it_happened(rows: Iterable[Row]) -> list[Row]:
    """Rows of several chains in the order in which they were written, whatever the
    clock was turned to in between.

    Rows that were not counted come first: each chain in its own order, and between
    chains by their moments, which is all that is known of them.
    """
    chains: dict[str, list[Row]] = {}
    counted: list[tuple[int, Row]] = []
    for row in sorted(rows, key=lambda row: row.sequence):
        if row.nth is None:
            chains.setdefault(row.entry.municipality, []).append(row)
        else:
            counted.append((row.nth, row))
    counted.sort(key=lambda place: place[0])
    return [
        *merge(*chains.values(), key=lambda row: row.entry.at),
        *(row for _, row in counted),
    ]


def seal(municipality: str, sequence: int, digest: str, *, key: bytes) -> str:
    """The box's seal on the end of a chain (HMAC-SHA256)."""
    said = f"{municipality}|{sequence}|{digest}".encode()
    return hmac.digest(key, said, "sha256").hex()


def seal_fits(head: Head, *, key: bytes) -> bool:
    """Whether the seal on the end of a chain is the box's."""
    said = seal(head.municipality, head.sequence, head.hash, key=key)
    return hmac.compare_digest(said.encode(), head.seal.encode(errors="replace"))


def verify(
    rows: Iterable[Row], head: Head | None, *, municipality: str, key: bytes
) -> list[Damage]:
    """Everything that is wrong with one chain; empty when it is sound.

    ``rows`` in the order of their sequence numbers.
    """

    def damage(sequence: int, what: str) -> Damage:
        return Damage(municipality=municipality, sequence=sequence, what=what)

    found: list[Damage] = []
    expected, previous = 1, _GENESIS
    for row in rows:
        if row.sequence > expected:
            for missing in range(expected, row.sequence):
                found.append(damage(missing, "removed"))
        elif row.sequence < expected:
            found.append(damage(row.sequence, "inserted"))
            continue
        digest = row_hash(
            row.entry, sequence=row.sequence, previous=row.previous, nth=row.nth
        )
        if digest != row.hash:
            found.append(damage(row.sequence, "changed"))
        elif row.previous != previous and row.sequence == expected:
            found.append(damage(row.sequence, "does not follow the row before it"))
        expected, previous = row.sequence + 1, row.hash
    last = expected - 1
    if head is None:
        if last:
            found.append(damage(last, "end of the chain is not sealed"))
        return found
    if head.municipality != municipality or not seal_fits(head, key=key):
        found.append(damage(head.sequence, "seal of the chain's end is not the box's"))
    if last < head.sequence:
        for missing in range(last + 1, head.sequence + 1):
            found.append(damage(missing, "removed"))
    elif last > head.sequence:
        for extra in range(head.sequence + 1, last + 1):
            found.append(damage(extra, "inserted"))
    elif head.hash != previous:
        found.append(damage(last, "is not the row that was sealed"))
    return found
