"""Staff sign in with a password or a passkey, and decide what others asked for."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.staff import Role
from mynabox.locale import knows, say
from mynabox.ports import Box
from mynabox.usecases.acting import acting_in
from mynabox.usecases.deliver import deliver
from mynabox.usecases.force_revocation import approve
from mynabox.usecases.four_eyes import decline, list_approvals
from mynabox.usecases.passkeys import (
    begin_registration,
    begin_sign_in,
    register,
    sign_in_with_passkey,
)
from mynabox.usecases.sign_in import sign_in, sign_out
from mynabox.web.authority import drop, held, keep, looking
from mynabox.web.forms import SentForm
from mynabox.web.language import page_language
from mynabox.web.page import Mistake, Pages


def routes(box: Box, pages: Pages) -> APIRouter:
    """Pages of staff."""
    router = APIRouter(include_in_schema=False)

    def sign_in_page(
        request: Request, *, name: str = "", mistakes: tuple[Mistake, ...] = ()
    ) -> Response:
        return pages.show(
            request,
            "staff/sign_in.html",
            status=422 if mistakes else 200,
            mistakes=mistakes,
            name=name,
            next=_inside(request.query_params.get("next", "")),
            passkeys=_can_have_passkeys(request),
            local=f"http://localhost:{request.url.port or 80}/staff/sign-in",
        )

    @router.get("/staff/sign-in")
    def ask(request: Request) -> Response:
        return sign_in_page(request)

    @router.post("/staff/sign-in")
    def signed_in(request: Request, sent: SentForm) -> Response:
        name = sent.text("name")
        try:
            address = request.client.host if request.client else ""
            opened = sign_in(
                name, sent.fields.get("password", ""), box, address=address
            )
        except Refused as refused:
            text = " ".join(pages.refusal(request, refused))
            return sign_in_page(
                request, name=name, mistakes=(Mistake(field="name", text=text),)
            )
        answer = RedirectResponse(
            _inside(request.query_params.get("next", "")) or "/staff", 303
        )
        keep(answer, opened, request)
        return answer

    @router.post("/staff/sign-out")
    def signed_out(request: Request) -> Response:
        secret = held(request)
        if secret is not None:
            sign_out(secret, box)
        answer = RedirectResponse("/", 303)
        drop(answer)
        return answer

    @router.get("/staff")
    def desk(request: Request) -> Response:
        actor = looking(request)
        if actor.staff is None:
            return RedirectResponse("/staff/sign-in", 303)
        with box.store.look() as work:
            known = tuple(work.passkeys.of(actor.staff))
            names = {one.id: one.name for one in work.staff.list()}
        decides = Role.SUPERVISOR in actor.roles
        return pages.show(
            request,
            "staff/desk.html",
            actor=actor,
            roles=[role for role in Role if role in actor.roles],
            passkeys=known,
            names=names,
            can_have_passkeys=_can_have_passkeys(request),
            waiting=list_approvals(box, municipality=actor.municipality, waiting=True)
            if decides
            else (),
            decides=decides,
        )

    @router.post("/staff/approvals/{approval}/{decision}")
    def decided(
        request: Request, approval: str, decision: Literal["approve", "decline"]
    ) -> Response:
        actor = looking(request)
        mine = acting_in(box, actor)
        if decision == "approve":
            approve(approval, mine, actor=actor)
            deliver(box)
        else:
            decline(approval, mine, actor=actor)
        return RedirectResponse("/staff", 303)

    @router.post("/staff/passkeys/options")
    def registration(request: Request) -> Response:
        return _json(
            request,
            lambda: begin_registration(looking(request), _site(request), box),
        )

    @router.post("/staff/passkeys")
    def registered(request: Request, sent: SentForm) -> Response:
        def take() -> str:
            register(
                looking(request),
                sent.fields.get("credential", ""),
                label=sent.text("label"),
                site=_site(request),
                origin=_origin(request),
                box=box,
            )
            return "{}"

        return _json(request, take)

    @router.post("/staff/sign-in/options")
    def passkey_options(request: Request) -> Response:
        return _json(request, lambda: begin_sign_in(_site(request), box))

    @router.post("/staff/sign-in/passkey")
    def passkey(request: Request, sent: SentForm) -> Response:
        try:
            opened = sign_in_with_passkey(
                sent.fields.get("credential", ""),
                site=_site(request),
                origin=_origin(request),
                box=box,
            )
        except Refused as refused:
            return _no(request, refused)
        answer = JSONResponse({"ok": True})
        keep(answer, opened, request)
        return answer

    return router


def _json(request: Request, make: Callable[[], str]) -> Response:
    try:
        return Response(make(), media_type="application/json")
    except Refused as refused:
        return _no(request, refused)


def _no(request: Request, refused: Refused) -> Response:
    """A refusal for the page's script: one sentence in the page's language."""
    language = page_language(request)
    text = say(language, refused.code, **refused.facts)
    if knows(f"{refused.code}.do"):
        text += " " + say(language, f"{refused.code}.do", **refused.facts)
    return JSONResponse({"refused": text}, 422)


def _site(request: Request) -> str:
    """What passkeys are bound to: the host name of the page."""
    return request.url.hostname or ""


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _can_have_passkeys(request: Request) -> bool:
    """Browsers bind them to names, not to addresses."""
    site = _site(request)
    return bool(site) and ":" not in site and not site.replace(".", "").isdecimal()


def _inside(target: str) -> str:
    """A path of this site, or nothing: nobody is sent elsewhere after signing in."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe and target.isprintable() and "\\" not in target else ""
