"""Application IDs, forms, and second applications (R025 to R030)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.answer import Verdict
from mynabox.law.applications import (
    application_form_usable,
    application_id_clean,
    application_id_grouped,
    application_id_make,
    application_id_valid,
    second_application,
)
from mynabox.law.errors import BadArgument

D = date.fromisoformat


def maybe(day: str | None) -> date | None:
    return None if day is None else D(day)


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("1234567890123456789012", "12345678901234567890128"),
        ("1000000000000000000000", "10000000000000000000006"),
        ("0000000000000000000006", "00000000000000000000060"),  # remainder 1
        ("0000000000000000000005", "00000000000000000000051"),  # remainder 10
        ("0000000000000000000000", "00000000000000000000000"),
        ("0000000000000000000010", "00000000000000000000108"),
        ("0000000000000001000000", "00000000000000010000009"),  # weights repeat
    ],
)
def test_our_check_digit(body: str, made: str) -> None:
    assert application_id_make(body).value == made
    assert application_id_make(body).rules == ("R025",)
    assert application_id_valid(made).value


@given(st.text("0123456789", min_size=22, max_size=22), st.integers(0, 21))
def test_one_wrong_digit_is_mostly_caught(body: str, place: int) -> None:
    """Not where the remainder moves between 0 and 1: both give 0."""
    made = application_id_make(body).value
    digit = str((int(made[place]) + 1) % 10)
    wrong = made[:place] + digit + made[place + 1 :]
    if made[-1] != "0":
        assert not application_id_valid(wrong).value


@pytest.mark.parametrize("text", ["1" * 21, "1" * 23, "x" * 22, "", "１" * 22])
def test_a_body_has_22_digits(text: str) -> None:
    with pytest.raises(BadArgument, match="'body22': 22 digits"):
        application_id_make(text)


@pytest.mark.parametrize(
    "text", ["1234567890123456789012", "123456789012345678901280", "", "x" * 23]
)
def test_what_is_no_id(text: str) -> None:
    assert application_id_valid(text).value is False


@pytest.mark.parametrize(
    "typed",
    [
        "1234 5678 9012 3456 7890 123",
        "1234-5678-9012-3456-7890-123",
        "12345678901234567890123",
        " 1234　5678‐9012－3456 7890–123 ".replace("–", "-"),
    ],
)
def test_typed_ids_are_cleaned(typed: str) -> None:
    assert application_id_clean(typed).value == "12345678901234567890123"
    assert application_id_clean(typed).rules == ("R025",)
    assert application_id_clean(typed).next is None


@pytest.mark.parametrize(
    ("typed", "code", "facts"),
    [
        ("1234 5678 9012 3456 7890 12", "application.id_length", {"expected": 23, "found": 22}),
        ("1234 5678 9012 3456 7890 1234", "application.id_length", {"expected": 23, "found": 24}),
        ("1234 5678 9012 3456 7890 12O", "application.id_not_digits", {}),
        ("", "application.id_not_digits", {}),
    ],
)  # fmt: skip
def test_what_cannot_be_cleaned(typed: str, code: str, facts: dict[str, int]) -> None:
    answer = application_id_clean(typed)
    assert isinstance(answer.value, Verdict)
    assert not answer.value.allowed
    assert answer.value.codes == (code,)
    assert answer.value.reasons[0].rule == "R025"
    assert answer.value.reasons[0].facts == facts
    assert answer.next == "application.read_id_again"


def test_grouping() -> None:
    answer = application_id_grouped("12345678901234567890123")
    assert answer.value == "1234 5678 9012 3456 7890 123"
    for text in ("1" * 22, "x" * 23):
        with pytest.raises(BadArgument, match="'id': 23 digits"):
            application_id_grouped(text)


FORMS = [
    # printed, on, changed, allowed, codes, next
    ("2023-03-31", "2023-04-01", False, False, ("form.stay_ended",), "form.fetch_new_at_counter"),
    ("2023-03-31", "2023-03-31", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    ("2023-03-31", "2023-03-01", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    # "about a month" is at least 30 days, in February too
    ("2023-03-31", "2023-02-28", False, True, (), None),  # 31 days
    ("2023-03-30", "2023-02-28", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    ("2023-03-17", "2023-02-15", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    ("2023-03-18", "2023-02-15", False, True, (), None),
    ("2023-03-28", "2023-02-28", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    ("2023-03-27", "2023-02-28", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    ("2023-03-31", "2023-01-31", False, True, (), None),
    ("2023-03-02", "2023-01-31", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),  # 30 days
    ("2023-03-03", "2023-01-31", False, True, (), None),
    ("2023-02-28", "2023-01-31", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),  # a month, clipped
    ("2023-12-21", "2023-11-21", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),  # 30 days
    ("2024-01-05", "2023-11-21", False, True, (), None),  # 45 days
    ("2023-02-27", "2023-01-31", False, True, ("form.stay_ends_soon",), "form.renew_stay_first"),
    (None, "2023-01-31", False, True, (), None),
    (None, "2023-01-31", True, False, ("form.changed",), "form.fetch_new_at_counter"),
    ("2023-12-31", "2023-01-31", ("address",), False, ("form.changed",), "form.fetch_new_at_counter"),
    ("2023-12-31", "2023-01-31", ("name", "stay"), False, ("form.changed",), "form.fetch_new_at_counter"),
    ("2023-12-31", "2023-01-31", (), True, (), None),
    ("2023-01-30", "2023-01-31", ("stay",), False, ("form.changed", "form.stay_ended"), "form.fetch_new_at_counter"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "on", "changed", "allowed", "codes", "next"), FORMS
)
def test_forms(
    printed: str | None,
    on: str,
    changed: bool | tuple[str, ...],
    allowed: bool,
    codes: tuple[str, ...],
    next: str | None,
) -> None:
    answer = application_form_usable(maybe(printed), D(on), changed)
    assert answer.value.allowed is allowed
    assert answer.value.codes == codes
    assert answer.next == next


def test_rules_and_facts_of_forms() -> None:
    changed = application_form_usable(None, D("2023-01-31"), ("name",))
    assert changed.value.reasons[0].rule == "R026"
    assert changed.value.reasons[0].facts == {"changed": ("name",)}
    assert changed.rules == ("R026", "R027")
    anything = application_form_usable(None, D("2023-01-31"), True)
    assert anything.value.reasons[0].facts == {"changed": ()}
    ended = application_form_usable(D("2023-01-30"), D("2023-01-31"), False)
    assert ended.value.reasons[0].rule == "R027"
    assert ended.value.reasons[0].facts == {"ended": D("2023-01-30")}
    soon = application_form_usable(D("2023-02-01"), D("2023-01-31"), False)
    assert soon.value.reasons[0].rule == "R028"
    assert soon.value.reasons[0].facts == {"ends": D("2023-02-01")}
    assert soon.rules == ("R026", "R027", "R028")
    assert [d.source for d in soon.disputes] == ["seed 002:99"]
    assert application_form_usable(None, D("2023-01-31"), False).rules == ("R026",)
    fine = application_form_usable(D("2023-12-31"), D("2023-01-31"), False)
    assert fine.rules == ("R026", "R027", "R028")


def test_what_can_have_changed() -> None:
    with pytest.raises(
        BadArgument, match="'changed': yes or no or one of name, address"
    ):
        application_form_usable(None, D("2023-01-31"), ("haircut",))


@pytest.mark.parametrize(
    ("on", "reason", "allowed"),
    [
        ("2029-11-16", None, False),
        ("2029-11-17", None, True),
        ("2029-01-01", "lost", True),
        ("2029-01-01", "number_changed", True),
    ],
)
def test_second_application(on: str, reason: str | None, allowed: bool) -> None:
    answer = second_application(D("2030-02-17"), D(on), reason)
    assert answer.value.allowed is allowed
    assert answer.rules == ("R030", "R098")
    if not allowed:
        assert answer.value.codes == ("application.holds_valid_card",)
        assert answer.value.reasons[0].rule == "R030"
        assert answer.value.reasons[0].facts == {"opens": D("2029-11-17")}
        assert answer.next == "renewal.wait_until_open"
    else:
        assert answer.next is None


def test_an_unknown_reason_for_a_second_card() -> None:
    with pytest.raises(BadArgument, match="'reason': none or one of lost"):
        second_application(D("2030-02-17"), D("2029-01-01"), "whim")
