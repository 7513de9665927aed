"""Signing in and out: staff with a password, residents with their card."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretStr

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import Wire
from mynabox.lifecycle.staff import Role
from mynabox.ports import Box
from mynabox.usecases.sign_in import SignedIn, sign_in, sign_out


class SignInAsk(Wire):
    """Who one is."""

    name: str = Field(max_length=40)
    password: SecretStr = Field(max_length=400)


class SessionAnswer(BaseModel):
    """A session that was opened."""

    token: str = Field(description="To be sent as `Authorization: Bearer`; told once")
    expires: datetime = Field(description="On the box's clock")
    actor: str = Field(description="What the journal calls its holder")

    @classmethod
    def of(cls, opened: SignedIn) -> "SessionAnswer":
        """The answer for a session."""
        return cls(
            token=opened.secret,
            expires=opened.session.expires,
            actor=opened.actor.name,
        )


class WhoAnswer(BaseModel):
    """Who asks, as the box knows them."""

    actor: str = Field(description="What the journal calls them")
    roles: list[Role]
    municipality: str | None = Field(description="Where they act; null: everywhere")
    authority: str = Field(description="`open` or `required`")


def routes(box: Box) -> APIRouter:
    """Routes of sessions."""
    router = APIRouter(tags=["sessions"])

    @router.post(
        "/session", operation_id="signIn", status_code=201, responses=answers(429)
    )
    def signed_in(request: Request, ask: SignInAsk) -> SessionAnswer:
        """Sign a member of staff in. After wrong passwords in a row one waits."""
        opened = sign_in(
            ask.name,
            ask.password.get_secret_value(),
            box,
            address=request.client.host if request.client else "",
        )
        return SessionAnswer.of(opened)

    @router.delete("/session", operation_id="signOut", status_code=204)
    def signed_out(by: By) -> None:
        """End the session (or take back the token) that this request came with."""
        if by.secret is not None:
            sign_out(by.secret, box)

    @router.get("/session", operation_id="whoAmI")
    def who(by: By) -> WhoAnswer:
        """Who the box takes the asker for."""
        return WhoAnswer(
            actor=by.actor.name,
            roles=[role for role in Role if role in by.actor.roles],
            municipality=by.actor.municipality,
            authority=box.site.authority,
        )

    return router
