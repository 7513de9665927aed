"""Who may ask for the number and copy the card (R011, R012, R260 to R269)."""

from datetime import date

import pytest

from mynabox.law.privacy import (
    Side,
    card_shows,
    chip_holds,
    copy_card,
    number_request,
    number_requesters,
    sleeve_hides,
    vaccination_app,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("requester", "purpose", "code"),
    [
        ("employer", "tax", None),
        ("employer", "year-end tax", None),
        ("company", "year-end adjustment", None),  # everyday words
        ("city hall", "disaster relief", None),
        ("city hall", "account", "number.not_for_this"),
        ("club", "tax", "number.not_by_this_body"),
        ("Employer", "Year_End_Tax", None),
        ("bank", "account", None),
        ("financial institution", "account", None),
        ("workplace", "pension", None),
        ("local government", "disaster", None),
        ("municipality", "disaster", None),
        ("tax office", "tax", None),
        ("employer", "membership card", "number.not_for_this"),
        ("bank", "disaster", "number.not_for_this"),
        ("gym", "membership card", "number.not_by_this_body"),
        ("gym", "tax", "number.not_by_this_body"),
        ("", "tax", "number.not_by_this_body"),
        ("employer", "", "number.not_for_this"),
    ],
)
def test_who_may_ask(requester: str, purpose: str, code: str | None) -> None:
    answer = number_request(requester, purpose)
    assert answer.value.allowed is (code is None)
    assert answer.value.codes == (() if code is None else (code,))
    assert answer.rules == ("R011", "R012")
    told = "number.check_who_asks" if code is None else "number.do_not_tell_it"
    assert answer.next == told
    assert [d.source for d in answer.disputes] == ["seed 002:97", "seed 000:66"]


def test_a_body_is_told_for_what_it_may_ask() -> None:
    reason = number_request("tax_office", "pension").value.reasons[0]
    assert (reason.rule, dict(reason.facts)) == ("R011", {"for": ("tax",)})
    stranger = number_request("gym", "tax").value.reasons[0]
    assert (stranger.rule, dict(stranger.facts)) == ("R011", {})
    assert "employer" in number_requesters().value
    assert number_requesters().rules == ("R011", "R284")


@pytest.mark.parametrize(
    ("side", "purpose", "consent", "code", "rules", "next"),
    [
        ("front", "id", True, None, ("R260",), None),
        ("front", "id", False, "copy.needs_consent", ("R260",), "copy.ask_the_holder"),
        ("front", "tax", False, "copy.needs_consent", ("R260",), "copy.ask_the_holder"),
        ("back", "tax", False, None, ("R261",), None),
        ("back", "social security", True, None, ("R261",), None),
        ("back", "id", True, "copy.back_only_for_number", ("R261", "R262"), "copy.front_in_the_sleeve"),
        ("back", "id", False, "copy.back_only_for_number", ("R261", "R262"), "copy.front_in_the_sleeve"),
    ],
)  # fmt: skip
def test_copying(
    side: Side,
    purpose: str,
    consent: bool,
    code: str | None,
    rules: tuple[str, ...],
    next: str | None,
) -> None:
    answer = copy_card(side, purpose, consent)
    assert answer.value.allowed is (code is None)
    assert answer.value.codes == (() if code is None else (code,))
    assert {r.rule for r in answer.value.reasons} <= {rules[0]}
    assert answer.rules == rules
    assert answer.next == next


def test_what_is_seen_and_held() -> None:
    assert sleeve_hides().value == ("number", "organ_donor")
    assert sleeve_hides().rules == ("R262",)
    assert "expiry" in card_shows("front").value
    assert "number" not in card_shows("front").value
    assert card_shows("back").value == ("number",)
    assert card_shows("back").rules == ("R268", "R286")
    assert chip_holds("certificates").value is True
    assert chip_holds("tax").value is False
    assert chip_holds("face data").value is True
    # seed 003:108: the chip holds what stands on the card, such as the name
    assert chip_holds("name").value is True
    assert chip_holds("photo").value is True
    assert chip_holds("medical record").value is False
    assert chip_holds("tax").rules == ("R263", "R264")


def test_vaccination_app_is_history() -> None:
    assert vaccination_app(D("2021-12-20")).value is True
    assert vaccination_app(D("2024-03-31")).value is True
    assert vaccination_app(D("2024-04-01")).value is False
    assert vaccination_app(D("2024-04-01")).rules == ("R269",)
