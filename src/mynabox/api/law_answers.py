"""The rulebook asked in words, and its answers as plain values.

The command line says the same as the API and must not wait for a web framework to be
loaded: nothing here needs one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mynabox.law import arguments, registry
from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.errors import BadArgument, LawError
from mynabox.locale import say

_MOMENTS = ("at", "on")
"""Arguments that may be left out: the box's moment, or its day, stands in."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function."""

    name: str
    accepted: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the rulebook."""

    name: str
    summary: str
    arguments: list[Argument]


def ask_law(name: str, given: Mapping[str, str], *, now: datetime) -> Answer[Any]:
    """Call a function with arguments in words; ``now`` stands in for at and on.

    Raises ``BadArgument``, also where days leave the calendar, and ``NotInForce``.
    """
    arguments = dict(given)
    if name in registry.FUNCTIONS:
        wanted = registry.arguments_of(name)
        for moment in _MOMENTS:
            if moment in wanted and wanted[moment].needed:
                arguments.setdefault(moment, _in_words(moment, now, wanted))
    try:
        return registry.call(name, arguments)
    except LawError:
        raise
    except (ValueError, OverflowError):
        accepted = Accepts("calendar")
        raise BadArgument("arguments", accepted) from None


def _in_words(
    moment: str, now: datetime, wanted: Mapping[str, arguments.Argument]
) -> str:
    whole = wanted[moment].kind is datetime
    return now.isoformat() if whole else now.date().isoformat()


def functions() -> list[Function]:
    """Every function with its arguments, in the order of the book."""
    return [
        Function(
            name=name,
            summary=registry.summary(name),
            arguments=[
                Argument(
                    name=argument,
                    accepted=known.accepted,
                    needed=known.needed and argument not in _MOMENTS,
                )
                for argument, known in registry.arguments_of(name).items()
            ],
        )
        for name in registry.FUNCTIONS
    ]


def law_json(answer: Answer[Any], *, as_of: date, language: str) -> dict[str, object]:
    """An answer as plain values, the same on the command line and over HTTP."""
    said = None if answer.next is None else say(language, answer.next)
    return {
        "as_of": as_of.isoformat(),
        **registry.to_json(answer),
        "next_text": said,
    }
