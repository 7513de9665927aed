"""How long a request may be."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mynabox.api.problem import problem
from mynabox.law.book import integer

SLACK = 256 * 1024
"""Bytes for everything in a request but the photo."""

DRAINED = 32 * 1024 * 1024
"""Octets of a refused body that are read all the same, and thrown away."""


def longest_body() -> int:
    """The largest photo that the law takes (R045), and a little more."""
    return integer("photo", "max_bytes").only.value + SLACK


class BodyLimit:
    """Answers 413 to a longer body: at once if its length is announced, otherwise
    as soon as it has grown too long."""

    def __init__(self, app: ASGIApp, longest: int) -> None:
        self.app = app
        self.longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > self.longest:
            await self._refuse(scope, receive, send)
            return
        read = 0

        async def count() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.longest:
                raise HTTPException(413)
            return message

        await self.app(scope, count, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(Request(scope), status=413, code="api.too_long")
        await answer(scope, receive, send)


class ReadToTheEnd:
    """Reads what is left of a body before it answers, up to ``DRAINED`` octets.

    Whoever is answered while still sending meets a closed connection, and many
    programs then never read the answer: they would not learn that it was too long.
    Who asks first (``Expect: 100-continue``) and is refused sends nothing at all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if headers.get("content-length", "0") == "0" and (
            "transfer-encoding" not in headers
        ):
            await self.app(scope, receive, send)
            return
        coming = headers.get("expect", "").lower() != "100-continue"
        read = 0

        async def note() -> Message:
            nonlocal coming, read
            message = await receive()
            read += len(message.get("body", b""))
            coming = message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            while message["type"] == "http.response.start" and coming:
                if read > DRAINED:
                    break
                await note()
            await send(message)

        await self.app(scope, note, answer)
