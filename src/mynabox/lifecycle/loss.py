"""A card that was reported lost, from the call to its end (紛失届)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class LossState(StrEnum):
    """What became of a lost card."""

    REPORTED = "reported"
    FOUND = "found"
    REPLACED = "replaced"
    ENDED = "ended"
    """The card ended for another reason."""


class LossEvent(StrEnum):
    """What happens to it."""

    FOUND = "found"
    REPLACED = "replaced"
    ENDED = "ended"


LOSS = Life(
    name="loss",
    first=LossState.REPORTED,
    steps={
        (LossState.REPORTED, LossEvent.FOUND): LossState.FOUND,
        (LossState.REPORTED, LossEvent.REPLACED): LossState.REPLACED,
        (LossState.REPORTED, LossEvent.ENDED): LossState.ENDED,
    },
    rules=("R180", "R181", "R185"),
)


class Told(StrEnum):
    """The way the report came (R180, R186)."""

    TELEPHONE = "telephone"
    FAX = "fax"
    COUNTER = "counter"


class Proof(StrEnum):
    """Papers that show how a card was lost (R181, R183)."""

    POLICE = "police"
    """The police took the loss or theft down (受理番号)."""
    FIRE = "fire"
    """A certificate of fire or disaster (罹災証明書)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One loss of one card.

    ``receipt``   ten digits that the hotline reads out, and that one calls back with
    ``caller``    who reported it, as they said: the holder, a parent, ...
    ``callback``  the telephone number under which they can be called back
    ``proof``     which paper was shown, by which ``authority``, with which ``number``
                  and of which day (``proved``)
    """

    receipt: str
    card: str
    resident: str
    municipality: str
    reported: datetime
    told: Told
    caller: str
    callback: str
    since: datetime
    proof: Proof | None = None
    authority: str = ""
    number: str = ""
    proved: date | None = None
    state: LossState = LossState.REPORTED

    def after(self, event: LossEvent, *, at: datetime) -> "Loss":
        """The loss after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=LOSS.after(self.state, event), since=at)
