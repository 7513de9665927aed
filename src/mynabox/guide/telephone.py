"""Which telephone answers now, in the person's language, and which when."""

from datetime import datetime
from functools import cache
from typing import Literal, get_args

from mynabox.guide.situation import Situation
from mynabox.guide.words import Line, line, named
from mynabox.law.book import mapping, parameters
from mynabox.law.errors import NoLongerInForce, NotInForce, NotYetInForce
from mynabox.law.hotlines import (
    Language,
    line_charged,
    line_open,
    line_opens_next,
    lines,
    voice_menu_key,
)
from mynabox.law.hotlines import Topic as Subject
from mynabox.law.municipality import municipalities, municipality

_SPOKEN: tuple[Language, ...] = tuple(
    tag for tag in get_args(Language) if tag not in ("zh-Hans", "zh-Hant", "tl")
)
_JAPANESE: Language = "ja"
_FOREIGN: Language = "en"


def telephone(here: Situation, subject: Subject) -> tuple[Line, ...]:
    """The lines for a subject, the free ones first.

    For ``suspension`` (a lost card) also who takes the report now in another
    language, the fax, and the number for calls from abroad.
    """
    language = spoken(here.language)
    try:
        if subject == "suspension":
            return _for_loss(here, language)
        return _for_questions(here, language, subject) + _city(here)
    except NotInForce as unknown:
        return (line("guide.line.not_known", day=unknown.day),)


def spoken(language: str) -> Language:
    """The language of the lines for one of ours; English where none is spoken."""
    return next((tag for tag in get_args(Language) if tag == language), _FOREIGN)


def answers_now(here: Situation, subject: Subject) -> bool:
    """Whether some line answers a subject now, in the person's language."""
    language = spoken(here.language)
    try:
        return any(
            line_open(number, language, subject, here.at).value == "open"
            for number in _numbers(here.at)
            if number not in _special(here.at)
        )
    except NotInForce:
        return False


def _numbers(at: datetime) -> tuple[str, ...]:
    """Every number of the day, free ones first."""
    return tuple(sorted(lines(), key=lambda number: line_charged(number).value))


def _special(at: datetime) -> dict[str, str]:
    """Numbers that are not for everybody: the fax, from abroad, and city desks."""
    found = {}
    for key in ("fax", "abroad", *sorted(_city_keys())):
        for cited in mapping("hotlines", key).values:
            found[cited.value["line"]] = key
    return found


@cache
def _city_keys() -> frozenset[str]:
    """The desks of single cities: their rows are named after the city."""
    cities = {row.roman_city.partition("-")[0].lower() for row in municipalities()}
    return frozenset(cities & set(parameters("hotlines")))


def _for_questions(
    here: Situation, language: Language, subject: Subject
) -> tuple[Line, ...]:
    found: list[Line] = []
    fallbacks: list[Line] = []
    name = named("language", (language,))
    for number in _numbers(here.at):
        if number in _special(here.at):
            continue
        try:
            state = line_open(number, language, subject, here.at)
        except (NotYetInForce, NoLongerInForce):
            continue
        if state.next in ("line.other_language", "line.ended", "line.other_line"):
            continue
        if line_charged(number).value:
            fallbacks.append(
                line("guide.line.fallback", state, line_charged(number), line=number)
            )
            continue
        if state.value == "open":
            found.append(line("guide.line.open", state, line=number, language=name))
            continue
        if state.value == "suspension_only":
            only = line("guide.line.only_loss", state, line=number, language=name)
            found.append(only)
        found += _opens(number, language, subject, here)
    if not found and not fallbacks:
        return (line("guide.line.none", "R190", language=name),)
    return tuple(found or ()) + tuple(fallbacks[:1])


def _opens(
    number: str, language: Language, subject: Subject, here: Situation
) -> list[Line]:
    later = line_opens_next(number, language, subject, here.at)
    if later.value is None:
        return []
    name = named("language", (language,))
    return [
        line("guide.line.opens", later, line=number, language=name, opens=later.value)
    ]


def _for_loss(here: Situation, language: Language) -> tuple[Line, ...]:
    special = _special(here.at)
    name = named("language", (language,))
    now: list[Line] = []
    later: list[Line] = []
    for number in _numbers(here.at):
        if number in special:
            continue
        state = line_open(number, language, "suspension", here.at)
        if state.next in ("line.other_language", "line.ended"):
            continue
        if state.value != "open":
            if not line_charged(number).value:
                later += _opens(number, language, "suspension", here)
            continue
        now.append(line("guide.line.loss_open", state, line=number, language=name))
        if line_charged(number).value:
            charged = line_charged(number)
            now.append(line("guide.line.charged", charged, line=number))
        elif language == _JAPANESE:
            key = voice_menu_key("loss")
            now.append(line("guide.line.menu", key, line=number, key=key.value))
    others = () if now else _in_other_languages(here)
    return (*now, *others, *later, *_fax(here), *_from_abroad(here))


def _in_other_languages(here: Situation) -> tuple[Line, ...]:
    """Who takes reports of loss now, in whatever language, by free numbers."""
    found: list[Line] = []
    for number in _numbers(here.at):
        if number in _special(here.at) or line_charged(number).value:
            continue
        states = {tag: line_open(number, tag, "suspension", here.at) for tag in _SPOKEN}
        answering = tuple(tag for tag in _SPOKEN if states[tag].value == "open")
        if answering:
            found.append(
                line(
                    "guide.line.other_languages",
                    *(states[tag] for tag in answering),
                    line=number,
                    languages=named("language", answering),
                )
            )
    return tuple(found)


def _fax(here: Situation) -> tuple[Line, ...]:
    return _row("fax", "guide.line.fax", here)


def _from_abroad(here: Situation) -> tuple[Line, ...]:
    return _row("abroad", "guide.line.abroad", here)


def _row(
    key: str, message: Literal["guide.line.fax", "guide.line.abroad"], here: Situation
) -> tuple[Line, ...]:
    try:
        cited = mapping("hotlines", key).on(here.day)
    except NotInForce:
        return ()
    return (line(message, cited, line=cited.value["line"]),)


def _city(here: Situation) -> tuple[Line, ...]:
    """The card desk of the person's own city, where its number is known."""
    if here.municipality is None:
        return ()
    town = municipality(here.municipality).roman_city.partition("-")[0].lower()
    if town not in _city_keys():
        return ()
    try:
        cited = mapping("hotlines", town).on(here.day)
    except NotInForce:
        return ()
    number = cited.value["line"]
    state = line_open(number, _JAPANESE, "card", here.at)
    name = named("language", (_JAPANESE,))
    desk = line("guide.line.city", state, line=number, language=name)
    if state.value == "open":
        return (desk, line("guide.line.open", state, line=number, language=name))
    return (desk, *_opens(number, _JAPANESE, "card", here))
