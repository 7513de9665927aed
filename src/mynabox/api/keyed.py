"""Idempotency keys on every operation that changes something.

:func:`take_keys` wraps the routes of a topic: what a route answers under a key is kept
in the transaction of the change (:mod:`mynabox.usecases.once`) and said again to the
same caller. Routes know nothing of it.

Sessions, log-ins and verifiers' API keys take no keys: their answers are secrets that the
box does not keep, or they count once by themselves.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response, UploadFile
from fastapi.routing import APIRoute
from pydantic import BaseModel, SecretStr, TypeAdapter

from mynabox.api.authority import By
from mynabox.api.problem import problem_of
from mynabox.api.refusal import answers
from mynabox.api.wrapping import of_type, parameter, sign
from mynabox.usecases.acting import Acting
from mynabox.usecases.once import Request as Asked
from mynabox.usecases.once import Said, once

READING = frozenset(
    {
        "callLawInBody",
        "checkForm",
        "getApplicationStatus",
        "getFormPaper",
        "searchResidents",
        "verifyJournal",
    }
    | {"checkCertificate", "verifyCms", "verifyPdf", "verifyRaw"}
    | {"linkCertificates", "getLatestAttributes"}
)
"""Operations that change nothing though they are asked with POST."""

SESSIONS = frozenset(
    {"signIn", "signOut", "beginResidentSession", "openResidentSession"}
    | {"registerVerifier", "renewVerifierKey", "beginLogIn", "logIn"}
)
"""Operations whose answers are not kept: they hold a secret, or count once anyway."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="Any text of your own for this one change (a UUID): repeated with "
        "the same body it gets the same answer, and nothing is done twice",
    ),
]
REPEATED = "idempotency-replayed"
_KEPT_HEADERS = ("content-type", "content-language", "vary", "cache-control", "etag")
_NOT_KEPT = frozenset({401, 403, 412})
"""Refusals that say nothing about the request itself."""


def changes(route: APIRoute) -> bool:
    """Whether an operation changes something and takes keys."""
    name = str(route.operation_id)
    return "GET" not in (route.methods or ()) and name not in READING | SESSIONS


def take_keys(router: APIRouter) -> None:
    """Have every changing operation of a topic take idempotency keys."""
    for route in router.routes:
        if isinstance(route, APIRoute) and changes(route):
            route.endpoint = _keyed(route)
            route.responses = {**route.responses, **answers(409)}


def _keyed(route: APIRoute) -> Callable[..., Any]:
    endpoint = route.endpoint
    ours = of_type(endpoint, Request, Response, By)
    model = route.response_model
    adapter: TypeAdapter[Any] | None = None if model is None else TypeAdapter(model)

    @wraps(endpoint)
    def answered(
        *,
        k_request: Request,
        k_by: Acting,
        k_response: Response,
        k_key: str | None,
        **asked: Any,
    ) -> Any:
        injected = {Request: k_request, Response: k_response, By: k_by}
        given = {**asked, **{name: injected[kind] for name, kind in ours.items()}}
        if k_key is None:
            return endpoint(**given)

        def do() -> Said:
            try:
                told = endpoint(**given)
            except Exception as error:
                refusal = problem_of(k_request, error)
                if refusal is None or not _kept(refusal.status_code):
                    raise
                return _said(refusal)
            if not isinstance(told, Response):
                told = _response(route, adapter, told, k_response)
            return _said(told)

        said = once(
            Asked(
                caller=k_by.actor.name,
                key=k_key,
                operation=str(route.operation_id),
                content=_content(k_request, asked),
            ),
            do,
            k_by.box,
        )
        return _again(said)

    sign(
        answered,
        endpoint,
        parameter("k_request", Request),
        parameter("k_by", By),
        parameter("k_response", Response),
        parameter("k_key", Key, default=None),
        without=ours,
    )
    return answered


def _kept(status: int) -> bool:
    return status < 500 and status not in _NOT_KEPT


def _response(
    route: APIRoute, adapter: TypeAdapter[Any] | None, told: Any, set_by: Response
) -> Response:
    status = set_by.status_code or route.status_code or 200
    if adapter is None:
        return Response(status_code=status)
    return Response(
        adapter.dump_json(adapter.validate_python(told), by_alias=True),
        status_code=status,
        media_type="application/json",
    )


def _said(response: Response) -> Said:
    headers = response.headers
    return Said(
        status=response.status_code,
        headers=tuple(
            (name, headers[name]) for name in _KEPT_HEADERS if name in headers
        ),
        body=bytes(response.body),
    )


def _again(said: Said) -> Response:
    headers = dict(said.headers)
    if said.repeated:
        headers[REPEATED] = "true"
    return Response(said.body, status_code=said.status, headers=headers)


def _content(request: Request, given: Mapping[str, Any]) -> bytes:
    """Everything that was asked, the same however its JSON was spaced and its form was
    cut into parts."""
    asked = {name: _plain(value) for name, value in given.items()}
    parts = [request.method, request.url.path, asked]
    return json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bytes):
        return b64encode(sha256(value).digest()).decode()
    if isinstance(value, UploadFile):
        content = value.file.read()
        value.file.seek(0)
        return _plain(content)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
