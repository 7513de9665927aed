"""The worked example of docs/card.md, against the chip and against the terminal."""

import re
from datetime import date
from pathlib import Path

import pytest

from mynabox.card import CARD, Chip, blank_image
from mynabox.card.profiles import PROFILES
from mynabox.terminal.issuer import IssuerSession
from tests.card.specimen import ISSUER_TRIES, TRIES, Cell, InProcess

DOCUMENT = (Path(__file__).parents[2] / "docs" / "card.md").read_text()
EXAMPLE = {
    name: bytes.fromhex(value)
    for name, value in re.findall(
        r"^(\S+) {2,}([0-9A-F]{16,})$", DOCUMENT, re.MULTILINE
    )
}


def chip() -> InProcess:
    """A card with the key, serial and random of the example."""
    image = blank_image(
        profile=CARD,
        serial=EXAMPLE["serial"].decode(),
        issuer_key=EXAMPLE["K"],
        tries=TRIES,
        issuer_tries=ISSUER_TRIES,
    )
    return InProcess(Chip(Cell(image), random=lambda size: EXAMPLE["RND.IC"][:size]))


def test_the_chip_answers_the_example() -> None:
    card = chip()
    assert card.transmit(bytes.fromhex("0084000010"))[:-2] == EXAMPLE["RND.IC"]
    proof = EXAMPLE["RND.IFD"] + EXAMPLE["issuer"]
    answer = card.transmit(bytes.fromhex("8082000020") + proof + b"\x00")
    assert answer == EXAMPLE["card"] + b"\x90\x00"
    sealed = EXAMPLE["sealed"]
    command = bytes.fromhex("84DA00F2") + bytes((len(sealed),)) + sealed + b"\x00"
    assert card.transmit(command) == EXAMPLE["answer"] + b"\x90\x00"
    assert card.transmit(bytes.fromhex("00CA00F200"))[:-2] == EXAMPLE["content"]


def test_the_terminal_sends_the_example() -> None:
    card = chip()
    IssuerSession(
        card,
        key=EXAMPLE["K"],
        serial=EXAMPLE["serial"].decode(),
        random=lambda size: EXAMPLE["RND.IFD"][:size],
    ).set_expiry(date(2035, 2, 17))
    assert EXAMPLE["RND.IFD"] + EXAMPLE["issuer"] in card.sent[1]
    assert EXAMPLE["sealed"] in card.sent[2]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_the_document_lists_every_application(name: str) -> None:
    for application in PROFILES[name].applications:
        assert f"(`{application.name}`) | {application.aid.hex().upper()}" in DOCUMENT
