"""Numbers and their check digits (R001, R152, R270)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.errors import BadArgument
from mynabox.law.numbers import (
    municipality_code_valid,
    number_check_digit,
    number_valid,
    record_code_valid,
)

BY_REMAINDER = [
    ("12345678001", 0),  # remainder 0
    ("12345678041", 0),  # remainder 1: also 0
    ("12345678081", 9),  # remainder 2
    ("12345678011", 8),
    ("12345678051", 7),
    ("12345678091", 6),
    ("12345678021", 5),
    ("12345678061", 4),
    ("12345678151", 3),
    ("12345678031", 2),
    ("12345678071", 1),  # remainder 10
]


@pytest.mark.parametrize(("body", "digit"), BY_REMAINDER)
def test_every_remainder_has_its_check_digit(body: str, digit: int) -> None:
    answer = number_check_digit(body)
    assert answer.value == digit
    assert answer.rules == ("R001",)
    assert number_valid(f"{body}{digit}").value


@pytest.mark.parametrize(
    "number",
    ["123456789018", "621498320257", "983205673214", "537686677188"],
)
def test_published_numbers_are_valid(number: str) -> None:
    assert number_check_digit(number[:-1]).value == int(number[-1])
    assert number_valid(number).value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("123456789012", "the printed specimen of seed 002 fails (A7)"),
        ("000000000000", "all zeros are never assigned"),
        ("12345678901", "eleven digits"),
        ("1234567890180", "thirteen digits"),
        ("1234 5678 9018", "in groups"),
        ("１２３４５６７８９０１８", "full-width digits"),
        ("12345678901x", "a letter"),
        ("", "nothing"),
        ("213456789018", "two digits swapped"),
    ],
)
def test_texts_that_are_no_number(text: str, why: str) -> None:
    assert not number_valid(text).value, why


def test_the_specimen_is_told_as_a_dispute() -> None:
    disputes = number_valid("123456789012").disputes
    assert [d.source for d in disputes] == ["seed 002:46"]
    assert "9018" in disputes[0].why_not


@pytest.mark.parametrize(
    "body", ["1234567890", "123456789012", "1234567890a", "", "１" * 11]
)
def test_a_body_has_eleven_digits(body: str) -> None:
    with pytest.raises(BadArgument, match="'body': 11 digits"):
        number_check_digit(body)


@given(
    st.text("0123456789", min_size=11, max_size=11).filter(lambda b: set(b) != {"0"})
)
def test_exactly_one_digit_makes_a_body_valid(body: str) -> None:
    valid = [d for d in "0123456789" if number_valid(body + d).value]
    assert valid == [str(number_check_digit(body).value)]


@pytest.mark.parametrize(
    "code",
    [
        "082201", "132217", "131016", "011002", "271004", "472018", "141003",
        "401307", "012025", "130001", "010006",
        "080021", "080080", "080071",  # remainders 0, 1 and 10
    ],
)  # fmt: skip
def test_municipality_codes(code: str) -> None:
    assert municipality_code_valid(code).value
    assert municipality_code_valid(code).rules == ("R270",)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not municipality_code_valid(wrong).value


@pytest.mark.parametrize("code", ["08220", "0822010", "08220a", "", "０８２２０１"])
def test_texts_that_are_no_municipality_code(code: str) -> None:
    assert municipality_code_valid(code).value is False


@pytest.mark.parametrize(
    "code",
    [
        "12345670090", "12345670040", "12345670139", "12345670058", "12345670007",
        "12345670031",
    ],
)  # fmt: skip
def test_record_codes_under_our_working_assumption(code: str) -> None:
    answer = record_code_valid(code)
    assert answer.value
    assert "working assumption" in str(answer.citations[0].text)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not record_code_valid(wrong).value


@pytest.mark.parametrize(
    "code", ["00000000000", "1234567009", "123456700900", "1234567009a", ""]
)
def test_texts_that_are_no_record_code(code: str) -> None:
    assert not record_code_valid(code).value
