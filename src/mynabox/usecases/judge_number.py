"""May this body have the number? May this side of the card be copied? Does this
notification card prove the number? Judged, and written down whatever the answer is."""

from dataclasses import dataclass

from mynabox.law.answer import Answer, Verdict
from mynabox.law.days import in_japan
from mynabox.law.notices import notice_proves_number
from mynabox.law.privacy import Side, copy_card, number_request
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyCard:
    """A copy that somebody wants to make of a card.

    ``consent``  the holder agrees; it decides about the front alone (R260, R261)
    """

    serial: str
    side: Side
    requester: str
    purpose: str
    consent: bool = False


def judge_request(
    resident: str, box: Box, *, requester: str, purpose: str, actor: str = "resident"
) -> Answer[Verdict]:
    """Whether a body may ask this person for the number (R011); nothing is told.

    Raises ``Missing``.
    """
    judged = number_request(requester=requester, purpose=purpose)
    with box.store.work() as work:
        person = work.residents.get(resident)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=box.clock.now(),
                actor=actor,
                action="judge_request",
                subjects=(person.id,),
                facts=_facts(judged, requester=requester, purpose=purpose),
            )
        )
    return judged


def judge_copy(ask: CopyCard, box: Box, *, actor: str = "resident") -> Answer[Verdict]:
    """Whether a side of the card may be copied (R260, R261). A copy of the back that
    may be made is a look at the number and stands in the access log.

    Raises ``Missing``; ``Refused`` for a card that is not in use.
    """
    judged = copy_card(side=ask.side, purpose=ask.purpose, consent=ask.consent)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        if card.state not in (CardState.ACTIVE, CardState.SUSPENDED):
            raise Refused("copy.card_not_in_use", rules=("R261",))
        seen = ask.side == "back" and judged.value.allowed
        work.journal.write(
            Entry(
                municipality=card.municipality,
                at=box.clock.now(),
                actor=actor,
                action="copy_back" if seen else "judge_copy",
                subjects=(card.resident, card.serial),
                facts=_facts(
                    judged,
                    requester=ask.requester,
                    purpose=ask.purpose,
                    what=f"{ask.side} of card {card.serial}",
                ),
            )
        )
    return judged


def prove_number(resident: str, box: Box, *, actor: str = "counter") -> Answer[Verdict]:
    """Whether the paper that told the number proves it today (R008, R009).

    The notice never does; a notification card while all that is printed on it equals
    the register. Raises ``Missing``, ``Refused`` if no paper was issued.
    """
    at = box.clock.now()
    with box.store.work() as work:
        person = work.residents.get(resident)
        notices = tuple(work.notices.of(person.id))
        if not notices:
            raise Refused("notice.none", rules=("R004",))
        notice, number = notices[-1], work.numbers.current(person.id)
        same = (
            number is not None
            and in_japan(number.assigned).date() <= notice.issued
            and (notice.form_name, notice.form_address) == (person.name, person.address)
        )
        judged = notice_proves_number(notice.kind.value, at.date(), same)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="prove_number",
                subjects=(person.id, notice.id),
                facts=_facts(judged, kind=notice.kind.value),
            )
        )
    return judged


def _facts(judged: Answer[Verdict], **facts: str) -> dict[str, str]:
    said = "allowed" if judged.value.allowed else " ".join(judged.value.codes)
    return {**facts, "answer": said}
