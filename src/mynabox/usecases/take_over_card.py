"""The new municipality takes a card over (継続利用)."""

from dataclasses import dataclass

from mynabox.law.moving import CardCondition, continued_use
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.move import MoveEvent, MoveState
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.usecases.card_writing import check_bearer, write_on_card
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class BringCard:
    """The card is brought to the counter, and its four digits (住民基本台帳用) typed.

    ``pin``           None for a card without PINs (R081)
    ``by_household``  by somebody of the same household (R060)
    """

    serial: str
    pin: Pin | None = None
    by_household: bool = False


def take_over_card(ask: BringCard, box: Box, *, actor: str = "counter") -> Card:
    """Write the new address on the card and into its chip, under the seal of the new
    municipality (R170-R176); a new signature certificate is issued separately (R177).

    Chip and register are changed in one transaction, after everything was checked: if
    the box dies before the commit, the card is brought again.
    """
    check_bearer("continued_use", by_household=ask.by_household)
    at = box.clock.now()
    today = at.date()
    with box.store.look() as work:
        work.cards.get(ask.serial)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        person = work.residents.get(card.resident)
        move = next(
            (
                known
                for known in work.moves.of(person.id)
                if known.state is MoveState.ARRIVED
            ),
            None,
        )
        if move is None or move.moved_in is None or move.notified is None:
            raise Refused("move.none_arrived", rules=("R172",))
        demand(
            continued_use(
                moved_in=move.moved_in,
                planned_move_out=move.planned,
                notice=move.notified,
                on=today,
                card=_condition(card, over=card.over_on(today)),
            )
        )
        taken = write_on_card(
            work, box, card, person, pin=ask.pin, municipality=person.municipality
        )
        work.moves.save(move.after(MoveEvent.TAKEN_OVER))
        work.journal.write(
            Entry(
                municipality=person.municipality,
                at=at,
                actor=actor,
                action="take_over_card",
                subjects=(person.id, card.serial, move.id),
                facts={"from": card.municipality},
            )
        )
    return taken


def _condition(card: Card, *, over: bool) -> CardCondition:
    if card.state is CardState.ACTIVE:
        return "expired" if over else "valid"
    return "suspended" if card.state is CardState.SUSPENDED else "void"
