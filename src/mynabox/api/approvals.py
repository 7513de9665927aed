"""What two members of staff must agree on: a new number, a forced revocation."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mynabox.api.authority import By
from mynabox.api.paging import LINKED, LONGEST, After, Limit, link_next, page_of
from mynabox.api.refusal import answers
from mynabox.api.schema import ResidentId, Serial, Wire
from mynabox.lifecycle.approval import Approval, ApprovalKind, ApprovalState
from mynabox.ports import Box
from mynabox.usecases.change_number import NumberChanged
from mynabox.usecases.deliver import deliver
from mynabox.usecases.force_revocation import approve
from mynabox.usecases.four_eyes import (
    LONGEST_REASON,
    decline,
    list_approvals,
    request_number_change,
    request_revocation,
)

ApprovalKey = Annotated[
    str, Path(pattern=r"^[a-z]{1,8}-[a-z0-9]{1,32}$", description="`apv-…`")
]


class RequestAsk(Wire):
    """Why something is asked for."""

    ground: str = Field(max_length=100, examples=["leaked_and_likely_misused"])
    reason: str = Field(max_length=LONGEST_REASON, description="What happened")


class NumberChangeAsk(RequestAsk):
    """Why a number is to be changed, and who asks (R003)."""

    documents: list[Annotated[str, Field(max_length=50)]] = Field(
        default_factory=list,
        max_length=20,
        description="What the person who asks at the counter shows",
        examples=[["passport"]],
    )
    ex_officio: bool = Field(
        default=False, description="Nobody came: the municipality learned of the leak"
    )


class ApprovalAnswer(BaseModel):
    """A request, and what was decided."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: ApprovalKind
    subject: str = Field(description="Id of the resident, or serial of the card")
    municipality: str
    ground: str
    reason: str
    requested_by: str = Field(description="Id of an account")
    requested: datetime
    expires: datetime
    decided_by: str | None
    decided: datetime | None
    state: ApprovalState

    @classmethod
    def of(cls, approval: Approval) -> Self:
        """The answer for a request."""
        return cls.model_validate(approval)


class CarriedOutAnswer(BaseModel):
    """A request that was approved, and what it did."""

    approval: ApprovalAnswer
    cards: list[str] = Field(description="Serials of cards that are void by it")
    certificates: list[str] = Field(description="Issuance numbers that ended")
    notice: str | None = Field(description="Id of the notice of the new number")


def routes(box: Box) -> APIRouter:
    """Routes of requests and decisions."""
    router = APIRouter(tags=["approvals"])

    @router.post(
        "/residents/{resident}/number/change",
        operation_id="requestNumberChange",
        status_code=201,
        responses=answers(404),
    )
    def number_change(
        by: By, resident: ResidentId, ask: NumberChangeAsk
    ) -> ApprovalAnswer:
        """Ask for a new number because the present one leaked (R003), with
        documents of who asks unless the office itself does. Nothing changes until somebody else approves."""
        return ApprovalAnswer.of(
            request_number_change(
                resident,
                ground=ask.ground,
                reason=ask.reason,
                documents=tuple(ask.documents),
                ex_officio=ask.ex_officio,
                box=by.box,
                actor=by.actor,
            )
        )

    @router.post(
        "/cards/{serial}/revocation",
        operation_id="requestRevocation",
        status_code=201,
        responses=answers(404),
    )
    def revocation(by: By, serial: Serial, ask: RequestAsk) -> ApprovalAnswer:
        """Ask that a card's certificates be revoked though its holder did not ask
        (R157). Nothing changes until somebody else approves."""
        return ApprovalAnswer.of(
            request_revocation(
                serial, ground=ask.ground, reason=ask.reason, box=by.box, actor=by.actor
            )
        )

    @router.get("/approvals", operation_id="listApprovals", responses=LINKED)
    def listed(
        by: By,
        request: Request,
        response: Response,
        waiting: Annotated[
            bool, Query(description="Only those that can still be decided")
        ] = False,
        after: After = "",
        limit: Limit = LONGEST,
    ) -> list[ApprovalAnswer]:
        """Requests of one's own municipality, oldest first."""
        found = list_approvals(by.box, municipality=by.within(None), waiting=waiting)
        page, more = page_of(found, lambda one: one.id, after=after, limit=limit)
        link_next(request, response, more)
        return [ApprovalAnswer.of(one) for one in page]

    @router.get(
        "/approvals/{approval}", operation_id="getApproval", responses=answers(404)
    )
    def one(by: By, approval: ApprovalKey) -> ApprovalAnswer:
        """One request."""
        with by.box.store.look() as work:
            return ApprovalAnswer.of(work.approvals.get(approval))

    @router.post(
        "/approvals/{approval}/approval",
        operation_id="approveRequest",
        responses=answers(404),
    )
    def approved(by: By, approval: ApprovalKey) -> CarriedOutAnswer:
        """Approve somebody else's request and carry it out at once: a new number
        makes the card void, ends its certificates and posts a new notice (R152)."""
        done = approve(approval, by.box, actor=by.actor)
        deliver(box)
        if isinstance(done, NumberChanged):
            return CarriedOutAnswer(
                approval=ApprovalAnswer.of(done.approval),
                cards=list(done.cards),
                certificates=[str(serial) for serial in done.certificates],
                notice=done.notice.id,
            )
        asked, applied = done
        return CarriedOutAnswer(
            approval=ApprovalAnswer.of(asked),
            cards=[],
            certificates=[str(serial) for serial in applied.stopped],
            notice=None,
        )

    @router.post(
        "/approvals/{approval}/refusal",
        operation_id="declineRequest",
        responses=answers(404),
    )
    def declined(by: By, approval: ApprovalKey) -> ApprovalAnswer:
        """Decline somebody else's request."""
        return ApprovalAnswer.of(decline(approval, by.box, actor=by.actor))

    return router
