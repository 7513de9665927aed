"""The certificate authorities of the box, and its clock."""

from fastapi import APIRouter

from mynabox.api.schema import AuthorityAnswer, ClockAnswer
from mynabox.ports import Box


def routes(box: Box) -> APIRouter:
    """Routes of the authorities and the clock."""
    router = APIRouter()

    @router.get(
        "/authorities", operation_id="listAuthorities", tags=["certificate authorities"]
    )
    def authorities() -> list[AuthorityAnswer]:
        """Every CA generation of the box, oldest first."""
        with box.store.look() as work:
            return [AuthorityAnswer.of(known) for known in work.statuses.authorities()]

    @router.get("/clock", operation_id="getClock", tags=["clock"])
    def clock() -> ClockAnswer:
        """What time it is in the box. Only the command line can turn it."""
        now = box.clock.now()
        return ClockAnswer(now=now, today=now.date())

    return router
