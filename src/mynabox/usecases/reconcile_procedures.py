"""Whether moves, requests, fees and what else has a life beside the card stand where the
journal leads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mynabox.lifecycle.appointment import AppointmentState
from mynabox.lifecycle.batch import ItemState
from mynabox.lifecycle.card_request import RequestState
from mynabox.lifecycle.delivery import DeliveryState
from mynabox.lifecycle.fee import FeeState
from mynabox.lifecycle.inquiry import InquiryState
from mynabox.lifecycle.loss import LossState
from mynabox.lifecycle.move import MoveState
from mynabox.lifecycle.store_reset import StoreResetState
from mynabox.ports import Box, Work
from mynabox.usecases.findings import Finding

_States = frozenset[StrEnum]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Things of one kind.

    ``begins``  the action that makes one; where it names one a second time, another
                took its place, which leaves it in ``replaced``
    ``after``   what one can be after other actions that name it; ``otherwise`` after
                an action that is not here
    """

    name: str
    of: Callable[[Work, str], Sequence[Any]]
    begins: str
    first: _States
    after: Mapping[str, _States]
    otherwise: _States
    replaced: _States = frozenset()
    name_of: Callable[[Any], str] = lambda thing: str(thing.id)


def _set(*states: StrEnum) -> _States:
    return frozenset(states)


_OVER = _set(DeliveryState.ENDED)

_KINDS = (
    _Kind(
        name="move",
        of=lambda work, who: work.moves.of(who),
        begins="move_out",
        first=_set(MoveState.ANNOUNCED),
        replaced=_set(MoveState.LAPSED),
        after={
            "register_resident": _set(MoveState.ARRIVED),
            "cancel_move_out": _set(MoveState.CANCELLED),
            "move_missed": _set(MoveState.OVERDUE, MoveState.LAPSED),
            "move_in": _set(MoveState.ARRIVED, MoveState.LAPSED, MoveState.SETTLED),
            "take_over_card": _set(MoveState.SETTLED),
        },
        otherwise=_set(MoveState.SETTLED, MoveState.CANCELLED, MoveState.LAPSED),
    ),
    _Kind(
        name="delivery",
        of=lambda work, who: work.deliveries.which(resident=who),
        begins="agree_delivery",
        first=_set(DeliveryState.AGREED, DeliveryState.WAITING),
        replaced=_set(DeliveryState.AGREED, DeliveryState.WAITING),
        after={
            "send_card": _set(DeliveryState.ON_THE_WAY),
            "card_came_back": _set(DeliveryState.CAME_BACK),
            "call_holder": _set(DeliveryState.WAITING),
            "remind_of_card": _set(DeliveryState.WAITING),
            "card_received": _set(DeliveryState.RECEIVED),
            "card_received_late": _set(DeliveryState.RECEIVED),
            "hand_over": _set(DeliveryState.RECEIVED),
        },
        otherwise=_OVER,
    ),
    _Kind(
        name="appointment",
        of=lambda work, who: work.appointments.which(resident=who),
        begins="book_appointment",
        first=_set(AppointmentState.BOOKED),
        replaced=_set(AppointmentState.CANCELLED),
        after={
            "remind_of_appointment": _set(AppointmentState.BOOKED),
            "appointment_missed": _set(AppointmentState.MISSED),
            "hand_over": _set(AppointmentState.KEPT, AppointmentState.CANCELLED),
        },
        otherwise=_set(AppointmentState.CANCELLED),
    ),
    _Kind(
        name="inquiry",
        of=lambda work, who: work.inquiries.which(resident=who),
        begins="send_inquiry",
        first=_set(InquiryState.SENT),
        replaced=_set(InquiryState.REPLACED),
        after={"hand_over": _set(InquiryState.ANSWERED)},
        otherwise=frozenset(),
    ),
    _Kind(
        name="loss",
        of=lambda work, who: work.losses.which(resident=who),
        name_of=lambda loss: f"loss-{loss.receipt}",
        begins="report_lost",
        first=_set(LossState.REPORTED),
        after={
            "note_proof": _set(LossState.REPORTED),
            "report_found": _set(LossState.FOUND),
            "hand_over": _set(LossState.REPLACED),
            "card_received": _set(LossState.REPLACED),
        },
        otherwise=_set(LossState.ENDED),
    ),
    _Kind(
        name="card_request",
        of=lambda work, who: work.card_requests.which(resident=who),
        begins="request_card",
        first=_set(RequestState.ASKED),
        after={
            "pay_fee": _set(RequestState.ASKED),
            "hand_over": _set(RequestState.DONE),
            "card_received": _set(RequestState.DONE),
        },
        otherwise=_set(RequestState.GIVEN_UP),
    ),
    _Kind(
        name="fee",
        of=lambda work, who: work.fees.which(resident=who),
        begins="request_card",
        first=_set(FeeState.DUE, FeeState.WAIVED),
        after={"pay_fee": _set(FeeState.PAID)},
        otherwise=_set(FeeState.CANCELLED, FeeState.REFUNDED),
    ),
    _Kind(
        name="store_reset",
        of=lambda work, who: work.store_resets.which(resident=who),
        begins="reserve_reset",
        first=_set(StoreResetState.RESERVED),
        replaced=_set(StoreResetState.REPLACED),
        after={"reset_at_store": _set(StoreResetState.DONE)},
        otherwise=frozenset(),
    ),
)
_BY_THE_CARD = ("delivery",)
"""Kinds that the production of a card may begin without naming them."""


def procedure_findings(resident: str, work: Work) -> Iterator[Finding]:
    """What does not fit of a person's moves, losses, requests, fees and the rest."""
    for kind in _KINDS:
        for thing in kind.of(work, resident):
            name = kind.name_of(thing)
            actions = [row.entry.action for row in work.journal.about(name)]
            if not actions and kind.name not in _BY_THE_CARD:
                yield Finding(
                    code=f"{kind.name}_unsaid", what=name, says="nobody began it"
                )
            elif thing.state not in _can_be(kind, actions):
                yield Finding(
                    code=f"{kind.name}_state",
                    what=name,
                    says=f"is {thing.state}, but the last that happened to it is "
                    f"{actions[-1] if actions else kind.begins}",
                )


def _can_be(kind: _Kind, actions: Sequence[str]) -> _States:
    if actions and actions[-1] != kind.begins:
        return kind.after.get(actions[-1], kind.otherwise)
    return kind.first if len(actions) <= 1 else kind.replaced


def batch_findings(box: Box) -> Iterator[Finding]:
    """An item of a batch whose card was made must have it."""
    with box.store.look() as work:
        for item in work.batch_items.which(state=ItemState.PRODUCED):
            asked = work.applications.get(item.application)
            made = {
                card.serial
                for card in work.cards.of(asked.resident)
                if card.application == asked.id
            }
            if item.card not in made:
                yield Finding(
                    code="batch_card",
                    what=item.id,
                    says=f"is produced, and {item.card} is no card of it",
                )
