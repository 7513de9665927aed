"""Note what became of a posted notice."""

from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import Notice, NoticeEvent
from mynabox.ports import Box


def note_notice(
    resident: str, event: NoticeEvent, box: Box, *, actor: str = "post"
) -> Notice:
    """Note that the letter arrived, waits at the post office or came back."""
    with box.store.work() as work:
        notices = tuple(work.notices.of(resident))
        if not notices:
            raise Refused("notice.none", rules=("R004",))
        notice = notices[-1].after(event)
        work.notices.save(notice)
        work.journal.write(
            Entry(
                municipality=notice.municipality,
                at=box.clock.now(),
                actor=actor,
                action="note_notice",
                subjects=(resident, notice.id),
                facts={"event": event.value},
            )
        )
        return notice
