"""Message catalogues: what the box says, in twelve languages.

A message has an id (``photo.too_old``); its text in each language stands in
``<language>/<topic>.po`` under that id. A language that lacks a message borrows it
from English; an id that no catalogue knows is returned as it is, so that nothing
is ever silent. Texts hold ``{places}``; numbers, days and amounts are always values,
never text: :func:`told` writes each as the language does.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Literal, Protocol, runtime_checkable

from babel.messages.pofile import read_po

from mynabox.locale.dates import day, moment

__all__ = [
    "FALLBACK",
    "LANGUAGES",
    "Amount",
    "Names",
    "catalogue",
    "day",
    "knows",
    "listed",
    "moment",
    "negotiate",
    "say",
    "told",
    "yen",
]

LANGUAGES = (
    "ja",
    "en",
    "zh-Hans",
    "zh-Hant",
    "ko",
    "es",
    "pt",
    "th",
    "ne",
    "id",
    "vi",
    "fil",
)
"""BCP 47 tags of the languages, in the order in which pages offer them."""

FALLBACK = "en"
_LONGEST_HEADER = 1000
_FARTHEST = 25
"""How unlike a language may be to stand in for another (langcodes' measure)."""


@runtime_checkable
class Amount(Protocol):
    """A value that is money."""

    @property
    def yen(self) -> int:
        """How much."""
        ...


@runtime_checkable
class Names(Protocol):
    """A value that is things with names in the catalogues."""

    @property
    def messages(self) -> tuple[str, ...]:
        """The ids of the names, in order."""
        ...

    @property
    def joined(self) -> Literal["and", "or"]:
        """Whether all of them are meant or one of them."""
        ...


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every message of one language, by id; without what is not translated."""
    folder = files(__name__).joinpath(language)
    if not folder.is_dir():
        return {}
    texts: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".po"):
            with file.open("rb") as source:
                for message in read_po(source, locale=None):
                    if message.id and message.string and not message.fuzzy:
                        texts[str(message.id)] = str(message.string)
    return texts


def knows(message: str, *, language: str = FALLBACK) -> bool:
    """Whether the language's own catalogue has the message."""
    return message in catalogue(language)


def say(language: str, message: str, /, **values: object) -> str:
    """The message in a language, its ``{places}`` filled from ``values``.

    The values are written in the language of the text, which is English where the
    language lacks it. A place without a value stays visible as its name in braces.
    """
    text = catalogue(language).get(message)
    if text is None:
        language, text = FALLBACK, catalogue(FALLBACK).get(message)
    if text is None:
        return message
    places = {name: told(language, value, name) for name, value in values.items()}
    return text.format_map(_Places(places))


def told(language: str, value: object, place: str = "") -> str:
    """A value as the language writes it.

    Days, moments, money, lists and named things each have their form. A refusal
    carries its facts as strings: there an ISO day is written as a day, and the
    words of a place such as ``state`` by their names in the catalogues.
    """
    match value:
        case datetime():
            return moment(language, value)
        case date():
            return day(language, value)
        case time():
            return f"{value.hour}:{value.minute:02d}"
        case Amount():
            return yen(language, value.yen)
        case Names():
            texts = [say(language, message) for message in value.messages]
            return listed(language, texts, joined=value.joined)
        case tuple():
            return _fact(language, ", ".join(map(str, value)), place)
        case str():
            return _fact(language, value, place)
        case int() if value >= _GROUPED:
            return f"{value:,}"
        case _:
            return str(value)


def yen(language: str, amount: int) -> str:
    """Money in words, since ¥ is another currency elsewhere: ``1,000 yen``."""
    return say(language, "money.yen", amount=f"{amount:,}")


def listed(
    language: str, texts: list[str], *, joined: Literal["and", "or"] = "and"
) -> str:
    """Several things in one sentence; alternatives are set apart by semicolons.

    An alternative may itself hold commas, and a language's "or" would bind only
    its last word.
    """
    wide = language in _FULL_WIDTH
    if joined == "or":
        return ("；" if wide else "; ").join(texts)
    return ("、" if wide else ", ").join(texts)


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_GROUPED = 10_000
_FULL_WIDTH = frozenset({"ja", "zh-Hans", "zh-Hant"})

_NAMED_BY = {
    "state": ("state",),
    "kind": ("certificate.kind", "kiosk"),
    "kinds": ("pin.kind",),
    "sets": ("set",),
    "status": ("status",),
}
"""Under which prefixes the words of a refusal's place have names."""


def _fact(language: str, text: str, place: str) -> str:
    if _ISO_DAY.fullmatch(text):
        try:
            return day(language, date.fromisoformat(text))
        except ValueError:
            return text
    prefixes = _NAMED_BY.get(place)
    if prefixes is None:
        return text
    names = [_name(language, word, prefixes) for word in text.split(", ")]
    joined: Literal["and", "or"] = "or" if place == "sets" else "and"
    return listed(language, names, joined=joined)


def _name(language: str, word: str, prefixes: tuple[str, ...]) -> str:
    for prefix in prefixes:
        message = f"{prefix}.{word.replace(' ', '+')}"
        if knows(message):
            return say(language, message)
    return word


def negotiate(*wished: str) -> str:
    """The best of our languages for BCP 47 tags in order of preference."""
    import langcodes  # its tables take time, and most programs never ask

    for tag in wished:
        if not langcodes.tag_is_valid(tag):
            continue
        best = langcodes.closest_match(tag, LANGUAGES, max_distance=_FARTHEST)[0]
        if best in LANGUAGES:
            return best
    return FALLBACK


def accepted(header: str) -> tuple[str, ...]:
    """The tags of an ``Accept-Language`` header, best first (RFC 9110 12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:_LONGEST_HEADER].split(",")):
        tag, _, weight = part.replace(" ", "").partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if tag and quality > 0:
            wishes.append((-quality, place, tag))
    return tuple(tag for *_, tag in sorted(wishes))


class _Places(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
