"""Who looks at a page: the session in the cookie, and what they may."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from mynabox.lifecycle.staff import NotSignedIn
from mynabox.ports import Box, Missing
from mynabox.usecases.acting import Acting, Actor, acting_in, permit
from mynabox.usecases.sign_in import SignedIn, actor_of

COOKIE = "mynabox_session"
CHANNEL = "web"


def held(request: Request) -> str | None:
    """The secret that the browser sends along."""
    return request.cookies.get(COOKIE)


def looking(request: Request) -> Actor:
    """Who looks; a session that is over counts as none."""
    box: Box = request.app.state.box
    try:
        return actor_of(held(request), box, through=CHANNEL)
    except NotSignedIn:
        return actor_of(None, box, through=CHANNEL)


def may(action: str) -> Any:
    """A route's parameter: who asks, after it was made sure that they may."""

    def acting(request: Request) -> Acting:
        box: Box = request.app.state.box
        actor = looking(request)
        place = _place(request, box)
        permit(actor, action, municipality=place)
        return Acting(actor, acting_in(box, actor, action), held(request))

    return Depends(acting)


ToResidents = Annotated[Acting, may("page.residents")]
ToResident = Annotated[Acting, may("page.resident")]
ToApplications = Annotated[Acting, may("page.applications")]
ToApplication = Annotated[Acting, may("page.application")]
TO_SANDBOX = may("page.sandbox")


def keep(response: Response, opened: SignedIn, request: Request) -> None:
    """Have the browser keep a session: no script reads it, no other site sends it.
    When it ends is the box's business, by its own clock."""
    response.set_cookie(
        COOKIE,
        opened.secret,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def drop(response: Response) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def to_sign_in(request: Request) -> Response:
    """To the page where one signs in, and back again."""
    query = {"next": request.url.path} if request.method == "GET" else {}
    language = request.query_params.get("lang")
    if language:
        query["lang"] = language
    target = "/staff/sign-in" + (f"?{urlencode(query)}" if query else "")
    return RedirectResponse(target, 303)


def _place(request: Request, box: Box) -> str | None:
    """Where the person of a page lives; the page says so if there is nobody."""
    key = request.path_params.get("resident")
    asked = request.path_params.get("application")
    if key is None and asked is None:
        return None
    try:
        with box.store.look() as work:
            if asked is not None:
                key = work.applications.get(asked).resident
            named = str(key)
            person = work.residents.by_record_code(named) or work.residents.get(named)
    except (Missing, UnicodeError):
        return None
    return person.municipality
