"""A conversation taken down tells no secret, and can be said again."""

import pytest

from mynabox.iso7816.apdu import Fault
from mynabox.terminal.transcript import (
    BadTranscript,
    Scribe,
    Step,
    replay,
    secrets_in,
)

JPKI = "00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01"
SUPPORT = "00 A4 04 0C 0A D3 92 10 00 31 00 01 01 04 08"
FACE = "00 A4 04 0C 0A D3 92 10 00 31 00 01 01 04 02"
COMMON = "00 A4 04 0C 0A D3 92 10 00 31 00 01 01 01 00"


def taken_down(*exchanges: str) -> list[str]:
    """What a scribe writes of exchanges such as ``00 84 00 00 08 / 01 .. 9000``."""
    scribe = Scribe()
    lines = []
    for exchange in exchanges:
        command, _, answer = exchange.partition("/")
        lines += scribe.heard(bytes.fromhex(command), bytes.fromhex(answer))
    return lines


@pytest.mark.parametrize(
    ("before", "exchange", "lines"),
    [
        pytest.param(
            (f"{JPKI} / 9000", "00A4020C020018 / 9000"),
            "00200080 / 63C3",
            ["> 00 20 00 80", "< 63 C3"],
            id="the query is no secret",
        ),
        pytest.param(
            (f"{JPKI} / 9000", "00A4020C020018 / 9000"),
            "0020008004 31323334 / 9000",
            ["> 00 20 00 80 {authentication}", "< 90 00"],
            id="a PIN by the file selected",
        ),
        pytest.param(
            (f"{JPKI} / 9000",),
            "0020009B06 414243313233 / 63C4",
            ["> 00 20 00 9B {wrong-signature}", "< 63 C4"],
            id="a wrong password by short identifier",
        ),
        pytest.param(
            (f"{SUPPORT} / 9000",),
            "002000940C 393033313030303030303136 / 9000",
            ["> 00 20 00 94 {number-a}", "< 90 00"],
            id="the number, as verification number A",
        ),
        pytest.param(
            (f"{FACE} / 9000",),
            "0020009106 363330343132 / 9000",
            ["> 00 20 00 91 {birth}", "< 90 00"],
            id="the birth date",
        ),
        pytest.param(
            (f"{COMMON} / 9000",),
            "8032009C04 35363738 / 9000",
            ["> 80 32 00 9C {new-juki}", "< 90 00"],
            id="a new PIN",
        ),
        pytest.param(
            (),
            "0020008004 31323334 / 6986",
            ["> 00 20 00 80 {wrong-secret}", "< 69 86"],
            id="a PIN for nothing that is known",
        ),
        pytest.param(
            (f"{JPKI} / 9000",),
            "802A009733" + "30" * 51 + "00 / " + "AB" * 256 + "9000",
            ["> 80 2A 00 97 33 41*51 00", "< ..*256 90 00"],
            id="data that are signed, and the signature",
        ),
        pytest.param(
            (f"{SUPPORT} / 9000",),
            "00B0810011 / " + "39" * 17 + "9000",
            ["> 00 B0 81 00 11", "< ..*17 90 00"],
            id="the number file",
        ),
        pytest.param(
            (f"{JPKI} / 9000", "00A4020C02000A / 9000"),
            "00B0000004 / 30820512 9000",
            ["> 00 B0 00 00 04", "< ..*4 90 00"],
            id="the holder's certificate",
        ),
        pytest.param(
            (f"{JPKI} / 9000", "00A4020C02000B / 9000"),
            "00B0000004 / 30820512 9000",
            ["> 00 B0 00 00 04", "< 30 82 05 12 90 00"],
            id="the authority's certificate",
        ),
        pytest.param(
            (f"{JPKI} / 9000",),
            "00B0860010 / " + "4A" + "20" * 15 + "9000",
            ["> 00 B0 86 00 10", "< 4A 20*15 90 00"],
            id="token information",
        ),
        pytest.param(
            (f"{COMMON} / 9000",),
            "00B2010C00 / 011C" + "39" * 28 + "9000",
            ["> 00 B2 01 0C 00", "< ..*30 90 00"],
            id="the card's serial",
        ),
        pytest.param(
            (),
            "00CA004500 / 3930 9000",
            ["> 00 CA 00 45 00", "< ..*2 90 00"],
            id="a data object",
        ),
        pytest.param(
            (),
            "0084000008 / 0102030405060708 9000",
            ["> 00 84 00 00 08", "< ..*8 90 00"],
            id="a challenge",
        ),
        pytest.param(
            (),
            "80820000 20" + "AA" * 32 + "10 / " + "BB" * 16 + "9000",
            ["# left out: 80 82 00 00, which nobody could repeat"],
            id="the issuer's proof",
        ),
        pytest.param(
            (),
            "84D60000 10" + "AA" * 16 + " / 9000",
            ["# left out: 84 D6 00 00, which nobody could repeat"],
            id="an issuer's order",
        ),
        pytest.param(
            (),
            "0C200090 10" + "AA" * 16 + " / 9000",
            ["# left out: 0C 20 00 90, which nobody could repeat"],
            id="under a session key",
        ),
        pytest.param(
            (),
            "0020 / 6700",
            [f"# left out: bytes that are no command ({Fault.NO_HEADER})"],
            id="no command",
        ),
        pytest.param(
            (),
            "80FF000003 414141 / 6D00",
            ["> 80 FF 00 00 03 00*3", "< 6D 00"],
            id="data of an instruction nobody knows",
        ),
    ],
)
def test_what_is_written(
    before: tuple[str, ...], exchange: str, lines: list[str]
) -> None:
    assert taken_down(*before, exchange)[2 * len(before) :] == lines


