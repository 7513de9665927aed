"""Which language a page is in, and how it is chosen."""

from functools import cache

from starlette.requests import Request

from mynabox.locale import FALLBACK, LANGUAGES, accepted, knows, negotiate
from mynabox.locale.dates import babel_locale


@cache
def offered() -> tuple[str, ...]:
    """The languages that the pages' texts exist in."""
    return tuple(tag for tag in LANGUAGES if knows("web.name", language=tag))


def own_name(tag: str) -> str:
    """The language's name in the language itself."""
    name = babel_locale(tag).display_name
    return str(name or tag)


def chosen(request: Request) -> str | None:
    """The language that the address asks for, if it is one of ours."""
    wish = request.query_params.get("lang")
    return wish if wish in offered() else None


def page_language(request: Request) -> str:
    """What the address asks for, else what the browser prefers, else English."""
    language = chosen(request) or negotiate(
        *accepted(request.headers.get("accept-language", ""))
    )
    return language if language in offered() else FALLBACK
