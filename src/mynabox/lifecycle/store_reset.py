"""A secret that is to be set anew at a convenience store, after the app (R077)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class StoreResetState(StrEnum):
    """Where it stands. That its hours are over is computed, not stored."""

    RESERVED = "reserved"
    DONE = "done"
    REPLACED = "replaced"
    """The app was asked again."""


class StoreResetEvent(StrEnum):
    """What happens to it."""

    DONE = "done"
    REPLACED = "replaced"


STORE_RESET = Life(
    name="store_reset",
    first=StoreResetState.RESERVED,
    steps={
        (StoreResetState.RESERVED, StoreResetEvent.DONE): StoreResetState.DONE,
        (
            StoreResetState.RESERVED,
            StoreResetEvent.REPLACED,
        ): StoreResetState.REPLACED,
    },
    rules=("R077", "R078"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReset:
    """One secret of one card.

    ``kind``      ``signature`` or ``authentication``
    ``app_done``  when the app had checked the other secret and the face
    """

    id: str
    card: str
    resident: str
    municipality: str
    kind: str
    app_done: datetime
    since: datetime
    state: StoreResetState = StoreResetState.RESERVED

    def after(self, event: StoreResetEvent, *, at: datetime) -> "StoreReset":
        """The reservation after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=STORE_RESET.after(self.state, event), since=at)
