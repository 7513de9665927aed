"""What to do in which order, and what to bring."""

from datetime import date

import pytest

from mynabox.law.book import parameters
from mynabox.law.errands import (
    card_expected,
    channel_speaks,
    channels,
    may_apply,
    pin_duties,
    steps,
    unhold,
    what_to_bring,
)
from mynabox.law.errors import BadArgument

D = date.fromisoformat


@pytest.mark.parametrize(
    ("procedure", "first", "last", "rules"),
    [
        ("apply_smartphone", "take_photo", "enter_data", ("R023", "R022", "R274")),
        ("apply_booth", "choose_application", "photo_sent", ("R024",)),
        ("apply_mail", "fill_form", "post", ("R277", "R275")),
        ("pickup", "postcard_comes", "receive_card", ("R050",)),
        ("kiosk", "choose_language", "take_print", ("R225",)),
        ("lost", "suspend_by_phone", "apply_for_reissue", ("R182", "R180", "R181", "R278")),
        ("found", "bring_card_to_counter", "issue_new_certificates", ("R185", "R149")),
        ("notice_not_delivered", "ask_redelivery", "ask_municipality", ("R005",)),
        ("move", "notify_moving_out", "new_signature_certificate", ("R171", "R172", "R177", "R281")),
    ],
)  # fmt: skip
def test_steps(procedure: str, first: str, last: str, rules: tuple[str, ...]) -> None:
    answer = steps(procedure)
    assert (answer.value[0], answer.value[-1]) == (first, last)
    assert answer.rules == rules


def test_the_card_leaves_the_reader_before_the_choice() -> None:
    """R225: taken off after the PIN, before the certificate is chosen."""
    order = steps("kiosk").value
    assert order.index("enter_pin") < order.index("remove_card")
    assert order.index("remove_card") < order.index("choose_certificate")
    assert order.index("choose_copies") < order.index("pay")


def test_lost_outside_goes_to_the_police_before_the_municipality() -> None:
    """R182; seed 002 leaves the municipality out (A22)."""
    answer = steps("lost")
    assert answer.value[:3] == ("suspend_by_phone", "tell_police", "tell_municipality")
    assert [d.source for d in answer.disputes] == ["seed 002:133"]


def test_the_booth_steps_of_one_guide_are_a_dispute() -> None:
    assert [d.source for d in steps("apply_booth").disputes] == ["seed 000:145"]


def test_every_procedure_and_errand_answers() -> None:
    for procedure in parameters("steps"):
        assert steps(procedure).value
    for errand in parameters("bring"):
        assert what_to_bring(errand).value


def test_bring() -> None:
    assert what_to_bring("pin_reset").value == (
        "my_number_card",
        "identity_document_other_than_card",
    )
    assert what_to_bring("reissue_lost").rules == ("R183",)
    assert what_to_bring("return").rules == ("R179",)
    assert what_to_bring("number_procedure").rules == ("R285",)
    with pytest.raises(BadArgument, match="'errand': one of pickup, pickup_by_agent"):
        what_to_bring("picnic")
    with pytest.raises(BadArgument, match="'procedure': one of apply_smartphone"):
        steps("picnic")


def test_channels() -> None:
    answer = channels(D("2023-10-01"))
    assert answer.value == ("smartphone", "computer", "booth", "mail", "counter")
    assert answer.rules == ("R021", "R020", "R275")


@pytest.mark.parametrize(
    ("channel", "language", "warned"),
    [
        ("smartphone", "zh-Hans", True),
        ("computer", "en", True),
        ("booth", "en", True),
        ("smartphone", "ja", False),
        ("mail", "zh-Hans", False),
        ("counter", "vi", False),
    ],
)
def test_languages_of_channels(channel: str, language: str, warned: bool) -> None:
    answer = channel_speaks(channel, language, D("2023-10-01"))
    assert answer.value.allowed
    assert answer.value.codes == (("channel.japanese_only",) if warned else ())
    assert answer.rules == ("R022",)
    assert answer.next == ("channel.paper_in_your_language" if warned else None)
    if warned:
        assert answer.value.reasons[0].rule == "R022"
        assert answer.value.reasons[0].facts == {"channel": channel}


def test_an_unknown_channel() -> None:
    with pytest.raises(BadArgument, match="'channel': one of smartphone"):
        channel_speaks("telegraph", "ja", D("2023-10-01"))


def test_only_registered_residents_apply() -> None:
    assert may_apply(True).value.allowed
    assert may_apply(True).rules == ("R029", "R020")
    assert may_apply(True).next is None
    refused = may_apply(False)
    assert not refused.value.allowed
    assert refused.value.codes == ("application.no_resident_record",)
    assert refused.value.reasons[0].rule == "R029"
    assert refused.next == "application.register_first"
    assert refused.rules == ("R029",)


def test_when_the_card_comes() -> None:
    assert card_expected(D("2023-01-31")).value == D("2023-02-28")
    assert card_expected(D("2023-01-31")).rules == ("R032",)


def test_duties() -> None:
    assert "tell_nobody" in pin_duties().value
    assert pin_duties().rules == ("R075", "R265", "R271", "R283")


def test_no_telephone_lifts_a_suspension() -> None:
    assert unhold("counter").value.allowed
    assert unhold("counter").next == "found.new_certificates"
    assert unhold("counter").rules == ("R185", "R149")
    call = unhold("hotline")
    assert not call.value.allowed
    assert call.value.codes == ("found.counter_only",)
    assert call.value.reasons[0].rule == "R185"
    assert call.value.reasons[0].facts == {"place": "hotline"}
    assert call.next == "found.bring_card_to_counter"
    assert call.rules == ("R185",)
