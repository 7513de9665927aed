"""ETags on what can be read and changed, and ``If-Match`` on what changes it.

:func:`match_versions` wraps the routes of a topic. Reading one thing gives its version;
a change that bears it is refused (412) if somebody else changed the thing since, and
that is decided in the transaction of the change.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.routing import APIRoute

from mynabox.api.authority import By
from mynabox.api.keyed import changes
from mynabox.api.refusal import answers
from mynabox.api.wrapping import of_type, parameter, sign
from mynabox.ports import Missing
from mynabox.usecases.acting import Acting
from mynabox.usecases.version import KINDS, ExpectingStore, version_of

Match = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="ETag of the thing as it was read: refused with 412 if somebody "
        "has changed it since",
    ),
]
_TAG = re.compile(r'(W/)?"([^"]*)"')
_ETAG: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {
                "description": "The version; for `If-Match`",
                "schema": {"type": "string"},
            }
        }
    }
}


def match_versions(router: APIRouter) -> None:
    """ETags and preconditions for the routes of a topic."""
    for route in router.routes:
        if not isinstance(route, APIRoute):
            continue
        kind = _kind(route)
        if kind is None:
            continue
        if changes(route) and of_type(route.endpoint, By):
            route.endpoint = _expecting(route.endpoint, kind)
            route.responses = {**route.responses, **answers(412)}
        elif "GET" in (route.methods or ()) and route.path.endswith(f"{{{kind}}}"):
            route.endpoint = _tagged(route.endpoint, kind)
            route.responses = {**route.responses, **_ETAG}


def _kind(route: APIRoute) -> str | None:
    """What of a path has versions."""
    named = re.findall(r"{(\w+)}", route.path)
    return next((name for name in named if name in KINDS), None)


def _tagged(endpoint: Callable[..., Any], kind: str) -> Callable[..., Any]:
    (by,) = of_type(endpoint, By)

    @wraps(endpoint)
    def read(*, m_response: Response, **given: Any) -> Any:
        # Before the thing itself: a change in between makes the version too old, and
        # its bearer is told so; the other way round they would not be.
        acting: Acting = given[by]
        try:
            with acting.box.store.look() as work:
                m_response.headers["etag"] = f'"{version_of(work, kind, given[kind])}"'
        except Missing:
            pass  # the route says so in its own words
        return endpoint(**given)

    sign(read, endpoint, parameter("m_response", Response))
    return read


def _expecting(endpoint: Callable[..., Any], kind: str) -> Callable[..., Any]:
    (by,) = of_type(endpoint, By)

    @wraps(endpoint)
    def changed(*, m_match: str | None, m_request: Request, **given: Any) -> Any:
        if m_match is None:
            return endpoint(**given)
        acting: Acting = given[by]
        key = m_request.path_params[kind]
        store = ExpectingStore(acting.box.store, kind, key, _known(m_match))
        with store.look() as work:
            store.demand(work)
        expecting = replace(acting, box=replace(acting.box, store=store))
        return endpoint(**{**given, by: expecting})

    sign(
        changed,
        endpoint,
        parameter("m_match", Match, default=None),
        parameter("m_request", Request),
    )
    return changed


def _known(header: str) -> frozenset[str] | None:
    """The versions that a header names; None for any."""
    if header.strip() == "*":
        return None
    return frozenset(tag for weak, tag in _TAG.findall(header) if not weak)
