"""A new Individual Number in place of one that leaked (R003), with all it entails."""

from dataclasses import dataclass, replace

from mynabox.lifecycle.approval import Approval, ApprovalEvent, ApprovalKind
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import Notice, NoticeEvent
from mynabox.lifecycle.number import NUMBER, Assignment, NumberEvent
from mynabox.ports import Box
from mynabox.usecases.acting import Actor, named_staff
from mynabox.usecases.assign_number import PERMUTATION, free_number
from mynabox.usecases.endings import apply_event
from mynabox.usecases.four_eyes import decide, open_request
from mynabox.usecases.issue_notice import draw_notice


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChanged:
    """What became of a request for a new number. The number is not told here.

    ``cards``         serials of the cards that are void by it
    ``certificates``  issuance numbers of the certificates that ended
    """

    approval: Approval
    notice: Notice
    cards: tuple[str, ...]
    certificates: tuple[int, ...]


def approve_number_change(approval: str, box: Box, *, actor: Actor) -> NumberChanged:
    """Approve the request of somebody else and carry it out, all at once.

    The old number is retired for ever and stays its owner's; a new one is given; every
    card that bears the old one is void, its certificates are revoked (R152); a notice
    of the new number is posted, with a new form. The paper is drawn before anything is
    written, with a number that is kept for it.
    """
    at = box.clock.now()
    key = box.vault.secret(PERMUTATION)
    with box.store.work() as work:
        asked = open_request(approval, "approveRequest", work, actor=actor, at=at)
        if asked.kind is not ApprovalKind.NUMBER_CHANGE:
            raise Refused("approval.other_kind", kind=asked.kind.value)
        asked.after(ApprovalEvent.APPROVED, by=named_staff(actor), at=at)
        person = work.residents.get(asked.subject)
        old = work.numbers.current(person.id)
        number = free_number(person.municipality, work, key=key)
    fresh = Assignment(number=number, resident=person.id, assigned=at)
    notice, letter = draw_notice(person, fresh, box, at=at)
    posted = notice.after(NoticeEvent.POSTED, on=at.date())
    with box.store.work() as work:
        asked = open_request(approval, "approveRequest", work, actor=actor, at=at)
        current = work.numbers.current(person.id)
        if current is None or current != old or work.residents.get(person.id) != person:
            raise Refused("notice.number_changed_meanwhile", rules=("R003",))
        approved = decide(asked, ApprovalEvent.APPROVED, work, actor=actor, at=at)
        retired = NUMBER.after(current.state, NumberEvent.CHANGED)
        work.numbers.save(replace(current, state=retired))
        work.numbers.add(fresh)
        ended = [
            apply_event(work, card, "number_changed", at=at)
            for card in work.cards.of(person.id)
            if card.state is not CardState.VOID
        ]
        work.notices.add(posted)
        work.outbox.add(letter)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor.name,
                action="change_number",
                subjects=(
                    person.id,
                    *(subject for one in ended for subject in one.subjects),
                    posted.id,
                    asked.id,
                ),
                facts={"ground": asked.ground, "letter": letter.id},
            )
        )
    return NumberChanged(
        approval=approved,
        notice=posted,
        cards=tuple(one.card.serial for one in ended),
        certificates=tuple(serial for one in ended for serial in one.stopped),
    )
