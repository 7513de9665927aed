"""Who comes to receive a card: the holder, a representative, or an agent (R053-R058)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mynabox.law.delivery import (
    agent_may_receive,
    child_may_stay_home,
    representative_needed,
)
from mynabox.law.identity import identity_documents
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.identity import link_hash
from mynabox.lifecycle.inquiry import Inquiry, InquiryEvent, InquiryState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.ports import Work
from mynabox.usecases.representatives import demand_guardian
from mynabox.usecases.verdict import demand


class VisitorKind(StrEnum):
    """Who comes for somebody else."""

    REPRESENTATIVE = "statutory_representative"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who comes for the holder.

    ``documents``       the visitor's own, in the rulebook's words
    ``holder_present``  the holder came along
    ``inquiry``         the code of the letter that the holder answered (照会書)
    """

    kind: VisitorKind
    name: str
    documents: tuple[str, ...]
    holder_present: bool = False
    inquiry: str = ""


def demand_visitor(
    work: Work,
    card: Card,
    resident: Resident,
    visitor: Visitor | None,
    documents: tuple[str, ...],
    *,
    at: datetime,
) -> tuple[str, ...]:
    """Refuse whoever may not receive this card; ids of what changed.

    ``documents``  the holder's own

    A child, or an adult ward, comes with the statutory representative (the ward with
    the guardian whom the register names), a child below
    school age need not come along (R058). An agent comes for a hardship that was told
    before, with the documents of both and the holder's answer to the letter of inquiry
    (R056, R057); the answer counts once.
    """
    day = at.date()
    needed = representative_needed(resident.born, day, ward=resident.ward)
    if visitor is None or visitor.kind is VisitorKind.REPRESENTATIVE:
        demand(identity_documents(documents=documents, purpose="pickup"))
        if (visitor is not None) != needed.value:
            raise Refused(
                "hand_over.representative_needed"
                if needed.value
                else "hand_over.no_representative",
                rules=("R058",),
            )
        if visitor is None:
            return ()
        demand_guardian(resident, visitor.name)
        demand(identity_documents(documents=visitor.documents, purpose="pickup"))
        excused = child_may_stay_home(resident.born, day).value
        if not visitor.holder_present and not excused:
            raise Refused("hand_over.holder_must_come", rules=("R056", "R058"))
        return ()
    inquiry = _answered(work, card, visitor, at=at)
    demand(agent_may_receive(inquiry.reason, documents, visitor.documents))
    work.inquiries.save(inquiry.after(InquiryEvent.ANSWERED, at=at))
    return (inquiry.id,)


def _answered(work: Work, card: Card, visitor: Visitor, *, at: datetime) -> Inquiry:
    """The letter whose answer is brought; raises ``Refused``."""
    found = next(iter(work.inquiries.which(code_hash=link_hash(visitor.inquiry))), None)
    if found is None or found.card != card.serial or found.agent != visitor.name:
        raise Refused("inquiry.unknown", rules=("R059",))
    if found.state is InquiryState.SENT and at.date() > found.until:
        raise Refused(
            "inquiry.too_late", rules=("R059",), until=found.until.isoformat()
        )
    return found
