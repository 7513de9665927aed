"""Turn the clock of a sandbox box."""

from datetime import datetime

from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.ports import Box, SettableClock


def turn_clock(
    moment: datetime, box: Box, clock: SettableClock, *, actor: str = "operator"
) -> None:
    """Make it ``moment`` in the box; the journal says so at the new time."""
    before = _reached(box, clock)
    clock.set(moment)
    _note(box, actor=actor, before=before)


def follow_clock(box: Box, clock: SettableClock, *, actor: str = "operator") -> None:
    """Let the box follow the machine's clock again."""
    before = _reached(box, clock)
    clock.follow()
    _note(box, actor=actor, before=before)


def _reached(box: Box, clock: SettableClock) -> datetime:
    """What time it is. Noted before the clock is turned for the first time: whatever
    happens to the box then, what falls due on the way is still to do."""
    before = clock.now()
    with box.store.work() as work:
        if work.due.reached() is None:
            work.due.set_reached(before)
    return before


def _note(box: Box, *, actor: str, before: datetime) -> None:
    with box.store.work() as work:
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=box.clock.now(),
                actor=actor,
                action="turn_clock",
                subjects=(),
                facts={"from": before.isoformat(timespec="seconds")},
            )
        )
