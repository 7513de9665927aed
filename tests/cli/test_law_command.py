"""``mynabox law`` as a person and a program meet it."""

import json

import pytest

from mynabox.law import registry, rulebook
from mynabox.locale.completeness import COMPLETE
from tests.guide.commands import run

CARD = "mynabox law card_expiry born=2003-06-01 issued=2022-04-10 residence_status=japanese"


@pytest.mark.parametrize(
    ("applied", "value"), [("2022-03-31", "2026-06-01"), ("2022-04-01", "2031-06-01")]
)
def test_json_carries_the_value_and_why(applied: str, value: str) -> None:
    """Eighteen years old, on both sides of the change of 1 April 2022."""
    found = json.loads(run(f"{CARD} applied={applied} --json").out)
    assert found["value"] == value
    assert ("R090" in found["rules"]) == (applied == "2022-04-01")
    assert {"as_of", "citations", "disputes", "next"} <= set(found)
    assert all(citation["source"] for citation in found["citations"])


def test_words_carry_the_envelope() -> None:
    told = run(f"{CARD} applied=2022-04-01")
    assert told.status == 0
    first, *rest = told.out.splitlines()
    assert first == "June 1, 2031 (2031-06-01)"
    text = "\n".join(rest)
    for part in ("As of ", "R090  ", "R090: seed 003:181", "Where sources disagree"):
        assert part in text


def test_the_answer_is_in_the_language_asked_for() -> None:
    told = run(f"{CARD} applied=2022-04-01 -l ja")
    assert told.out.startswith("令和13年6月1日（2031年）")
    assert "出典" in told.out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("number_valid number=123456789018", "Yes"),
        ("number_valid number=123456789012", "No"),
        ("reissue_fee reason=lost", "1000"),
        ("line_open line=0120-0178-27 language=en topic=card at=2023-11-02T20:00",
         "only reports of loss (suspension_only)"),
        ("event_effects event=lost", "signature certificate: put on hold, for good"),
        ("renewal_opens expiry=2027-05-31", "February 28, 2027 (2027-02-28)"),
        ("pin_form kind=signature value=abc123", "No, not allowed."),
        ("steps procedure=lost", "suspend_by_phone"),
        ("emigration leaves=2026-01-01 procedure_done=none japanese=yes",
         "emigrated"),
    ],
)  # fmt: skip
def test_values_of_every_kind_have_words(command: str, said: str) -> None:
    told = run(f"mynabox law {command}")
    assert told.status == 0, told.err
    assert said in told.out


def test_a_refusal_is_an_answer_with_every_reason_and_what_to_do() -> None:
    told = run(
        "mynabox law photo taken=2023-01-01 applied=2023-07-02 width_mm=40 height_mm=30"
    )
    assert told.status == 0
    assert told.out.startswith("No, not allowed.")
    assert "The photo is older than 6 months." in told.out
    assert "The photo must be 45 mm high and 35 mm wide." in told.out
    assert "Have it printed in that size." in told.out
    assert "→ Take another photo." in told.out


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (f"{CARD} applied=yesterday", ("applied", "a day such as")),
        (f"{CARD} applied=2022-04-01 shoe_size=43", ("shoe_size", "born, applied")),
        (f"{CARD}", ("applied", "missing")),
        (f"{CARD} applied", ("name=value",)),
        (f"{CARD} applied=2022-04-01 applied=2022-04-02", ("applied", "twice")),
        (f"{CARD} applied=2022-04-01 -l klingon", ("--language", "zh-Hans")),
        ("mynabox law renewal_opens expiry=0001-01-02", ("arguments", "calendar")),
        ("mynabox law show R999", ("rule", "R090")),
        ("mynabox law line_open line=110 language=en topic=card", ("line", "0120")),
        ("mynabox law nothing", ("nothing",)),
        ("mynabox law points applied=2022-08-01 claimed=2022-09-01 items=gold",
         ("items", "health_card")),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named_with_what_is_accepted(
    command: str, named: tuple[str, ...]
) -> None:
    told = run(command)
    assert told.status == 2
    for word in named:
        assert word in told.err


def test_a_pin_is_not_repeated_in_the_answer() -> None:
    for value in ("ABC12", "abc123", "HUNTER2"):
        told = run(f"mynabox law pin_form kind=signature value={value}")
        assert value not in told.out + told.err


def test_a_day_that_no_rule_reaches_is_said() -> None:
    """Hotline hours of 2015 are in no source."""
    told = run(
        "mynabox law line_open line=0120-0178-27 language=en topic=card "
        "at=2015-11-02T20:00"
    )
    assert told.status == 2
    assert "November 2, 2015" in told.err


def test_the_moment_may_be_left_out() -> None:
    told = run("mynabox law line_open line=0120-95-0178 language=ja topic=suspension")
    assert "open (open)" in told.out


def test_the_list_names_every_function_and_every_rule() -> None:
    told = run("mynabox law list")
    for name in registry.FUNCTIONS:
        assert f"\n  {name}" in told.out
    for rule in rulebook.statements():
        assert f"\n  {rule}  " in told.out
    found = json.loads(run("mynabox law list --json").out)
    assert [f["name"] for f in found["functions"]] == list(registry.FUNCTIONS)
    assert set(found["rules"]) == set(rulebook.statements())


@pytest.mark.parametrize("language", COMPLETE)
def test_a_rule_shows_values_days_sources_and_disputes(language: str) -> None:
    told = run(f"mynabox law show R196 -l {language}")
    assert told.status == 0
    assert told.out.startswith("R196  ")
    assert "seed 002:235" in told.out
    values = run(f"mynabox law show R194 -l {language}").out
    assert "09:00-18:00" in values
    assert "seed 000:192" in values
    assert "A2" in values


def test_a_rule_as_json_is_the_same_in_every_language_but_for_its_statement() -> None:
    english = json.loads(run("mynabox law show R090 --json").out)
    japanese = json.loads(run("mynabox law show R090 --json -l ja").out)
    assert english.pop("statement") != japanese.pop("statement")
    assert english == japanese
    assert english["values"]


@pytest.mark.parametrize("name", list(registry.FUNCTIONS))
def test_every_function_is_a_command_whose_help_names_its_arguments(name: str) -> None:
    told = run(f"mynabox law {name} --help")
    assert told.status == 0
    for argument in registry.arguments_of(name):
        assert f"{argument}=" in told.out
