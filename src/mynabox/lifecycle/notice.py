"""The paper that tells a person their number: the notice (個人番号通知書), before
2020-05-25 the notification card (通知カード)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mynabox.lifecycle.form import Form
from mynabox.lifecycle.life import Life


class NoticeKind(StrEnum):
    """Which of the two papers it is (R007)."""

    NOTIFICATION_CARD = "notification_card"
    NOTICE = "notice"


class NoticeState(StrEnum):
    """Where the letter is."""

    ISSUED = "issued"
    POSTED = "posted"
    AT_POST_OFFICE = "at_post_office"
    RECEIVED = "received"
    RETURNED = "returned"


class NoticeEvent(StrEnum):
    """What happens to the letter, which goes by simple registered mail (簡易書留)."""

    POSTED = "posted"
    ABSENT = "absent"
    """Nobody was at home: an absence slip (不在票) was left."""
    REDELIVERY_ASKED = "redelivery_asked"
    COLLECTED = "collected"
    """Fetched at the post office."""
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
        (
            NoticeState.AT_POST_OFFICE,
            NoticeEvent.REDELIVERY_ASKED,
        ): NoticeState.POSTED,
        (NoticeState.AT_POST_OFFICE, NoticeEvent.COLLECTED): NoticeState.RECEIVED,
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
    ``kind``   a notification card has name and address printed on itself, too, and
               proves the number while they are still so (R009)
    ``since``  day of the last thing that happened to the letter; None for letters of
               before it was written down
    """

    id: str
    resident: str
    municipality: str
    application_id: str
    issued: date
    form_name: str
    form_address: str
    form_stay_until: date | None
    kind: NoticeKind = NoticeKind.NOTICE
    state: NoticeState = NoticeState.ISSUED
    since: date | None = None

    def after(self, event: NoticeEvent, *, on: date) -> "Notice":
        """The notice after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=NOTICE.after(self.state, event), since=on)

    @property
    def form(self) -> Form:
        """The form printed with it."""
        return Form(
            id=self.id,
            resident=self.resident,
            municipality=self.municipality,
            application_id=self.application_id,
            issued=self.issued,
            name=self.form_name,
            address=self.form_address,
            stay_until=self.form_stay_until,
        )
