"""What a catalogue lacks: our own count, since ready-made statistics flatter.

English says which messages exist. A language is complete when it has every one of
them and no other, none empty, fuzzy, or of several plural forms, each with the same
``{places}`` and a comment that tells a translator where it appears; when the rule
texts carry every longer number of the English ones (a short one may become a word);
and when its glossary names every official term.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import IO

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

COMPLETE = (
    "en",
    "ja",
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
"""The languages whose completeness is enforced."""

_PLACE = re.compile(r"\{([a-z_]+)\}")
_NUMBER = re.compile(r"[0-9]{2,}")


def places(text: str) -> tuple[str, ...]:
    """The places of a text, sorted, each as often as it occurs."""
    return tuple(sorted(_PLACE.findall(text)))


def topics(language: str) -> tuple[str, ...]:
    """The names of a language's catalogues."""
    folder = files("mynabox.locale") / language
    if not folder.is_dir():
        return ()
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".po") for n in names if n.endswith(".po")))


def messages(language: str, topic: str) -> Mapping[str, Message]:
    """The messages of one catalogue by id; a plural one by its first id."""
    path = files("mynabox.locale") / language / f"{topic}.po"
    with path.open("rb") as source:
        return by_id(source)


def by_id(source: IO[bytes]) -> Mapping[str, Message]:
    """The messages of an open catalogue by id."""
    return {_id(message): message for message in read_po(source) if message.id}


def terms(language: str) -> Mapping[str, Mapping[str, object]]:
    """The glossary of a language: official terms with their aliases."""
    path = files("mynabox.locale") / "glossary" / f"{language}.toml"
    if not path.is_file():
        return {}
    return tomllib.loads(path.read_text(encoding="utf-8"))


def faults(language: str) -> Iterator[str]:
    """Everything that is wrong with a language, one line each."""
    for topic in sorted({*topics("en"), *topics(language)}):
        if topic not in topics(language):
            yield f"{language}/{topic}.po: missing"
        elif topic not in topics("en"):
            yield f"{language}/{topic}.po: English has no such catalogue"
        else:
            for fault in compare(messages(language, topic), messages("en", topic)):
                yield f"{language}/{topic}.po: {fault}"
    yield from _doubles(language)
    for term in sorted(set(terms("en")) - set(terms(language))):
        yield f"{language} glossary: lacks {term}"
    for term, entry in terms(language).items():
        if term not in terms("en"):
            yield f"{language} glossary: English has no {term}"
        elif not entry.get("term"):
            yield f"{language} glossary: {term} is empty"


def compare(own: Mapping[str, Message], wanted: Mapping[str, Message]) -> Iterator[str]:
    """What one catalogue lacks of the English one, and what is wrong in it."""
    for name in sorted(set(wanted) - set(own)):
        yield f"lacks {name}"
    for name, message in own.items():
        if name not in wanted:
            yield f"English has no {name}"
        else:
            for fault in _message_faults(message, wanted[name]):
                yield f"{name} {fault}"


def _message_faults(message: Message, english: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "is fuzzy"
    if not isinstance(message.id, str):
        yield "has plural forms: word it so that it needs none"
        return
    if not message.auto_comments:
        yield "has no comment for translators"
    text, model = str(message.string), str(english.string)
    if not text.strip():
        yield "is empty"
        return
    if places(text) != places(model):
        yield f"has the places {places(text)}, not {places(model)}"
    if _PLACE.sub("", text).count("{") or _PLACE.sub("", text).count("}"):
        yield "has a brace that is no place"
    lost = set(_NUMBER.findall(model)) - set(_NUMBER.findall(text))
    if message.id.startswith("rule.") and lost:
        yield f"lacks the numbers {', '.join(sorted(lost))}"


def _doubles(language: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    for topic in topics(language):
        for name in messages(language, topic):
            if name in seen:
                yield f"{language}/{topic}.po: {name} stands in {seen[name]}.po too"
            seen[name] = topic


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]
