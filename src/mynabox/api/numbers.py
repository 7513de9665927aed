"""Individual Numbers: assigned on request, told only for a purpose of the law."""

from fastapi import APIRouter

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    AssignedAnswer,
    NumberAnswer,
    PurposeAsk,
    ResidentId,
    Serial,
)
from mynabox.api.schema_applying import CopyAsk, JudgedAnswer
from mynabox.ports import Box
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.disclose_number import disclose_number
from mynabox.usecases.judge_number import CopyCard, judge_copy, judge_request


def routes(box: Box) -> APIRouter:
    """Routes of the Individual Number."""
    router = APIRouter(tags=["numbers"])

    @router.post(
        "/residents/{resident}/number",
        operation_id="assignNumber",
        responses=answers(404, 409),
    )
    def assigned(by: By, resident: ResidentId) -> AssignedAnswer:
        """Give the person a number, or keep the one they have (R001, R002). The
        answer does not tell it."""
        assignment = assign_number(resident, by.box)
        return AssignedAnswer(
            resident=assignment.resident, assigned=assignment.assigned
        )

    @router.post(
        "/residents/{resident}/number/disclosure",
        operation_id="discloseNumber",
        responses=answers(404),
    )
    def disclosed(by: By, resident: ResidentId, ask: PurposeAsk) -> NumberAnswer:
        """Tell the person's number to a body with a purpose of the law (R011). The
        journal keeps who asked and why."""
        number = disclose_number(
            resident,
            by.box,
            requester=ask.requester,
            purpose=ask.purpose,
        )
        return NumberAnswer(resident=resident, number=number.digits)

    @router.post(
        "/residents/{resident}/number/requests",
        operation_id="judgeNumberRequest",
        responses=answers(404),
    )
    def requested(by: By, resident: ResidentId, ask: PurposeAsk) -> JudgedAnswer:
        """Whether a body may ask this person for the number (R011). Nothing is told;
        that it was asked is written down, whatever the answer is."""
        return JudgedAnswer.of(
            judge_request(
                resident, by.box, requester=ask.requester, purpose=ask.purpose
            )
        )

    @router.post(
        "/cards/{serial}/copies",
        operation_id="judgeCopy",
        responses=answers(404),
    )
    def copied(by: By, serial: Serial, ask: CopyAsk) -> JudgedAnswer:
        """Whether a side of the card may be copied (R260, R261). A copy of the back
        that may be made stands in the holder's access log."""
        return JudgedAnswer.of(
            judge_copy(
                CopyCard(
                    serial=serial,
                    side=ask.side,
                    requester=ask.requester,
                    purpose=ask.purpose,
                    consent=ask.consent,
                ),
                by.box,
            )
        )

    return router
