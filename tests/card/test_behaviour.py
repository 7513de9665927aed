"""What is not certain of a card is a parameter with its source, and works as one."""

from dataclasses import MISSING, fields, replace

import pytest

from mynabox.card import CARD, Chip, Confidence, Profile
from mynabox.card.profiles.behaviour import BEHAVIOUR
from mynabox.iso7816 import SW
from tests.card.specimen import Cell, specimen, stream

STRUCTURE = {"future", "contact_atr"}
"""Fields with a default that are no behaviour."""
JPKI = "00A4040C0AD392F000260100000001"
PIN = "0020009804"
SIGN = "802A009704" + "01020304"


def test_every_behaviour_says_where_it_comes_from() -> None:
    behaviours = {
        field.name
        for field in fields(Profile)
        if field.init and field.default is not MISSING
    }
    assert behaviours - STRUCTURE == set(BEHAVIOUR)
    for told in BEHAVIOUR.values():
        assert len(told.source) > 5
        assert isinstance(told.confidence, Confidence)


def talk(profile: Profile, *commands: str) -> bytes:
    """The answer to the last of some commands."""
    chip = Chip(Cell(specimen()), random=stream("behaviour"), profile=profile)
    chip.power_on()
    answer = b""
    for command in commands:
        answer = chip.transmit(bytes.fromhex(command))
    return answer


@pytest.mark.parametrize(
    ("change", "commands", "answer"),
    [
        ({}, ("00A4020C020006",), "6986"),
        ({"file_without_application": SW.FILE_NOT_FOUND}, ("00A4020C020006",), "6A82"),
        ({}, (JPKI, PIN + b"1234".hex(), SIGN), "6700"),
        (
            {"sign_without_le": SW.CONDITIONS_NOT_SATISFIED},
            (JPKI, PIN + b"1234".hex(), SIGN),
            "6985",
        ),
        ({}, ("00A404000AD392F00026010000000100",), "6F0C840AD392F0002601000000019000"),
        ({"answers_fci": False}, ("00A404000AD392F00026010000000100",), "9000"),
    ],
)
def test_it_can_be_otherwise(
    change: dict[str, int | bool], commands: tuple[str, ...], answer: str
) -> None:
    profile = replace(CARD, **change)  # type: ignore[arg-type]
    assert talk(profile, *commands).hex().upper() == answer


def test_a_card_that_signs_without_being_told_how_long() -> None:
    asked = (JPKI, PIN + b"1234".hex())
    without = talk(replace(CARD, sign_without_le=SW.OK), *asked, SIGN)
    assert without == talk(CARD, *asked, SIGN + "00")
    assert (len(without), without[-2:].hex()) == (258, "9000")
