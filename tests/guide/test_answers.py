"""What every answer has, whatever is told."""

import json
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mynabox.guide
from mynabox.guide import (
    FACTS,
    PARTS,
    TOPICS,
    Guidance,
    accepted,
    answer,
    is_day,
    name_of,
    situation,
    to_json,
)
from mynabox.law import rulebook
from mynabox.law.book import parameters
from mynabox.law.days import JST
from mynabox.law.errors import BadArgument
from mynabox.law.municipality import UnknownMunicipality, place
from mynabox.locale import LANGUAGES, knows, say
from mynabox.locale.completeness import messages

AT = datetime(2026, 11, 24, 10, tzinfo=JST)


def told(topic: str, /, **given: Any) -> Guidance:
    language, at = given.pop("language", "en"), given.pop("at", AT)
    return answer(situation(topic, at=at, language=language, facts=given))


def _fact_values(fact: str) -> st.SearchStrategy[str]:
    if accepted(fact):
        return st.sampled_from(accepted(fact))
    if is_day(fact):
        days = st.dates(date(2015, 11, 1), date(2035, 12, 31))
        return days.map(date.isoformat)
    return st.sampled_from(["082201", "132217", "Tsukuba", "清瀬市"])


def _facts() -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {}, optional={fact: _fact_values(fact) for fact in FACTS}
    )


@settings(max_examples=150, deadline=None)
@given(
    topic=st.sampled_from(TOPICS),
    language=st.sampled_from(LANGUAGES),
    at=st.dates(date(2016, 1, 1), date(2034, 1, 1)),
    hour=st.integers(0, 23),
    facts=_facts(),
)
def test_any_situation_has_an_answer_or_says_which_fact_is_wrong(
    topic: str, language: str, at: date, hour: int, facts: dict[str, str]
) -> None:
    """Never a crash, never a gap in a text, never a line without its rule's source."""
    try:
        moment = datetime.combine(at, time(hour, 30), JST)
        found = told(topic, language=language, at=moment, **facts)
    except BadArgument as wrong:
        assert wrong.argument in ("applied", "issued", "stay_until", "card_expiry",
                                  "born", "changed_on", "claimed")  # fmt: skip
        return
    json.dumps(to_json(found))
    for line in found.all_lines:
        assert "{" not in say(language, line.message, **line.values)
        assert set(line.rules) <= set(found.rules)
    assert set(found.rules) == {citation.rule for citation in found.citations}
    assert all(say(language, f"ask.{fact}") for fact in found.parts.asks)
    assert not set(found.parts.asks) & set(facts)


@pytest.mark.parametrize("topic", TOPICS)
def test_an_answer_without_facts_still_helps(topic: str) -> None:
    """It says something true, whom to call, and what else would have to be known."""
    found = told(topic)
    assert found.parts.holds or found.parts.steps
    assert found.parts.lines
    assert found.rules and found.citations
    assert "guide.note.office_decides" in {line.message for line in found.parts.notes}
    assert set(found.parts.asks) <= set(FACTS)


@pytest.mark.parametrize("topic", TOPICS)
def test_telling_what_is_asked_for_ends_the_asking(topic: str) -> None:
    """No fact is asked for twice, and the asking comes to an end."""
    facts: dict[str, str] = {}
    samples = {"born": "1990-02-03", "residence_status": "mid_long_term"}
    for _ in range(len(FACTS)):
        asks = told(topic, **facts).parts.asks
        if not asks:
            return
        fact = asks[0]
        assert fact not in facts
        default = accepted(fact)[0] if accepted(fact) else "2026-11-20"
        if fact in ("municipality", "honseki"):
            default = "082201"
        facts[fact] = samples.get(fact, default)
    pytest.fail(f"still asking: {asks}")


@pytest.mark.parametrize(
    ("fact", "word", "accepts"),
    [
        ("born", "yesterday", "a day such as"),
        ("pin", "five", "authentication, signature, juki, input_support"),
        ("consent", "perhaps", "yes, no"),
        ("municipality", "Nowhere", "a municipality"),
        ("municipality", "082202", "a municipality"),
        ("shoe_size", "43", "unknown here"),
    ],
)
def test_a_wrong_fact_is_named_with_what_is_accepted(
    fact: str, word: str, accepts: str
) -> None:
    with pytest.raises(BadArgument) as wrong:
        told("lost", **{fact: word})
    assert wrong.value.argument == fact
    assert accepts in wrong.value.accepted
    assert word not in str(wrong.value).replace("unknown here", "")


