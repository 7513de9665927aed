"""The calls of a platform between identity providers and the status services, as the
public description of the dummy platform of ``mynumbercard-idp`` has them: a verifier
that is built against it needs only another address.

The description knows no authentication, so the API key comes with the address
(``http://bank:KEY@127.0.0.1:8780/platform``): HTTP clients send it as Basic
authentication once they are asked for it. A bearer token does as well.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.verifier import TooMany, Verifier
from mynabox.ports import Box, Busy
from mynabox.usecases.acting import acting_in, of_verifier
from mynabox.usecases.platform_users import (
    Answer,
    Outcome,
    Proof,
    encryption_key,
    log_user_in,
    register_user,
    replace_certificate,
)
from mynabox.usecases.register_verifier import count_call
from mynabox.usecases.sign_in import whose
from mynabox.usecases.verify_signature import FourItems

LONGEST = 64 * 1024
"""Octets of a request."""

_PLATFORM = "JPKI"
"""What the description calls the platform's side."""

_STATUSES = {
    Outcome.SUCCESS: 200,
    Outcome.NOT_PROVEN: 401,
    Outcome.UNKNOWN_USER: 404,
    Outcome.DUPLICATE: 409,
    Outcome.GONE: 410,
    Outcome.UNAVAILABLE: 503,
}
_CHALLENGE = {"www-authenticate": 'Basic realm="mynabox", charset="UTF-8"'}
_FORMER = {"encryptedDigitalSignatureCertificate", "userAuthenticationCertificate"}
"""Names of an earlier edition of the description, which answers with another name of
the user's id, too."""


class _RequestInfo(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    transactionId: str = Field(max_length=200)
    recipient: str = Field(max_length=200)
    sender: str = Field(max_length=200)
    ts: str = Field(max_length=400)


class _Asked(BaseModel):
    """A request, in any edition of the description."""

    requestInfo: _RequestInfo
    certificate: str = Field(
        max_length=16_000,
        validation_alias=AliasChoices(
            "encryptedCertificateForSign",
            "encryptedCertificateForUser",
            "encryptedDigitalSignatureCertificate",
            "encryptedUserAuthenticationCertificate",
            "userAuthenticationCertificate",
        ),
    )
    text: str = Field(
        min_length=1,
        max_length=4_000,
        validation_alias=AliasChoices("applicantData", "nonceData"),
    )
    sign: str = Field(
        max_length=4_000, validation_alias=AliasChoices("sign", "nonceSign")
    )


def create_platform(box: Box) -> APIRouter:
    """The platform's calls, beside the box's own API."""
    router = APIRouter(prefix="/platform", include_in_schema=False)

    def add(path: str, act: Callable[[Proof, Verifier, Box], Answer]) -> None:
        async def called(request: Request) -> Response:
            body = await _body(request)
            if body is None:
                return _failed(413, "too_long", None, box)
            return await run_in_threadpool(_answered, request, body, act, box)

        router.add_api_route(path, called, methods=["POST"])

    add("/verify/registration", register_user)
    add("/verify/login", log_user_in)
    add("/verify/replacement", replace_certificate)

    @router.get("/key/jwks.json")
    def keys() -> dict[str, list[dict[str, str]]]:
        """The key to which certificates are encrypted (RFC 7517)."""
        return {"keys": [encryption_key(box)]}

    return router


def _answered(
    request: Request,
    body: bytes,
    act: Callable[[Proof, Verifier, Box], Answer],
    box: Box,
) -> Response:
    verifier = _verifier(request, box)
    if verifier is None:
        return _failed(401, "key", None, box, headers=_CHALLENGE)
    try:
        asked = _Asked.model_validate_json(body)
        signature = b64decode(asked.sign, validate=True)
        asked.text.encode()
    except (ValidationError, NotBase64, UnicodeError):
        return _failed(400, "not_readable", None, box)
    info = asked.requestInfo
    try:
        count_call(verifier, box)
        answer = act(
            Proof(certificate=asked.certificate, text=asked.text, signature=signature),
            verifier,
            acting_in(box, of_verifier(verifier)),
        )
    except TooMany as error:
        later = {"retry-after": str(error.seconds)}
        return _failed(503, "too_many", info, box, headers=later)
    except Busy:
        return _failed(503, "busy", info, box, headers={"retry-after": "1"})
    status = _STATUSES[answer.outcome]
    if answer.items is None:
        return _failed(status, answer.cause, info, box)
    former = not _FORMER.isdisjoint(_names(body))
    told = {
        "responseInfo": _response_info(info, box),
        "status": {"status": "SUCCESS"},
        "applicantId": make_id("apl", box.random(ID_BYTES)),
        "identityInfo": _identity(answer.user, answer.items, former=former),
    }
    return JSONResponse(told)


def _identity(user: str, items: FourItems, *, former: bool) -> dict[str, str]:
    return {
        "uniqueId" if former else "tisUserId": user,
        "name": items.name,
        "dateOfBirth": items.born,
        "gender": items.sex,
        "address": items.address,
    }


def _names(body: bytes) -> set[str]:
    """The names of a request's members."""
    return set(_Members.model_validate_json(body).model_extra or ())


class _Members(BaseModel):
    model_config = ConfigDict(extra="allow")


def _failed(
    status: int,
    cause: str,
    info: _RequestInfo | None,
    box: Box,
    *,
    headers: dict[str, str] | None = None,
) -> Response:
    told = {
        "responseInfo": _response_info(info, box),
        "status": {
            "status": "FAILED",
            "errorInfo": {
                "reason": f"{status} {HTTPStatus(status).phrase}",
                "message": cause,
            },
        },
    }
    return JSONResponse(told, status_code=status, headers=headers)


def _response_info(info: _RequestInfo | None, box: Box) -> dict[str, Any]:
    """Who answers whom, and when; only what the description knows."""
    at = f"{box.clock.now():%Y-%m-%d %H:%M:%S.%f}"[:-3]
    told = {"sender": _PLATFORM, "ts": at}
    if info is not None:
        told |= {"transactionId": info.transactionId, "recipient": info.sender}
    return told


def _verifier(request: Request, box: Box) -> Verifier | None:
    """Whose key came along, as Basic authentication or as a bearer token."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    name = None
    if kind.lower() == "basic":
        try:
            name, _, given = b64decode(given, validate=True).decode().partition(":")
        except (NotBase64, UnicodeError):
            return None
    elif kind.lower() != "bearer":
        return None
    actor = whose(given.strip(), box)
    verifier = None if actor is None else actor.verifier
    if verifier is None or name not in (None, verifier.name, verifier.id):
        return None
    return verifier


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            return None
    return bytes(body)
