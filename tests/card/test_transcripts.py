"""Every transcript beside this file, replayed against the specimen card.

``> bytes`` is a command, ``< bytes`` its answer, ``# `` a remark; ``! `` does something
to the chip: ``power on``, ``power off``, ``warm reset``, ``blank`` (the card before
personalisation), ``profile switch=0|1`` (the same card with a quirk), ``card name`` (a
card of another kind), ``unlimited name`` (a card on which one secret never locks),
``child`` (a card without signature certificate and password), ``memory fails``.
Bytes are hexadecimal, ``"text"`` is ASCII, ``..`` any byte, ``AA*3`` three times AA.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mynabox.card import CARD, PROFILES, Chip, Profile
from mynabox.card.image import Counter, Image, SecretCell
from mynabox.iso7816 import SW, tries_left
from tests.card.specimen import Cell, blank, specimen, stream

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.apdu"))
_TOKEN = re.compile(r'"([^"]*)"|([0-9A-F]{2}|\.\.)(?:\*(\d+))?(?=\s|$)|(\S+)')


def spelt(text: str) -> list[int | None]:
    """Bytes of a line, None for any byte."""
    found: list[int | None] = []
    for quoted, byte, times, other in _TOKEN.findall(text):
        if other:
            raise ValueError(f"what is {other!r}?")
        if byte:
            value = None if byte == ".." else int(byte, 16)
            found += [value] * int(times or 1)
        else:
            found += quoted.encode("ascii")
    return found


class Worn(Cell):
    """A memory that takes no more writing once it is worn."""

    def __init__(self, image: bytes) -> None:
        super().__init__(image)
        self.worn = False

    def write(self, image: bytes) -> None:
        if self.worn:
            raise OSError("worn out")
        super().write(image)


def in_reader(
    image: bytes, *, kind: Profile = CARD, **switches: Any
) -> tuple[Chip, Worn]:
    memory = Worn(image)
    profile = replace(kind, **switches)
    chip = Chip(memory, random=stream("transcript"), profile=profile)
    assert chip.power_on() == kind.atr
    return chip, memory


def without_limit(name: str) -> bytes:
    """The specimen, but one of its secrets never locks."""
    image = Image.decode(specimen())
    secrets = {
        place: SecretCell(image.secrets[place].value, Counter(0, 0))
        if file.secret == name
        else image.secrets[place]
        for place, file in CARD.secrets().items()
    }
    return replace(image, secrets=secrets).encode()


def child() -> bytes:
    """The specimen as a child has it: nothing to sign with."""
    image = Image.decode(specimen()).with_file(("jpki", 0x01), b"")
    password = ("jpki", 0x1B)
    return image.with_secret(password, SecretCell(None, Counter(0, 5))).encode()


def fits(answer: bytes, expected: list[int | None]) -> bool:
    return len(answer) == len(expected) and all(
        want is None or got == want for got, want in zip(answer, expected, strict=True)
    )


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    (chip, memory), kind = in_reader(specimen()), CARD
    answer: bytes | None = None
    commands = 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        sign, rest = line[:1], line[1:].strip()
        if sign == ">":
            assert answer is None, f"{path.name}:{number}: the last answer was not read"
            command = [byte for byte in spelt(rest) if byte is not None]
            answer = chip.transmit(bytes(command))
            commands += 1
        elif sign == "<":
            assert answer is not None
            assert fits(answer, spelt(rest)), (
                f"{path.name}:{number}: answered {answer[:40].hex(' ').upper()}"
                f" ({len(answer)} bytes)"
            )
            answer = None
        elif sign == "!":
            match rest.split():
                case ["power", "on"]:
                    chip.power_on()
                case ["power", "off"]:
                    chip.power_off()
                case ["warm", "reset"]:
                    assert chip.warm_reset() == kind.atr
                case ["blank"]:
                    chip, memory = in_reader(blank())
                case ["child"]:
                    chip, memory = in_reader(child())
                case ["card", name]:
                    kind = PROFILES[name]
                    chip, memory = in_reader(specimen(name), kind=kind)
                case ["unlimited", name]:
                    chip, memory = in_reader(without_limit(name))
                case ["memory", "fails"]:
                    memory.worn = True
                case ["profile", switch]:
                    name, _, value = switch.partition("=")
                    switches: dict[str, Any] = {name: value == "1"}
                    chip, memory = in_reader(specimen(), **switches)
                case _:
                    raise ValueError(f"{path.name}:{number}: {rest}")
        else:
            assert sign in ("#", "")
    assert answer is None
    assert commands


KNOWN = """
9000 6300 63C0 6700 66F1 6981 6982 6983 6984 6985 6986 6987 6988 69FC
6A81 6A82 6A83 6A86 6A88 6B00 6D00 6E00 6F00
"""
"""The words of which public clients tell or which they were written for."""


def test_every_word_is_told_by_some_transcript() -> None:
    """Of what clients know, of our table, and of the words that count tries."""
    told = {
        word
        for path in TRANSCRIPTS
        for line in path.read_text().splitlines()
        if line.startswith("<") and None not in (found := spelt(line[1:])[-2:])
        for word in [int(found[0] or 0) << 8 | int(found[1] or 0)]
    }
    assert {int(word, 16) for word in KNOWN.split()} <= told
    assert {int(word) for word in SW} <= told
    assert {0x63C0 | left for left in (0, 1, 2, 3, 4, 5, 9, 10)} <= told
    assert all(word in set(SW) or tries_left(word) is not None for word in told)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_names_its_source(path: Path) -> None:
    assert path.read_text().splitlines()[1].startswith("# Source: ")
