"""The list of rules: id, statement, source and days, and what is disputed.

``params/rules.toml`` holds one table per rule (``R001`` ...) and one per
question on which the sources left us a choice (``A1`` ...). Values live in the
topic files; this list says in a sentence what each rule is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TypeVar

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Citation, Dispute
from mynabox.law.book import parameters, topics
from mynabox.law.errors import BadArgument, BookError
from mynabox.law.parameter import Cited
from mynabox.law.reading import field, read, tables

F = TypeVar("F", str, date)
T = TypeVar("T")

_FILE = "rules.toml"
_RULE_KEYS = {"says", "source", "from", "until", "note", "elsewhere"}
_QUESTION_KEYS = {"asks", "choice", "rules", "source"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One rule in a sentence."""

    rule: str
    says: str
    source: str
    since: date
    until: date | None = None
    note: str | None = None
    elsewhere: str | None = None
    """Why no code of ours carries the rule, where that is so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A point on which the sources leave a choice, and how we chose."""

    id: str
    asks: str
    choice: str
    rules: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A guide, page, law or choice that citations name."""

    name: str
    kind: str
    title: str
    publisher: str
    date: str
    language: str
    read: str
    """``whole``, ``excerpt``, or ``quoted``: how much of it we have seen."""
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A rule with all that is known of it."""

    statement: Statement
    values: tuple[Cited[object], ...]
    disputes: tuple[Dispute, ...]
    questions: tuple[Question, ...]


@cache
def _list() -> tuple[Mapping[str, Statement], Mapping[str, Question]]:
    return read_list(read(_FILE))


def read_list(text: str) -> tuple[Mapping[str, Statement], Mapping[str, Question]]:
    """The rules and the questions of a list; errors name file and key."""
    statements: dict[str, Statement] = {}
    questions: dict[str, Question] = {}
    for key, table in tables(_FILE, text).items():
        if key.startswith("A"):
            _keys(key, table, _QUESTION_KEYS)
            named = table.get("rules")
            if not isinstance(named, list):
                raise BookError(_FILE, key, "'rules' is not a list")
            questions[key] = Question(
                id=key,
                asks=field(_FILE, key, table, "asks", str),
                choice=field(_FILE, key, table, "choice", str),
                rules=tuple(str(rule) for rule in named),
                source=field(_FILE, key, table, "source", str),
            )
        else:
            _keys(key, table, _RULE_KEYS)
            statements[key] = Statement(
                rule=key,
                says=field(_FILE, key, table, "says", str),
                source=field(_FILE, key, table, "source", str),
                since=field(_FILE, key, table, "from", date),
                until=_maybe(key, table, "until", date),
                note=_maybe(key, table, "note", str),
                elsewhere=_maybe(key, table, "elsewhere", str),
            )
    return statements, questions


def _keys(key: str, table: Mapping[str, object], accepted: set[str]) -> None:
    unknown = sorted(set(table) - accepted)
    if unknown:
        raise BookError(_FILE, key, f"knows no '{unknown[0]}'")


def _maybe(key: str, table: Mapping[str, object], name: str, kind: type[F]) -> F | None:
    return field(_FILE, key, table, name, kind) if name in table else None


def statements() -> Mapping[str, Statement]:
    """Every rule by id, in the order of the list."""
    return _list()[0]


def questions() -> Mapping[str, Question]:
    """Every question of interpretation by id."""
    return _list()[1]


@cache
def sources() -> Mapping[str, Source]:
    """Every source by its short name."""
    file = "sources.toml"
    return {
        name: Source(
            name=name,
            kind=field(file, name, table, "kind", str),
            title=field(file, name, table, "title", str),
            publisher=field(file, name, table, "publisher", str),
            date=field(file, name, table, "date", str),
            language=field(file, name, table, "language", str),
            read=field(file, name, table, "read", str),
            url=field(file, name, table, "url", str) if "url" in table else None,
        )
        for name, table in tables(file, read(file)).items()
    }


def sources_of(citation: str) -> tuple[str, ...]:
    """The short names in a citation such as ``seed 003:181; kobe page``."""
    parts = (part.strip() for part in citation.split(";"))
    return tuple(dict.fromkeys(re.sub(r":\d+$", "", part) for part in parts))


@cache
def statement(rule: str) -> Statement:
    """One rule; an unknown id is the asker's mistake."""
    try:
        return statements()[rule]
    except KeyError:
        raise BadArgument("rule", Accepts("rule")) from None


@cache
def page(rule: str) -> Page:
    """All that is known of one rule."""
    values: list[Cited[object]] = []
    disputes: list[Dispute] = []
    for topic in topics():
        for parameter in parameters(topic).values():
            values += [v for v in parameter.values if v.rule == rule]
            held = parameter.values[0].disputes
            disputes += [d for d in held if d.rule == rule]
    return Page(
        statement=statement(rule),
        values=tuple(values),
        disputes=tuple(disputes),
        questions=tuple(q for q in questions().values() if rule in q.rules),
    )


def answer(
    value: T,
    *grounds: Cited[object] | str,
    next: str | None = None,
    disputes: tuple[Dispute, ...] = (),
) -> Answer[T]:
    """A value with the rules it rests on.

    A ground is a looked-up value, or the id of a rule that has no number.
    ``disputes`` are told beside those that the grounds carry.
    """
    rules, citations, held = _grounded(grounds)
    return Answer(
        value=value,
        rules=rules,
        citations=citations,
        disputes=held + disputes,
        next=next,
    )


@lru_cache(maxsize=4096)
def _grounded(
    grounds: tuple[Cited[object] | str, ...],
) -> tuple[tuple[str, ...], tuple[Citation, ...], tuple[Dispute, ...]]:
    citations: dict[Citation, None] = {}
    disputes: dict[Dispute, None] = {}
    for ground in grounds:
        if isinstance(ground, str):
            found = statement(ground)
            citations[Citation(rule=ground, source=found.source, text=found.says)] = (
                None
            )
        else:
            citations[ground.citation] = None
            disputes |= dict.fromkeys(ground.disputes)
    rules = dict.fromkeys(citation.rule for citation in citations)
    return tuple(rules), tuple(citations), tuple(disputes)
