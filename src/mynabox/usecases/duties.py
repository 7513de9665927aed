"""What the box does by itself as its days pass, each thing once and in order.

A duty (a letter before an expiry, a note that a card is over) falls due at a moment
that follows from what is in the store. :func:`run_duties` carries out everything that
fell due since it was last run, earliest first, with the box's clock standing at the
moment at which each fell due: a clock turned ten years ahead has ten years of letters
behind it. A run that is broken off goes on where it stopped; two runs at once do
everything once, because the store takes the note of a duty only once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from mynabox.ports import Box, Work


@dataclass(frozen=True, slots=True)
class StandingClock:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        """The moment at which it stands."""
        return self.moment


class Job(Protocol):
    """One kind of duty."""

    @property
    def name(self) -> str:
        """What the journal and the progress call it."""
        ...

    def next(self, work: Work, *, since: datetime) -> datetime | None:
        """When the next duty of this kind falls due; ``since`` is the moment up to
        which all are done. Something that fell due earlier, but came into the store
        only later, has its own, earlier moment."""
        ...

    def run(self, box: Box) -> int:
        """Do what is due at the box's moment; how many things were done. Each is
        written in a transaction of its own, together with the note that it is done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A job that was run at its moment, and how many things it did."""

    job: str
    at: datetime
    done: int


class NoProgress(Exception):
    """A job did nothing and would fall due again at once: a mistake of the program."""


def run_duties(
    box: Box,
    jobs: Sequence[Job],
    *,
    tell: Callable[[Ran], object] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Ran, ...]:
    """Do everything that fell due until now; what was run, in order.

    ``tell``  hears of every run as it ends
    ``stop``  asked before every run; the rest is done the next time

    On its first run in a box there is no past to catch up with. After the clock was
    turned back, nothing that was done is done again.
    """
    now = box.clock.now()
    with box.store.look() as work:
        reached = work.due.reached()
    position = now if reached is None else min(reached, now)
    ran: list[Ran] = []
    while not stop():
        found = _next(box, jobs, since=position)
        if found is None or found[0] > now:
            _reach(box, now, before=reached)
            return tuple(ran)
        due, job = found
        position = max(due, position)
        done = job.run(replace(box, clock=StandingClock(position)))
        if not done and _next(box, (job,), since=position) == found:
            raise NoProgress(job.name)
        _reach(box, position, before=None)
        ran.append(Ran(job=job.name, at=position, done=done))
        if tell is not None:
            tell(ran[-1])
    return tuple(ran)


def _next(
    box: Box, jobs: Sequence[Job], *, since: datetime
) -> tuple[datetime, Job] | None:
    """The earliest duty, of equal ones that of the first job."""
    with box.store.look() as work:
        due = [(job.next(work, since=since), job) for job in jobs]
    coming = [(moment, job) for moment, job in due if moment is not None]
    return min(coming, key=lambda one: one[0], default=None)


def _reach(box: Box, moment: datetime, *, before: datetime | None) -> None:
    if moment != before:
        with box.store.work() as work:
            work.due.set_reached(moment)
