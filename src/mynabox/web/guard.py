"""What stands at the edge of the site, before and after every page and service."""

import ipaddress
from collections.abc import Callable
from traceback import extract_tb
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_WITH_SCRIPT = _POLICY + "; script-src 'self'; connect-src 'self'"
_SCRIPTED = frozenset({"/staff", "/staff/sign-in"})
"""The pages on which a browser is asked for a passkey: nothing but a script can."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN_PAGE = (
    "This request was sent by a page of another site and was not carried out. "
    "Open the page of this box itself and try again.\n"
    "他のサイトのページから送られた要求のため、実行しませんでした。\n"
)
_FOREIGN_HOST = (
    "This box does not answer to that host name. Use its address "
    "(such as 127.0.0.1) or localhost.\n"
    "このホスト名では応答しません。\n"
)
_BROKEN = "Something broke that should not. The box's log says where.\n"


class Guard:
    """Checks who asks, adds security headers, and logs what breaks.

    * A ``Host`` that is neither an address nor this site's name is refused, so that
      no foreign name can be rebound to the box.
    * A change asked for by a page of another origin is refused; the session's cookie
      is not sent along from one either (SameSite=Strict).
    * An error that nobody else answered is answered by ``broken`` and logged by its
      type and place alone: its text may hold personal data.
    """

    def __init__(
        self, app: ASGIApp, site: str, broken: Callable[[Request], Response]
    ) -> None:
        self.app = app
        self.broken = broken
        self.site_host = urlsplit(site).hostname or "localhost"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def secured(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _secure(MutableHeaders(scope=message), scope["path"])
            await send(message)

        headers = Headers(scope=scope)
        if not self._knows(headers.get("host", "")):
            refusal = PlainTextResponse(_FOREIGN_HOST, 421)
            await refusal(scope, receive, secured)
            return
        if scope["method"] not in _SAFE and _foreign(headers):
            refusal = PlainTextResponse(_FOREIGN_PAGE, 403)
            await refusal(scope, receive, secured)
            return
        try:
            await self.app(scope, receive, secured)
        except Exception as error:
            _log(error)
            if not started:
                await self._answer(scope)(scope, receive, secured)

    def _answer(self, scope: Scope) -> Response:
        try:
            return self.broken(Request(scope))
        except Exception as error:
            _log(error)
            return PlainTextResponse(_BROKEN, 500)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name == self.site_host or name == "localhost":
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _foreign(headers: Headers) -> bool:
    """Whether a browser says that another site's page caused the request."""
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _secure(headers: MutableHeaders, path: str) -> None:
    if headers.get("content-type", "").startswith("application/pdf"):
        # browsers show PDFs with a viewer of their own, which a policy would stop
        headers["content-security-policy"] = "frame-ancestors 'none'"
    else:
        scripted = path in _SCRIPTED
        headers["content-security-policy"] = _WITH_SCRIPT if scripted else _POLICY
    headers["x-content-type-options"] = "nosniff"
    headers["x-frame-options"] = "DENY"
    headers["referrer-policy"] = "no-referrer"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers.setdefault("cache-control", "no-store")


def _log(error: BaseException) -> None:
    frames = extract_tb(error.__traceback__)[-5:]
    structlog.get_logger("mynabox.web").error(
        "unknown_error",
        error=type(error).__name__,
        where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
