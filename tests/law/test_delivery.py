"""Handing a card over (R050 to R059)."""

from datetime import date
from typing import Any

import pytest

from mynabox.law.delivery import (
    Visitor,
    age_excuses,
    agent_may_receive,
    certificate_visits,
    child_may_stay_home,
    delivery_method,
    representative_needed,
)
from mynabox.law.errors import BadArgument

D = date.fromisoformat


@pytest.mark.parametrize(
    ("facts", "method"),
    [
        ({"in_person": True}, "mail"),
        ({"in_person": False}, "pickup"),
        ({"in_person": True, "by_agent": True}, "pickup"),
        ({"in_person": True, "pins_handed_in": False}, "pickup"),
        ({"in_person": True, "change_pending": True}, "pickup"),
        ({"in_person": True, "municipality": "132217"}, "mail"),
    ],
)
def test_method(facts: dict[str, Any], method: str) -> None:
    answer = delivery_method(D("2023-10-01"), **facts)
    assert answer.value == method
    assert answer.rules == ("R051", "R050", "R052")


HOLDER = ("passport", "insurance_card")
AGENT = ("drivers_licence", "insurance_card", "power_of_attorney")


@pytest.mark.parametrize(
    ("reason", "holder", "agent", "codes"),
    [
        ("illness", HOLDER, AGENT, ()),
        ("study_abroad", HOLDER, AGENT, ()),
        ("busy", HOLDER, AGENT, ("agent.reason_refused",)),
        ("work", HOLDER, AGENT, ("agent.reason_refused",)),
        ("holiday", HOLDER, AGENT, ("agent.no_hardship",)),
        ("illness", ("insurance_card",), AGENT, ("agent.holder_documents",)),
        ("illness", HOLDER, HOLDER, ("agent.own_documents",)),
        ("busy", (), (), ("agent.reason_refused", "agent.holder_documents", "agent.own_documents")),
    ],
)  # fmt: skip
def test_agent(
    reason: str, holder: tuple[str, ...], agent: tuple[str, ...], codes: tuple[str, ...]
) -> None:
    answer = agent_may_receive(reason, holder, agent)
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.rules == ("R056", "R057", "R055")
    assert answer.next == ("agent.bring_documents" if codes else None)


def test_agent_reasons_name_their_rule() -> None:
    reasons = agent_may_receive("busy", (), ()).value.reasons
    assert [r.rule for r in reasons] == ["R056", "R057", "R057"]
    hardships = reasons[0].facts["hardships"]
    assert isinstance(hardships, tuple)
    assert "pregnant" in hardships
    with pytest.raises(BadArgument):
        agent_may_receive("illness", ("library_card",), AGENT)


def test_seventy_five() -> None:
    assert age_excuses(D("1948-10-02"), D("2023-10-01")).value is False
    assert age_excuses(D("1948-10-01"), D("2023-10-01")).value is True
    assert age_excuses(D("1948-10-01"), D("2023-10-01")).rules == ("R056",)


@pytest.mark.parametrize(
    ("born", "ward", "needed"),
    [
        ("2008-10-01", False, False),
        ("2008-10-02", False, True),
        ("1990-10-01", True, True),
        ("1990-10-01", False, False),
    ],
)
def test_representative(born: str, ward: bool, needed: bool) -> None:
    answer = representative_needed(D(born), D("2023-10-01"), ward)
    assert answer.value is needed
    assert answer.rules == ("R058",)
    if not ward:
        assert representative_needed(D(born), D("2023-10-01")).value is needed


@pytest.mark.parametrize(
    ("born", "on", "home"),
    [
        ("2016-01-15", "2021-02-01", True),  # five years old
        ("2016-01-15", "2020-12-31", False),
        ("2020-12-01", "2020-12-31", False),  # a newborn too
        ("2015-12-01", "2016-01-01", False),
        ("2016-01-15", "2021-01-01", True),
        ("2014-02-02", "2021-02-01", True),
        ("2014-02-01", "2021-02-01", False),  # seven: at school
    ],
)
def test_small_children(born: str, on: str, home: bool) -> None:
    answer = child_may_stay_home(D(born), D(on))
    assert answer.value is home
    assert answer.rules == ("R058",)


@pytest.mark.parametrize(
    ("visitor", "visits"),
    [("holder", 1), ("statutory_representative", 1), ("agent", 2)],
)
def test_visits(visitor: Visitor, visits: int) -> None:
    assert certificate_visits(visitor).value == visits
    assert certificate_visits(visitor).rules == ("R059",)
