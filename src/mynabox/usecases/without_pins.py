"""Cards without PINs (顔認証マイナンバーカード, R081): what makes a card one, and what it is
not for.

Such a card carries the user authentication certificate alone, nothing that anybody
types opens it, and its face says so. Health-card readers go on to take it, by the face
or by sight.
"""

from datetime import datetime

from mynabox.law.pins import (
    card_without_pins,
    pin_not_needed_card,
    without_pins_note,
)
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.card_note import NoteKind
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box, Missing, Work
from mynabox.usecases.card_writing import add_line, space_left
from mynabox.usecases.chip import take_pins
from mynabox.usecases.endings import apply_event, live_kinds
from mynabox.usecases.verdict import demand


def demand_pins(card: Card, use: str) -> None:
    """Raise ``Refused`` where a use asks for a PIN and the card is one without."""
    if card.without_pins:
        demand(pin_not_needed_card(use))


def demand_pins_of(serial: str, use: str, box: Box) -> None:
    """The same by the card's serial; a card that is not this box's is let pass."""
    with box.store.look() as work:
        try:
            card = work.cards.get(serial)
        except Missing:
            return
    demand_pins(card, use)


def demand_possible(work: Work, card: Card, *, at: datetime) -> None:
    """Raise ``Refused`` unless the card can become one without PINs: from the day of
    the rule on, with a good user authentication certificate and a free line (R122)."""
    live = tuple(sorted(live_kinds(work, card, at=at)))
    demand(card_without_pins(at, live))
    demand_line(work, card)


def demand_line(work: Work, card: Card) -> None:
    """Raise ``Refused`` if nothing more can be written on the card (R122, R162)."""
    if not space_left(work, card):
        raise Refused("card.no_lines", rules=("R122", "R162"))


def become(
    work: Work, box: Box, card: Card, *, without_pins: bool, at: datetime
) -> tuple[Card, tuple[str, ...]]:
    """Make a card that is in use one without PINs, or one with PINs, and write it on
    its face; the card afterwards, saved, and the certificates that this ended.

    Without PINs, secrets and signature certificate go out of the chip, which is done
    last: whoever comes second was refused before. If the box dies before the commit,
    the holder asks again.
    """
    ended: tuple[str, ...] = ()
    if without_pins:
        applied = apply_event(work, card, "without_pins", at=at)
        ended = tuple(f"cert-{serial}" for serial in applied.stopped)
    kind = NoteKind.WITHOUT_PINS if without_pins else NoteKind.WITH_PINS
    note = without_pins_note(ended=not without_pins).value
    add_line(work, card, kind, note, on=at.date())
    after = card.changed(without_pins=without_pins)
    work.cards.save(after)
    if without_pins:
        take_pins(card.serial, box)
    return after, ended
