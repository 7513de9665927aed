"""Registrations of those who rely on certificates."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mynabox.api.authority import By
from mynabox.api.paging import LINKED, LONGEST, After, Limit, link_next, page_of
from mynabox.api.refusal import answers
from mynabox.api.schema import Wire
from mynabox.lifecycle.verifier import Right, Verifier, VerifierState
from mynabox.ports import Box
from mynabox.usecases.register_verifier import (
    Registered,
    RegisterVerifier,
    end_verifier,
    list_verifiers,
    register_verifier,
    renew_verifier_key,
    show_verifier,
)

VerifierKey = Annotated[
    str,
    Path(
        pattern=r"^[a-z][a-z0-9._-]{1,40}$",
        description="Id (`ver-…`) or name of a verifier",
    ),
]


class RegisterVerifierAsk(Wire):
    """What a verifier says of itself."""

    name: str = Field(max_length=40, examples=["bank"])
    purpose: str = Field(max_length=400, examples=["opening accounts"])
    origins: list[Annotated[str, Field(max_length=250)]] = Field(
        default_factory=list,
        max_length=50,
        description="Web origins at which its log-in stands",
        examples=[["https://bank.example"]],
    )
    rights: list[Right] = Field(max_length=10, description="What it may learn")
    per_minute: int | None = Field(
        default=None,
        ge=-1_000_000_000,
        le=1_000_000_000,
        description="Calls that it may make in a minute; as many as usual unless told",
    )


class VerifierAnswer(BaseModel):
    """A registration. The key is not part of it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    purpose: str
    origins: list[str]
    rights: list[Right]
    per_minute: int
    created: datetime
    state: VerifierState

    @classmethod
    def of(cls, verifier: Verifier) -> Self:
        """The answer for a registration."""
        return cls(**_members(verifier))


class RegisteredAnswer(VerifierAnswer):
    """A registration with its key."""

    key: str = Field(description="To be sent as `Authorization: Bearer`; told once")

    @classmethod
    def with_key(cls, made: Registered) -> Self:
        """The answer for a registration that was just given a key."""
        return cls(**_members(made.verifier), key=made.key)


def _members(verifier: Verifier) -> dict[str, object]:
    return {
        "id": verifier.id,
        "name": verifier.name,
        "purpose": verifier.purpose,
        "origins": list(verifier.origins),
        "rights": [right for right in Right if right in verifier.rights],
        "per_minute": verifier.per_minute,
        "created": verifier.created,
        "state": verifier.state,
    }


def routes(box: Box) -> APIRouter:
    """Routes of registrations."""
    router = APIRouter(tags=["verifiers"])

    @router.post(
        "/verifiers",
        operation_id="registerVerifier",
        status_code=201,
        responses=answers(409),
    )
    def registered(by: By, ask: RegisterVerifierAsk) -> RegisteredAnswer:
        """Register a verifier. Nobody else is told anything of a certificate, in an
        open box either."""
        made = register_verifier(
            RegisterVerifier(
                name=ask.name,
                purpose=ask.purpose,
                origins=tuple(ask.origins),
                rights=frozenset(ask.rights),
                per_minute=ask.per_minute,
            ),
            by.box,
        )
        return RegisteredAnswer.with_key(made)

    @router.get("/verifiers", operation_id="listVerifiers", responses=LINKED)
    def listed(
        by: By,
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[VerifierAnswer]:
        """Every verifier, by name."""
        found = list_verifiers(by.box)
        page, more = page_of(found, lambda one: one.id, after=after, limit=limit)
        link_next(request, response, more)
        return [VerifierAnswer.of(one) for one in page]

    @router.get(
        "/verifiers/{verifier}", operation_id="getVerifier", responses=answers(404)
    )
    def shown(by: By, verifier: VerifierKey) -> VerifierAnswer:
        """One verifier."""
        return VerifierAnswer.of(show_verifier(verifier, by.box))

    @router.post(
        "/verifiers/{verifier}/key",
        operation_id="renewVerifierKey",
        status_code=201,
        responses=answers(404),
    )
    def renewed(by: By, verifier: VerifierKey) -> RegisteredAnswer:
        """Give a verifier another key; the one of before opens nothing any more."""
        return RegisteredAnswer.with_key(renew_verifier_key(verifier, by.box))

    @router.delete(
        "/verifiers/{verifier}", operation_id="endVerifier", responses=answers(404)
    )
    def ended(by: By, verifier: VerifierKey) -> VerifierAnswer:
        """End a registration for good; its name stays taken."""
        return VerifierAnswer.of(end_verifier(verifier, by.box))

    return router
