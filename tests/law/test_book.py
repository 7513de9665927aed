"""The loader: exact types, errors that name file and key, dated look-ups."""

from datetime import date
from typing import Any

import pytest

from mynabox.law import book, reading
from mynabox.law.book import (
    counts,
    day,
    flag,
    integer,
    integers,
    mapping,
    parameters,
    rule,
    topics,
    word,
    words,
)
from mynabox.law.errors import (
    BadArgument,
    BookError,
    LawError,
    NoLongerInForce,
    NotInForce,
    NotYetAnnounced,
    NotYetInForce,
)
from mynabox.law.parameter import Rule

D = date.fromisoformat

GOOD = """
[age]
what = "an age"
decided_by = "day of application"
value = [
  { from = 2022-04-01, is = 18, rule = "R090", source = "seed 003:181", checked = 2026-11-20 },
  { from = 2015-10-05, until = 2022-03-31, is = 20, rule = "R091", source = "seed 003:184", checked = 2026-11-20 },
  { from = 2020-01-01, municipality = "082201", is = 19, rule = "R090", source = "design", checked = 2026-11-20, confidence = "low", note = "a test" },
]
dispute = [{ rule = "R091", says = "20", source = "seed 004:22", why_not = "older" }]
"""


def parsed(text: str) -> Rule[Any]:
    return reading.parse("topic.toml", text)["age"]


def test_values_by_day() -> None:
    age = parsed(GOOD)
    assert (age.name, age.what, age.decided_by) == (
        "topic.age", "an age", "day of application",
    )  # fmt: skip
    assert age.on(D("2022-04-01")).value == 18
    assert age.on(D("2022-03-31")).value == 20
    assert age.on(D("2015-10-05")).value == 20
    with pytest.raises(NotYetInForce, match=r"topic\.age on 2015-10-04"):
        age.on(D("2015-10-04"))


def test_a_value_carries_where_it_comes_from() -> None:
    old = parsed(GOOD).on(D("2020-01-01"))
    assert (old.rule, old.source, old.confidence) == ("R091", "seed 003:184", "high")
    assert (old.since, old.until) == (D("2015-10-05"), D("2022-03-31"))
    assert old.checked == D("2026-11-20")
    assert old.citation.text == "an age"
    assert [(d.says, d.why_not) for d in old.disputes] == [("20", "older")]


def test_a_municipality_may_have_its_own() -> None:
    age = parsed(GOOD)
    own = age.on(D("2023-01-01"), "082201")
    assert (own.value, own.confidence, own.municipality) == (19, "low", "082201")
    assert own.citation.text == "an age; a test"
    assert age.on(D("2019-12-31"), "082201").value == 20
    assert age.on(D("2023-01-01"), "132217").value == 18


def test_two_municipalities_may_begin_on_the_same_day() -> None:
    line = next(x for x in GOOD.splitlines() if "082201" in x)
    other = line.replace("082201", "132217").replace("is = 19", "is = 17")
    age = parsed(GOOD.replace(line, f"{line}\n{other}"))
    assert age.on(D("2023-01-01"), "132217").value == 17
    assert age.on(D("2023-01-01"), "082201").value == 19


def test_an_override_that_ended_gives_way() -> None:
    text = GOOD.replace(
        'municipality = "082201"', 'until = 2022-12-31, municipality = "082201"'
    )
    age = parsed(text)
    assert age.on(D("2022-12-31"), "082201").value == 19
    assert age.on(D("2023-01-01"), "082201").value == 18


def test_rules_that_ended_and_ranges_not_announced() -> None:
    ended = parsed(
        '[age]\nwhat = "x"\ndecided_by = "y"\n'
        'value = [{ from = 2020-01-01, until = 2020-12-31, is = 1, rule = "R001", source = "design", checked = 2026-11-20 }]'
    )
    assert ended.on(D("2020-12-31")).value == 1
    with pytest.raises(NoLongerInForce, match="ended on 2020-12-31"):
        ended.on(D("2021-01-01"))
    announced = parsed(
        GOOD.replace("decided_by", "announced_through = 2027-12-31\ndecided_by")
    )
    assert announced.on(D("2027-12-31")).value == 18
    with pytest.raises(NotYetAnnounced, match="announced through 2027-12-31"):
        announced.on(D("2028-01-01"))


def test_a_value_of_a_single_day() -> None:
    text = GOOD.replace("from = 2015-10-05", "from = 2022-03-31")
    assert parsed(text).on(D("2022-03-31")).value == 20


def test_a_parameter_without_days() -> None:
    one = 'value = [{ from = 2020-01-01, is = 1, rule = "R001", source = "design", checked = 2026-11-20 }]'
    assert parsed(f'[age]\nwhat = "x"\ndecided_by = "no day"\n{one}').only.value == 1
    with pytest.raises(BookError, match="several values: name a day"):
        _ = parsed(GOOD).only
    assert parsed(GOOD).only_in("082201").value == 19
    local = one.replace("from", 'municipality = "082201", from')
    age = parsed(f'[age]\nwhat = "x"\ndecided_by = "no day"\n{local}')
    assert age.only_in("082201").value == 1
    with pytest.raises(BookError, match="single municipalities only"):
        _ = age.only


