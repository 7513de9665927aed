"""A box that was restored from a backup goes on as the same CA (復旧)."""

from datetime import datetime

from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.number import restored_start
from mynabox.pki.profile import number
from mynabox.ports import Box

_BLOCKS = 24
"""Bits by which the next block of numbers is drawn."""


def go_on_restored(
    box: Box, *, backup: str, at: datetime, actor: str = "operator"
) -> int:
    """Begin a new block of issuance and list numbers; the first number of it. Individual
    Numbers are drawn from a part in which no box was before
    (:func:`mynabox.lifecycle.number.restored_start`).

    Numbers that were given after the backup was made are unknown here. No block but
    the present one was ever in use, except by another restore of the same backup; that
    two of these draw the same block is as good as impossible. So no number comes
    twice, and lists are numbered above all that were published.

    ``backup``  the file's name or hash, for the journal
    ``at``      when this happens in the world, whatever the box's clock says
    """
    size = number("restore_gap_bits")
    drawn = 1 + int.from_bytes(box.random(_BLOCKS // 8), "big")
    with box.store.work() as work:
        present = work.certificates.coming_serial()
        start = ((present >> size) + drawn) << size
        work.certificates.skip_to(start)
        work.statuses.skip_to(start)
        work.numbers.skip_to(restored_start(at))
        names = tuple(one.name for one in work.statuses.authorities())
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=box.clock.now(),
                actor=actor,
                action="restore",
                subjects=names,
                facts={"backup": backup, "first_number": str(start)},
            )
        )
    return start
