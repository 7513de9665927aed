"""The questions people ask, and the lines that answer them."""

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from mynabox.guide import Guidance, Line, answer, situation
from mynabox.guide.guidance import plain
from mynabox.law import rulebook
from mynabox.locale import LANGUAGES, say
from mynabox.locale.completeness import COMPLETE

HERE = Path(__file__).parent
QUESTIONS: list[dict[str, Any]] = tomllib.loads(
    (HERE / "questions.toml").read_text(encoding="utf-8")
)["question"]
_BY_ID = {question["id"]: question for question in QUESTIONS}
_SEED_LINES = {"000": 213, "001": 202, "002": 252, "003": 396, "004": 88}


def asked(language: str) -> dict[str, str]:
    """The wording of the questions in a language, by id."""
    path = HERE / "asked" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def answered(question: dict[str, Any], language: str | None = None) -> Guidance:
    """The guide's answer to a question, in its own language unless told."""
    return answer(
        situation(
            question["topic"],
            at=question["at"],
            language=language or question.get("language", "en"),
            facts=question["facts"],
        )
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=[q["id"] for q in QUESTIONS])
def test_every_expected_line_is_there(question: dict[str, Any]) -> None:
    """With its values, its last day, and the rule it rests on."""
    found = answered(question)
    for wanted in question["expect"]:
        lines = [line for line in found.part(wanted["part"]) if _is(line, wanted)]
        assert lines, (wanted, [_shown(line) for line in found.part(wanted["part"])])
        assert any(wanted["rule"] in line.rules for line in lines), wanted
        for line in lines:
            assert line.citations, wanted


@pytest.mark.parametrize("question", QUESTIONS, ids=[q["id"] for q in QUESTIONS])
def test_no_line_of_a_neighbouring_answer_is_there(question: dict[str, Any]) -> None:
    """The lines that a wrong rule would have given."""
    said = {line.message for line in answered(question).all_lines}
    assert not said & set(question.get("absent", ()))


def _is(line: Line, wanted: dict[str, Any]) -> bool:
    return (
        line.message == wanted["message"]
        and line.due == wanted.get("due", line.due)
        and all(
            name in line.values and plain(line.values[name]) == value
            for name, value in wanted.get("values", {}).items()
        )
    )


def _shown(line: Line) -> tuple[str, dict[str, object], date | None]:
    return (
        line.message,
        {name: plain(value) for name, value in line.values.items()},
        line.due,
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=[q["id"] for q in QUESTIONS])
def test_every_line_leads_to_a_printed_source(question: dict[str, Any]) -> None:
    """The rule of the line names the source; a guide's line number exists."""
    for wanted in question["expect"]:
        page = rulebook.page(wanted["rule"])
        sources = {source.strip() for source in page.statement.source.split(";")}
        sources |= {value.source for value in page.values}
        assert wanted["source"] in sources, (wanted, sources)
        guide = re.fullmatch(r"seed (\d{3}):(\d+)", wanted["source"])
        if guide is not None:
            assert int(guide[2]) <= _SEED_LINES[guide[1]]


def test_there_are_fifty_questions_and_every_topic_is_asked_about() -> None:
    from mynabox.guide import TOPICS

    assert len(QUESTIONS) >= 50
    assert len(_BY_ID) == len(QUESTIONS)
    assert {question["topic"] for question in QUESTIONS} == set(TOPICS)


@pytest.mark.parametrize("language", COMPLETE)
def test_every_question_is_worded_in_every_complete_language(language: str) -> None:
    worded = asked(language)
    assert set(worded) == set(_BY_ID)
    assert all(text.strip() for text in worded.values())
    if language != "en":
        same = {name for name, text in worded.items() if text == asked("en")[name]}
        assert not same


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_render_without_a_gap(language: str) -> None:
    """No place stays unfilled and no id is shown instead of a text."""
    for question in QUESTIONS:
        found = answered(question, language)
        for line in found.all_lines:
            text = say(language, line.message, **line.values)
            assert "{" not in text and "}" not in text, (question["id"], text)
            assert not re.search(r"\b[a-z_]+\.[a-z_]+\b", text), (question["id"], text)


def test_the_day_of_an_answer_is_the_japanese_day() -> None:
    """Four in the afternoon in London is the next day in Japan."""
    moment = datetime.fromisoformat("2026-11-20T16:00:00+00:00")
    found = answer(situation("lost", at=moment, language="en", facts={}))
    assert found.as_of == date(2026, 11, 21)
