"""Names that the box gives: of the right form, from the randomness it is given."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.lifecycle.identity import (
    ID_BYTES,
    LINK_BYTES,
    decimal,
    link_hash,
    make_id,
    make_ids,
)
from mynabox.lifecycle.secret import IndividualNumber, Pin


@pytest.mark.parametrize(
    ("entropy", "name"),
    [
        (bytes(ID_BYTES), "res-aaaaaaaaaaaaaaaa"),
        (b"\xff" * ID_BYTES, "res-7777777777777777"),
        (bytes(range(ID_BYTES)), "res-aaaqeayeaudaocaj"),
    ],
)
def test_ids(entropy: bytes, name: str) -> None:
    """base32 in small letters"""
    assert make_id("res", entropy) == name


@given(
    first=st.binary(min_size=ID_BYTES, max_size=ID_BYTES),
    second=st.binary(min_size=ID_BYTES, max_size=ID_BYTES),
)
def test_ids_differ_as_their_entropy_does(first: bytes, second: bytes) -> None:
    """nothing is lost on the way"""
    assert (make_id("x", first) == make_id("x", second)) == (first == second)
    assert set(make_id("x", first)[2:]) <= set("abcdefghijklmnopqrstuvwxyz234567")


@given(
    st.integers(0, 20).flatmap(lambda n: st.binary(min_size=n * 10, max_size=n * 10))
)
def test_many_ids_at_once(entropy: bytes) -> None:
    """each is the one that its own ten octets give"""
    one_by_one = [
        make_id("out", entropy[start : start + ID_BYTES])
        for start in range(0, len(entropy), ID_BYTES)
    ]
    assert make_ids("out", entropy) == one_by_one
    assert make_ids("out", entropy + bytes(ID_BYTES - 1)) == one_by_one


def test_the_hash_of_a_link() -> None:
    """SHA-256 in hex: FIPS 180-4's own example, and what a token is"""
    assert link_hash("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert LINK_BYTES * 8 >= 128


@given(st.text(max_size=60), st.text(max_size=60))
def test_hashes_of_links(first: str, second: str) -> None:
    """any text that somebody may send as a token has one, of its own"""
    assert link_hash(first) == sha256(first.encode()).hexdigest()
    assert (link_hash(first) == link_hash(second)) == (first == second)


@pytest.mark.parametrize(
    ("digits", "entropy", "text"),
    [
        (4, bytes(10), "0000"),
        (4, bytes(9) + b"\x07", "0007"),
        (16, bytes(16), "0" * 16),
        (3, (12345).to_bytes(9), "345"),
    ],
)
def test_decimal(digits: int, entropy: bytes, text: str) -> None:
    """leading zeros stay"""
    assert decimal(digits, entropy) == text


@pytest.mark.parametrize(("digits", "size"), [(4, 9), (16, 15), (22, 18), (1, 7)])
def test_too_little_entropy(digits: int, size: int) -> None:
    """one byte short of what leaves no visible bias"""
    with pytest.raises(ValueError, match="entropy"):
        decimal(digits, bytes(size))
    assert len(decimal(digits, bytes(size + 1))) == digits


@given(st.text(alphabet="0123456789ABCXYZ", min_size=4, max_size=16))
def test_secrets_hide_themselves(text: str) -> None:
    """in str, repr and formats; equal ones are equal"""
    for thing in (IndividualNumber(text), Pin(text)):
        assert text not in f"{thing} {thing!r} {[thing]} {thing!s:>40}"
    assert Pin(text) == Pin(text)
    assert IndividualNumber(text) == IndividualNumber(text)
