"""A holder's consent that one verifier may be told their four items as they are now
(最新の基本4情報の提供への同意)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class ConsentState(StrEnum):
    """Whether it was taken back. That its term is over is computed."""

    ACTIVE = "active"
    REVOKED = "revoked"


class ConsentEvent(StrEnum):
    """What becomes of it."""

    REVOKED = "revoked"
    REPLACED = "replaced"
    """Its term was over, and the holder consented anew."""


CONSENT = Life(
    name="consent",
    first=ConsentState.ACTIVE,
    steps={
        (ConsentState.ACTIVE, ConsentEvent.REVOKED): ConsentState.REVOKED,
        (ConsentState.ACTIVE, ConsentEvent.REPLACED): ConsentState.REVOKED,
    },
    rules=("R264",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent of one person to one verifier.

    ``expires``  the moment from which it counts no more
    ``ended``    when it was taken back, or another took its place
    """

    id: str
    verifier: str
    resident: str
    municipality: str
    given: datetime
    expires: datetime
    ended: datetime | None = None
    state: ConsentState = ConsentState.ACTIVE

    def after(self, event: ConsentEvent, *, at: datetime) -> "Consent":
        """The consent after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=CONSENT.after(self.state, event), ended=at)

    def holds_at(self, moment: datetime) -> bool:
        """Whether the verifier may be told at this moment: not before it was given,
        even by a clock that was turned back."""
        return self.state is ConsentState.ACTIVE and self.given <= moment < self.expires
