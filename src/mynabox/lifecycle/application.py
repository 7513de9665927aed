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


class Applicant(StrEnum):
    """Who applies: the holder, or somebody for them (R058)."""

    HOLDER = "holder"
    REPRESENTATIVE = "statutory_representative"
    AGENT = "agent"


class HeadCover(StrEnum):
    """Why the head is covered on the photo (R044)."""

    RELIGIOUS = "religious"
    MEDICAL = "medical"


class Fault(StrEnum):
    """Why an application is sent back (不備); all of it can be mended."""

    BACKGROUND = "background"
    UNCLEAR = "unclear"
    HAT = "hat"
    SUNGLASSES = "sunglasses"
    WRONG_SIZE = "wrong_size"
    TOO_OLD = "too_old"
    NO_PHOTO = "no_photo"
    NOT_THE_APPLICANT = "not_the_applicant"
    UNSIGNED = "unsigned"
    NO_REPRESENTATIVE = "no_representative"
    FORM_CHANGED = "form_changed"
    STAY_ENDED = "stay_ended"


class ApplicationState(StrEnum):
    """Where an application stands."""

    OPENED = "opened"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    """A clerk must look at it before the card is produced."""
    SENT_BACK = "sent_back"
    PRODUCED = "produced"
    WITHDRAWN = "withdrawn"


class ApplicationEvent(StrEnum):
    """What happens to an application."""

    SUBMITTED = "submitted"
    REFERRED = "referred"
    """It came in, and something about it is for a clerk to decide."""
    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"
    PRODUCED = "produced"
    WITHDRAWN = "withdrawn"


_OPENED, _RECEIVED = ApplicationState.OPENED, ApplicationState.RECEIVED
_IN_REVIEW, _SENT_BACK = ApplicationState.IN_REVIEW, ApplicationState.SENT_BACK

APPLICATION = Life(
    name="application",
    first=_OPENED,
    steps={
        (_OPENED, ApplicationEvent.SUBMITTED): _RECEIVED,
        (_OPENED, ApplicationEvent.REFERRED): _IN_REVIEW,
        (_OPENED, ApplicationEvent.SENT_BACK): _SENT_BACK,
        (_OPENED, ApplicationEvent.WITHDRAWN): ApplicationState.WITHDRAWN,
        (_RECEIVED, ApplicationEvent.ACCEPTED): _RECEIVED,
        (_RECEIVED, ApplicationEvent.SENT_BACK): _SENT_BACK,
        (_RECEIVED, ApplicationEvent.PRODUCED): ApplicationState.PRODUCED,
        (_RECEIVED, ApplicationEvent.WITHDRAWN): ApplicationState.WITHDRAWN,
        (_IN_REVIEW, ApplicationEvent.ACCEPTED): _RECEIVED,
        (_IN_REVIEW, ApplicationEvent.SENT_BACK): _SENT_BACK,
        (_IN_REVIEW, ApplicationEvent.WITHDRAWN): ApplicationState.WITHDRAWN,
        (_SENT_BACK, ApplicationEvent.SUBMITTED): _RECEIVED,
        (_SENT_BACK, ApplicationEvent.REFERRED): _IN_REVIEW,
        (_SENT_BACK, ApplicationEvent.SENT_BACK): _SENT_BACK,
        (_SENT_BACK, ApplicationEvent.WITHDRAWN): ApplicationState.WITHDRAWN,
    },
    rules=("R020", "R023"),
)

UNDER_WAY = frozenset({_RECEIVED, _IN_REVIEW})
"""An application that came in and is not decided: a second one is a duplicate."""

FILLED_IN = frozenset({_OPENED, _SENT_BACK})
"""An application that waits for its applicant."""


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
    ``applicant`` / ``applicant_name``  who applied, and their name if they are not
                   the holder
    ``identified``  the holder came in person and showed who they are (R051)
    ``head_cover``  the reason written on the form for a covered head (R044)
    ``concerns``   what the checks of the photo noticed, for the clerk
    ``reviewed``   when a clerk looked at it and accepted it
    ``faults``     why it was sent back the last time
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
    applicant: Applicant = Applicant.HOLDER
    applicant_name: str = ""
    identified: bool = False
    head_cover: HeadCover | None = None
    concerns: tuple[str, ...] = ()
    reviewed: datetime | None = None
    faults: tuple[Fault, ...] = ()
    state: ApplicationState = ApplicationState.OPENED

    def after(self, event: ApplicationEvent) -> "Application":
        """The application after ``event``; raises ``Refused`` if it cannot be."""
        return replace(self, state=APPLICATION.after(self.state, event))
