"""What goes out goes out, even if one thing on its way cannot."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mynabox.adapters.cards import CardFileDamaged
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.outgoing import Carrier
from mynabox.usecases.deliver import deliver
from tests.usecases.places import (
    Failing,
    Place,
    PowerCut,
    particulars,
    record_codes,
    refused,
)

At = Callable[[str], Place]


def chip_of(place: Place) -> Path:
    return place.home.path / "cards" / f"{place.card.serial}.card"


def with_a_broken_chip(place: Place) -> bytes:
    """A card is made, the box dies before its files are in the chip, and the chip's
    file breaks; its bytes of before."""
    with pytest.raises(PowerCut):
        place.with_store(Failing(place.box.store, 2)).produce()
    good = chip_of(place).read_bytes()
    chip_of(place).write_bytes(good[:-1])
    return good


def waiting(place: Place) -> list[str]:
    with place.box.store.look() as work:
        return sorted(str(one.carrier) for one in work.outbox.waiting())


def test_one_broken_chip_stops_nobody_elses_letter(at: At) -> None:
    """everything else is delivered, the trouble is told; repaired, it goes out too"""
    place = at("applied")
    good = with_a_broken_chip(place)
    other = place.enter(particulars(record_code=next(record_codes())))
    other.number()
    other.notice()
    troubles: list[tuple[str, type[Exception]]] = []
    assert deliver(
        place.box, trouble=lambda one, error: troubles.append((one.to, type(error)))
    )
    left = waiting(place)
    assert left and set(left) == {Carrier.CHIP.value}
    assert troubles == [(place.card.serial, CardFileDamaged)] * len(left)
    chip_of(place).write_bytes(good)
    assert deliver(place.box) == len(left)
    assert waiting(place) == []


def test_one_broken_chip_stops_nobody_elses_card(at: At) -> None:
    """other cards are made, handed over and certified anew meanwhile"""
    place = at("applied")
    with_a_broken_chip(place)
    other = place.enter(particulars(record_code=next(record_codes())))
    other.apply()
    other.produce()
    assert other.hand_over().state is CardState.ACTIVE
    other.lose()
    other.find()
    assert len(other.reissue()) == 2


def test_a_card_with_a_broken_chip_is_not_handed_over(at: At) -> None:
    """its own files are not in it yet"""
    place = at("applied")
    good = with_a_broken_chip(place)
    deliver(place.box)
    refused(place, place.hand_over, "hand_over.chip_not_ready", "R050")
    assert place.card.state is CardState.PRODUCED
    chip_of(place).write_bytes(good)
    assert place.hand_over().state is CardState.ACTIVE


def test_no_more_than_asked_for(at: At) -> None:
    """a long queue is worked off in parts, oldest first"""
    place = at("registered")
    codes = record_codes()
    for _ in range(3):
        other = place.enter(particulars(record_code=next(codes)))
        other.number()
        other.notice()
    assert [deliver(place.box, limit=2) for _ in range(3)] == [2, 1, 0]
