"""Rows of the journal of one thing, of however many municipalities."""

from collections.abc import Iterable
from heapq import merge

from mynabox.lifecycle.journal import Row


def as_it_happened(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of several chains in the order in which they were written: each chain in its
    own, whatever the clock was turned to in between."""
    chains: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.sequence):
        chains.setdefault(row.entry.municipality, []).append(row)
    return tuple(merge(*chains.values(), key=lambda row: row.entry.at))
