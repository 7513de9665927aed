"""What comes in from a form."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from mynabox.law.book import integer

SLACK = 64 * 1024
"""Bytes of a form beside its photo."""

PATIENCE = 64 * 1024 * 1024
"""Bytes of a form that is too long which are read and dropped, so that the browser
can show our answer instead of a broken connection."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent.

    ``too_long``  it was longer than a form with the largest photo (R045) can be;
                  then nothing of it was kept
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    too_long: bool = False

    def text(self, name: str) -> str:
        """One field, without white space around it; empty if it was not sent."""
        return self.fields.get(name, "").strip()

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.fields.get(name))

    def day(self, name: str) -> date | None:
        """The day in three fields, in any script's digits; None if there is none."""
        parts = []
        for unit in ("year", "month", "day"):
            written = self.text(f"{name}-{unit}").rstrip("年月日")
            if not written.isdecimal() or len(written) > 4:
                return None
            parts.append(int(written))
        try:
            return date(*parts)
        except ValueError:
            return None


async def _sent(request: Request) -> Sent:
    body = bytearray()
    longest = integer("photo", "max_bytes").only.value + SLACK
    read = 0
    try:
        async for part in request.stream():
            read += len(part)
            if read > PATIENCE:
                raise HTTPException(413)
            if read <= longest:
                body += part
    except ClientDisconnect:
        raise HTTPException(400) from None
    if read > longest:
        return Sent(too_long=True)

    async def again() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    try:
        async with Request(request.scope, again).form(
            max_files=4, max_fields=40
        ) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                else:
                    fields[name] = value
    except (MultiPartException, UnicodeDecodeError, ValueError):
        raise HTTPException(400) from None
    return Sent(fields=fields, files=files)


SentForm = Annotated[Sent, Depends(_sent)]
"""The form that was sent with a request."""


def search_key(text: str) -> str:
    """What names are compared by; never stored and never shown."""
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
