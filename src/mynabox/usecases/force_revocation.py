"""Certificates revoked though their holder did not ask, after two have agreed."""

from mynabox.lifecycle.approval import Approval, ApprovalEvent, ApprovalKind
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import revocation_grounds
from mynabox.ports import Box
from mynabox.usecases.acting import Actor
from mynabox.usecases.change_number import NumberChanged, approve_number_change
from mynabox.usecases.endings import Applied, apply_event
from mynabox.usecases.four_eyes import decide, open_request


def approve_revocation(
    approval: str, box: Box, *, actor: Actor
) -> tuple[Approval, Applied]:
    """Approve the request of somebody else: the card's certificates end as the
    rulebook's event of the ground says. Every status answer says so at once."""
    at = box.clock.now()
    with box.store.work() as work:
        asked = open_request(approval, "approveRequest", work, actor=actor, at=at)
        if asked.kind is not ApprovalKind.REVOCATION:
            raise Refused("approval.other_kind", kind=asked.kind.value)
        approved = decide(asked, ApprovalEvent.APPROVED, work, actor=actor, at=at)
        card = work.cards.get(asked.subject)
        event = revocation_grounds()[asked.ground]
        applied = apply_event(work, card, event, at=at)
        if not applied.stopped:
            raise Refused("certificates.none_to_stop", rules=("R157",))
        work.journal.write(
            Entry(
                municipality=asked.municipality,
                at=at,
                actor=actor.name,
                action="force_revocation",
                subjects=(card.resident, *applied.subjects, asked.id),
                facts={"ground": asked.ground},
            )
        )
    return approved, applied


def approve(
    approval: str, box: Box, *, actor: Actor
) -> NumberChanged | tuple[Approval, Applied]:
    """Approve a request of either kind and carry it out."""
    with box.store.look() as work:
        kind = work.approvals.get(approval).kind
    if kind is ApprovalKind.NUMBER_CHANGE:
        return approve_number_change(approval, box, actor=actor)
    return approve_revocation(approval, box, actor=actor)
