"""Which language a request wants its sentences in."""

from fastapi import Request

from mynabox.locale import negotiate


def wished_language(request: Request) -> str:
    """The best language for the request's ``Accept-Language`` (RFC 9110 12.5.4)."""
    wishes: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:1000].split(","):
        tag, _, parameter = part.strip().partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            quality = float(weight) if name == "q" else 1.0
        except ValueError:
            quality = 0.0
        if tag and quality > 0:
            wishes.append((-quality, tag.strip()))
    return negotiate(*(tag for _, tag in sorted(wishes, key=lambda wish: wish[0])))
