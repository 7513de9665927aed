"""Lists are read page by page, whatever is added meanwhile: a page begins behind the
last thing of the page before, which its ``Link`` header (RFC 8288) names."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from mynabox.law.accepts import Accepts
from mynabox.law.errors import BadArgument

T = TypeVar("T")

LONGEST = 200

PLACE = Accepts("page")

After = Annotated[
    str,
    Query(
        pattern=r"^[A-Za-z0-9.-]{0,64}$",
        description="Where the page before ended: `Link` of that answer, `rel=next`, "
        "bears it",
    ),
]
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="Things on a page")]

LINKED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Link": {
                "description": '`<…>; rel="next"` if there is another page (RFC 8288)',
                "schema": {"type": "string"},
            }
        }
    }
}
"""For the description of a list."""


def link_next(request: Request, response: Response, after: str | None) -> None:
    """Name the next page, if there is one."""
    if after is None:
        return
    asked = [pair for pair in request.query_params.multi_items() if pair[0] != "after"]
    query = urlencode([*asked, ("after", after)])
    response.headers["link"] = f'<{request.url.path}?{query}>; rel="next"'


def page_of(
    things: Sequence[T], key: Callable[[T], str], *, after: str, limit: int
) -> tuple[Sequence[T], str | None]:
    """The page behind ``after`` of a short list, and where it ends if more follows.

    Raises ``BadArgument`` for an ``after`` that is not in the list.
    """
    start = 0
    if after:
        places = [place for place, thing in enumerate(things) if key(thing) == after]
        if not places:
            raise BadArgument("after", PLACE)
        start = places[0] + 1
    page = things[start : start + limit]
    more = len(things) > start + limit
    return page, key(page[-1]) if more else None
