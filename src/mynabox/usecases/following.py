"""What follows a card's own steps: its delivery, the loss of it, what was asked for in
its place. All of it within the transaction of whatever happens to the card."""

from datetime import datetime

from mynabox.lifecycle.application import (
    APPLICATION,
    Application,
    ApplicationEvent,
)
from mynabox.lifecycle.card import Card, CardEvent, CardState
from mynabox.lifecycle.card_request import CardRequest, RequestEvent, RequestState
from mynabox.lifecycle.delivery import DELIVERY, DeliveryEvent
from mynabox.lifecycle.fee import FEE, Fee, FeeEvent, FeeState
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.loss import LossEvent, LossState
from mynabox.ports import Work
from mynabox.usecases.card_waits import end_delivery


def follow_card(
    work: Work, before: Card, after: Card, happened: CardEvent, *, at: datetime
) -> tuple[str, ...]:
    """Ids of what changed because this happened to a card."""
    changed: tuple[str, ...] = ()
    if before.state is CardState.PRODUCED and after.state is CardState.VOID:
        changed += end_delivery(work, after, event=DeliveryEvent.ENDED, at=at)
    if before.state is CardState.SUSPENDED:
        event = {
            CardEvent.FOUND: LossEvent.FOUND,
            CardEvent.REPLACED: LossEvent.REPLACED,
        }.get(happened, LossEvent.ENDED)
        for loss in work.losses.which(card=after.serial, state=LossState.REPORTED):
            work.losses.save(loss.after(event, at=at))
            changed += (f"loss-{loss.receipt}",)
    if happened is CardEvent.RECORD_DELETED:
        for request in open_requests(work, after.resident):
            changed += give_up(work, request, at=at)
    return changed


def open_requests(work: Work, resident: str) -> tuple[CardRequest, ...]:
    """The request for a card that a person has open, if there is one."""
    return tuple(work.card_requests.which(resident=resident, state=RequestState.ASKED))


def asked_in_its_place(work: Work, card: Card) -> bool:
    """Whether another card was asked for in place of this one (R030, R161)."""
    return any(
        request.card == card.serial for request in open_requests(work, card.resident)
    )


def give_up(work: Work, request: CardRequest, *, at: datetime) -> tuple[str, ...]:
    """The request is not wanted any more: a fee that is due is cancelled, one that was
    paid goes back, an application that was made since is withdrawn."""
    work.card_requests.save(request.after(RequestEvent.GIVEN_UP, at=at))
    changed = [request.id]
    for fee in work.fees.which(request=request.id):
        if FEE.allows(fee.state, FeeEvent.GIVEN_UP):
            work.fees.save(fee.after(FeeEvent.GIVEN_UP, at=at))
            changed.append(fee.id)
    for application in work.applications.of(request.resident):
        if application.opened >= request.asked and _withdrawable(application):
            changed += withdraw(work, application, at=at)
    return tuple(changed)


def withdraw(work: Work, application: Application, *, at: datetime) -> tuple[str, ...]:
    """The application is given up, and with it what was agreed on how its card comes;
    ids of what changed. Raises ``Refused`` if it is too late for that."""
    work.applications.save(application.after(ApplicationEvent.WITHDRAWN))
    changed = [application.id]
    for delivery in work.deliveries.which(application=application.id):
        if DELIVERY.allows(delivery.state, DeliveryEvent.ENDED):
            work.deliveries.save(delivery.after(DeliveryEvent.ENDED, at=at))
            changed.append(delivery.id)
    return tuple(changed)


def nothing_asked(work: Work, resident: str, *, at: datetime) -> tuple[str, ...]:
    """Who is in no register any more has asked for nothing: requests are given up,
    applications withdrawn; ids of what changed."""
    changed: list[str] = []
    for request in open_requests(work, resident):
        changed += give_up(work, request, at=at)
    for application in work.applications.of(resident):
        if _withdrawable(application):
            changed += withdraw(work, application, at=at)
    return tuple(changed)


def _withdrawable(application: Application) -> bool:
    return APPLICATION.allows(application.state, ApplicationEvent.WITHDRAWN)


def requests_done(work: Work, card: Card, *, at: datetime) -> tuple[str, ...]:
    """A card was received: what was asked for is done; raises ``Refused`` while its
    fee is due."""
    demand_paid(work, card.resident)
    changed = []
    for request in open_requests(work, card.resident):
        work.card_requests.save(request.after(RequestEvent.RECEIVED, at=at))
        changed.append(request.id)
    return tuple(changed)


def demand_paid(work: Work, resident: str) -> None:
    """Refuse to give a card to somebody whose fee is due (R161)."""
    for fee in fees_due(work, resident):
        raise Refused("fee.unpaid", rules=("R161",), amount=str(fee.amount))


def fees_due(work: Work, resident: str) -> tuple[Fee, ...]:
    """What a person has to pay."""
    return tuple(work.fees.which(resident=resident, state=FeeState.DUE))
