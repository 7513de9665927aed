"""Carry out what is on its way out: letters, mails, files of a card's chip."""

from collections.abc import Callable

from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.ports import Box
from mynabox.usecases.chip import (
    CERTIFICATES,
    write_certificates,
    write_chip_file,
)

Trouble = Callable[[Outgoing, Exception], object]
"""Told what could not be delivered, and why."""


def deliver(box: Box, *, limit: int = 1000, trouble: Trouble | None = None) -> int:
    """Deliver up to ``limit`` waiting things, oldest first; how many went out.

    Each is noted as delivered only after its carrier has made it durable, so a
    crash in between delivers it twice, which changes nothing. What a carrier
    refuses stays where it is, for the next time, and holds nothing else up. Nothing
    leaves while what decided it is not durable: whoever makes it so delivers.
    """
    if box.store.holding:
        return 0
    with box.store.look() as work:
        waiting = tuple(work.outbox.waiting(limit=limit))
    delivered = 0
    for outgoing in waiting:
        try:
            _carry(outgoing, box)
        except Exception as error:
            if trouble is not None:
                trouble(outgoing, error)
            continue
        with box.store.work() as work:
            work.outbox.delivered(outgoing.id, at=box.clock.now())
        delivered += 1
    return delivered


def waits_for(chip: str, box: Box) -> bool:
    """Whether something is still on its way into the chip of this card."""
    with box.store.look() as work:
        return any(
            outgoing.carrier is Carrier.CHIP and outgoing.to == chip
            for outgoing in work.outbox.waiting(limit=1_000_000)
        )


def _carry(outgoing: Outgoing, box: Box) -> None:
    match outgoing.carrier:
        case Carrier.POST:
            box.post.deliver(outgoing)
        case Carrier.MAIL:
            box.mail.deliver(outgoing)
        case Carrier.CHIP if outgoing.title == CERTIFICATES:
            numbers = map(int, outgoing.content.split())
            write_certificates(outgoing.to, numbers=numbers, box=box)
        case Carrier.CHIP:
            write_chip_file(
                outgoing.to, name=outgoing.title, content=outgoing.content, box=box
            )
