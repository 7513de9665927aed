"""Note what became of a posted notice."""

from mynabox.law.identity import identity_documents
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import Notice, NoticeEvent
from mynabox.ports import Box
from mynabox.usecases.verdict import demand


def note_notice(
    resident: str,
    event: NoticeEvent,
    box: Box,
    *,
    documents: tuple[str, ...] = (),
    actor: str = "post",
) -> Notice:
    """Note that the letter arrived, waits at the post office, goes out once more or
    came back (R005, R006).

    ``documents``  what the addressee shows when a notice that came back is handed out
                   at the office (R054)
    """
    at = box.clock.now()
    with box.store.work() as work:
        notices = tuple(work.notices.of(resident))
        if not notices:
            raise Refused("notice.none", rules=("R004",))
        notice = notices[-1].after(event, on=at.date())
        if event is NoticeEvent.HANDED_OUT:
            demand(identity_documents(documents, "pickup", notice.municipality))
        work.notices.save(notice)
        work.journal.write(
            Entry(
                municipality=notice.municipality,
                at=at,
                actor=actor,
                action="note_notice",
                subjects=(resident, notice.id),
                facts={"event": event.value},
            )
        )
        return notice
