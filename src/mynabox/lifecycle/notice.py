"""The notice (個人番号通知書) that tells a person their number."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mynabox.lifecycle.life import Life


class NoticeState(StrEnum):
    """Where the letter is."""

    ISSUED = "issued"
    POSTED = "posted"
    AT_POST_OFFICE = "at_post_office"
    RECEIVED = "received"
    RETURNED = "returned"


class NoticeEvent(StrEnum):
    """What happens to the letter."""

    POSTED = "posted"
    ABSENT = "absent"
    DELIVERED = "delivered"
    SENT_BACK = "sent_back"
    HANDED_OUT = "handed_out"


NOTICE = Life(
    name="notice",
    first=NoticeState.ISSUED,
    steps={
        (NoticeState.ISSUED, NoticeEvent.POSTED): NoticeState.POSTED,
        (NoticeState.POSTED, NoticeEvent.DELIVERED): NoticeState.RECEIVED,
        (NoticeState.POSTED, NoticeEvent.ABSENT): NoticeState.AT_POST_OFFICE,
        (NoticeState.POSTED, NoticeEvent.SENT_BACK): NoticeState.RETURNED,
        (NoticeState.AT_POST_OFFICE, NoticeEvent.DELIVERED): NoticeState.RECEIVED,
        (NoticeState.AT_POST_OFFICE, NoticeEvent.SENT_BACK): NoticeState.RETURNED,
        (NoticeState.RETURNED, NoticeEvent.HANDED_OUT): NoticeState.RECEIVED,
    },
    rules=("R004", "R005", "R006"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice, with the application form printed with it.

    ``application_id``  twenty-three digits (申請書ID), printed on the form (R025)
    ``form_name``, ``form_address``, ``form_stay_until``  what the form has printed
    on it: it is unusable once one of them is no longer so (R026, R027)
    """

    id: str
    resident: str
    municipality: str
    application_id: str
    issued: date
    form_name: str
    form_address: str
    form_stay_until: date | None
    state: NoticeState = NoticeState.ISSUED

    def after(self, event: NoticeEvent) -> "Notice":
        """The notice after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=NOTICE.after(self.state, event))
