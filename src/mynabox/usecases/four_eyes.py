"""What one member of staff asks for and another decides.

Asking changes nothing but the list of requests. Whoever decides must be somebody else
with the right role and of the right municipality; the store's tables refuse a decision
by whoever asked, and a second one.
"""

from datetime import datetime, timedelta

from mynabox.law.identity import identity_documents
from mynabox.law.notices import number_change
from mynabox.lifecycle.approval import (
    Approval,
    ApprovalEvent,
    ApprovalKind,
    ApprovalState,
)
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits, revocation_grounds
from mynabox.lifecycle.resident import ResidentState
from mynabox.lifecycle.staff import NotPermitted
from mynabox.ports import Box, Duplicate, Work
from mynabox.usecases.acting import Actor, named_staff, permit
from mynabox.usecases.verdict import demand

LONGEST_REASON = 1000


def request_number_change(
    resident: str,
    *,
    ground: str,
    reason: str,
    box: Box,
    actor: Actor,
    documents: tuple[str, ...] = (),
    ex_officio: bool = False,
) -> Approval:
    """Ask for a new number because the present one leaked and is likely to be misused
    (R003); no other ground counts.

    ``documents``   what the person who asks at the counter shows; without sufficient
                    ones it is refused
    ``ex_officio``  nobody came: the municipality itself learned of the leak (職権)
    """
    demand(number_change(ground=ground))
    with box.store.look() as work:
        person = work.residents.get(resident)
        if work.numbers.current(person.id) is None:
            raise Refused("notice.no_number_yet", rules=("R001",))
    if not ex_officio:
        demand(identity_documents(documents, "number_change", person.municipality))
    if person.state is not ResidentState.REGISTERED:
        raise Refused(
            "number.not_registered", rules=("R001",), state=person.state.value
        )
    return _request(
        ApprovalKind.NUMBER_CHANGE,
        person.id,
        person.municipality,
        "requestNumberChange",
        ground=ground,
        reason=reason,
        about=(person.id,),
        shown="ex officio" if ex_officio else " ".join(documents),
        box=box,
        actor=actor,
    )


def request_revocation(
    serial: str, *, ground: str, reason: str, box: Box, actor: Actor
) -> Approval:
    """Ask that a card's certificates be revoked though its holder did not ask."""
    if ground not in revocation_grounds():
        raise Refused(
            "revocation.no_ground",
            rules=("R157",),
            grounds=", ".join(revocation_grounds()),
        )
    with box.store.look() as work:
        card = work.cards.get(serial)
        person = work.residents.get(card.resident)
    if card.state is CardState.VOID:
        raise Refused("certificates.none_to_stop", rules=("R157",))
    return _request(
        ApprovalKind.REVOCATION,
        serial,
        person.municipality,
        "requestRevocation",
        ground=ground,
        reason=reason,
        about=(person.id, serial),
        shown="",
        box=box,
        actor=actor,
    )


def decline(approval: str, box: Box, *, actor: Actor) -> Approval:
    """Refuse a request; a new one may be made."""
    at = box.clock.now()
    with box.store.work() as work:
        asked = open_request(approval, "declineRequest", work, actor=actor, at=at)
        declined = decide(asked, ApprovalEvent.DECLINED, work, actor=actor, at=at)
        work.journal.write(
            Entry(
                municipality=asked.municipality,
                at=at,
                actor=actor.name,
                action="decline_request",
                subjects=(asked.subject, asked.id),
                facts={"kind": asked.kind.value},
            )
        )
    return declined


def open_request(
    approval: str, action: str, work: Work, *, actor: Actor, at: datetime
) -> Approval:
    """A request that this actor may decide now; raises ``Refused``, ``NotSignedIn``,
    ``NotPermitted``, ``Missing``."""
    decider = named_staff(actor)
    asked = work.approvals.get(approval)
    permit(actor, action, municipality=asked.municipality)
    if asked.requested_by == decider:
        raise NotPermitted("authority.four_eyes", rules=("R003",))
    if asked.state is ApprovalState.REQUESTED and at >= asked.expires:
        raise Refused(
            "approval.expired", rules=("R003",), expired=asked.expires.isoformat()
        )
    return asked


def decide(
    asked: Approval, event: ApprovalEvent, work: Work, *, actor: Actor, at: datetime
) -> Approval:
    """Write a decision down."""
    decided = asked.after(event, by=named_staff(actor), at=at)
    work.approvals.save(decided)
    return decided


def list_approvals(
    box: Box, *, municipality: str | None = None, waiting: bool = False
) -> tuple[Approval, ...]:
    """Requests, oldest first; ``waiting``: those that can still be decided."""
    at = box.clock.now()
    with box.store.look() as work:
        found = tuple(work.approvals.list(municipality=municipality))
    if not waiting:
        return found
    return tuple(
        one
        for one in found
        if one.state is ApprovalState.REQUESTED and at < one.expires
    )


def _request(
    kind: ApprovalKind,
    subject: str,
    municipality: str,
    action: str,
    *,
    ground: str,
    reason: str,
    about: tuple[str, ...],
    shown: str,
    box: Box,
    actor: Actor,
) -> Approval:
    asker = named_staff(actor)
    permit(actor, action, municipality=municipality)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Refused("approval.reason", longest=str(LONGEST_REASON))
    at = box.clock.now()
    approval = Approval(
        id=make_id("apv", box.random(ID_BYTES)),
        kind=kind,
        subject=subject,
        municipality=municipality,
        ground=ground,
        reason=reason.strip(),
        requested_by=asker,
        requested=at,
        expires=at + timedelta(days=limits().approval_days),
    )
    with box.store.work() as work:
        _void_expired(kind, subject, work, at=at)
        try:
            work.approvals.add(approval)
        except Duplicate:
            raise Refused("approval.waiting_already", rules=("R003",)) from None
        work.journal.write(
            Entry(
                municipality=municipality,
                at=at,
                actor=actor.name,
                action=f"request_{kind.value}",
                subjects=(*about, approval.id),
                facts={"ground": ground, **({"shown": shown} if shown else {})},
            )
        )
    return approval


def _void_expired(
    kind: ApprovalKind, subject: str, work: Work, *, at: datetime
) -> None:
    """A request that nobody decided in time makes room for a new one."""
    for known in work.approvals.list(state=ApprovalState.REQUESTED):
        if (known.kind, known.subject) == (kind, subject) and at >= known.expires:
            work.approvals.save(known.lapsed())
