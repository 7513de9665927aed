"""TLV forms seen on genuine cards, and the status words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.iso7816 import tlv
from mynabox.iso7816.status import SW, meaning, tries_left, wrong_with
from mynabox.iso7816.tlv import Tlv, TlvError


def test_the_number_file_has_filler_behind_its_object() -> None:
    data = bytes.fromhex("FF100C") + b"123456789018" + b"\xff\xff"
    assert tlv.read_ber(data) == (Tlv(0xFF10, b"123456789018"), 15)
    assert len(data) == 17


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("DF4104AABBCCDD", "AABBCCDD"),
        ("DF418104AABBCCDD", "AABBCCDD"),
        ("DF41820004AABBCCDD", "AABBCCDD"),
        ("DF4184000000 04AABBCCDD", "AABBCCDD"),
    ],
)
def test_lengths_longer_than_needed_are_read(raw: str, value: str) -> None:
    assert tlv.parse_ber(bytes.fromhex(raw)) == [Tlv(0xDF41, bytes.fromhex(value))]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "FF",
        "FFFF",
        "DF21",
        "8405AA",
        "8480",
        "8485AABBCCDDEE",
        "1F818181",
        "1F8181818101",
        "3082FF",
        "84",
    ],
)
def test_broken_ber(raw: str) -> None:
    with pytest.raises(TlvError):
        tlv.read_ber(bytes.fromhex(raw))


def test_size_of_a_certificate_from_its_first_bytes() -> None:
    assert tlv.ber_size(bytes.fromhex("3082056AFFFF")) == 0x56A + 4


def test_length_form_is_kept_when_asked() -> None:
    assert tlv.encode_ber(0xFF20, b"x", length_bytes=2).hex() == "ff2082000178"
    assert tlv.encode_ber(0x53, bytes(200))[:3].hex() == "5381c8"
    with pytest.raises(TlvError):
        tlv.encode_ber(0x53, bytes(200), length_bytes=0)


@given(
    st.sampled_from([0x53, 0x83, 0xDF21, 0xFF10, 0x7F21]),
    st.binary(max_size=400),
    st.sampled_from([None, 2, 3]),
)
def test_ber_round_trip(tag: int, value: bytes, form: int | None) -> None:
    raw = tlv.encode_ber(tag, value, length_bytes=form)
    assert tlv.parse_ber(raw) == [Tlv(tag, value)]
    assert tlv.ber_size(raw.ljust(6, b"\0")) == len(raw)


@given(
    st.lists(st.builds(Tlv, st.integers(0, 255), st.binary(max_size=300)), max_size=4)
)
def test_simple_round_trip(objects: list[Tlv]) -> None:
    assert list(tlv.parse_simple(tlv.encode_simple(objects))) == objects


@pytest.mark.parametrize("raw", ["01", "0102AA", "01FF00", "01FF0002AA"])
def test_broken_simple(raw: str) -> None:
    with pytest.raises(TlvError):
        list(tlv.parse_simple(bytes.fromhex(raw)))


@pytest.mark.parametrize(
    ("sw", "left"),
    [(0x63C0, 0), (0x63C3, 3), (0x63CF, 15), (0x6300, None), (0x9000, None)],
)
def test_tries(sw: int, left: int | None) -> None:
    assert tries_left(sw) == left
    if left is not None:
        assert wrong_with(left) == sw


@pytest.mark.parametrize("left", [-1, 16])
def test_a_word_holds_one_digit_of_tries(left: int) -> None:
    with pytest.raises(ValueError, match="63Cx"):
        wrong_with(left)


@pytest.mark.parametrize("word", SW)
def test_every_word_has_a_meaning(word: SW) -> None:
    assert meaning(word) == word.meaning != f"status {word:04X}"


def test_other_words() -> None:
    assert meaning(0x63C2) == "wrong value; tries left: 2"
    assert meaning(0x1234) == "status 1234"
