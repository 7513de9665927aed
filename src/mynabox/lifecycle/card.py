"""A card (個人番号カード) from production to its end."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class CardState(StrEnum):
    """What a card is. That it has expired is computed, not stored (R094)."""

    PRODUCED = "produced"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    VOID = "void"


class CardEvent(StrEnum):
    """What happens to a card."""

    HANDED_OVER = "handed_over"
    DISCARDED = "discarded"
    REPORTED_LOST = "reported_lost"
    FOUND = "found"
    REPLACED = "replaced"
    RETURNED = "returned"
    RECORD_DELETED = "record_deleted"
    NUMBER_CHANGED = "number_changed"
    LAPSED = "lapsed"
    """A deadline of moving in or of continued use was missed (R155)."""


CARD = Life(
    name="card",
    first=CardState.PRODUCED,
    steps={
        (CardState.PRODUCED, CardEvent.HANDED_OVER): CardState.ACTIVE,
        (CardState.PRODUCED, CardEvent.DISCARDED): CardState.VOID,
        (CardState.PRODUCED, CardEvent.RECORD_DELETED): CardState.VOID,
        (CardState.PRODUCED, CardEvent.NUMBER_CHANGED): CardState.VOID,
        (CardState.PRODUCED, CardEvent.LAPSED): CardState.VOID,
        (CardState.ACTIVE, CardEvent.REPORTED_LOST): CardState.SUSPENDED,
        (CardState.ACTIVE, CardEvent.REPLACED): CardState.VOID,
        (CardState.ACTIVE, CardEvent.RETURNED): CardState.VOID,
        (CardState.ACTIVE, CardEvent.RECORD_DELETED): CardState.VOID,
        (CardState.ACTIVE, CardEvent.NUMBER_CHANGED): CardState.VOID,
        (CardState.ACTIVE, CardEvent.LAPSED): CardState.VOID,
        (CardState.SUSPENDED, CardEvent.FOUND): CardState.ACTIVE,
        (CardState.SUSPENDED, CardEvent.REPLACED): CardState.VOID,
        (CardState.SUSPENDED, CardEvent.RETURNED): CardState.VOID,
        (CardState.SUSPENDED, CardEvent.RECORD_DELETED): CardState.VOID,
        (CardState.SUSPENDED, CardEvent.NUMBER_CHANGED): CardState.VOID,
        (CardState.SUSPENDED, CardEvent.LAPSED): CardState.VOID,
    },
    rules=("R030", "R050", "R148", "R149", "R185"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card.

    ``serial``         sixteen-digit manufacturing number, new with every card
    ``security_code``  four digits under the photo, new with every card
    ``issued``         production day, from which validity counts (R093, A27)
    ``expires``        last day on which the card is valid (R094)
    ``since``          when the present state began
    ``printed``        how many former readings the holder's record had at production:
                       the reading behind them is what the face says
    ``written``        the same for what was last written on it and into its chip
    ``without_pins``   whether it is one without PINs (顔認証マイナンバーカード, R081)
    """

    serial: str
    resident: str
    municipality: str
    application: str
    security_code: str
    issued: date
    expires: date
    since: datetime
    state: CardState = CardState.PRODUCED
    printed: int = 0
    written: int = 0
    without_pins: bool = False

    def after(self, event: CardEvent, *, at: datetime) -> "Card":
        """The card after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=CARD.after(self.state, event), since=at)

    def changed(self, *, without_pins: bool) -> "Card":
        """The same card, with PINs or without (R081)."""
        return replace(self, without_pins=without_pins)

    def valid_on(self, day: date) -> bool:
        """Whether the card can be used on ``day``, its last day included (R094)."""
        return self.state is CardState.ACTIVE and day <= self.expires

    def over_on(self, day: date) -> bool:
        """Whether its last day is over (R094, R153)."""
        return day > self.expires

    def blocks_another_on(self, day: date) -> bool:
        """Whether its holder may have no second card on ``day`` (R030)."""
        return self.state is not CardState.VOID and day <= self.expires
