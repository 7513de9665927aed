"""What a card costs its holder, and the payment (手数料)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class FeeState(StrEnum):
    """Where a fee stands."""

    DUE = "due"
    WAIVED = "waived"
    """Nothing is to be paid (R160, R162)."""
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class FeeEvent(StrEnum):
    """What happens to a fee."""

    WAIVED = "waived"
    PAID = "paid"
    GIVEN_UP = "given_up"
    """What it was for is not wanted any more."""


FEE = Life(
    name="fee",
    first=FeeState.DUE,
    steps={
        (FeeState.DUE, FeeEvent.WAIVED): FeeState.WAIVED,
        (FeeState.DUE, FeeEvent.PAID): FeeState.PAID,
        (FeeState.DUE, FeeEvent.GIVEN_UP): FeeState.CANCELLED,
        (FeeState.WAIVED, FeeEvent.GIVEN_UP): FeeState.CANCELLED,
        (FeeState.PAID, FeeEvent.GIVEN_UP): FeeState.REFUNDED,
    },
    rules=("R161", "R167"),
)


class Means(StrEnum):
    """How it was paid."""

    CASH = "cash"
    CARD = "card"
    CODE = "code"
    """A code shown on a telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """The fee of one request, in yen.

    ``number``  ten digits on slip and receipt
    ``amount``  the whole: ``card``, ``certificates`` and ``express`` together
    ``rules``   the rules on which it rests, with a space between them
    ``settled`` when it was paid
    """

    id: str
    number: str
    request: str
    resident: str
    municipality: str
    amount: int
    card: int
    certificates: int
    express: int
    rules: str
    decided: datetime
    since: datetime
    settled: datetime | None = None
    means: Means | None = None
    state: FeeState = FeeState.DUE

    def after(self, event: FeeEvent, *, at: datetime) -> "Fee":
        """The fee after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=FEE.after(self.state, event), since=at)
