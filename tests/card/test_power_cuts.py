"""Power lost at any write: a try may be lost, none is ever gained, no card is torn."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mynabox.card import Chip
from mynabox.card.image import Image
from mynabox.terminal.issuer import CardApplication, CardSecret
from tests.card.specimen import (
    Cell,
    InProcess,
    issuer,
    private_keys,
    specimen,
    stream,
)


class PowerCut(BaseException):
    """Not an error the chip could catch: it is simply no longer there."""


class Full(Exception):
    """The memory's keeper cannot write."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which write (from 0) fails, and whether it still reached the memory."""

    write: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} write {self.write}"


class Fragile(Cell):
    """A memory that loses power (or fails) at one write."""

    def __init__(self, image: bytes, cut: Cut, error: type[BaseException]) -> None:
        super().__init__(image)
        self._cut = cut
        self._error = error

    def write(self, image: bytes) -> None:
        here = self.writes == self._cut.write
        if here and not self._cut.after:
            self.writes += 1
            raise self._error
        super().write(image)
        if here:
            raise self._error


SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
RIGHT = bytes.fromhex("002000980431323334")
WRONG = bytes.fromhex("002000980430303030")
SIGN = bytes.fromhex("802A0097014100")
PLACE = ("jpki", 0x18)
CUTS = [Cut(write, after) for write in (0, 1) for after in (False, True)]


def after_wrong(times: int) -> bytes:
    """The specimen after some wrong PINs."""
    cell = Cell(specimen())
    chip = Chip(cell, random=stream("wrong"))
    chip.power_on()
    for command in (SELECT, *[WRONG] * times):
        chip.transmit(command)
    return cell.image


def left(image: bytes) -> int:
    return Image.decode(image).secrets[PLACE].tries.left


@pytest.mark.parametrize("cut", CUTS, ids=str)
@pytest.mark.parametrize("wrong_before", [0, 1, 2])
@pytest.mark.parametrize("error", [PowerCut, Full])
@pytest.mark.parametrize("command", [RIGHT, WRONG], ids=["right", "wrong"])
def test_verify(
    command: bytes, error: type[BaseException], wrong_before: int, cut: Cut
) -> None:
    """A cut VERIFY costs one try or none; only a finished right one gives tries back."""
    start = after_wrong(wrong_before)
    before = left(start)
    cell = Fragile(start, cut, error)
    chip = Chip(cell, random=stream("cut"))
    chip.power_on()
    chip.transmit(SELECT)
    finished = command == WRONG and cut.write == 1  # a wrong value is one write
    if finished:
        assert chip.transmit(command)[0] == 0x63
    elif error is PowerCut:
        with pytest.raises(PowerCut):
            chip.transmit(command)
    else:
        assert chip.transmit(command) == b"\x65\x81"

    restored = command == RIGHT and cut == Cut(1, True)
    if restored:
        assert left(cell.image) == 3
    elif cut == Cut(0, False) and not finished:
        assert left(cell.image) == before
    else:
        assert left(cell.image) == before - 1

    chip = Chip(Cell(cell.image), random=stream("again"))
    chip.power_on()
    chip.transmit(SELECT)
    assert chip.transmit(SIGN) == b"\x69\x82"
    opened = chip.transmit(RIGHT)
    assert opened == (b"\x90\x00" if left(cell.image) else b"\x69\x84")


FACE = bytes.fromhex("00A4040C0AD3921000310001010402")
TEXT = bytes.fromhex("00A4040C0AD3921000310001010408")
TEN = [Cut(write, after) for write in (0, 1) for after in (False, True)]
PRINTED = {
    "birth": (FACE, "002000910635353032", ("card-face", 0x11)),
    "number B": (FACE, "002000920E3535303231373230333532323835", ("card-face", 0x12)),
    "number A": (FACE, "002000930C313233343536373839303138", ("card-face", 0x13)),
    "number A, text": (
        TEXT,
        "002000940C313233343536373839303138",
        ("input-support", 0x14),
    ),
}


