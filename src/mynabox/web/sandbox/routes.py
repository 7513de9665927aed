"""What the box is, and what it has sent: letters to print, mails to read."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.ports import Box, Missing
from mynabox.usecases.show import list_authorities
from mynabox.web.authority import TO_SANDBOX
from mynabox.web.page import Pages

MOST_SHOWN = 200


def routes(box: Box, pages: Pages) -> APIRouter:
    """Pages of the sandbox."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def home(request: Request) -> Response:
        return pages.show(
            request, "sandbox/home.html", authorities=list_authorities(box)
        )

    @router.get("/sandbox/mail", dependencies=[TO_SANDBOX])
    def mails(request: Request) -> Response:
        return pages.show(request, "sandbox/mails.html", mails=_sent(Carrier.MAIL, box))

    @router.get("/sandbox/mail/{outgoing}", dependencies=[TO_SANDBOX])
    def mail(request: Request, outgoing: str) -> Response:
        found = _one(Carrier.MAIL, outgoing, box)
        return pages.show(
            request,
            "sandbox/mail.html",
            mail=found,
            lines=_with_links(box.mail.read(found.id), box),
        )

    @router.get("/sandbox/post", dependencies=[TO_SANDBOX])
    def letters(request: Request) -> Response:
        return pages.show(
            request, "sandbox/letters.html", letters=_sent(Carrier.POST, box)
        )

    @router.get("/sandbox/post/{outgoing}.pdf", dependencies=[TO_SANDBOX])
    def letter(outgoing: str) -> Response:
        found = _one(Carrier.POST, outgoing, box)
        return Response(
            box.post.read(found.id),
            media_type="application/pdf",
            headers={"cache-control": "no-store"},
        )

    return router


def _sent(carrier: Carrier, box: Box) -> tuple[Outgoing, ...]:
    with box.store.look() as work:
        return tuple(work.outbox.sent(carrier=carrier, limit=MOST_SHOWN))


def _one(carrier: Carrier, outgoing: str, box: Box) -> Outgoing:
    for found in _sent(carrier, box):
        if found.id == outgoing:
            return found
    raise Missing(carrier.value, outgoing)


def _with_links(text: str, box: Box) -> list[tuple[str, str]]:
    """Each line with the page of this site that it leads to, if it is a link."""
    return [
        (line, line.removeprefix(box.site.address))
        if line.startswith(f"{box.site.address}/")
        else (line, "")
        for line in text.splitlines()
    ]
