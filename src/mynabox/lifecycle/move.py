"""A move to another municipality (転出・転入), and the clocks that run with it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mynabox.lifecycle.life import Life


class MoveState(StrEnum):
    """Where a move stands."""

    ANNOUNCED = "announced"
    """Moving out was notified; the new municipality has heard nothing yet."""
    OVERDUE = "overdue"
    """Nobody notified moving in in time: the card is void (R173)."""
    ARRIVED = "arrived"
    """Registered there; the card waits to be taken over (継続利用)."""
    SETTLED = "settled"
    """The card was taken over, or there was none."""
    LAPSED = "lapsed"
    """Registered there, but the card did not come along (R155)."""
    CANCELLED = "cancelled"


class MoveEvent(StrEnum):
    """What happens to a move."""

    CANCELLED = "cancelled"
    MISSED = "missed"
    """A clock ran out, or the person moved on (R174)."""
    MOVED_IN = "moved_in"
    TAKEN_OVER = "taken_over"
    DEPARTED = "departed"
    """The day of leaving Japan has come."""


MOVE = Life(
    name="move",
    first=MoveState.ANNOUNCED,
    steps={
        (MoveState.ANNOUNCED, MoveEvent.CANCELLED): MoveState.CANCELLED,
        (MoveState.ANNOUNCED, MoveEvent.MISSED): MoveState.OVERDUE,
        (MoveState.ANNOUNCED, MoveEvent.MOVED_IN): MoveState.ARRIVED,
        (MoveState.ANNOUNCED, MoveEvent.DEPARTED): MoveState.SETTLED,
        (MoveState.OVERDUE, MoveEvent.CANCELLED): MoveState.CANCELLED,
        (MoveState.OVERDUE, MoveEvent.MOVED_IN): MoveState.LAPSED,
        (MoveState.ARRIVED, MoveEvent.TAKEN_OVER): MoveState.SETTLED,
        (MoveState.ARRIVED, MoveEvent.MISSED): MoveState.LAPSED,
    },
    rules=("R171", "R172", "R173", "R174"),
)

OPEN = (MoveState.ANNOUNCED, MoveState.OVERDUE)
"""The person is between two municipalities (R178); at most one move of theirs."""
RUNNING = (MoveState.ANNOUNCED, MoveState.ARRIVED)
"""A clock runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of one person.

    ``municipality``  the one that the person leaves
    ``to``            the one they go to, as far as they said
    ``planned``       the day on which they said they would leave (転出予定日)
    ``told``          day of the notice of moving out
    ``moved_in``      since when they live there
    ``notified``      day of the notice of moving in
    ``due``           last day of the clock that runs
    ``abroad``        whether the person leaves Japan on ``planned``
    ``continuing``    whether the procedure to go on using the card abroad was done
    """

    id: str
    resident: str
    municipality: str
    planned: date
    told: date
    to: str | None = None
    moved_in: date | None = None
    notified: date | None = None
    due: date | None = None
    abroad: bool = False
    continuing: bool = False
    state: MoveState = MoveState.ANNOUNCED

    def after(self, event: MoveEvent) -> "Move":
        """The move after ``event``; raises ``Refused`` if it cannot happen."""
        state = MOVE.after(self.state, event)
        return replace(self, state=state, due=self.due if state in RUNNING else None)
