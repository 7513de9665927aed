"""Message catalogues: what the box says, in twelve languages.

A message has an id (``photo.too_old``); its text in each language stands in
``<language>/<topic>.po`` under that id. A language that lacks a message borrows it
from English; an id that no catalogue knows is returned as it is, so that nothing
is ever silent.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import langcodes
from babel.messages.pofile import read_po

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
_FARTHEST = 25
"""How unlike a language may be to stand in for another (langcodes' measure)."""


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

    A place without a value stays visible as its name in braces.
    """
    text = catalogue(language).get(message) or catalogue(FALLBACK).get(message)
    if text is None:
        return message
    return text.format_map(_Places(values))


def negotiate(*wished: str) -> str:
    """The best of our languages for BCP 47 tags in order of preference."""
    for tag in wished:
        if not langcodes.tag_is_valid(tag):
            continue
        best = langcodes.closest_match(tag, LANGUAGES, max_distance=_FARTHEST)[0]
        if best in LANGUAGES:
            return best
    return FALLBACK


class _Places(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
