"""Individual Numbers: assigned on request, told only for a purpose of the law."""

from fastapi import APIRouter

from mynabox.api.disclosure import demand_purpose, note_disclosure
from mynabox.api.refusal import answers
from mynabox.api.schema import AssignedAnswer, NumberAnswer, PurposeAsk, ResidentId
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.assign_number import assign_number


def routes(box: Box) -> APIRouter:
    """Routes of the Individual Number."""
    router = APIRouter(tags=["numbers"])

    @router.post(
        "/residents/{resident}/number",
        operation_id="assignNumber",
        responses=answers(404, 409),
    )
    def assigned(resident: ResidentId) -> AssignedAnswer:
        """Give the person a number, or keep the one they have (R001, R002). The
        answer does not tell it."""
        assignment = assign_number(resident, box, actor="api")
        return AssignedAnswer(
            resident=assignment.resident, assigned=assignment.assigned
        )

    @router.post(
        "/residents/{resident}/number/disclosure",
        operation_id="discloseNumber",
        responses=answers(404),
    )
    def disclosed(resident: ResidentId, ask: PurposeAsk) -> NumberAnswer:
        """Tell the person's number to a body with a purpose of the law (R011). The
        journal keeps who asked and why."""
        with box.store.look() as work:
            person = work.residents.get(resident)
            assignment = work.numbers.current(resident)
        demand_purpose(requester=ask.requester, purpose=ask.purpose)
        if assignment is None:
            raise Refused("notice.no_number_yet", rules=("R001",))
        note_disclosure(
            person,
            requester=ask.requester,
            purpose=ask.purpose,
            what="number",
            box=box,
        )
        return NumberAnswer(resident=resident, number=assignment.number.digits)

    return router
