"""Wire models of notices, forms and applications."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from mynabox.api.schema import Wire
from mynabox.law.answer import Answer, Verdict
from mynabox.law.notices import notice_kept_until, undelivered_notice
from mynabox.lifecycle.application import (
    Applicant,
    Application,
    ApplicationState,
    Channel,
    Fault,
    HeadCover,
)
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.notice import Notice, NoticeEvent, NoticeKind, NoticeState
from mynabox.usecases.verdict import refused

ApplicationKey = Annotated[
    str,
    Path(
        pattern=r"^[a-z]{1,8}-[a-z0-9]{1,32}$",
        description="The box's own id of an application: `app-…`",
    ),
]
ApplicationId = Annotated[
    str,
    Field(
        max_length=100,
        description="The 23 digits on the form; spaces and hyphens are ignored",
    ),
]
_Word = Annotated[str, Field(max_length=50)]


class JudgedAnswer(BaseModel):
    """Whether the rules allow it. Asking is written down; a "no" is an answer."""

    allowed: bool
    reasons: list[str] = Field(description="Codes of what speaks against it")
    rules: list[str]
    next: str | None = Field(description="Code of what to do now")

    @classmethod
    def of(cls, judged: Answer[Verdict]) -> Self:
        verdict = judged.value
        rules = () if verdict.allowed else refused(verdict).rules
        return cls(
            allowed=verdict.allowed,
            reasons=list(verdict.codes),
            rules=list(rules),
            next=judged.next,
        )


class CopyAsk(Wire):
    """A copy that somebody wants to make of a card (R260, R261)."""

    side: Literal["front", "back"]
    requester: _Word = Field(examples=["employer"])
    purpose: _Word = Field(examples=["year_end_tax"])
    consent: bool = Field(default=False, description="The holder agrees")


# --- Notices ---------------------------------------------------------------------


class NoticeAnswer(BaseModel):
    """The notice of the number, with the application form printed with it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    resident: str
    application_id: str
    issued: date
    kind: NoticeKind
    state: NoticeState
    since: date | None = Field(description="Day of the last thing that happened to it")
    kept_until: date | None = Field(
        default=None, description="Last day at the post office, while it waits there"
    )
    next: list[str] = Field(
        default_factory=list, description="What its addressee can do now (R005)"
    )

    @classmethod
    def of(cls, notice: Notice) -> Self:
        waits = notice.state is NoticeState.AT_POST_OFFICE
        there = waits or notice.state is NoticeState.RETURNED
        return cls(
            id=notice.id,
            resident=notice.resident,
            application_id=notice.application_id,
            issued=notice.issued,
            kind=notice.kind,
            state=notice.state,
            since=notice.since,
            kept_until=notice_kept_until(notice.since).value
            if waits and notice.since
            else None,
            next=list(undelivered_notice(at_post_office=waits).value) if there else [],
        )


class NoticeEventAsk(Wire):
    """What became of the letter."""

    event: NoticeEvent
    documents: Annotated[list[_Word], Field(max_length=20)] = Field(
        default_factory=list,
        description="What the addressee shows when it is handed out at the office",
    )


# --- Forms -------------------------------------------------------------------------


class FormAsk(Wire):
    """Print a form; it is handed out, or posted."""

    post: bool = False


class FormAnswer(BaseModel):
    """A form that was printed by itself."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    resident: str
    application_id: str
    issued: date

    @classmethod
    def of(cls, form: Form) -> Self:
        return cls.model_validate(form)


class FormIdAsk(Wire):
    """The form with this application ID. By POST, so that no log keeps the ID."""

    application_id: ApplicationId


class UsableAnswer(BaseModel):
    """Whether a form can be sent today (R026-R028)."""

    usable: bool
    reasons: list[str] = Field(
        description="Codes of what is wrong with it, or of advice"
    )
    next: str | None = Field(description="Code of what to do now")


# --- Applications ------------------------------------------------------------------


class OpenAsk(Wire):
    """The first page of an application over the web (R023, R025)."""

    application_id: ApplicationId
    email: Annotated[str, Field(max_length=320)]
    channel: Literal["smartphone", "computer"] = "computer"


class ApplicationAnswer(BaseModel):
    """An application for a card. Photo, mail address and link are not part of it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    resident: str
    application_id: str
    channel: Channel
    state: ApplicationState
    opened: datetime
    received: datetime | None
    photo_taken: date | None
    signature_certificate: bool
    authentication_certificate: bool
    applicant: Applicant
    identified: bool = Field(description="The holder showed who they are (R051)")
    head_cover: HeadCover | None
    concerns: list[str] = Field(description="What the checks noticed, for the clerk")
    reviewed: datetime | None = Field(description="When a clerk decided about it")
    faults: list[Fault] = Field(description="Why it was sent back")

    @classmethod
    def of(cls, application: Application) -> Self:
        return cls.model_validate(application)


class ApplicationsAnswer(BaseModel):
    """One page of the applications that no clerk has looked at."""

    applications: list[ApplicationAnswer]
    next: str | None = Field(description="`after` of the next page, if there is one")


class SendBackAsk(Wire):
    """Why an application is sent back: every reason at once."""

    faults: Annotated[list[Fault], Field(max_length=len(Fault))] = Field(
        examples=[["background"]]
    )


class TokenAsk(Wire):
    """The last part of the mailed link."""

    token: Annotated[str, Field(max_length=200)]


class StatusAsk(FormIdAsk):
    """Ask how an application stands. By POST, so that no log keeps the ID."""


class StatusAnswer(BaseModel):
    """How an application stands, as its applicant may know it."""

    application: ApplicationState
    received: datetime | None
    card: CardState | None
    faults: list[Fault] = Field(description="What to mend, if it was sent back")