BAD = [
    ("what = ", "wha = ", "knows no 'wha'"),
    ('what = "an age"', "", "lacks 'what'"),
    ('what = "an age"', "what = 5", "'what' is not str"),
    ('decided_by = "day of application"', "", "lacks 'decided_by'"),
    ("is = 18", 'is = "18"', "mixes types: int, str"),
    ("is = 18", "is = 1.8", "'is' may not be float"),
    ("is = 18", "is = 2022-01-01T10:00:00", "'is' may not be datetime"),
    ("is = 18,", "", "lacks 'is'"),
    ("from = 2022-04-01", "from = 2022", "'from' is not date"),
    ("from = 2022-04-01", "from = 2022-04-01T00:00:00", "'from' is not date"),
    ("from = 2022-04-01", "from = 2015-10-05", "two values from the same day"),
    ("from = 2022-04-01,", "", "lacks 'from'"),
    ("until = 2022-03-31", "until = 2015-10-04", "ends before it begins"),
    ("until = 2022-03-31", "untl = 2022-03-31", "knows no 'untl'"),
    ('confidence = "low"', 'confidence = "hunch"', "confidence is none of high"),
    ('source = "seed 003:181", ', "", "lacks 'source'"),
    ('rule = "R090", source = "seed 003:181", ', 'source = "x", ', "lacks 'rule'"),
    (', checked = 2026-11-20, confidence', ', confidence', "lacks 'checked'"),
    ('says = "20", ', "", "lacks 'says'"),
    ("why_not", "because", "knows no 'because'"),
    ("dispute = [", "dispute = 5 #", "'dispute' is not a list of tables"),
    ("dispute = [{", "dispute = [5] #", "'dispute' is not a list of tables"),
    ("decided_by", "announced_through = 5\ndecided_by", "announced_through is not a day"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problem"), BAD)
def test_a_malformed_file_is_named_with_its_key(
    old: str, new: str, problem: str
) -> None:
    assert old in GOOD
    with pytest.raises(BookError) as caught:
        reading.parse("topic.toml", GOOD.replace(old, new, 1))
    assert problem in caught.value.problem
    assert caught.value.file == "topic.toml"
    assert caught.value.key.startswith("age")
    assert str(caught.value).startswith("topic.toml: [age")


def test_text_that_is_no_table() -> None:
    with pytest.raises(BookError, match=r"topic\.toml: \[age\] is not a table"):
        reading.parse("topic.toml", "age = 5")
    with pytest.raises(BookError, match=r"topic\.toml: \[\]"):
        reading.parse("topic.toml", "age = ")
    with pytest.raises(BookError, match="has no value"):
        reading.parse("topic.toml", '[age]\nwhat = "x"\ndecided_by = "y"')


def test_lookups_ask_for_a_type() -> None:
    assert integer("validity", "adult_age").on(D("2022-04-01")).value == 18
    assert word("validity", "leap_birthday").only.value == "feb28"
    assert flag("pins", "signature_mix").only.value is True
    assert day("points", "purchase_start").only.value == D("2022-01-01")
    assert words("photo", "formats").only.value == ("jpeg",)
    assert integers("number", "weights").only.value[0] == 6
    assert mapping("events", "lost").only.value["card"] == "suspended"
    assert counts("pins", "tries").only.value["signature"] == 5
    assert words("pins", "store_kinds").on(D("2020-01-01")).value == ()


@pytest.mark.parametrize(
    ("lookup", "topic", "key", "problem"),
    [
        (integer, "photo", "formats", "is list of str, not int"),
        (words, "number", "weights", "is list of int, not list of str"),
        (integers, "photo", "formats", "is list of str, not list of int"),
        (flag, "validity", "adult_age", "is int, not bool"),
        (word, "validity", "adult_age", "is int, not str"),
        (day, "validity", "leap_birthday", "is str, not date"),
        (mapping, "pins", "tries", "is table of int, not table of str"),
        (counts, "events", "lost", "is table of str, not table of int"),
        (integer, "validity", "shoe_size", "no such parameter"),
    ],
)
def test_a_wrong_type_is_named(lookup: Any, topic: str, key: str, problem: str) -> None:
    with pytest.raises(BookError) as caught:
        lookup(topic, key)
    assert caught.value.problem == problem
    assert (caught.value.file, caught.value.key) == (f"{topic}.toml", key)


def test_kinds() -> None:
    assert reading.kind_of(()) == "empty list"
    assert reading.kind_of((1, "a")) == "list of int/str"
    assert reading.kind_of(True) == "bool"


def test_the_whole_book_reads() -> None:
    names = topics()
    assert {"validity", "hotlines", "fees", "events"} <= set(names)
    assert not {"rules", "sources", "holidays"} & set(names)
    assert sum(len(parameters(topic)) for topic in names) > 200
    assert rule("validity", "adult_age") is book.rule("validity", "adult_age")


def test_the_tree_of_errors() -> None:
    assert issubclass(BadArgument, LawError)
    assert issubclass(BadArgument, ValueError)
    for kind in (NotYetInForce, NoLongerInForce, NotYetAnnounced):
        assert issubclass(kind, NotInForce)
        assert issubclass(kind, LookupError)
