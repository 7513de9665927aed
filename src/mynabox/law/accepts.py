"""What an argument accepts, in a sentence that other languages can say, too.

A sentence is a text in English that remembers its code and its places: ``str`` for
whoever wants English, :attr:`Accepts.code` and :attr:`Accepts.places` for whoever says
``accepted.<code>`` of the catalogues. A place may itself be such a sentence.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "accepted": "accepted: {what}",
        "missing": "missing; accepted: {what}",
        "unknown": "unknown here; accepted are {words}",
        "no_function": "no such function; see {words}",
        "either": "{one} or {other}",
        "one_of": "one of {words}",
        "word": "a word; known are {words}",
        "list": "words with commas between them",
        "list_of": "words with commas between them, of {words}",
        "none": "none",
        "day": "a day such as {day}",
        "day_for": "a day, for the status {status}",
        "day_not_before": "a day not before '{other}'",
        "day_not_after": "a day not after '{other}'",
        "moment": "a moment such as {moment} (Japan time)",
        "calendar": "days that lie within the calendar, years 1 to 9999",
        "truth": "yes or no",
        "whole": "a whole number",
        "at_least": "a number not below {least}",
        "digits": "{count} digits",
        "text": "a text",
        "place": "a municipality: its six-digit code, or its name as つくば市 or Tsukuba",
        "code": "a six-digit code",
        "rule": "an id of the list, such as R090",
        "page": "where a page of this list ended",
        "at_most": "at most {place}",
        "in_chain": "a place in the chain {chain}",
    }
)


class Accepts(str):
    """A sentence about what is accepted."""

    __slots__ = ("code", "places")

    code: str
    places: Mapping[str, str]

    def __new__(cls, code: str, **places: object) -> "Accepts":
        """The sentence of this code; words of a list are joined with commas."""
        said = {name: _joined(value) for name, value in places.items()}
        made = super().__new__(cls, _ENGLISH[code].format(**said))
        made.code = code
        made.places = MappingProxyType(said)
        return made

    def __deepcopy__(self, memo: object) -> "Accepts":
        """It does not change."""
        return self


def either(sentences: Iterable[Accepts]) -> Accepts:
    """One sentence or the other."""
    first, *others = sentences
    for other in others:
        first = Accepts("either", one=first, other=other)
    return first


def codes() -> Mapping[str, str]:
    """Every sentence in English, by code."""
    return _ENGLISH


def _joined(value: object) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(value) if isinstance(value, Iterable) else str(value)
