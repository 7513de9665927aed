"""Which language a request wants its sentences in."""

from fastapi import Request

from mynabox.locale import accepted, negotiate


def wished_language(request: Request) -> str:
    """The best language for the request's ``Accept-Language``."""
    return negotiate(*accepted(request.headers.get("accept-language", "")))
