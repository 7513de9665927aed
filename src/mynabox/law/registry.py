"""Every function of the rulebook by name, for callers who have only strings.

``call("card_expiry", {"born": "2003-06-01", ...})`` parses the strings by the
function's annotations. Days are ISO days, moments ISO date-times (Japanese
when naive), truth is yes/no/true/false, lists are comma-separated, and
``none`` (or an empty string) is nothing, where nothing is accepted. A municipality
is told by its code or its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from inspect import Parameter, signature
from types import MappingProxyType
from typing import Any, get_origin, get_type_hints

from mynabox.law import (
    applications,
    certificates,
    counters,
    delivery,
    errands,
    events,
    fees,
    health,
    hotlines,
    identity,
    kiosks,
    moving,
    notices,
    numbers,
    photo,
    pins,
    points,
    privacy,
    rulebook,
    stay,
    validity,
)
from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.arguments import Argument
from mynabox.law.errors import BadArgument
from mynabox.law.events import Effect
from mynabox.law.parameter import Cited

_MODULES = (
    numbers, notices, applications, photo, delivery, identity, validity, stay,
    certificates, events, pins, moving, fees, errands, hotlines, counters,
    kiosks, health, privacy, points,
)  # fmt: skip


def _public() -> Mapping[str, Callable[..., Answer[Any]]]:
    """The functions of each topic that return an answer, in the book's order."""
    return MappingProxyType(
        {
            name: found
            for module in _MODULES
            for name, found in vars(module).items()
            if not name.startswith("_")
            and getattr(found, "__module__", None) == module.__name__
            and callable(found)
            and _answers(found)
        }
    )


def _answers(found: Callable[..., object]) -> bool:
    """Whether a function answers a question with arguments that words can tell."""
    returned = getattr(found, "__annotations__", {}).get("return")
    if returned is not Answer and get_origin(returned) is not Answer:
        return False
    taken = signature(found).parameters.values()
    return all(p.kind is not Parameter.VAR_POSITIONAL for p in taken)


FUNCTIONS: Mapping[str, Callable[..., Answer[Any]]] = _public()


def call(name: str, arguments: Mapping[str, str]) -> Answer[Any]:
    """Call a function with arguments in words.

    Raises :class:`BadArgument` that says which argument and what is accepted.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        raise BadArgument("name", Accepts("no_function", words=FUNCTIONS))
    wanted = arguments_of(name)
    for given in arguments:
        if given not in wanted:
            raise BadArgument(given, Accepts("unknown", words=wanted))
    parsed = {}
    for argument, parameter in wanted.items():
        if argument in arguments:
            parsed[argument] = parameter.parse(arguments[argument])
        elif parameter.needed:
            raise BadArgument(argument, Accepts("missing", what=parameter.accepted))
        elif parameter.nothing:
            parsed[argument] = None
    return function(**parsed)


def summary(name: str) -> str:
    """What a function tells, in the first line of its docstring."""
    return (FUNCTIONS[name].__doc__ or "").strip().partition("\n")[0]


@cache
def arguments_of(name: str) -> Mapping[str, Argument]:
    """The arguments of a function by name; one that takes nothing may be left out."""
    function = FUNCTIONS[name]
    hints = get_type_hints(function)
    return MappingProxyType(
        {
            parameter.name: Argument(name, parameter, hints[parameter.name])
            for parameter in signature(function).parameters.values()
        }
    )


def to_json(answer: Answer[Any]) -> dict[str, object]:
    """An answer as plain values: days in ISO form, refusals as values."""
    return {
        "value": plain(answer.value),
        "rules": list(answer.rules),
        "citations": [plain(citation) for citation in answer.citations],
        "disputes": [plain(dispute) for dispute in answer.disputes],
        "next": answer.next,
    }


def show(rule: str) -> dict[str, object]:
    """All that is known of a rule, as plain values."""
    page = rulebook.page(rule)
    return {
        "rule": page.statement.rule,
        "statement": page.statement.says,
        "source": page.statement.source,
        "from": page.statement.since.isoformat(),
        "until": plain(page.statement.until),
        "values": [_value(cited) for cited in page.values],
        "disputes": [plain(dispute) for dispute in page.disputes],
        "questions": [plain(question) for question in page.questions],
    }


def _value(cited: Cited[object]) -> dict[str, object]:
    return {
        "what": cited.citation.text,
        "is": plain(cited.value),
        "from": cited.since.isoformat(),
        "until": plain(cited.until),
        "municipality": cited.municipality,
        "source": cited.source,
        "checked": cited.checked.isoformat(),
        "confidence": cited.confidence,
    }


def plain(value: object) -> object:
    """A value as JSON knows it."""
    if isinstance(value, Effect):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
