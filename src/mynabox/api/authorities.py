"""The certificate authorities of the box, and its clock."""

from fastapi import APIRouter, Request, Response

from mynabox.api.paging import LINKED, LONGEST, After, Limit, link_next, page_of
from mynabox.api.schema import AuthorityAnswer, ClockAnswer
from mynabox.ports import Box
from mynabox.usecases.show import list_authorities


def routes(box: Box) -> APIRouter:
    """Routes of the authorities and the clock."""
    router = APIRouter()

    @router.get(
        "/authorities",
        operation_id="listAuthorities",
        tags=["certificate authorities"],
        responses=LINKED,
    )
    def authorities(
        request: Request,
        response: Response,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[AuthorityAnswer]:
        """Every CA generation of the box, oldest first."""
        page, more = page_of(
            list_authorities(box), lambda one: one.name, after=after, limit=limit
        )
        link_next(request, response, more)
        return [AuthorityAnswer.of(known) for known in page]

    @router.get("/clock", operation_id="getClock", tags=["clock"])
    def clock() -> ClockAnswer:
        """What time it is in the box. Only the command line can turn it."""
        now = box.clock.now()
        return ClockAnswer(now=now, today=now.date())

    return router
