"""The letter of inquiry (照会書) that a holder answers before an agent may act."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class InquiryState(StrEnum):
    """What became of a letter of inquiry."""

    SENT = "sent"
    ANSWERED = "answered"
    REPLACED = "replaced"
    """Another letter went out in its place."""


class InquiryEvent(StrEnum):
    """What happens to it."""

    ANSWERED = "answered"
    REPLACED = "replaced"


INQUIRY = Life(
    name="inquiry",
    first=InquiryState.SENT,
    steps={
        (InquiryState.SENT, InquiryEvent.ANSWERED): InquiryState.ANSWERED,
        (InquiryState.SENT, InquiryEvent.REPLACED): InquiryState.REPLACED,
    },
    rules=("R056", "R057", "R059"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One letter about one card.

    ``agent``    name of who is to receive the card
    ``reason``   the holder's hardship, in the rulebook's words (R056)
    ``code_hash``  SHA-256 of the code in the letter; the code itself only the holder
                 has, and whoever brings the answer
    ``until``    last day on which the answer counts
    """

    id: str
    card: str
    resident: str
    municipality: str
    agent: str
    reason: str
    code_hash: str
    sent: datetime
    until: date
    since: datetime
    state: InquiryState = InquiryState.SENT

    def after(self, event: InquiryEvent, *, at: datetime) -> "Inquiry":
        """The letter after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=INQUIRY.after(self.state, event), since=at)
