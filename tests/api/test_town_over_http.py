"""Whole lives of a small town over HTTP: the short form of a campaign (``make torture
ARGS=town``), the same towns every time."""

from hypothesis.stateful import run_state_machine_as_test

from tests.town_over_http import Town, lives

OFTEN = {"register_resident", "assign_number", "issue_notice", "submit_application"}
CARDS = {"produce_card", "hand_over_card", "report_lost"}


def test_rules_hold_whatever_happens_in_whatever_order() -> None:
    """R002, R030, R094, issued means usable, one story; and enough was done to mean it"""
    Town.tally.clear()
    run_state_machine_as_test(Town, settings=lives(4, 30, same=True))
    assert set(Town.tally) >= OFTEN | CARDS
    assert Town.tally["refused"] > 20
