"""Error pages: in plain words, with what to do."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mynabox.law.errors import NotInForce
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.staff import NotPermitted, NotSignedIn
from mynabox.ports import Busy, Missing
from mynabox.web.authority import to_sign_in
from mynabox.web.page import Pages

_KNOWN = (400, 403, 404, 405, 413, 422, 503)


def error_page(request: Request, status: int, pages: Pages) -> Response:
    """A page that says what an HTTP status means and what to do."""
    return pages.show(
        request,
        "error.html",
        status=status,
        kind=status if status in _KNOWN else 500,
        sentences=(),
    )


def answer_with_pages(app: FastAPI, pages: Pages) -> None:
    """Have the app say every "no" with a page."""

    def page(request: Request, status: int) -> Response:
        return error_page(request, status, pages)

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> Response:
        return pages.show(
            request,
            "error.html",
            status=422,
            kind=422,
            sentences=pages.refusal(request, error),
        )

    @app.exception_handler(NotSignedIn)
    def not_signed_in(request: Request, error: NotSignedIn) -> Response:
        return to_sign_in(request)

    @app.exception_handler(NotPermitted)
    def not_permitted(request: Request, error: NotPermitted) -> Response:
        return pages.show(
            request,
            "error.html",
            status=403,
            kind=403,
            sentences=pages.refusal(request, error),
        )

    @app.exception_handler(Missing)
    def missing(request: Request, error: Missing) -> Response:
        return page(request, 404)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        answer = page(request, error.status_code)
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    @app.exception_handler(Busy)
    def no_turn(request: Request, error: Busy) -> Response:
        answer = page(request, 503)
        answer.headers["retry-after"] = "1"
        return answer

    @app.exception_handler(NotInForce)
    def not_in_force(request: Request, error: NotInForce) -> Response:
        return page(request, 422)

    @app.exception_handler(RequestValidationError)
    def no_such_address(request: Request, error: RequestValidationError) -> Response:
        return page(request, 404)
