"""Arguments in words: what one accepts, and the value that a string stands for."""

from datetime import date, datetime
from inspect import Parameter
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

from mynabox.law.accepts import Accepts, either
from mynabox.law.days import in_japan
from mynabox.law.errors import BadArgument
from mynabox.law.known_words import A_PLACE, PLACES, Known, known
from mynabox.law.municipality import UnknownMunicipality, place


class Argument:
    """One argument of a function, as a caller with strings sees it."""

    __slots__ = ("accepted", "kind", "name", "needed", "nothing")

    def __init__(self, function: str, parameter: Parameter, kind: object) -> None:
        self.name = parameter.name
        self.kind = kind
        bare = parameter.default is Parameter.empty
        self.needed = bare and not _optional(kind)
        self.nothing = bare and _optional(kind)
        words = known(function, self.name)
        self.accepted = either(
            self._accepted(one, words) for one in _alternatives(kind)
        )

    def parse(self, text: str) -> object:
        """A string as a value; the string is never repeated in an error."""
        for one in _order(self.kind):
            try:
                return self._parse(text, one)
            except (ValueError, UnknownMunicipality):
                continue
        raise BadArgument(self.name, Accepts("accepted", what=self.accepted))

    def _parse(self, text: str, kind: object) -> object:
        if kind is str and self.name in PLACES:
            return place(text.strip(), living=False)
        return _parse_one(text, kind)

    def _accepted(self, kind: object, words: Known | None) -> Accepts:
        if get_origin(kind) is Literal:
            return Accepts("one_of", words=get_args(kind))
        if _is_list(kind):
            item = get_args(kind)[0]
            if get_origin(item) is Literal:
                words = Known(lambda: get_args(item))
            return words.told(many=True) if words else _LIST
        if kind is str and self.name in PLACES:
            return A_PLACE
        if kind is str and words:
            return words.told(many=False)
        return _PLAIN[kind]  # type: ignore[index]


def moment(text: str) -> datetime:
    """An ISO moment in words, Japanese unless it names a zone; raises ``ValueError``.

    A day alone is none: midnight would be a guess, and answer for a closed hour.
    """
    if ":" not in text:
        raise ValueError("a day without a time of day")
    return in_japan(datetime.fromisoformat(text))


_LIST = Accepts("list")
_PLAIN = {
    NoneType: Accepts("none"),
    date: Accepts("day", day="2023-10-01"),
    datetime: Accepts("moment", moment="2023-10-01T09:30"),
    bool: Accepts("truth"),
    int: Accepts("whole"),
    str: Accepts("text"),
}


def _optional(kind: object) -> bool:
    return _is_union(kind) and NoneType in get_args(kind)


def _is_union(kind: object) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _is_list(kind: object) -> bool:
    origin: object = get_origin(kind)
    return origin is tuple


def _alternatives(kind: object) -> tuple[object, ...]:
    return get_args(kind) if _is_union(kind) else (kind,)


def _order(kind: object) -> list[object]:
    """Nothing and truth are tried before lists and texts, which take any word."""
    return sorted(_alternatives(kind), key=lambda one: one is str or _is_list(one))


_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _parse_one(text: str, kind: object) -> object:
    word = text.strip()
    if kind is NoneType:
        if word.lower() in ("none", ""):
            return None
        raise ValueError
    if get_origin(kind) is Literal:
        if word in get_args(kind):
            return word
        raise ValueError
    if _is_list(kind):
        return _parse_list(word, get_args(kind)[0])
    if kind is bool:
        if word.lower() in _TRUTH:
            return _TRUTH[word.lower()]
        raise ValueError
    if kind is date:
        return date.fromisoformat(word)
    if kind is datetime:
        return moment(word)
    if kind is int:
        if not word.isascii():
            raise ValueError
        return int(word)
    return text


def _parse_list(word: str, kind: object) -> tuple[object, ...]:
    if word.lower() in ("none", ""):
        return ()
    items = (item.strip() for item in word.split(","))
    return tuple(_parse_one(item, kind) for item in items if item)
