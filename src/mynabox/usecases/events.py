"""What happens in a municipality, told to programs that follow it: row by row of the
journal, without who did it and without what else the row says.

The chain of a municipality is whole and in the order of its transactions, so whoever
knows the number of the last row they heard of misses nothing and hears nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime

from mynabox.law.accepts import Accepts
from mynabox.law.errors import BadArgument
from mynabox.lifecycle.journal import Row
from mynabox.ports import Box

LONGEST_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened.

    ``sequence``  its number in the chain of the municipality
    ``action``    what was done, as the journal calls it
    ``subjects``  ids of the people, applications, cards, certificates …
    """

    municipality: str
    sequence: int
    at: datetime
    action: str
    subjects: tuple[str, ...]

    @classmethod
    def of(cls, row: Row) -> "Event":
        """The event of a row."""
        return cls(
            municipality=row.entry.municipality,
            sequence=row.sequence,
            at=row.entry.at,
            action=row.entry.action,
            subjects=row.entry.subjects,
        )


def last_event(municipality: str, box: Box) -> int:
    """The number of the newest event; 0 if nothing ever happened."""
    with box.store.look() as work:
        return work.journal.length(municipality)


def events_after(
    municipality: str, after: int, box: Box, *, limit: int = LONGEST_PAGE
) -> tuple[Event, ...]:
    """Events behind number ``after``, in their order; raises ``BadArgument`` if so many
    never happened (a box that was restored knows less than its followers)."""
    with box.store.look() as work:
        length = work.journal.length(municipality)
        if after > length:
            raise BadArgument(
                "Last-Event-ID", Accepts("at_most", place=f"{municipality}.{length}")
            )
        if after == length:
            return ()
        rows = work.journal.rows(municipality, after=after, limit=limit)
        return tuple(Event.of(row) for row in rows)