@pytest.mark.parametrize("cut", TEN, ids=str)
@pytest.mark.parametrize("name", PRINTED)
def test_what_is_printed_gains_no_try_either(name: str, cut: Cut) -> None:
    select, text, place = PRINTED[name]
    verify = bytes.fromhex(text + "3137" if name == "birth" else text)
    cell = Fragile(specimen(), cut, PowerCut)
    chip = Chip(cell, random=stream("cut"))
    chip.power_on()
    chip.transmit(select)
    with pytest.raises(PowerCut):
        chip.transmit(verify)
    tries = Image.decode(cell.image).secrets[place].tries
    assert (
        tries.left
        == {
            Cut(0, False): 10,
            Cut(0, True): 9,
            Cut(1, False): 9,
            Cut(1, True): 10,
        }[cut]
    )
    others = Image.decode(specimen()).secrets
    after = Image.decode(cell.image).secrets
    assert {at for at in others if after[at].tries != others[at].tries} <= {place}


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_under_secure_messaging_a_cut_gains_nothing(cut: Cut) -> None:
    """VERIFY of number A in an envelope: one try gone or none."""
    lines = (Path(__file__).parent / "data" / "secure_messaging.hex").read_text()
    set_key, verify_a, *_ = (bytes.fromhex(line) for line in lines.split())
    later = Cut(cut.write + 2, cut.after)  # behind the two writes of the PIN
    cell = Fragile(specimen(), later, PowerCut)
    chip = Chip(cell, random=stream("cut"))
    chip.power_on()
    for command in (TEXT, bytes.fromhex("002000910432343638"), set_key):
        assert chip.transmit(command) == b"\x90\x00"
    with pytest.raises(PowerCut):
        chip.transmit(verify_a)
    left_now = Image.decode(cell.image).secrets["input-support", 0x14].tries.left
    assert left_now == (10 if cut in (Cut(0, False), Cut(1, True)) else 9)


@pytest.mark.parametrize("error", [PowerCut, Full])
def test_a_cut_verify_opens_nothing_until_the_chip_is_reset(
    error: type[BaseException],
) -> None:
    cell = Fragile(specimen(), Cut(1, True), error)
    chip = Chip(cell, random=stream("cut"))
    chip.power_on()
    chip.transmit(SELECT)
    if error is PowerCut:
        with pytest.raises(PowerCut):
            chip.transmit(RIGHT)
    else:
        chip.transmit(RIGHT)
    for command in (SIGN, RIGHT, SELECT, b""):
        assert chip.transmit(command) == b"\x65\x81"
    chip.warm_reset()
    assert chip.transmit(SELECT) == b"\x90\x00"
    assert chip.transmit(SIGN) == b"\x69\x82"
    assert chip.transmit(RIGHT) == b"\x90\x00"


def test_guessing_with_the_plug_in_hand_gains_nothing() -> None:
    """Cutting the power after each answer-to-be never leaves more than three guesses."""
    image = specimen()
    compared = 0
    for _ in range(20):
        cell = Fragile(image, Cut(1, False), PowerCut)
        chip = Chip(cell, random=stream("guess"))
        chip.power_on()
        chip.transmit(SELECT)
        if chip.transmit(WRONG)[0] == 0x63:
            compared += 1
        image = cell.image
    assert compared == 3
    assert left(image) == 0


def rewrite_face(card: InProcess) -> None:
    """A holder moves: the face, what opens it and the expiry belong together."""
    session = issuer(card)
    with session.together():
        for file in (0x01, 0x02, 0x05):
            session.write_file(CardApplication.CARD_FACE, file, b"\x30\x03new")
        session.set_pin(CardSecret.NUMBER_B, "55021720360000")
        session.put_data(0x00F2, b"20360217")


Change = Callable[[InProcess], object]
CHANGES: dict[str, Change] = {
    "certificate": lambda card: issuer(card).write_file(
        CardApplication.JPKI, 0x0A, b"\x30\x03abc"
    ),
    "records": lambda card: issuer(card).write_records(
        CardApplication.CARD_RECORD, 0x02, [b"\x01\x01A"]
    ),
    "key": lambda card: issuer(card).generate_key(CardApplication.JPKI, 0x17),
    "pin": lambda card: issuer(card).set_pin(CardSecret.AUTHENTICATION, "4321"),
    "end": lambda card: issuer(card).terminate(),
    "face, all in one": lambda card: rewrite_face(card),
    "keys, all in one": lambda card: issuer(card).generate_keys(
        [(CardApplication.CARD_FACE, 0x1A), (CardApplication.INPUT_SUPPORT, 0x10)]
    ),
    "change": lambda card: [
        card.transmit(raw)
        for raw in (SELECT, RIGHT, bytes.fromhex("002401980434333231"))
    ],
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", CHANGES)
def test_any_change_is_whole_or_not_at_all(name: str, after: bool) -> None:
    """Each of these is one write behind the two of its authentication or VERIFY."""

    def play(cell: Cell) -> None:
        chip = Chip(cell, random=stream("card"), make_key=lambda: private_keys()[3])
        CHANGES[name](InProcess(chip))

    whole = Cell(specimen())
    play(whole)
    assert whole.writes == 3
    assert whole.image != specimen()

    cell = Fragile(specimen(), Cut(2, after), PowerCut)
    with pytest.raises(PowerCut):
        play(cell)
    assert cell.image == (whole.image if after else specimen())


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_issuer_authentication(cut: Cut) -> None:
    cell = Fragile(specimen(), cut, PowerCut)
    with pytest.raises(PowerCut):
        issuer(InProcess(Chip(cell, random=stream("card")))).authenticate()
    tries = Image.decode(cell.image).issuer_tries
    assert tries.left == (10 if cut in (Cut(0, False), Cut(1, True)) else 9)
    issuer(InProcess(Chip(Cell(cell.image), random=stream("card")))).authenticate()
