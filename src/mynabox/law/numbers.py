"""The Individual Number, codes and their check digits (個人番号, 住民票コード)."""

from functools import cache
from operator import mul

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.book import integer, integers
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

_DECIMAL = frozenset("0123456789")


def is_digits(text: str) -> bool:
    """Only the ten ASCII digits: full-width and other scripts' do not count."""
    return bool(text) and _DECIMAL.issuperset(text)


def weighted_sum(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of digits times weights, both read left to right."""
    if len(digits) != len(weights):
        raise ValueError("as many weights as digits")
    return sum(map(mul, map(int, digits), weights))


def mod_check(digits: str, weights: tuple[int, ...], modulus: int) -> int:
    """The modulus minus the remainder; a remainder of 0 or 1 gives 0."""
    remainder = weighted_sum(digits, weights) % modulus
    return 0 if remainder <= 1 else modulus - remainder


def number_check_digit(body: str) -> Answer[int]:
    """The twelfth digit of the Individual Number whose first eleven are given."""
    weights = integers("number", "weights").only
    modulus = integer("number", "modulus").only
    if not is_digits(body) or len(body) != len(weights.value):
        raise BadArgument("body", Accepts("digits", count=len(weights.value)))
    return answer(mod_check(body, weights.value, modulus.value), weights, modulus)


def number_valid(number: str) -> Answer[bool]:
    """Whether twelve digits could be an Individual Number.

    All zeros satisfy the check digit but are never assigned. A number in
    groups, or of another length, is not valid: strip what was typed first.
    """
    weights = integers("number", "weights").only
    modulus = integer("number", "modulus").only
    length = integer("number", "length").only
    good = (
        is_digits(number)
        and len(number) == length.value
        and set(number) != {"0"}
        and int(number[-1]) == mod_check(number[:-1], weights.value, modulus.value)
    )
    return answer(good, length, weights, modulus)


@cache
def _record_code_scheme() -> tuple[Cited[tuple[int, ...]], Cited[int]]:
    return integers("number", "record_code_weights").only, integer(
        "number", "modulus"
    ).only


def record_code_valid(code: str) -> Answer[bool]:
    """Whether eleven digits could be a resident record code (住民票コード).

    The genuine formula is not public; this is a working assumption of low
    confidence, and its citation says so.
    """
    weights, modulus = _record_code_scheme()
    good = (
        is_digits(code)
        and len(code) == len(weights.value) + 1
        and set(code) != {"0"}
        and int(code[-1]) == mod_check(code[:-1], weights.value, modulus.value)
    )
    return answer(good, weights)


def municipality_code_valid(code: str) -> Answer[bool]:
    """Whether six digits form a local government code (全国地方公共団体コード).

    Here the check digit is the last digit of the modulus minus the remainder,
    so a remainder of 1 gives 0 and a remainder of 0 gives 1.
    """
    weights = integers("number", "municipality_weights").only
    modulus = integer("number", "modulus").only
    good = is_digits(code) and len(code) == len(weights.value) + 1
    if good:
        remainder = weighted_sum(code[:-1], weights.value) % modulus.value
        good = int(code[-1]) == (modulus.value - remainder) % 10
    return answer(good, weights)
