"""Turn the clock of a sandbox box.

The clock's file and the journal are two things. The file is replaced in one step and
bears what the journal is to say; the row is written in the transaction within which that
happens. If the box dies in between, whoever opens it or turns its clock next finds a
turning that nobody has said, and says it.
"""

from collections.abc import Callable
from datetime import datetime

from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.ports import Box, SettableClock, Turning, Work


def turn_clock(
    moment: datetime, box: Box, clock: SettableClock, *, actor: str = "operator"
) -> None:
    """Make it ``moment`` in the box; the journal says so at the new time."""
    _turn(box, clock, lambda turning: clock.set(moment, turning), actor=actor)


def follow_clock(box: Box, clock: SettableClock, *, actor: str = "operator") -> None:
    """Let the box follow the machine's clock again."""
    _turn(box, clock, clock.follow, actor=actor)


def finish_turning(box: Box, clock: SettableClock) -> None:
    """Say what a turning that was cut short left unsaid."""
    turning = clock.turned()
    if turning is None:
        return
    with box.store.look() as work:
        if _said(work, turning):
            return
    with box.store.work() as work:
        _say(work, box, clock.turned())


def _turn(
    box: Box, clock: SettableClock, do: Callable[[Turning], None], *, actor: str
) -> None:
    with box.store.work() as work:
        _say(work, box, clock.turned())
        turning = Turning(
            id=make_id("trn", box.random(ID_BYTES)), actor=actor, before=clock.now()
        )
        do(turning)
        _say(work, box, turning)


def _said(work: Work, turning: Turning) -> bool:
    return bool(tuple(work.journal.about(turning.id, limit=1)))


def _say(work: Work, box: Box, turning: Turning | None) -> None:
    """Write the row, unless there is one. The first turning also notes what time it was:
    what falls due on the way is still to do."""
    if turning is None or _said(work, turning):
        return
    if work.due.reached() is None:
        work.due.set_reached(turning.before)
    work.journal.write(
        Entry(
            municipality=NATIONWIDE,
            at=box.clock.now(),
            actor=turning.actor,
            action="turn_clock",
            subjects=(turning.id,),
            facts={"from": turning.before.isoformat(timespec="seconds")},
        )
    )
