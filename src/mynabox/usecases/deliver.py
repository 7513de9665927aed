"""Carry out what is on its way out: letters, mails, files of a card's chip."""

from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.ports import Box
from mynabox.usecases.chip import write_chip_file


def deliver(box: Box, *, limit: int = 1000) -> int:
    """Deliver up to ``limit`` waiting things, oldest first; how many went out.

    Each is noted as delivered only after its carrier has made it durable, so a
    crash in between delivers it twice, which changes nothing.
    """
    with box.store.look() as work:
        waiting = tuple(work.outbox.waiting(limit=limit))
    for outgoing in waiting:
        _carry(outgoing, box)
        with box.store.work() as work:
            work.outbox.delivered(outgoing.id, at=box.clock.now())
    return len(waiting)


def _carry(outgoing: Outgoing, box: Box) -> None:
    match outgoing.carrier:
        case Carrier.POST:
            box.post.deliver(outgoing)
        case Carrier.MAIL:
            box.mail.deliver(outgoing)
        case Carrier.CHIP:
            write_chip_file(
                outgoing.to, name=outgoing.title, content=outgoing.content, box=box
            )