def test_an_unknown_topic_lists_the_topics() -> None:
    with pytest.raises(BadArgument, match="renew_certificate"):
        told("everything")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("082201", "082201"),
        ("08220", "082201"),
        ("०८२२०१", "082201"),
        ("つくば市", "082201"),
        ("茨城県つくば市", "082201"),
        ("つくば", "082201"),
        ("Tsukuba", "082201"),
        ("tsukuba-shi", "082201"),
        ("Kiyose", "132217"),
    ],
)
def test_a_municipality_is_found_by_code_and_by_name(text: str, code: str) -> None:
    assert place(text) == code


def test_a_name_that_two_municipalities_have_is_not_guessed() -> None:
    """Fuchu is a city in Tokyo and one in Hiroshima."""
    with pytest.raises(UnknownMunicipality):
        place("府中市")


def test_a_day_typed_in_devanagari_digits_is_read() -> None:
    found = told("renew_card", card_expiry="२०२७-०५-३१")
    assert found.parts.holds[0].values["expiry"] == date(2027, 5, 31)


def test_weak_and_disputed_rules_are_marked() -> None:
    """R207 was seen at second hand; the hours of Thai are printed in three ways."""
    notes = {
        line.message: str(line.values.get("rules", ""))
        for line in told("lost", language="th").parts.notes
    }
    assert "R207" in notes["guide.note.low_confidence"]
    assert "R196" in notes["guide.note.disputed"]
    assert "guide.note.medium_confidence" not in notes
    health = {
        line.message: str(line.values.get("rules", ""))
        for line in told("pin_locked").parts.notes
    }
    assert {"R077", "R078"} <= set(health["guide.note.medium_confidence"].split(", "))


def test_every_rule_of_an_answer_has_a_text_in_the_catalogues() -> None:
    for rule in rulebook.statements():
        assert knows(f"rule.{rule}")


def test_the_guide_uses_every_message_of_its_own_and_no_other() -> None:
    """Both ways: a message without use is a burden to twelve translators."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(str(mynabox.guide.__path__[0])).glob("*.py")
    )
    own = r'"((?:guide|step|bring)\.[a-z_.]+)"'
    used = (
        set(re.findall(own, code)) | _words("steps", "step") | _words("bring", "bring")
    )
    known = {
        name
        for name in messages("en", "guide")
        if name.partition(".")[0] in ("guide", "step", "bring")
    }
    assert used == known


def _words(topic: str, prefix: str) -> set[str]:
    return {
        f"{prefix}.{word}"
        for parameter in parameters(topic).values()
        for value in parameter.values
        for word in _each(value.value)
    }


def _each(value: object) -> tuple[Any, ...]:
    assert isinstance(value, tuple)
    return value


@pytest.mark.parametrize(
    ("prefix", "topic", "key"),
    [
        ("store", "kiosk", "stores"),
        ("store", "kiosk", "stores_without"),
        ("store", "pins", "store_chains"),
        ("kiosk", "kiosk", "kinds"),
        ("reason", "delivery", "agent_reasons"),
        ("channel", "application", "channels"),
        ("fault", "photo", "faults"),
        ("equipment", "certificates", "equipment"),
        ("document", "number", "number_proofs"),
        ("document", "identity", "class_a"),
        ("document", "identity", "class_b"),
        ("document", "identity", "papers"),
    ],
)
def test_every_word_of_the_rulebook_that_is_told_has_a_name(
    prefix: str, topic: str, key: str
) -> None:
    for value in parameters(topic)[key].values:
        for word in _each(value.value):
            assert knows(f"{prefix}.{word}"), word


def test_every_set_of_documents_has_a_name() -> None:
    lists = {"class_a", "class_b", "papers", "aliases"}
    for key, parameter in parameters("identity").items():
        if key in lists:
            continue
        for value in parameter.values:
            for wanted in _each(value.value):
                assert knows(f"set.{wanted.replace(' ', '+')}"), wanted


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_has_a_question_and_its_words_have_names(fact: str) -> None:
    assert knows(f"ask.{fact}")
    for word in accepted(fact):
        if word not in ("yes", "no"):
            assert knows(name_of(fact, word))


def test_parts_are_read_in_an_order_that_loses_none() -> None:
    assert sorted(told("lost").order) == sorted(told("apply").order) == sorted(PARTS)
    assert told("lost").order[:2] == ("steps", "lines")
    assert told("stolen").order == told("lost").order != told("found").order


def test_an_answer_about_tomorrow_is_not_overdue_and_yesterday_is() -> None:
    for days, overdue in ((0, False), (1, True)):
        at = datetime(2023, 10, 15, 10, tzinfo=JST) + timedelta(days=days)
        found = told("moved_within", at=at, changed_on="2023-10-01")
        step = next(s for s in found.parts.steps if s.due is not None)
        assert step.overdue is overdue
