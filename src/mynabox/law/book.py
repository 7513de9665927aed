"""The rulebook: every number of the law as a dated, cited value.

One TOML file per topic under ``params/``. A table is one parameter::

    [adult_age]
    what = "age from which a card lasts to the tenth birthday"
    decided_by = "day J-LIS received the application"
    [[adult_age.value]]
    from = 2022-04-01
    is = 18
    rule = "R090"
    source = "seed 003:181"
    checked = 2026-11-20
    [[adult_age.dispute]]
    rule = "R091"
    says = "20"
    source = "seed 004:22"
    why_not = "printed before the change of 1 April 2022"

``until`` is the last day of a value; ``municipality`` makes it an override of
one municipality; ``confidence`` is ``high`` unless said; a parameter may carry
``announced_through``, beyond which nothing is extrapolated.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import cast

from mynabox.law.errors import BookError
from mynabox.law.parameter import Rule
from mynabox.law.reading import file_names, kind_of, parse, read


def integer(topic: str, key: str) -> Rule[int]:
    """A parameter whose values are whole numbers."""
    return cast(Rule[int], _typed(topic, key, "int"))


def word(topic: str, key: str) -> Rule[str]:
    """A parameter whose values are words."""
    return cast(Rule[str], _typed(topic, key, "str"))


def flag(topic: str, key: str) -> Rule[bool]:
    """A parameter that is on or off."""
    return cast(Rule[bool], _typed(topic, key, "bool"))


def day(topic: str, key: str) -> Rule[date]:
    """A parameter whose values are days."""
    return cast(Rule[date], _typed(topic, key, "date"))


def words(topic: str, key: str) -> Rule[tuple[str, ...]]:
    """A parameter whose values are lists of words."""
    return cast(Rule[tuple[str, ...]], _typed(topic, key, "list of str"))


def integers(topic: str, key: str) -> Rule[tuple[int, ...]]:
    """A parameter whose values are lists of whole numbers."""
    return cast(Rule[tuple[int, ...]], _typed(topic, key, "list of int"))


def mapping(topic: str, key: str) -> Rule[Mapping[str, str]]:
    """A parameter whose values map words to words."""
    return cast(Rule[Mapping[str, str]], _typed(topic, key, "table of str"))


def counts(topic: str, key: str) -> Rule[Mapping[str, int]]:
    """A parameter whose values map words to whole numbers."""
    return cast(Rule[Mapping[str, int]], _typed(topic, key, "table of int"))


def rule(topic: str, key: str) -> Rule[object]:
    """A parameter of any type."""
    try:
        return parameters(topic)[key]
    except KeyError:
        raise BookError(f"{topic}.toml", key, "no such parameter") from None


@cache
def _typed(topic: str, key: str, kind: str) -> Rule[object]:
    found = rule(topic, key)
    for cited in found.values:
        actual = kind_of(cited.value)
        empty = actual == "empty list" and kind.startswith("list")
        if actual != kind and not empty:
            raise BookError(f"{topic}.toml", key, f"is {actual}, not {kind}")
    return found


@cache
def parameters(topic: str) -> Mapping[str, Rule[object]]:
    """Every parameter of one topic file."""
    return parse(f"{topic}.toml", read(f"{topic}.toml"))


@cache
def topics() -> tuple[str, ...]:
    """The names of the topic files, without those that hold no parameters."""
    other = {"rules.toml", "sources.toml", "holidays.toml"}
    return tuple(
        name.removesuffix(".toml") for name in file_names() if name not in other
    )
