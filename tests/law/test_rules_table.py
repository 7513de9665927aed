"""Every rule has a statement, a source, code and tests, or a written reason."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mynabox.law.book import parameters, topics
from mynabox.law.errors import BookError
from mynabox.law.rulebook import (
    answer,
    page,
    questions,
    sources,
    sources_of,
    statement,
    statements,
)

ROOT = Path(__file__).parents[2]


def _maker() -> ModuleType:
    path = ROOT / "tools" / "rules" / "make_docs.py"
    spec = importlib.util.spec_from_file_location("make_docs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER: Any = _maker()
CODE, TESTS = MAKER.carriers(ROOT)

RANGES = [
    (1, 13), (20, 32), (40, 47), (50, 61), (70, 82), (90, 100), (110, 124),
    (130, 141), (145, 157), (160, 167), (170, 179), (180, 186), (190, 208),
    (210, 213), (220, 233), (240, 247), (250, 255), (260, 287),
]  # fmt: skip


def test_the_list_has_every_rule_and_no_other() -> None:
    wanted = {f"R{n:03}" for first, last in RANGES for n in range(first, last + 1)}
    assert set(statements()) == wanted
    assert set(questions()) == {f"A{n}" for n in range(1, 28)}


@pytest.mark.parametrize("rule", list(statements()))
def test_a_rule_has_code_and_tests_or_a_reason(rule: str) -> None:
    told = statement(rule)
    assert told.says.endswith(".")
    assert CODE.get(rule) or told.elsewhere, f"{rule}: no code, and no reason why"
    assert TESTS.get(rule) or told.elsewhere, f"{rule}: no test, and no reason why"


def test_every_source_named_is_listed_and_every_listed_one_is_named() -> None:
    named = {s for told in statements().values() for s in sources_of(told.source)}
    named |= {s for asked in questions().values() for s in sources_of(asked.source)}
    for topic in topics():
        for parameter in parameters(topic).values():
            for cited in parameter.values:
                named |= set(sources_of(cited.source))
                for dispute in cited.disputes:
                    named |= set(sources_of(dispute.source))
    assert named | {"holidays package"} == set(sources())
    assert {s.kind for s in sources().values()} == set(MAKER._KINDS)
    assert {s.read for s in sources().values()} == {"whole", "excerpt", "quoted"}


def test_every_rule_that_a_value_or_question_names_exists() -> None:
    named = {rule for asked in questions().values() for rule in asked.rules}
    for topic in topics():
        for parameter in parameters(topic).values():
            named |= {cited.rule for cited in parameter.values}
            named |= {d.rule for d in parameter.values[0].disputes}
    assert named <= set(statements())


def test_lines_of_the_guides_exist() -> None:
    """A line number beyond the end of a guide is a slip."""
    longest = {"000": 212, "001": 202, "002": 251, "003": 396, "004": 88}
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src/mynabox/law/params").glob("*.toml")
    )
    cited = re.findall(r"seed (\d{3}):(\d+)", text)
    assert len(cited) > 300
    for guide, line in cited:
        assert 1 <= int(line) <= longest[guide], f"seed {guide}:{line}"


def test_the_generated_table_is_fresh_and_tells_no_lies() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    lines = {
        line.split(" | ", 1)[0][2:]: line
        for line in written.splitlines()
        if re.match(r"\| [RA]\d", line)
    }
    for rule in statements():
        assert lines[rule].startswith(MAKER.stable(rule)), rule
        holds = CODE.get(rule, []) + TESTS.get(rule, [])
        for name in re.findall(r"\blaw/\w+\.py", lines[rule]):
            assert name in holds, f"{rule}: {name} does not name it"
    assert set(questions()) <= set(lines)
    sources_written = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert sources_written == MAKER.sources_text()


def test_a_citation_may_name_several_sources() -> None:
    assert sources_of("seed 003:181; kobe page") == ("seed 003", "kobe page")
    assert sources_of("seed 003:181; seed 003:184") == ("seed 003",)


def test_a_page_gathers_what_is_known() -> None:
    found = page("R149")
    assert found.statement.rule == "R149"
    assert [v.value["card"] for v in found.values] == ["active"]  # type: ignore[index]
    assert [d.source for d in found.disputes] == ["seed 003:338"]
    assert [q.id for q in found.questions] == ["A17"]


def test_an_answer_cites_each_ground_once() -> None:
    told = answer(5, "R001", "R002", "R001", next="x.y")
    assert told.rules == ("R001", "R002")
    assert len(told.citations) == 2
    assert told.citations[0].source == "seed 000:23; seed 002:18"
    assert told.citations[0].text == statement("R001").says
    assert (told.value, told.next, told.disputes) == (5, "x.y", ())


def test_both_sides_of_each_conflict_of_the_guides_show() -> None:
    """The guides contradict each other; each conflict has a dispute of its own."""
    told = {
        (dispute.rule, dispute.source)
        for topic in topics()
        for parameter in parameters(topic).values()
        for dispute in parameter.values[0].disputes
    }
    assert {
        ("R091", "seed 004:22"), ("R195", "seed 001:77"), ("R196", "seed 002:235"),
        ("R193", "seed 001:75"), ("R190", "seed 003:326"), ("R024", "seed 000:145"),
        ("R074", "seed 003:153"), ("R001", "seed 002:46"), ("R111", "seed 003:197"),
        ("R134", "seed 003:191"), ("R028", "seed 002:99"), ("R220", "seed 003:249"),
        ("R211", "seed 003:155"), ("R149", "seed 003:338"), ("R243", "seed 001:14"),
        ("R181", "seed 002:133"), ("R011", "seed 000:66"), ("R011", "seed 002:97"),
        ("R023", "seed 002:179"), ("R198", "seed 001:81"), ("R072", "seed 004:56"),
        ("R167", "seed 004:36"), ("R191", "seed 001:55"), ("R022", "seed 000:122"),
    } <= told  # fmt: skip


def test_a_malformed_list_is_named() -> None:
    from mynabox.law import rulebook

    with pytest.raises(BookError, match=r"rules\.toml: \[R001\] knows no 'sayz'"):
        rulebook.read_list('[R001]\nsayz = "x"')
    with pytest.raises(BookError, match=r"\[R001\] lacks 'source'"):
        rulebook.read_list('[R001]\nsays = "x"')
    with pytest.raises(BookError, match=r"\[A1\] 'rules' is not a list"):
        rulebook.read_list('[A1]\nasks = "x"\nchoice = "y"\nsource = "z"')
    with pytest.raises(BookError, match=r"\[A1\] knows no 'chose'"):
        rulebook.read_list('[A1]\nchose = "y"')
