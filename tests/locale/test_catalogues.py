"""Catalogues are complete, and the check that says so can say otherwise."""

import re
from collections import Counter
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest

from mynabox.locale import LANGUAGES
from mynabox.locale.completeness import (
    COMPLETE,
    by_id,
    compare,
    faults,
    messages,
    places,
    terms,
    topics,
)

OURS = ("commands", "guide", "refusals", "rules")


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_lacks_nothing(language: str) -> None:
    """Every catalogue, whoever writes it: pages and API texts too."""
    assert list(faults(language)) == []


@pytest.mark.parametrize("language", COMPLETE)
@pytest.mark.parametrize("topic", OURS)
def test_a_comment_says_where_the_message_appears(language: str, topic: str) -> None:
    english = messages("en", topic)
    for name, message in messages(language, topic).items():
        comment = " ".join(message.auto_comments)
        assert len(comment) > 15, name
        assert comment == " ".join(english[name].auto_comments), name


@pytest.mark.parametrize("language", COMPLETE)
def test_no_message_stands_twice(language: str) -> None:
    """readers would see either, and nobody knows which"""
    for file in sorted(Path(str(files("mynabox.locale") / language)).glob("*.po")):
        names = re.findall(r'^msgid "(.+)"$', file.read_text("utf-8"), re.MULTILINE)
        assert [name for name, n in Counter(names).items() if n > 1] == []


@pytest.mark.parametrize("language", COMPLETE)
def test_the_glossary_has_about_sixty_terms(language: str) -> None:
    found = terms(language)
    assert len(found) >= 60
    for entry in found.values():
        assert set(entry) <= {"term", "aliases", "note"}


def test_every_language_is_complete_or_absent() -> None:
    """A language is switched on as a whole: no half catalogue reaches a reader."""
    assert set(COMPLETE) <= set(LANGUAGES)
    assert all(topics(language) for language in COMPLETE)


HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
ENGLISH = (
    '#. Where it appears\nmsgid "a.day"\nmsgstr "By {day}, {fee}."\n\n'
    '#. Where it appears\nmsgid "rule.R171"\nmsgstr "Within 14 days."\n'
)


def found_in(text: str) -> list[str]:
    """The faults of a catalogue beside the English one above."""
    own = by_id(BytesIO((HEAD + text).encode()))
    return list(compare(own, by_id(BytesIO((HEAD + ENGLISH).encode()))))


GOOD = ENGLISH.replace("By {day}, {fee}.", "{fee}、{day}まで").replace(
    "Within 14 days.", "14日以内。"
)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("", ""), None),
        (("{fee}、{day}まで", "{day}まで"), "has the places"),
        (("{fee}、{day}まで", "{fee}、{day}、{day}まで"), "has the places"),
        (("{fee}、{day}まで", "{fee}、{Tag}まで"), "has the places"),
        (("{fee}、{day}まで", "{fee}、{day}まで}"), "has a brace that is no place"),
        (("{fee}、{day}まで", ""), "a.day is empty"),
        (("{fee}、{day}まで", "   "), "a.day is empty"),
        (("14日以内。", "2週間以内。"), "lacks the numbers 14"),
        (('#. Where it appears\nmsgid "a.day"', 'msgid "a.day"'), "has no comment"),
        (('msgid "a.day"', '#, fuzzy\nmsgid "a.day"'), "a.day is fuzzy"),
        (('msgid "a.day"', 'msgid "a.dey"'), "lacks a.day"),
        (('msgid "a.day"', 'msgid "a.dey"'), "English has no a.dey"),
        (
            ('msgid "a.day"\nmsgstr "', 'msgid "a.day"\nmsgid_plural "b"\nmsgstr[0] "'),
            "has plural forms",
        ),
    ],
)
def test_the_check_finds(change: tuple[str, str], fault: str | None) -> None:
    broken = GOOD.replace(*change) if change[0] else GOOD
    assert fault is None or broken != GOOD
    found = found_in(broken)
    assert found == [] if fault is None else any(fault in text for text in found)


def test_a_place_is_counted_as_often_as_it_occurs() -> None:
    assert places("{b} {a} {b}") == ("a", "b", "b")
