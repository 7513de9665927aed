"""Apply for a card over the web (R021-R025, R031, R040-R045), and see how it stands."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mynabox.law.answer import Verdict
from mynabox.law.applications import application_id_clean, application_id_valid
from mynabox.law.book import integer
from mynabox.law.photo import photo_needed
from mynabox.lifecycle.application import (
    FILLED_IN,
    Applicant,
    Application,
    ApplicationState,
    Channel,
    HeadCover,
)
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.identity import link_hash
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.pki.repertoire import substitutable
from mynabox.ports import Box, Missing
from mynabox.usecases.deliver import deliver
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.show import status_of_application
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.web.forms import Sent, SentForm
from mynabox.web.language import chosen
from mynabox.web.page import Mistake, Pages, said_in

_Word = TypeVar("_Word", bound=StrEnum)

_FIELDS = (
    ("application.mail_address", "email", ""),
    ("application.birth_date", "born", "born-year"),
    ("application.id", "application_id", ""),
    ("photo.too_old", "photo_taken", "photo_taken-year"),
    ("photo.taken", "photo_taken", "photo_taken-year"),
    ("photo.", "photo", ""),
    ("application.photo_missing", "photo", ""),
    ("application.representative_needed", "applicant", ""),
    ("application.applicant_unnamed", "applicant_name", ""),
    ("representative.not_the_guardian", "applicant_name", ""),
)
"""Which field a refusal is about, by the beginning of its code."""


def routes(box: Box, pages: Pages) -> APIRouter:
    """Pages of the application."""
    router = APIRouter(include_in_schema=False)

    def first_page(
        request: Request, sent: Sent, *, mistakes: tuple[Mistake, ...] = ()
    ) -> Response:
        printed = request.query_params.get("id", "")
        cleaned = application_id_clean(printed).value
        locked = isinstance(cleaned, str) and application_id_valid(cleaned).value
        return pages.show(
            request,
            "resident/apply.html",
            status=422 if mistakes else 200,
            mistakes=mistakes,
            application_id=printed or sent.text("application_id"),
            locked=locked,
            email=sent.text("email"),
            digits=integer("application", "id_length").only.value,
        )

    @router.get("/apply")
    def apply(request: Request) -> Response:
        return first_page(request, Sent())

    @router.post("/apply")
    def applied(request: Request, sent: SentForm) -> Response:
        """The language chosen for the page is not kept: the mail leads back to a
        page in the language that the browser prefers."""
        from_code = request.query_params.get("id") is not None
        try:
            open_application(
                OpenApplication(
                    application_id=sent.text("application_id"),
                    email=sent.text("email"),
                    channel=Channel.SMARTPHONE if from_code else Channel.COMPUTER,
                ),
                box,
            )
        except Refused as refused:
            return first_page(
                request, sent, mistakes=_mistakes(request, refused, pages)
            )
        deliver(box)
        return _see(request, "/apply/sent")

    @router.get("/apply/sent")
    def mail_sent(request: Request) -> Response:
        return pages.show(request, "resident/sent.html")

    @router.get("/apply/status")
    def ask_status(request: Request) -> Response:
        return _status_form(request, Sent(), pages)

    @router.post("/apply/status")
    def status(request: Request, sent: SentForm) -> Response:
        """By POST, so that no log or history keeps the application ID."""
        cleaned = application_id_clean(sent.text("application_id")).value
        if isinstance(cleaned, Verdict):
            reason = cleaned.reasons[0]
            text = said_in(request, reason.code, **reason.facts)
            return _status_form(request, sent, pages, text)
        try:
            found = status_of_application(cleaned, box)
        except Missing:
            text = said_in(request, "application.id_unknown")
            return _status_form(request, sent, pages, text)
        if not found:
            text = said_in(request, "web.status.nothing_yet")
            return _status_form(request, sent, pages, text)
        with box.store.look() as work:
            card = next(
                (
                    card
                    for card in work.cards.of(found[-1].resident)
                    if card.application == found[-1].id
                ),
                None,
            )
        return pages.show(
            request,
            "resident/standing.html",
            application=found[-1],
            steps=_steps(found[-1], card),
            reasons=_reasons(request, found[-1]),
            card=card,
        )

    def second_page(
        request: Request,
        token: str,
        sent: Sent,
        *,
        mistakes: tuple[Mistake, ...] = (),
    ) -> Response:
        application = _by_link(token, box)
        if application.state not in FILLED_IN:
            return _see(request, f"/apply/{token}/done")
        with box.store.look() as work:
            person = work.residents.get(application.resident)
        limits = {
            name: integer("photo", name).only.value
            for name in ("min_px", "max_px", "min_bytes", "max_bytes", "months")
        }
        return pages.show(
            request,
            "resident/form.html",
            status=422 if mistakes else 200,
            mistakes=mistakes,
            token=token,
            values=sent.fields,
            reasons=_reasons(request, application),
            substitutable=sorted(_substitutable(person)),
            ord=ord,
            ticked=[name for name in _DECLINE if sent.ticked(name)],
            limits={
                **limits,
                "min_kb": limits["min_bytes"] // 1024,
                "max_mb": limits["max_bytes"] // 1024**2,
            },
        )

    @router.get("/apply/{token}")
    def form(request: Request, token: str) -> Response:
        return second_page(request, token, Sent())

    @router.post("/apply/{token}")
    def submitted(request: Request, token: str, sent: SentForm) -> Response:
        if sent.too_long:
            most = integer("photo", "max_bytes").only.value
            text = said_in(request, "web.form.too_long", max_mb=most // 1024**2)
            return second_page(
                request, token, sent, mistakes=(Mistake(field="photo", text=text),)
            )
        with box.store.look() as work:
            person = work.residents.get(_by_link(token, box).resident)
        today = box.clock.now().date()
        needed = photo_needed(born=person.born, applied=today).value
        read = _read(request, sent, photo_needed=needed)
        if not isinstance(read, _Form):
            return second_page(request, token, sent, mistakes=read)
        try:
            submit_application(
                SubmitApplication(
                    token=token,
                    born=read.born,
                    photo=read.photo,
                    photo_taken=read.photo_taken,
                    signature_certificate=not sent.ticked("decline_signature"),
                    authentication_certificate=not sent.ticked(
                        "decline_authentication"
                    ),
                    applicant=_one_of(Applicant, sent.text("applicant"))
                    or Applicant.HOLDER,
                    applicant_name=sent.text("applicant_name"),
                    head_cover=_one_of(HeadCover, sent.text("head_cover")),
                    substitutes={
                        character: wish
                        for character in _substitutable(person)
                        if (wish := sent.text(f"substitute-{ord(character):X}"))
                    },
                ),
                box,
            )
        except Refused as refused:
            mistakes = _mistakes(request, refused, pages)
            return second_page(request, token, sent, mistakes=mistakes)
        deliver(box)
        return _see(request, f"/apply/{token}/done")

    @router.get("/apply/{token}/done")
    def done(request: Request, token: str) -> Response:
        application = _by_link(token, box)
        if application.state in FILLED_IN:
            return _see(request, f"/apply/{token}")
        return pages.show(
            request,
            "resident/done.html",
            application=application,
            months=integer("application", "eta_months").only.value,
        )

    return router


_DECLINE = ("decline_signature", "decline_authentication")


@dataclass(frozen=True, slots=True)
class _Form:
    born: date
    photo: bytes | None
    photo_taken: date | None


def _read(
    request: Request, sent: Sent, *, photo_needed: bool
) -> _Form | tuple[Mistake, ...]:
    born, taken = sent.day("born"), sent.day("photo_taken")
    photo = sent.files.get("photo", b"")
    shown = photo_needed
    mistakes = tuple(
        Mistake(field=name, text=said_in(request, message), anchor=anchor)
        for missing, name, message, anchor in (
            (born is None, "born", "web.form.no_birth_date", "born-year"),
            (shown and not photo, "photo", "web.form.no_photo", ""),
            (
                shown and taken is None,
                "photo_taken",
                "web.form.no_photo_day",
                "photo_taken-year",
            ),
        )
        if missing
    )
    if mistakes or born is None:
        return mistakes
    return _Form(born, photo or None, taken if photo else None)


def _one_of(words: type[_Word], sent: str) -> _Word | None:
    """The word that was chosen; a word that no list offers counts as none."""
    return next((word for word in words if word.value == sent), None)


def _substitutable(person: Resident) -> frozenset[str]:
    """Characters for which the applicant may wish a substitute (R031)."""
    return frozenset(substitutable(person.name) | substitutable(person.address))


def _reasons(request: Request, application: Application) -> str:
    """Why it was sent back, in the language of the page; empty if it was not."""
    if application.state is not ApplicationState.SENT_BACK:
        return ""
    return "; ".join(
        said_in(request, f"web.fault.{fault.value}") for fault in application.faults
    )


def _by_link(token: str, box: Box) -> Application:
    with box.store.look() as work:
        found = work.applications.by_link(link_hash(token))
    if found is None:
        raise Refused("application.link_unknown", rules=("R023",))
    return found


def _mistakes(request: Request, refused: Refused, pages: Pages) -> tuple[Mistake, ...]:
    """The refusal at the field it is about; refusals about no field are pages."""
    for beginning, name, anchor in sorted(_FIELDS, key=lambda row: -len(row[0])):
        if refused.code.startswith(beginning):
            text = " ".join(pages.refusal(request, refused))
            return (Mistake(field=name, text=text, anchor=anchor),)
    raise refused


def _see(request: Request, path: str) -> RedirectResponse:
    """Go on to another page of the site, in the language chosen by hand."""
    language = chosen(request)
    return RedirectResponse(f"{path}?lang={language}" if language else path, 303)


def _status_form(
    request: Request, sent: Sent, pages: Pages, wrong: str = ""
) -> Response:
    mistakes = (Mistake(field="application_id", text=wrong),) if wrong else ()
    return pages.show(
        request,
        "resident/status.html",
        status=422 if wrong else 200,
        mistakes=mistakes,
        application_id=sent.text("application_id"),
    )


def _steps(application: Application, card: Card | None) -> list[tuple[str, str]]:
    """The steps of an application, each ``done``, ``now`` or ``later``."""
    handed_over = card is not None and card.state is not CardState.PRODUCED
    reached = {
        "opened": True,
        "received": application.received is not None,
        "produced": card is not None,
        "handed_over": handed_over,
    }
    standing = []
    current = True
    for step, done in reached.items():
        if done:
            standing.append((step, "done"))
        else:
            standing.append((step, "now" if current else "later"))
            current = False
    return standing
