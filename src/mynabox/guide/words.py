"""Values inside a message of the guide, and the lines that answers are made of.

Nothing here is text: a message is an id of the catalogues, its values are numbers,
days, money, or things that have names there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from mynabox.law import rulebook
from mynabox.law.answer import Answer, Citation, Dispute, Reason
from mynabox.law.parameter import Cited


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of yen."""

    yen: int


@dataclass(frozen=True, slots=True)
class Named:
    """Things with names in the catalogues: all of them, or one of them."""

    messages: tuple[str, ...]
    joined: Literal["and", "or"] = "and"


Value: TypeAlias = int | str | date | datetime | time | Money | Named
Ground: TypeAlias = Answer[Any] | Cited[Any] | str
"""What a line rests on: an answer of the rulebook, a value of it, or a rule's id."""

_NO_VALUES: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message of an answer.

    ``due``: the last day on which it can be done; ``overdue``: that day has passed.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    due: date | None = None
    overdue: bool = False
    rules: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    disputes: tuple[Dispute, ...] = ()


def line(
    message: str,
    *grounds: Ground,
    due: date | None = None,
    on: date | None = None,
    facts: Mapping[str, Value] = _NO_VALUES,
    **values: Value,
) -> Line:
    """A message with the grounds it rests on.

    ``on`` is the day of the answer: a line due before it is overdue. ``facts`` are
    values whose places are no Python names, such as ``from``.
    """
    answers = [
        ground if isinstance(ground, Answer) else rulebook.answer(None, ground)
        for ground in grounds
    ]
    return Line(
        message=message,
        values=MappingProxyType({**facts, **values}),
        due=due,
        overdue=due is not None and on is not None and on > due,
        rules=tuple(dict.fromkeys(rule for a in answers for rule in a.rules)),
        citations=tuple(dict.fromkeys(c for a in answers for c in a.citations)),
        disputes=tuple(dict.fromkeys(d for a in answers for d in a.disputes)),
    )


def reason_line(reason: Reason, ground: Ground, *, to_do: bool = False) -> Line:
    """Why the rulebook says no, or what to do then: its own message and facts."""
    facts: dict[str, Value] = {}
    for place, fact in reason.facts.items():
        if isinstance(fact, tuple):
            facts[place] = ", ".join(fact)
        elif not isinstance(fact, bool):
            facts[place] = fact
    message = f"{reason.code}.do" if to_do else reason.code
    return line(message, ground, facts=facts)


def named(
    prefix: str, words: tuple[str, ...], joined: Literal["and", "or"] = "and"
) -> Named:
    """The rulebook's words as names of the catalogues: ``store.lawson``."""
    ids = tuple(f"{prefix}.{word.replace(' ', '+')}" for word in words)
    return Named(ids, joined)
