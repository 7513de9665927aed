"""A holder asks for another card in place of the one they have or had (再交付申請)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from mynabox.law.answer import Answer
from mynabox.law.book import mapping
from mynabox.law.fees import (
    FeeReason,
    express_fee,
    express_issue,
    is_infant,
    reissue_fee,
)
from mynabox.law.identity import identity_documents
from mynabox.law.validity import renewal_opens
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.card_request import CardReason, CardRequest
from mynabox.lifecycle.fee import Fee, FeeEvent
from mynabox.lifecycle.identity import ID_BYTES, decimal, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.loss import LossState
from mynabox.lifecycle.resident import ResidenceStatus, Resident, ResidentState
from mynabox.ports import Box, Work
from mynabox.usecases.fee_papers import fee_slip
from mynabox.usecases.following import give_up, open_requests
from mynabox.usecases.former_card import why_another
from mynabox.usecases.verdict import demand

NUMBER_DIGITS = 10

FIRST_WITHIN_DAYS = ("infant", "from_abroad", "newly_registered", "released")
"""Why a first card is made within days, in the rulebook's words (R061)."""
_GONE = (CardReason.LOST, CardReason.STOLEN, CardReason.DISASTER)
"""The card is not there: its loss was reported."""
_THERE = (
    CardReason.DAMAGED,
    CardReason.NO_SPACE,
    CardReason.OFFICE_ERROR,
)
"""The card is in its holder's hands and good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCard:
    """What the holder asks for.

    ``documents``     what they show (R183)
    ``old_card``      whether the old card is handed in, now or when the new one is
                      received (R055, R163)
    ``certificates``  with certificates on it
    ``express``       made within days (R061); a first card for a reason of its own,
                      ``express_for``, in the rulebook's words
    """

    resident: str
    reason: CardReason
    documents: tuple[str, ...]
    old_card: bool = True
    certificates: bool = True
    express: bool = False
    express_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """The request and what it costs."""

    request: CardRequest
    fee: Fee


def request_card(ask: RequestCard, box: Box, *, actor: str = "counter") -> Requested:
    """Note the request, set the fee and post the slip for it (R160-R166).

    After this an application is received for a person who has a card already (R030):
    the old one lives on until the new one is handed over. Whoever lost the card has
    had it suspended, and brings the police's or the fire office's paper.
    """
    at = box.clock.now()
    with box.store.look() as work:
        person = work.residents.get(ask.resident)
    demand(
        identity_documents(
            documents=ask.documents,
            purpose="reissue",
            municipality=person.municipality,
        )
    )
    request = CardRequest(
        id=make_id("req", box.random(ID_BYTES)),
        resident=person.id,
        municipality=person.municipality,
        reason=ask.reason,
        old_card=ask.old_card and ask.reason not in _GONE,
        express=_express(ask, person, on=at.date()),
        asked=at,
        since=at,
    )
    fee = _fee(request, ask, box, at=at)
    slip = fee_slip(fee, person, box, at=at) if fee.amount else None
    with box.store.work() as work:
        resident = work.residents.get(ask.resident)
        if resident.state is not ResidentState.REGISTERED:
            raise Refused("application.not_registered", rules=("R029",))
        if open_requests(work, resident.id):
            raise Refused("card_request.open_already", rules=("R030",))
        card = _card_for(work, ask, on=at.date())
        request = replace(request, card=card.serial if card else None)
        work.card_requests.add(request)
        work.fees.add(fee)
        if slip is not None:
            work.outbox.add(slip)
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor=actor,
                action="request_card",
                subjects=(
                    resident.id,
                    *((card.serial,) if card else ()),
                    request.id,
                    fee.id,
                ),
                facts={
                    "reason": ask.reason.value,
                    "amount": str(fee.amount),
                    "express": request.express,
                    "documents": ", ".join(ask.documents),
                },
            )
        )
    return Requested(request=request, fee=fee)


def withdraw_request(request: str, box: Box, *, actor: str = "counter") -> CardRequest:
    """The holder does not want another card after all; before it is produced."""
    at = box.clock.now()
    with box.store.work() as work:
        asked = work.card_requests.get(request)
        _demand_not_produced(work, asked.resident)
        changed = give_up(work, asked, at=at)
        work.journal.write(
            Entry(
                municipality=asked.municipality,
                at=at,
                actor=actor,
                action="withdraw_request",
                subjects=(asked.resident, *changed),
                facts={},
            )
        )
        return work.card_requests.get(request)


def _demand_not_produced(work: Work, resident: str) -> None:
    for card in work.cards.of(resident):
        if card.state is CardState.PRODUCED:
            raise Refused(
                "card_request.produced_already", rules=("R161",), card=card.serial
            )


def _card_for(work: Work, ask: RequestCard, *, on: date) -> Card | None:
    """The card that is to be replaced; raises ``Refused`` if the reason does not fit
    what is known of it."""
    used = next(
        (
            known
            for known in work.cards.of(ask.resident)
            if known.state in (CardState.ACTIVE, CardState.SUSPENDED)
        ),
        None,
    )
    if ask.reason in _GONE:
        if used is None or used.state is not CardState.SUSPENDED:
            raise Refused("card_request.report_loss_first", rules=("R180", "R182"))
        _demand_proof(work, ask, used)
        return used
    known = why_another(work, ask.resident, on=on)
    if ask.reason is CardReason.RENEWAL and known is None and used is not None:
        opens = renewal_opens(used.expires).value
        raise Refused("renewal.too_early", rules=("R098",), opens=opens.isoformat())
    fits = (
        used is not None and used.valid_on(on)
        if ask.reason in _THERE
        else ask.reason is known
    )
    if not fits:
        raise Refused(
            "card_request.reason_does_not_fit",
            rules=("R161", "R162"),
            reason=ask.reason.value,
            known="" if known is None else known.value,
        )
    proof = mapping("fees", "replacement_proof").only.value.get(ask.reason.value)
    if proof == "old_card" and not ask.old_card:
        raise Refused(
            "card_request.proof_missing", rules=("R183",), proof="my_number_card"
        )
    return used


def _demand_proof(work: Work, ask: RequestCard, card: Card) -> None:
    wanted = mapping("fees", "replacement_proof").only.value[ask.reason.value]
    for loss in work.losses.which(card=card.serial, state=LossState.REPORTED):
        if loss.proof is not None and loss.proof.value == wanted:
            return
    raise Refused("card_request.proof_missing", rules=("R183",), proof=wanted)


def _express(ask: RequestCard, person: Resident, *, on: date) -> str:
    """The rulebook's reason for which the card is made within days; the register must
    not contradict it."""
    if not ask.express:
        return ""
    known = mapping("fees", "express_reasons").only.value
    word = known.get(ask.reason.value, ask.reason.value)
    if ask.reason is CardReason.FIRST and ask.express_for in FIRST_WITHIN_DAYS:
        word = ask.express_for
    demand(express_issue(word, on))
    contradicted = (
        word == "infant" and not is_infant(born=person.born, on=on).value
    ) or (
        word == "newly_registered"
        and person.residence_status is ResidenceStatus.JAPANESE
    )
    if contradicted:
        raise Refused("express.contradicted", rules=("R061",), reason=word)
    return word


def _fee(request: CardRequest, ask: RequestCard, box: Box, *, at: datetime) -> Fee:
    """What the rulebook asks for, told apart into its parts."""
    reason: FeeReason = request.reason.value
    place = request.municipality

    def plain(certificates: bool) -> Answer[int]:
        return reissue_fee(reason, certificates, request.old_card, place)

    found = plain(ask.certificates)
    card = plain(False).value
    certificates = found.value - card
    express = 0
    if request.express and reason != "stolen":
        whole = express_fee(
            request.express,
            at.date(),
            certificates=ask.certificates,
            municipality=place,
        )
        express = max(0, whole.value - found.value)
        found = whole if express else found
    amount = card + certificates + express
    fee = Fee(
        id=make_id("fee", box.random(ID_BYTES)),
        number=decimal(NUMBER_DIGITS, box.random(16)),
        request=request.id,
        resident=request.resident,
        municipality=place,
        amount=amount,
        card=card,
        certificates=certificates,
        express=express,
        rules=" ".join(found.rules),
        decided=at,
        since=at,
    )
    return fee if amount else fee.after(FeeEvent.WAIVED, at=at)
