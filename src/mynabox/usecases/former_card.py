"""Why somebody needs another card, as far as the register and the journal know it."""

from collections.abc import Mapping
from datetime import date

from mynabox.law.fees import reissue_fee
from mynabox.law.validity import card_expiry, renewal_opens
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.card_request import CardReason
from mynabox.lifecycle.journal import Row
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.ports import Work
from mynabox.usecases.card_writing import as_written
from mynabox.usecases.following import open_requests

_HELD = ("hand_over", "card_received")
_ENDED: Mapping[str, CardReason] = {
    "return_card": CardReason.HANDED_BACK,
    "move_in": CardReason.CONTINUED_USE_MISSED,
    "move_missed": CardReason.CONTINUED_USE_MISSED,
    "move_out": CardReason.CONTINUED_USE_MISSED,
    "leave_register": CardReason.RECORD_DELETED,
    "change_number": CardReason.NUMBER_CHANGED,
}
"""Why a card is void, by the last action about it."""


def why_another(
    work: Work, resident: str, *, on: date, besides: str = ""
) -> CardReason | None:
    """Why a person needs another card on a day; None while the one they have does.

    ``besides``  serial of a card that does not count, because it is the new one

    The last card that they were ever given decides: without any, it is the first. A
    lost one, and one whose term is over, is in its holder's name all the same.
    """
    for card in reversed(tuple(work.cards.of(resident))):
        if card.serial == besides:
            continue
        rows = tuple(work.journal.about(card.serial))
        if any(row.entry.action in _HELD for row in rows):
            return _why(work, card, rows, on=on)
    return CardReason.FIRST


def demand_fee_set(work: Work, card: Card, *, old_card: bool) -> None:
    """Refuse to give a card out for nothing if it costs something (R161-R164): then it
    is asked for first, which sets the fee.

    ``old_card``  the former one is handed in

    Counted from the day on which the application was received.
    """
    if open_requests(work, card.resident):
        return
    received = work.applications.get(card.application).received
    on = card.issued if received is None else received.date()
    reason = why_another(work, card.resident, on=on, besides=card.serial)
    if reason is None:
        return
    fee = reissue_fee(reason.value, old_card=old_card, municipality=card.municipality)
    if fee.value:
        raise Refused("hand_over.fee_not_set", rules=fee.rules, reason=reason.value)


def lapsed_by_stay(work: Work, card: Card) -> bool:
    """Whether the period of stay, not the birthday, ended a card (R110, R164)."""
    holder = as_written(work, card, printed=True)
    received = work.applications.get(card.application).received
    limit = card_expiry(
        born=holder.born,
        applied=card.issued if received is None else received.date(),
        issued=card.issued,
        residence_status="permanent",
    ).value
    return card.expires < limit


def _why(
    work: Work, card: Card, rows: tuple[Row, ...], *, on: date
) -> CardReason | None:
    if card.state is CardState.SUSPENDED:
        return CardReason.LOST
    if card.state is CardState.ACTIVE:
        if card.over_on(on):
            stay = lapsed_by_stay(work, card)
            return CardReason.STAY_LAPSED if stay else CardReason.EXPIRED
        return CardReason.RENEWAL if on >= renewal_opens(card.expires).value else None
    last = next(row for row in reversed(rows) if row.entry.action in _ENDED)
    if last.entry.facts.get("event") == ResidentEvent.LEFT_JAPAN.value:
        return CardReason.FROM_ABROAD
    return _ENDED[last.entry.action]
