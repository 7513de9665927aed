"""APDU forms, as a table: bytes on the left, what they say on the right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.iso7816.apdu import Answer, Command, Fault, Malformed

FORMS = [
    ("00200080", Command(0x00, 0x20, 0x00, 0x80), 1),
    ("0020008000", Command(0x00, 0x20, 0x00, 0x80, b"", 256), 2),
    ("00B0000007", Command(0x00, 0xB0, 0, 0, b"", 7), 2),
    ("00B000000000 00", Command(0x00, 0xB0, 0, 0, b"", 65536, True), 2),
    ("00B000000001 50", Command(0x00, 0xB0, 0, 0, b"", 0x150, True), 2),
    ("00A4020C020006", Command(0x00, 0xA4, 2, 0x0C, b"\x00\x06"), 3),
    ("802A0080 01AA 00", Command(0x80, 0x2A, 0, 0x80, b"\xaa", 256), 4),
    ("00A4020C 000002 0006", Command(0, 0xA4, 2, 0x0C, b"\x00\x06", None, True), 3),
    ("802A0080 000001 AA 0000", Command(0x80, 0x2A, 0, 0x80, b"\xaa", 65536, True), 4),
]


@pytest.mark.parametrize(("raw", "command", "case"), FORMS)
def test_form(raw: str, command: Command, case: int) -> None:
    assert Command.parse(bytes.fromhex(raw)) == command
    assert command.encode() == bytes.fromhex(raw)
    assert command.case == case


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("", Fault.NO_HEADER),
        ("00A404", Fault.NO_HEADER),
        ("00A4040C0A D392", Fault.LENGTH),
        ("00A4040C01 AABBCC", Fault.LENGTH),
        ("00B00000 0000", Fault.EXTENDED_CUT),
        ("00B00000 00000000", Fault.EXTENDED_LC_ZERO),
        ("00B00000 000002 AA", Fault.LENGTH),
        ("00B00000 000002 AABBCC", Fault.LENGTH),
        ("00B00000 000001 AABBCCDD", Fault.LENGTH),
    ],
)
def test_malformed(raw: str, fault: Fault) -> None:
    with pytest.raises(Malformed) as refusal:
        Command.parse(bytes.fromhex(raw))
    assert refusal.value.fault is fault
    assert "AABB" not in str(refusal.value)


def test_long_data_takes_the_extended_form_by_itself() -> None:
    command = Command(0x84, 0xD6, 0, 0, bytes(300))
    assert command.encode()[4:7] == b"\x00\x01\x2c"


@pytest.mark.parametrize(
    "command",
    [
        Command(0, 0xB0, 0, 0, b"", 0),
        Command(0, 0xB0, 0, 0, b"", 65537),
        Command(0, 0xB0, 0, 0, bytes(65536)),
    ],
)
def test_lengths_that_fit_no_form(command: Command) -> None:
    with pytest.raises(ValueError, match=r"Le|do not fit"):
        command.encode()


def test_repr_hides_the_data() -> None:
    assert "1234" not in repr(Command(0, 0x20, 0, 0x80, b"1234"))


byte = st.integers(0, 255)


@given(
    st.builds(
        Command,
        byte,
        byte,
        byte,
        byte,
        st.binary(max_size=600),
        st.none() | st.integers(1, 65536),
    )
)
def test_what_is_written_is_read_back(command: Command) -> None:
    again = Command.parse(command.encode())
    assert (again.data, again.le, again.case) == (
        command.data,
        command.le,
        command.case,
    )
    assert again.encode() == command.encode()


@given(st.binary(max_size=40))
def test_any_bytes_parse_to_themselves_or_are_malformed(raw: bytes) -> None:
    try:
        command = Command.parse(raw)
    except Malformed:
        return
    assert command.encode() == raw


def test_answer() -> None:
    assert Answer.parse(bytes.fromhex("AABB9000")) == Answer(b"\xaa\xbb", 0x9000)
    assert Answer(b"\xaa", 0x63C2).encode() == bytes.fromhex("AA63C2")
    with pytest.raises(ValueError, match="two bytes"):
        Answer.parse(b"\x90")
