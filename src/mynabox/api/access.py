"""A resident's own access log, and how they show with their card who they are."""

from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import ResidentId, Wire
from mynabox.api.sessions import SessionAnswer
from mynabox.law.days import in_japan
from mynabox.lifecycle.journal import Entry, Head, Row
from mynabox.ports import Box
from mynabox.usecases.access_log import AccessLog, Look, access_log
from mynabox.usecases.prove_resident import (
    PREFIX,
    Proof,
    ask_resident,
    open_resident_session,
    told,
)

_BASE64URL = r"^[A-Za-z0-9_-]*$"


def _whole(text: str) -> str:
    if len(text) % 4 == 1:
        raise ValueError("not base64url")
    return text


Octets = Annotated[
    str, Field(pattern=_BASE64URL, max_length=8000), AfterValidator(_whole)
]
"""Octets as base64url without padding."""


class ChallengeAnswer(BaseModel):
    """What is to be signed."""

    challenge: str = Field(description="32 octets, base64url without padding")
    prefix: str = Field(description="Text that comes before them in what is signed")
    expires: datetime = Field(description="On the box's clock")


class ProofAsk(Wire):
    """What the card answered."""

    challenge: Octets
    certificate: Octets = Field(description="User authentication certificate, DER")
    signature: Octets = Field(description="PKCS #1 v1.5 with SHA-256")


class ChainedRow(BaseModel):
    """A row of the journal as it was chained: all that its hash is made of."""

    municipality: str
    sequence: int
    at: datetime
    actor: str
    action: str
    subjects: list[str]
    facts: dict[str, str]
    previous: str
    hash: str
    nth: int | None = Field(
        default=None, description="Number among all rows of the box"
    )

    @classmethod
    def of(cls, row: Row) -> Self:
        """The answer for a row."""
        return cls(
            municipality=row.entry.municipality,
            sequence=row.sequence,
            at=row.entry.at,
            actor=row.entry.actor,
            action=row.entry.action,
            subjects=list(row.entry.subjects),
            facts=dict(row.entry.facts),
            previous=row.previous,
            hash=row.hash,
            nth=row.nth,
        )

    def as_row(self) -> Row:
        """What was answered, as the box's own value."""
        return Row(
            entry=Entry(
                municipality=self.municipality,
                at=in_japan(self.at),
                actor=self.actor,
                action=self.action,
                subjects=tuple(self.subjects),
                facts=self.facts,
            ),
            sequence=self.sequence,
            previous=self.previous,
            hash=self.hash,
            nth=self.nth,
        )


class LookAnswer(BaseModel):
    """One time that somebody saw the number."""

    at: datetime
    who: str = Field(description="As the journal calls them")
    for_whom: str = Field(description="The body that wanted it; empty: the office")
    purpose: str
    what: str = Field(description="On what it was seen")
    row: ChainedRow = Field(description="The proof: the row of the journal")

    @classmethod
    def of(cls, look: Look) -> Self:
        """The answer for a look."""
        return cls(
            at=look.row.entry.at,
            who=look.who,
            for_whom=look.for_whom,
            purpose=look.purpose,
            what=look.what,
            row=ChainedRow.of(look.row),
        )

    def as_look(self) -> Look:
        """What was answered, as the box's own value."""
        return Look(
            who=self.who,
            for_whom=self.for_whom,
            purpose=self.purpose,
            what=self.what,
            row=self.row.as_row(),
        )


class HeadAnswer(BaseModel):
    """The sealed end of a chain at this moment."""

    municipality: str
    sequence: int
    hash: str
    seal: str = Field(description="HMAC-SHA-256 of the box, hex")

    @classmethod
    def of(cls, head: Head) -> Self:
        """The answer for the end of a chain."""
        return cls(
            municipality=head.municipality,
            sequence=head.sequence,
            hash=head.hash,
            seal=head.seal,
        )


class AccessLogAnswer(BaseModel):
    """Who saw a person's number, oldest first. Kept, it can be checked later against
    the box (`mynabox log verify --resident ... --copy FILE`)."""

    resident: str
    looks: list[LookAnswer]
    heads: list[HeadAnswer]

    @classmethod
    def of(cls, log: AccessLog) -> Self:
        """The answer for an access log."""
        return cls(
            resident=log.resident,
            looks=[LookAnswer.of(look) for look in log.looks],
            heads=[HeadAnswer.of(head) for head in log.heads],
        )

    def as_log(self) -> AccessLog:
        """What was answered, as the box's own values: for checking a kept copy."""
        return AccessLog(
            resident=self.resident,
            looks=tuple(look.as_look() for look in self.looks),
            heads=tuple(
                Head(
                    municipality=head.municipality,
                    sequence=head.sequence,
                    hash=head.hash,
                    seal=head.seal,
                )
                for head in self.heads
            ),
        )


def routes(box: Box) -> APIRouter:
    """Routes of the access log."""
    router = APIRouter(tags=["access log"])

    @router.post(
        "/resident-session/challenge",
        operation_id="beginResidentSession",
        status_code=201,
    )
    def challenged() -> ChallengeAnswer:
        """Something for a resident's card to sign: `prefix` and then the octets of
        `challenge`, with the key of the user authentication certificate."""
        asked = ask_resident(box)
        return ChallengeAnswer(
            challenge=told(asked.challenge),
            prefix=PREFIX.decode("ascii"),
            expires=asked.expires,
        )

    @router.post(
        "/resident-session", operation_id="openResidentSession", status_code=201
    )
    def opened(ask: ProofAsk) -> SessionAnswer:
        """Open a session for the holder of the certificate. A challenge counts once."""
        return SessionAnswer.of(
            open_resident_session(
                Proof(
                    challenge=_octets(ask.challenge),
                    certificate=_octets(ask.certificate),
                    signature=_octets(ask.signature),
                ),
                box,
            )
        )

    @router.get(
        "/residents/{resident}/access-log",
        operation_id="getAccessLog",
        responses=answers(404),
    )
    def log(by: By, resident: ResidentId) -> AccessLogAnswer:
        """Who saw the person's Individual Number, when, for whom and for what; with
        the rows of the journal that prove it. For residents: their own."""
        return AccessLogAnswer.of(access_log(resident, by.box))

    return router


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
