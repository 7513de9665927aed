"""Every "no" of the API as problem+json (RFC 9457).

Exceptions of the layers below carry codes and facts; this module alone knows which
HTTP status they are. What a client sent is never repeated: it may be a number or a
PIN.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mynabox.api.acceptance import accepted_in
from mynabox.api.language import wished_language
from mynabox.api.refusal import Problem, Wrong
from mynabox.law.errors import BadArgument, NotInForce
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.staff import NotPermitted, NotSignedIn
from mynabox.lifecycle.tries import MustWait
from mynabox.lifecycle.verifier import TooMany
from mynabox.locale import knows, say
from mynabox.ports import Busy, Duplicate, Missing
from mynabox.usecases.once import KeyInProgress
from mynabox.usecases.version import ChangedMeanwhile

_TITLES = {
    400: "Not readable",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not found",
    405: "Not allowed here",
    409: "Already there",
    412: "Changed meanwhile",
    413: "Too long",
    415: "Wrong media type",
    422: "Refused",
    429: "Too often",
    500: "Broken",
    503: "Busy",
}


class ProblemResponse(Response):
    """A problem. Characters that UTF-8 cannot say become question marks."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False).encode(errors="replace")


def problem(
    request: Request,
    *,
    status: int,
    code: str,
    rules: Sequence[str] = (),
    facts: Mapping[str, str] | None = None,
    errors: list[Wrong] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """The problem ``code`` in the language that the request wants."""
    language = wished_language(request)
    facts = dict(facts or {})
    next_step = f"{code}.do"
    body = Problem(
        type=f"urn:mynabox:problem:{code}",
        title=_TITLES.get(status, "Refused"),
        status=status,
        detail=say(language, code, **facts),
        code=code,
        rules=list(rules),
        facts=facts,
        next=say(language, next_step, **facts) if knows(next_step) else None,
        errors=errors,
    )
    return ProblemResponse(
        body.model_dump(mode="json", exclude_none=True),
        status_code=status,
        headers={
            **(headers or {}),
            "content-language": language,
            "vary": "accept-language",
            "cache-control": "no-store",
        },
    )


def problem_of(request: Request, error: Exception) -> ProblemResponse | None:
    """The problem that an exception of the layers below is; None for one that should
    not have been."""
    match error:
        case Refused():
            status, headers = _refused(error)
            return problem(
                request,
                status=status,
                code=error.code,
                rules=error.rules,
                facts=error.facts,
                headers=headers,
            )
        case Missing():
            return problem(
                request, status=404, code="api.missing", facts={"what": error.what}
            )
        case Duplicate():
            return problem(
                request, status=409, code="api.duplicate", facts={"what": error.what}
            )
        case BadArgument():
            return problem(
                request,
                status=422,
                code="api.bad_argument",
                facts={
                    "argument": error.argument,
                    "accepted": accepted_in(wished_language(request), error.accepted),
                },
            )
        case NotInForce():
            return problem(
                request,
                status=422,
                code="api.no_rule_on_that_day",
                facts={"rule": error.name, "day": error.day.isoformat()},
            )
        case Busy():
            return problem(request, status=503, code="api.busy", headers=_SOON)
        case _:
            return None


_SOON = {"retry-after": "1"}


def _refused(error: Refused) -> tuple[int, Mapping[str, str]]:
    match error:
        case NotSignedIn():
            return 401, {"www-authenticate": "Bearer"}
        case NotPermitted():
            return 403, {}
        case TooMany(seconds=seconds) | MustWait(seconds=seconds):
            return 429, {"retry-after": str(seconds)}
        case KeyInProgress():
            return 409, _SOON
        case ChangedMeanwhile():
            return 412, {}
        case _:
            return 422, {}


def answer_with_problems(app: FastAPI) -> None:
    """Have the app say every "no" as a problem."""

    def known(request: Request, error: Exception) -> Response:
        return problem_of(request, error) or broken(request, error)

    for kind in (Refused, Missing, Duplicate, BadArgument, NotInForce, Busy):
        app.add_exception_handler(kind, known)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem(
            request,
            status=422,
            code="api.request_shape",
            errors=[
                Wrong(where=list(found["loc"]), code=found["type"], what=found["msg"])
                for found in error.errors()
            ],
        )

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        codes = {
            400: "api.not_readable",
            404: "api.no_such_path",
            405: "api.method_not_allowed",
            413: "api.too_long",
            415: "api.media_type",
        }
        return problem(
            request,
            status=error.status_code,
            code=codes.get(error.status_code, "api.refused"),
            headers=error.headers,
        )

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        return problem(request, status=500, code="api.broken")
