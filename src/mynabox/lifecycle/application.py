"""An application for a card (交付申請)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life


class Channel(StrEnum):
    """The way an application came in (R021)."""

    SMARTPHONE = "smartphone"
    COMPUTER = "computer"
    PHOTO_BOOTH = "photo_booth"
    POST = "post"
    COUNTER = "counter"


class ApplicationState(StrEnum):
    """Where an application stands."""

    OPENED = "opened"
    RECEIVED = "received"
    PRODUCED = "produced"
    WITHDRAWN = "withdrawn"


class ApplicationEvent(StrEnum):
    """What happens to an application."""

    SUBMITTED = "submitted"
    PRODUCED = "produced"
    WITHDRAWN = "withdrawn"


APPLICATION = Life(
    name="application",
    first=ApplicationState.OPENED,
    steps={
        (
            ApplicationState.OPENED,
            ApplicationEvent.SUBMITTED,
        ): ApplicationState.RECEIVED,
        (
            ApplicationState.OPENED,
            ApplicationEvent.WITHDRAWN,
        ): ApplicationState.WITHDRAWN,
        (
            ApplicationState.RECEIVED,
            ApplicationEvent.PRODUCED,
        ): ApplicationState.PRODUCED,
        (
            ApplicationState.RECEIVED,
            ApplicationEvent.WITHDRAWN,
        ): ApplicationState.WITHDRAWN,
    },
    rules=("R020", "R023"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application.

    ``link_hash``  SHA-256 of the token in the mailed link (R023); the token itself
                   is known to the applicant's mailbox alone
    ``received``   the moment it was complete: that day decides the adult age (R092)
    ``signature_certificate`` / ``authentication_certificate``  False where the
                   applicant declined it (R031)
    ``substitutes``  the characters (代替文字) that the applicant wants to stand in the
                   signature certificate for ones it cannot hold, by the register's
                   character
    """

    id: str
    resident: str
    municipality: str
    application_id: str
    channel: Channel
    email: str
    link_hash: str
    opened: datetime
    received: datetime | None = None
    photo: bytes | None = None
    photo_taken: date | None = None
    signature_certificate: bool = True
    authentication_certificate: bool = True
    substitutes: Mapping[str, str] = field(default_factory=dict)
    state: ApplicationState = ApplicationState.OPENED

    def after(self, event: ApplicationEvent) -> "Application":
        """The application after ``event``; raises ``Refused`` if it cannot be."""
        return replace(self, state=APPLICATION.after(self.state, event))
