"""What one member of staff asks for and another must agree to (four eyes).

A number is changed (R003), and certificates are revoked against the holder's will,
only when two have looked at it: who asked cannot approve. The store's tables hold
that as well.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class ApprovalKind(StrEnum):
    """What is asked for."""

    NUMBER_CHANGE = "number_change"
    """A new Individual Number in place of one that leaked (R003)."""
    REVOCATION = "revocation"
    """A card's certificates revoked though the holder did not ask."""


class ApprovalState(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    """Nobody decided in time. Computed, and stored when another takes its place."""


class ApprovalEvent(StrEnum):
    """What becomes of it."""

    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"


APPROVAL = Life(
    name="approval",
    first=ApprovalState.REQUESTED,
    steps={
        (ApprovalState.REQUESTED, ApprovalEvent.APPROVED): ApprovalState.APPROVED,
        (ApprovalState.REQUESTED, ApprovalEvent.DECLINED): ApprovalState.DECLINED,
        (ApprovalState.REQUESTED, ApprovalEvent.EXPIRED): ApprovalState.EXPIRED,
    },
    rules=("R003",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request and what became of it.

    ``subject``       id of the resident, or serial of the card
    ``ground``        the word of the rulebook on which it rests
    ``reason``        what happened, in the words of who asks
    ``requested_by``  id of an account
    ``decided_by``    id of another account
    """

    id: str
    kind: ApprovalKind
    subject: str
    municipality: str
    ground: str
    reason: str
    requested_by: str
    requested: datetime
    expires: datetime
    decided_by: str | None = None
    decided: datetime | None = None
    state: ApprovalState = ApprovalState.REQUESTED

    def lapsed(self) -> "Approval":
        """The request after its time; raises ``Refused`` if it was decided."""
        return replace(self, state=APPROVAL.after(self.state, ApprovalEvent.EXPIRED))

    def after(self, event: ApprovalEvent, *, by: str, at: datetime) -> "Approval":
        """The request after it was decided; raises ``Refused``."""
        return replace(
            self,
            state=APPROVAL.after(self.state, event),
            decided_by=by,
            decided=at,
        )
