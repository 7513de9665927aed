"""Why somebody asks for a card beyond the ordinary one (再交付, 特急発行)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class CardReason(StrEnum):
    """Why, in the words of the rulebook's fees (R160-R164)."""

    FIRST = "first"
    LOST = "lost"
    DAMAGED = "damaged_own_fault"
    EXPIRED = "expired"
    RENEWAL = "renewal"
    STAY_LAPSED = "stay_lapsed"
    NO_SPACE = "no_space"
    DISASTER = "disaster"
    STOLEN = "stolen"
    OFFICE_ERROR = "office_error"
    NUMBER_CHANGED = "number_changed"
    FROM_ABROAD = "returned_from_abroad"
    CONTINUED_USE_MISSED = "continued_use_missed"
    HANDED_BACK = "handed_back"
    RECORD_DELETED = "record_deleted"


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    DONE = "done"
    GIVEN_UP = "given_up"


class RequestEvent(StrEnum):
    """What happens to a request."""

    RECEIVED = "received"
    GIVEN_UP = "given_up"


CARD_REQUEST = Life(
    name="card_request",
    first=RequestState.ASKED,
    steps={
        (RequestState.ASKED, RequestEvent.RECEIVED): RequestState.DONE,
        (RequestState.ASKED, RequestEvent.GIVEN_UP): RequestState.GIVEN_UP,
    },
    rules=("R161", "R183"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRequest:
    """One request; a person has at most one that is open.

    ``card``      serial of the card that the new one is to replace, if there is one
    ``old_card``  whether that card is handed in (R055, R163)
    ``express``   made within days (R061): the rulebook's reason for it, else empty
    """

    id: str
    resident: str
    municipality: str
    reason: CardReason
    old_card: bool
    express: str
    asked: datetime
    since: datetime
    card: str | None = None
    state: RequestState = RequestState.ASKED

    def after(self, event: RequestEvent, *, at: datetime) -> "CardRequest":
        """The request after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=CARD_REQUEST.after(self.state, event), since=at)
