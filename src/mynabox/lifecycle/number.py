"""Individual Numbers (個人番号): how one is made and whom it belongs to.

A number is the image of a counter under a keyed permutation of all eleven-digit
bodies, followed by the check digit of the rulebook. So numbers are unique without
asking anybody, and nobody without the key can guess the next or read anything
from one. The unique index of the store is the guard behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from mynabox.law.numbers import number_check_digit
from mynabox.lifecycle.life import Life
from mynabox.lifecycle.secret import IndividualNumber

BODY_DIGITS = 11
BODIES = 10**BODY_DIGITS
SHARD_SIZE = 50_000_000
"""Counters that one municipality may use up: 2,000 shards fill all bodies."""

SHARDS = BODIES // SHARD_SIZE
RESTORED_SHARDS = 100
"""The last shards, which no municipality has (there are fewer than 1,900): boxes that
were restored draw from them."""
FIRST_RESTORED_SHARD = SHARDS - RESTORED_SHARDS
_RESTORED_SINCE = datetime(2020, 1, 1, tzinfo=UTC)

_HALF = 316_228  # the smallest side whose square holds all bodies
_ROUNDS = 10


class NumberState(StrEnum):
    """Whether a number is the person's number of today."""

    CURRENT = "current"
    RETIRED = "retired"


class NumberEvent(StrEnum):
    """What can happen to a number."""

    CHANGED = "changed"


NUMBER = Life(
    name="number",
    first=NumberState.CURRENT,
    steps={(NumberState.CURRENT, NumberEvent.CHANGED): NumberState.RETIRED},
    rules=("R002", "R003"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A number given to a person for life (R002)."""

    number: IndividualNumber
    resident: str
    assigned: datetime
    state: NumberState = NumberState.CURRENT


def permuted(index: int, *, key: bytes) -> int:
    """The eleven-digit body at ``index``: a bijection of ``range(BODIES)``.

    A balanced Feistel network over two halves below ``_HALF`` with keyed BLAKE2b
    as the round function; the few values beyond the range are walked on.
    """
    if not 0 <= index < BODIES:
        raise ValueError(f"index {index} is outside 0..{BODIES - 1}")
    value = index
    while True:
        left, right = divmod(value, _HALF)
        for round_number in range(_ROUNDS):
            digest = blake2b(
                right.to_bytes(4), key=key, person=bytes([round_number]), digest_size=16
            ).digest()
            left, right = right, (left + int.from_bytes(digest)) % _HALF
        value = left * _HALF + right
        if value < BODIES:
            return value


def restored_start(moment: datetime) -> int:
    """Where in the restored shards a box begins that was restored at a moment of this
    world: one place further with every second.

    Nobody knows what was given out after a backup was made, by the lost box or by an
    earlier restore of the same backup. But whoever began earlier has not got here, as
    long as they gave out fewer than one number a second ever since.
    """
    return max(0, (moment - _RESTORED_SINCE) // timedelta(seconds=1))


def restored_place(index: int) -> tuple[int, int]:
    """(shard, counter) of a place in the restored shards; raises ``ValueError`` behind
    their end."""
    shard, counter = divmod(index, SHARD_SIZE)
    if shard >= RESTORED_SHARDS:
        raise ValueError("the shards of restored boxes have no numbers left")
    return FIRST_RESTORED_SHARD + shard, counter


def numbers_from(shard: int, counter: int, *, key: bytes) -> Iterator[IndividualNumber]:
    """Numbers of a municipality's shard, beginning at ``counter``.

    The all-zero body is left out (it would pass the check digit but name nobody).
    Raises ``ValueError`` when the shard is used up.
    """
    for position in range(counter, SHARD_SIZE):
        body = permuted(shard * SHARD_SIZE + position, key=key)
        if body == 0:
            continue
        text = f"{body:0{BODY_DIGITS}d}"
        yield IndividualNumber(f"{text}{number_check_digit(text).value}")
    raise ValueError(f"shard {shard} has no numbers left")
