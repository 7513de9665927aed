"""An agent is to receive a card: the holder is asked by letter (照会書, R056, R059)."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta

from mynabox.law.book import integer, words
from mynabox.law.delivery import age_excuses
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.identity import ID_BYTES, link_hash, make_id
from mynabox.lifecycle.inquiry import Inquiry, InquiryEvent, InquiryState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import LetterKind
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.papers.inquiry import InquiryPaper, inquiry_pdf
from mynabox.ports import Box
from mynabox.usecases.card_waits import at_the_office, delivery_of
from mynabox.usecases.printing import contacts, mayor, printing, second_language
from mynabox.usecases.waiting_letters import posted

CODE_BYTES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInquiry:
    """``agent``  name of who is to come; ``reason`` the holder's hardship, in the
    rulebook's words"""

    serial: str
    agent: str
    reason: str


def send_inquiry(ask: SendInquiry, box: Box, *, actor: str = "counter") -> Inquiry:
    """Post the letter; its code comes back with the holder's answer and the agent, and
    only then. Another letter takes the place of one that is still out."""
    at = box.clock.now()
    with box.store.look() as work:
        card = work.cards.get(ask.serial)
        person = work.residents.get(card.resident)
    _demand_hardship(ask.reason, person, box)
    days = integer("delivery", "inquiry_days").on(at.date()).value
    code = b32encode(box.random(CODE_BYTES)).decode("ascii")
    inquiry = Inquiry(
        id=make_id("inq", box.random(ID_BYTES)),
        card=card.serial,
        resident=person.id,
        municipality=person.municipality,
        agent=ask.agent,
        reason=ask.reason,
        code_hash=link_hash(code),
        sent=at,
        until=at.date() + timedelta(days=days),
        since=at,
    )
    second = second_language(person)
    with printing("inquiry"):
        paper = inquiry_pdf(
            InquiryPaper(
                addressee=person.card_name,
                address=person.address,
                sender=mayor(person.municipality),
                sent=at.date(),
                agent=ask.agent,
                code=code,
                until=inquiry.until,
                contacts=contacts(at.date(), second),
                second=second,
            )
        )
    letter = posted(LetterKind.INQUIRY, paper, person, box, at=at)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        delivery = delivery_of(work, card)
        if card.state is not CardState.PRODUCED or not at_the_office(delivery):
            raise Refused(
                "hand_over.not_waiting", rules=("R050",), state=delivery.state.value
            )
        if work.residents.get(person.id).state is not ResidentState.REGISTERED:
            raise Refused("hand_over.not_registered", rules=("R029",))
        former = tuple(work.inquiries.which(card=card.serial, state=InquiryState.SENT))
        for one in former:
            work.inquiries.save(one.after(InquiryEvent.REPLACED, at=at))
        work.inquiries.add(inquiry)
        work.outbox.add(letter)
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="send_inquiry",
                subjects=(
                    person.id,
                    card.serial,
                    inquiry.id,
                    *(one.id for one in former),
                ),
                facts={"reason": ask.reason, "letter": letter.id},
            )
        )
    return inquiry


def _demand_hardship(reason: str, person: Resident, box: Box) -> None:
    listed = words("delivery", "agent_reasons").only.value
    too_young = reason == "age_75" and not (
        age_excuses(person.born, box.clock.now().date()).value
    )
    if reason not in listed or too_young:
        named = words("delivery", "no_agent_reasons").only.value
        if reason in named:
            raise Refused(
                "agent.reason_refused", rules=("R056",), hardships=", ".join(listed)
            )
        raise Refused("agent.no_hardship", rules=("R056",), hardships=", ".join(listed))
