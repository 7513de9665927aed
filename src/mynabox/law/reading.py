"""Reading parameter files with exact types; every error names file and key."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

from mynabox.law.answer import Citation, Dispute
from mynabox.law.errors import BookError
from mynabox.law.parameter import Cited, Rule

_PARAMETER_KEYS = frozenset(
    {"what", "decided_by", "announced_through", "value", "dispute"}
)
_VALUE_KEYS = frozenset(
    {"from", "until", "is", "rule", "source", "checked", "municipality"}
    | {"confidence", "note"}
)
_DISPUTE_KEYS = frozenset({"rule", "says", "source", "why_not"})
_CONFIDENCES = ("high", "medium", "low")


def read(file: str) -> str:
    """The text of one file under ``params/``."""
    return (files("mynabox.law") / "params" / file).read_text(encoding="utf-8")


def file_names() -> tuple[str, ...]:
    """The names of the files under ``params/``."""
    found = (entry.name for entry in (files("mynabox.law") / "params").iterdir())
    return tuple(sorted(name for name in found if name.endswith(".toml")))


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
    kinds = {kind for v in values if (kind := kind_of(v.value)) != "empty list"}
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


def kind_of(value: object) -> str:
    """The type of a value in the words of errors, such as ``list of str``."""
    if isinstance(value, tuple):
        kinds = {kind_of(item) for item in value}
        return f"list of {'/'.join(sorted(kinds))}" if kinds else "empty list"
    if isinstance(value, MappingProxyType):
        return f"table of {'/'.join(sorted({kind_of(v) for v in value.values()}))}"
    if isinstance(value, time):
        return "time"
    return type(value).__name__
