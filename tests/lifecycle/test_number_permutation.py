"""Numbers come out of a keyed permutation: all different, none to be guessed."""

from collections import Counter
from datetime import datetime
from hashlib import blake2b
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynabox.law.municipality import municipalities
from mynabox.law.numbers import number_valid
from mynabox.lifecycle.number import (
    BODIES,
    FIRST_RESTORED_SHARD,
    SHARD_SIZE,
    numbers_from,
    permuted,
    restored_place,
    restored_start,
)

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
INDEXES = st.integers(min_value=0, max_value=BODIES - 1)
SIDE, ROUNDS = 316_228, 10


def _backwards_once(value: int, key: bytes) -> int:
    left, right = divmod(value, SIDE)
    for nth in reversed(range(ROUNDS)):
        digest = blake2b(
            left.to_bytes(4), key=key, person=bytes([nth]), digest_size=16
        ).digest()
        left, right = (right - int.from_bytes(digest)) % SIDE, left
    return left * SIDE + right


def index_of(body: int, *, key: bytes) -> int:
    """The way back, as whoever has the key could go it: written for these tests."""
    value = _backwards_once(body, key)
    while value >= BODIES:
        value = _backwards_once(value, key)
    return value


@settings(max_examples=300, deadline=None)
@given(index=INDEXES, key=st.binary(min_size=32, max_size=32))
def test_there_is_one_way_back(index: int, key: bytes) -> None:
    """so no two indexes meet in one body, under any key"""
    body = permuted(index, key=key)
    assert 0 <= body < BODIES
    assert index_of(body, key=key) == index


@settings(max_examples=300, deadline=None)
@given(body=INDEXES)
def test_every_body_is_somebodys(body: int) -> None:
    """nothing is left out"""
    assert permuted(index_of(body, key=KEY), key=KEY) == body


def test_twenty_thousand_neighbours() -> None:
    """all different, spread over all decades, with no step from one to the next"""
    bodies = [permuted(index, key=KEY) for index in range(20_000)]
    assert len(set(bodies)) == len(bodies)
    for divisor in (1, 10**5, 10**10):
        digits = Counter(body // divisor % 10 for body in bodies)
        expected = len(bodies) / 10
        chi_squared = sum((digits[one] - expected) ** 2 / expected for one in range(10))
        assert chi_squared < 40, (divisor, digits)  # nine degrees: one in 100,000
    steps = Counter((b - a) % BODIES for a, b in pairwise(bodies))
    assert max(steps.values()) <= 2


@pytest.mark.parametrize("index", [0, 1, SHARD_SIZE, BODIES - 1])
def test_another_key_another_body(index: int) -> None:
    """and the same key the same body"""
    assert permuted(index, key=KEY) == permuted(index, key=KEY)
    assert permuted(index, key=KEY) != permuted(index, key=OTHER_KEY)


@pytest.mark.parametrize("index", [-1, BODIES, BODIES + 1, -BODIES])
def test_beyond_the_range(index: int) -> None:
    """there is no such body"""
    with pytest.raises(ValueError, match="outside"):
        permuted(index, key=KEY)


def test_two_thousand_shards_are_all_bodies() -> None:
    """more than there are municipalities"""
    assert 2_000 * SHARD_SIZE == BODIES
    assert SIDE**2 >= BODIES > (SIDE - 1) ** 2


def test_numbers_carry_their_check_digit() -> None:
    """all of them valid, twelve digits, different"""
    found = [number.digits for number in islice(numbers_from(3, 0, key=KEY), 3_000)]
    assert all(len(digits) == 12 and number_valid(digits).value for digits in found)
    assert len(set(found)) == len(found)


def test_a_shard_goes_on_where_it_was() -> None:
    """the counter is all that has to be remembered"""
    whole = [one.digits for one in islice(numbers_from(9, 100, key=KEY), 20)]
    again = [one.digits for one in islice(numbers_from(9, 110, key=KEY), 10)]
    assert whole[10:] == again


def test_two_shards_never_give_the_same() -> None:
    """municipalities need not ask each other"""
    first, second = (
        {one.digits for one in islice(numbers_from(shard, 0, key=KEY), 2_000)}
        for shard in (0, 1_999)
    )
    assert not first & second


@pytest.mark.parametrize("key", [KEY, OTHER_KEY, bytes(32)], ids=["a", "b", "zero"])
def test_nobody_is_number_zero(key: bytes) -> None:
    """the all-zero body, which the check digit would let pass, is stepped over"""
    shard, counter = divmod(index_of(0, key=key), SHARD_SIZE)
    assert permuted(shard * SHARD_SIZE + counter, key=key) == 0
    first = next(numbers_from(shard, counter, key=key))
    assert first.digits != "0" * 12
    following = permuted(shard * SHARD_SIZE + counter + 1, key=key)
    assert first.digits[:11] == f"{following:011d}"


@pytest.mark.parametrize(
    ("counter", "left"), [(SHARD_SIZE - 2, 2), (SHARD_SIZE - 1, 1), (SHARD_SIZE, 0)]
)
def test_the_end_of_a_shard(counter: int, left: int) -> None:
    """told, not wrapped round into a neighbour's numbers"""
    numbers = numbers_from(5, counter, key=KEY)
    assert len(list(islice(numbers, left))) == left
    with pytest.raises(ValueError, match="shard 5 has no numbers left"):
        next(numbers)


def test_there_is_no_shard_two_thousand() -> None:
    """beyond the last body"""
    with pytest.raises(ValueError, match="outside"):
        next(numbers_from(2_000, 0, key=KEY))


def test_a_number_hides_itself() -> None:
    """it is shown only by ``.digits`` and ``.grouped``"""
    number = next(numbers_from(0, 0, key=KEY))
    assert number.digits not in f"{number} {number!r}"
    assert number.grouped.replace(" ", "") == number.digits


@pytest.mark.parametrize(
    ("moment", "place"),
    [
        ("2019-06-01T00:00:00+09:00", (1900, 0)),
        ("2020-01-01T09:00:00+09:00", (1900, 0)),
        ("2020-01-01T09:00:01+09:00", (1900, 1)),
        ("2026-11-21T09:00:00+09:00", (1904, 17_382_400)),
        ("2178-06-11T17:53:19+09:00", (1999, 49_999_999)),
    ],
)
def test_where_a_restored_box_draws_from(moment: str, place: tuple[int, int]) -> None:
    """a second of the world further, a number further, in shards of no municipality"""
    start = restored_start(datetime.fromisoformat(moment))
    assert restored_place(start) == place


def test_the_shards_of_restored_boxes_end() -> None:
    with pytest.raises(ValueError, match="no numbers left"):
        restored_place(100 * SHARD_SIZE)


def test_every_municipality_has_a_shard_of_its_own() -> None:
    living = [one for one in municipalities() if one.lives_here]
    assert len(living) < FIRST_RESTORED_SHARD
