"""How a card reaches its holder (カードの交付): called to the counter, or mailed home."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class DeliveryWay(StrEnum):
    """Called to the counter by postcard (R050), or mailed home (R051)."""

    PICKUP = "pickup"
    MAIL = "mail"


class DeliveryState(StrEnum):
    """Where the card is on its way."""

    AGREED = "agreed"
    """Nothing is produced yet; what was agreed with an applicant who came."""
    WAITING = "waiting"
    """At the municipality."""
    ON_THE_WAY = "on_the_way"
    """In the post."""
    CAME_BACK = "came_back"
    """The post brought it back; it lies at the municipality."""
    RECEIVED = "received"
    ENDED = "ended"
    """Nobody will receive this card any more."""


class DeliveryEvent(StrEnum):
    """What happens on the way."""

    PRODUCED = "produced"
    SENT = "sent"
    RECEIVED = "received"
    CAME_BACK = "came_back"
    CALLED = "called"
    ENDED = "ended"


DELIVERY = Life(
    name="delivery",
    first=DeliveryState.AGREED,
    steps={
        (DeliveryState.AGREED, DeliveryEvent.PRODUCED): DeliveryState.WAITING,
        (DeliveryState.AGREED, DeliveryEvent.ENDED): DeliveryState.ENDED,
        (DeliveryState.WAITING, DeliveryEvent.SENT): DeliveryState.ON_THE_WAY,
        (DeliveryState.WAITING, DeliveryEvent.RECEIVED): DeliveryState.RECEIVED,
        (DeliveryState.WAITING, DeliveryEvent.CALLED): DeliveryState.WAITING,
        (DeliveryState.WAITING, DeliveryEvent.ENDED): DeliveryState.ENDED,
        (DeliveryState.ON_THE_WAY, DeliveryEvent.RECEIVED): DeliveryState.RECEIVED,
        (DeliveryState.ON_THE_WAY, DeliveryEvent.CAME_BACK): DeliveryState.CAME_BACK,
        (DeliveryState.ON_THE_WAY, DeliveryEvent.ENDED): DeliveryState.ENDED,
        (DeliveryState.CAME_BACK, DeliveryEvent.CALLED): DeliveryState.WAITING,
        (DeliveryState.CAME_BACK, DeliveryEvent.RECEIVED): DeliveryState.RECEIVED,
        (DeliveryState.CAME_BACK, DeliveryEvent.ENDED): DeliveryState.ENDED,
    },
    rules=("R050", "R051", "R052"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One card's way to its holder; one for each application.

    ``card``       serial, once there is one
    ``name``, ``address``  what it was agreed for: a mailed card goes there only while
                   both are still the register's (R052)
    ``documents``  what an applicant who came showed, in the rulebook's words
    ``until``      last day on which a card that waits at the counter is kept
    ``remind_at``  when a holder who did not come is written to; ``reminded`` when it
                   was done
    """

    id: str
    application: str
    resident: str
    municipality: str
    way: DeliveryWay
    name: str
    address: str
    documents: str
    since: datetime
    card: str | None = None
    until: date | None = None
    remind_at: datetime | None = None
    reminded: datetime | None = None
    state: DeliveryState = DeliveryState.AGREED

    def after(self, event: DeliveryEvent, *, at: datetime) -> "Delivery":
        """The delivery after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=DELIVERY.after(self.state, event), since=at)
