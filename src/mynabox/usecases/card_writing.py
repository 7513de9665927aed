"""What the counter writes on a card and into its chip after production.

The field for later changes (追記欄) has few lines. A card that has none left is
replaced free of charge (R122, R162): :func:`space_left` is the fact that says so.
"""

from dataclasses import replace
from datetime import date

from mynabox.law.moving import household_may, notes_lines
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.card_note import CardNote, NoteKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Work
from mynabox.terminal.card_record import JUKI_AID, JukiPinSession
from mynabox.terminal.errors import LastTry, PinLocked, WrongPin
from mynabox.usecases.chip import personalise
from mynabox.usecases.verdict import demand


def space_left(work: Work, card: Card) -> int:
    """How many lines are free on a card (R122)."""
    used = len(work.card_notes.of(card.serial))
    return max(0, notes_lines(card.issued).value - used)


def as_written(work: Work, card: Card, *, printed: bool = False) -> Resident:
    """The person as the card says, line by line; ``printed``: as it was produced."""
    nth = card.printed if printed else card.written
    history = work.residents.history(card.resident)
    if nth < len(history):
        return history[nth].record
    return work.residents.get(card.resident)


def lines_due(work: Work, card: Card, person: Resident) -> list[tuple[NoteKind, str]]:
    """What the register says and the card does not yet (R170)."""
    said = as_written(work, card)
    lines = []
    if person.card_name != said.card_name:
        lines.append((NoteKind.NAME, person.card_name))
    if person.address != said.address:
        lines.append((NoteKind.ADDRESS, person.address))
    if (person.born, person.sex) != (said.born, said.sex):
        text = f"{person.born.isoformat()} {person.sex.value}"
        lines.append((NoteKind.CORRECTION, text))
    return lines


def check_usable(card: Card, *, on: date) -> None:
    """Raise ``Refused`` unless the card is in use and not over (R176)."""
    if not card.valid_on(on):
        raise Refused(
            "card.not_valid",
            rules=("R094", "R176"),
            state=card.state.value,
            expires=card.expires.isoformat(),
        )


def check_at_home(work: Work, card: Card, *, on: date) -> None:
    """Raise ``Refused`` unless the card is in use and of the municipality in which its
    holder lives (R172)."""
    check_usable(card, on=on)
    if work.residents.get(card.resident).municipality != card.municipality:
        raise Refused("move.take_over_first", rules=("R172",))


def add_line(work: Work, card: Card, kind: NoteKind, text: str, *, on: date) -> None:
    """Write one more line on the card; the caller has seen to it that one is free."""
    work.card_notes.add(
        CardNote(
            card=card.serial,
            municipality=card.municipality,
            nth=len(work.card_notes.of(card.serial)) + 1,
            day=on,
            kind=kind,
            text=text,
        )
    )


def write_on_card(
    work: Work,
    box: Box,
    card: Card,
    person: Resident,
    *,
    pin: Pin | None,
    stay: tuple[NoteKind, date] | None = None,
    municipality: str | None = None,
) -> Card:
    """Write everything that is due, line by line, and the chip anew under the seal of
    the municipality; the card afterwards, saved.

    Raises ``Refused`` if nothing is due or there are too few lines; only then is the
    PIN typed, so that no refusal costs a try. A card without PINs takes none (R081):
    the people at the counter look at the face.

    ``stay``          a new last day, and on what ground
    ``municipality``  whose card it is from now on
    """
    on = box.clock.now().date()
    if card.without_pins and pin is not None:
        raise Refused("face_only.pins_given", rules=("R081",))
    if not card.without_pins and pin is None:
        raise Refused("pin.missing", rules=("R070",), kinds="juki")
    lines = lines_due(work, card, person)
    if stay is not None:
        lines.append((stay[0], stay[1].isoformat()))
    if not lines and municipality is None:
        raise Refused("card.up_to_date", rules=("R170",))
    if len(lines) > space_left(work, card):
        raise Refused("card.no_lines", rules=("R122", "R162"))
    new = replace(
        card,
        municipality=municipality or card.municipality,
        expires=card.expires if stay is None else stay[1],
        written=len(work.residents.history(person.id)),
    )
    for kind, text in lines:
        add_line(work, new, kind, text, on=on)
    number = work.numbers.current(person.id)
    if number is None:
        raise Refused("notice.no_number_yet", rules=("R001",))
    if pin is not None:
        type_juki_pin(card.serial, pin, box)
    work.cards.save(new)
    personalise(new, person, number.number, box)
    return new


def type_juki_pin(serial: str, pin: Pin, box: Box) -> None:
    """Have the chip check the four digits that open it to the counter (R170).

    Raises ``Refused`` for a wrong one, a locked one, and before the last try."""
    connection = box.cards.connect(serial)
    try:
        JukiPinSession(connection, JUKI_AID).verify(pin.characters)
    except WrongPin as wrong:
        raise Refused(
            "authority.wrong_pin", rules=("R074",), tries=str(wrong.tries_left)
        ) from None
    except PinLocked:
        raise Refused("authority.pin_locked", rules=("R074",)) from None
    except LastTry:
        raise Refused("pin.last_try", rules=("R074",)) from None
    finally:
        connection.close()


def check_bearer(errand: str, *, by_household: bool) -> None:
    """Raise ``Refused`` if somebody of the household may not do this (R060)."""
    if by_household:
        demand(household_may(errand=errand))
