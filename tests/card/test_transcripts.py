"""Every transcript beside this file, replayed against the specimen card.

``> bytes`` is a command, ``< bytes`` its answer, ``# `` a remark; ``! `` does something
to the chip: ``power on``, ``power off``, ``warm reset``, ``blank`` (the card before
personalisation), ``profile switch=0|1`` (another card of the same memory's kind).
Bytes are hexadecimal, ``"text"`` is ASCII, ``..`` any byte, ``AA*3`` three times AA.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mynabox.card import CARD, Chip
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


def in_reader(image: bytes, **switches: Any) -> Chip:
    chip = Chip(
        Cell(image), random=stream("transcript"), profile=replace(CARD, **switches)
    )
    assert chip.power_on() == CARD.atr
    return chip


def fits(answer: bytes, expected: list[int | None]) -> bool:
    return len(answer) == len(expected) and all(
        want is None or got == want for got, want in zip(answer, expected, strict=True)
    )


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    chip = in_reader(specimen())
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
                    assert chip.warm_reset() == CARD.atr
                case ["blank"]:
                    chip = in_reader(blank())
                case ["profile", switch]:
                    name, _, value = switch.partition("=")
                    chip = in_reader(specimen(), **{name: value == "1"})
                case _:
                    raise ValueError(f"{path.name}:{number}: {rest}")
        else:
            assert sign in ("#", "")
    assert answer is None
    assert commands


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_names_its_source(path: Path) -> None:
    assert path.read_text().splitlines()[1].startswith("# Source: ")