def test_a_changed_pin_has_another_name_from_then_on() -> None:
    lines = taken_down(
        f"{JPKI} / 9000",
        "0020009804 31323334 / 9000",
        "0024019804 38383838 / 9000",
        "0020009804 38383838 / 9000",
    )
    assert lines[2::2] == [
        "> 00 20 00 98 {authentication}",
        "> 00 24 01 98 {new-authentication}",
        "> 00 20 00 98 {new-authentication}",
    ]
    assert secrets_in(lines) == ("authentication", "new-authentication")


def test_what_was_selected_is_forgotten_with_a_reset() -> None:
    scribe = Scribe()
    assert scribe.powered() == "! power on"
    scribe.heard(bytes.fromhex(JPKI), b"\x90\x00")
    assert scribe.reset(cold=False) == "! warm reset"
    command, _ = scribe.heard(bytes.fromhex("002000980431323334"), b"\x69\x86")
    assert command == "> 00 20 00 98 {wrong-secret}"
    assert scribe.reset(cold=True) == scribe.powered() == "! power on"
    assert scribe.unpowered() == "! power off"


class Parrot:
    """Answers every command with its data and 9000."""

    atr = b"\x3b\x80"

    def __init__(self) -> None:
        self.heard: list[str] = []

    def transmit(self, command: bytes) -> bytes:
        self.heard.append(command.hex())
        return command[5:] + b"\x90\x00"

    def reset(self, *, cold: bool = False) -> None:
        self.heard.append("cold" if cold else "warm")

    def close(self) -> None:
        pass


def test_a_replay() -> None:
    parrot = Parrot()
    lines = (
        "# what it is",
        "! power on",
        "> 00 20 00 80 {pin}",
        '< "1234" 90 00',
        "",
        "! warm reset",
        "> 80 2A 00 80 03 41*3",
        "< ..*3 90 00",
        "> 00 A4 00 00 01 AA",
        "< AB 90 00",
        "> 00 A4 00 00 01 AA",
        "< ..*2 90 00",
        "! power off",
    )
    steps = list(replay(parrot, lines, secrets={"pin": "1234"}))
    assert parrot.heard == [
        "cold",
        "002000800431323334",
        "warm",
        "802a008003414141",
        "00a4000001aa",
        "00a4000001aa",
    ]
    assert [(step.line, step.agrees) for step in steps] == [
        (4, True),
        (8, True),
        (10, False),
        (12, False),
    ]
    assert steps[2] == Step(10, "00 A4 00 00 01 AA", "AB 90 00", "AA 90 00", False)
    assert steps[3].answer == "..*1 90 00"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["> 00 20"], "has no answer"),
        (["< 90 00"], "line 1"),
        (["> 00", "> 00"], "line 2"),
        (["> 0 0", "< 90 00"], "line 1: what is '0'"),
        (["> ..", "< 90 00"], "bytes left open"),
        (["! dance"], "'! dance' is not understood"),
        (["> 00 {pin}", "< 90 00"], "value of {pin} is needed"),
        (["hello"], "'hello' is not understood"),
    ],
)
def test_what_cannot_be_replayed_is_said_before_anything_is(
    lines: list[str], says: str
) -> None:
    parrot = Parrot()
    with pytest.raises(BadTranscript) as caught:
        replay(parrot, lines, secrets={})
    assert says in str(caught.value)
    assert not parrot.heard
