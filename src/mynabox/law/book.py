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

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from mynabox.law.answer import Citation, Dispute
from mynabox.law.errors import (
    BookError,
    NoLongerInForce,
    NotYetAnnounced,
    NotYetInForce,
)

T_co = TypeVar("T_co", covariant=True)

_PARAMETER_KEYS = frozenset(
    {"what", "decided_by", "announced_through", "value", "dispute"}
)
_VALUE_KEYS = frozenset(
    {"from", "until", "is", "rule", "source", "checked", "municipality"}
    | {"confidence", "note"}
)
_DISPUTE_KEYS = frozenset({"rule", "says", "source", "why_not"})
_CONFIDENCES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cited(Generic[T_co]):
    """One value with where it comes from and how long it holds."""

    value: T_co
    rule: str
    source: str
    since: date
    until: date | None
    checked: date
    confidence: str
    municipality: str | None
    citation: Citation
    disputes: tuple[Dispute, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule(Generic[T_co]):
    """All the values one parameter has had, oldest first."""

    name: str
    what: str
    decided_by: str
    announced_through: date | None
    values: tuple[Cited[T_co], ...]

    def on(self, day: date, municipality: str | None = None) -> Cited[T_co]:
        """The value that holds on ``day``, in that municipality if it has one.

        Raises :class:`NotYetInForce`, :class:`NoLongerInForce` or
        :class:`NotYetAnnounced`.
        """
        if self.announced_through is not None and day > self.announced_through:
            raise NotYetAnnounced(
                self.name, day, f"announced through {self.announced_through}"
            )
        if municipality is not None:
            local = self._latest(day, municipality)
            if local is not None and (local.until is None or day <= local.until):
                return local
        found = self._latest(day, None)
        if found is None:
            raise NotYetInForce(self.name, day, "no value this early")
        if found.until is not None and day > found.until:
            raise NoLongerInForce(self.name, day, f"ended on {found.until}")
        return found

    @property
    def only(self) -> Cited[T_co]:
        """The value of a parameter that no day decides."""
        return self.only_in(None)

    def only_in(self, municipality: str | None) -> Cited[T_co]:
        """The same, in a municipality that may have its own."""
        for place in dict.fromkeys((municipality, None)):
            found = [v for v in self.values if v.municipality == place]
            if len(found) > 1:
                raise BookError(self.name, "value", "has several values: name a day")
            if found:
                return found[0]
        raise BookError(self.name, "value", "has values of single municipalities only")

    def _latest(self, day: date, municipality: str | None) -> Cited[T_co] | None:
        for cited in reversed(self.values):
            if cited.since <= day and cited.municipality == municipality:
                return cited
        return None


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
        actual = _kind(cited.value)
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
    names = (entry.name for entry in (files("mynabox.law") / "params").iterdir())
    other = {"rules.toml", "sources.toml", "holidays.toml"}
    return tuple(
        sorted(
            n.removesuffix(".toml")
            for n in names
            if n.endswith(".toml") and n not in other
        )
    )


def read(file: str) -> str:
    """The text of one file under ``params/``."""
    return (files("mynabox.law") / "params" / file).read_text(encoding="utf-8")


def tables(file: str, text: str) -> Mapping[str, Mapping[str, object]]:
    """A TOML text as tables by name; anything else is an error."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BookError(file, "", str(problem)) from problem
    for key, table in content.items():
        if not isinstance(table, dict):
            raise BookError(file, key, "is not a table")
    return content


def parse(file: str, text: str) -> Mapping[str, Rule[object]]:
    """Read the parameters of one topic; errors name the file and the key."""
    topic = file.removesuffix(".toml")
    return MappingProxyType(
        {
            key: _parameter(file, f"{topic}.{key}", key, table)
            for key, table in tables(file, text).items()
        }
    )


def _parameter(
    file: str, name: str, key: str, table: Mapping[str, object]
) -> Rule[object]:
    _known(file, key, table, _PARAMETER_KEYS)
    what = field(file, key, table, "what", str)
    disputes = tuple(
        _dispute(file, f"{key}.dispute", entry)
        for entry in _entries(file, key, table, "dispute")
    )
    entries = _entries(file, key, table, "value")
    if not entries:
        raise BookError(file, key, "has no value")
    values = tuple(_value(file, f"{key}.value", e, what, disputes) for e in entries)
    kinds = {kind for v in values if (kind := _kind(v.value)) != "empty list"}
    if len(kinds) > 1:
        raise BookError(file, key, f"mixes types: {', '.join(sorted(kinds))}")
    order = [(v.municipality or "", v.since) for v in values]
    if len(set(order)) != len(order):
        raise BookError(file, key, "has two values from the same day")
    announced = table.get("announced_through")
    if announced is not None and type(announced) is not date:
        raise BookError(file, key, "announced_through is not a day")
    return Rule(
        name=name,
        what=what,
        decided_by=field(file, key, table, "decided_by", str),
        announced_through=announced,
        values=tuple(sorted(values, key=lambda v: v.since)),
    )


def _value(
    file: str,
    key: str,
    entry: Mapping[str, object],
    what: str,
    disputes: tuple[Dispute, ...],
) -> Cited[object]:
    _known(file, key, entry, _VALUE_KEYS)
    since = field(file, key, entry, "from", date)
    until = field(file, key, entry, "until", date) if "until" in entry else None
    if until is not None and until < since:
        raise BookError(file, key, "ends before it begins")
    confidence = entry.get("confidence", "high")
    if confidence not in _CONFIDENCES:
        raise BookError(file, key, f"confidence is none of {', '.join(_CONFIDENCES)}")
    if "is" not in entry:
        raise BookError(file, key, "lacks 'is'")
    rule_id = field(file, key, entry, "rule", str)
    source = field(file, key, entry, "source", str)
    note = field(file, key, entry, "note", str) if "note" in entry else None
    place = (
        field(file, key, entry, "municipality", str)
        if "municipality" in entry
        else None
    )
    return Cited(
        value=_frozen(file, key, entry["is"]),
        rule=rule_id,
        source=source,
        since=since,
        until=until,
        checked=field(file, key, entry, "checked", date),
        confidence=str(confidence),
        municipality=place,
        citation=Citation(
            rule=rule_id,
            source=source,
            text=what if note is None else f"{what}; {note}",
        ),
        disputes=disputes,
    )


def _dispute(file: str, key: str, entry: Mapping[str, object]) -> Dispute:
    _known(file, key, entry, _DISPUTE_KEYS)
    return Dispute(
        rule=field(file, key, entry, "rule", str),
        says=field(file, key, entry, "says", str),
        source=field(file, key, entry, "source", str),
        why_not=field(file, key, entry, "why_not", str),
    )


def _entries(
    file: str, key: str, table: Mapping[str, object], name: str
) -> list[Mapping[str, object]]:
    found = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(e, dict) for e in found):
        raise BookError(file, key, f"'{name}' is not a list of tables")
    return found


def _known(
    file: str, key: str, table: Mapping[str, object], accepted: frozenset[str]
) -> None:
    unknown = sorted(set(table) - accepted)
    if unknown:
        raise BookError(file, key, f"knows no '{unknown[0]}'")


F = TypeVar("F", str, date, bool, int)


def field(
    file: str, key: str, table: Mapping[str, object], name: str, kind: type[F]
) -> F:
    """One typed entry of a table; a missing or wrong one names file and key."""
    if name not in table:
        raise BookError(file, key, f"lacks '{name}'")
    found = table[name]
    if type(found) is not kind:
        raise BookError(file, key, f"'{name}' is not {kind.__name__}")
    return found


def _frozen(file: str, key: str, found: object) -> object:
    if isinstance(found, list):
        return tuple(_frozen(file, key, item) for item in found)
    if isinstance(found, dict):
        return MappingProxyType(
            {name: _frozen(file, key, item) for name, item in found.items()}
        )
    if isinstance(found, float | datetime):
        raise BookError(file, key, f"'is' may not be {type(found).__name__}")
    return found


def _kind(value: object) -> str:
    if isinstance(value, tuple):
        kinds = {_kind(item) for item in value}
        return f"list of {'/'.join(sorted(kinds))}" if kinds else "empty list"
    if isinstance(value, MappingProxyType):
        return f"table of {'/'.join(sorted({_kind(v) for v in value.values()}))}"
    if isinstance(value, time):
        return "time"
    return type(value).__name__
