"""Which telephone answers, in which language, on what, and when (窓口, コールセンター)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer
from mynabox.law.book import mapping, parameters, words
from mynabox.law.calendars import (
    check_window,
    in_new_year,
    is_weekend_or_holiday,
    next_opening,
    opening_times,
    within,
)
from mynabox.law.days import in_japan
from mynabox.law.errors import BadArgument, NotInForce, NotYetInForce
from mynabox.law.parameter import Cited, Rule
from mynabox.law.rulebook import answer

Topic: TypeAlias = Literal["card", "system", "general", "points", "suspension"]
Language: TypeAlias = Literal[
    "ja", "en", "zh-Hans", "zh-Hant", "zh", "ko", "es", "pt", "th", "ne", "id", "vi",
    "fil", "tl",
]  # fmt: skip
LineState: TypeAlias = Literal["open", "suspension_only", "closed"]

_SAME_LANGUAGE = {"zh-Hans": "zh", "zh-Hant": "zh", "tl": "fil"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One line as it answers one group of languages on some day."""

    line: str
    languages: frozenset[str]
    topics: frozenset[str]
    weekday: str
    holiday: str
    suspension: str
    closed_at_new_year: bool

    def state(self, topic: str, at: datetime) -> LineState:
        """How it answers a topic at a Japanese moment."""
        stops = within(self.suspension, at.time())
        if topic == "suspension":
            return "open" if stops else "closed"
        if topic in self.topics and self._answers(at):
            return "open"
        return "suspension_only" if stops else "closed"

    def _answers(self, at: datetime) -> bool:
        day = at.date()
        if self.closed_at_new_year and in_new_year(
            day, words("calendar", "hotline_new_year")
        ):
            return False
        if self.weekday == self.holiday:
            return within(self.weekday, at.time())
        hours = self.holiday if is_weekend_or_holiday(day) else self.weekday
        return within(hours, at.time())


_NO_DESK = frozenset({"charged", "voice_menu"})


@cache
def _desks() -> tuple[Rule[Mapping[str, str]], ...]:
    keys = [key for key in parameters("hotlines") if key not in _NO_DESK]
    for key in keys:
        for cited in mapping("hotlines", key).values:
            for name in ("weekday", "holiday", "suspension"):
                check_window("hotlines.toml", key, cited.value[name])
    return tuple(mapping("hotlines", key) for key in keys)


def _desk(row: Mapping[str, str]) -> Desk:
    return Desk(
        line=row["line"],
        languages=frozenset(row["languages"].split()),
        topics=frozenset(row["topics"].split()),
        weekday=row["weekday"],
        holiday=row["holiday"],
        suspension=row["suspension"],
        closed_at_new_year=row["new_year"] == "closed",
    )


def lines() -> tuple[str, ...]:
    """Every number of the table."""
    return tuple(
        dict.fromkeys(v.value["line"] for rule in _desks() for v in rule.values)
    )


def _serving(line: str, language: str, day: date) -> list[Cited[Mapping[str, str]]]:
    """The desks of a line that speak a language on a day."""
    if line not in lines():
        raise BadArgument("line", Accepts("one_of", words=lines()))
    spoken = _SAME_LANGUAGE.get(language, language)
    found, in_force = [], False
    for rule in _desks():
        if rule.values[0].value["line"] != line:
            continue
        try:
            cited = rule.on(day)
        except NotYetInForce:
            continue
        except NotInForce:
            in_force = True
            continue
        in_force = True
        if spoken in cited.value["languages"].split():
            found.append(cited)
    if not in_force:
        raise NotYetInForce(f"hotlines {line}", day, "no hours this early")
    return found


def _manned(line: str, day: date) -> bool:
    """Whether a line still answers anybody on a day."""
    return any(
        value.since <= day and (value.until is None or day <= value.until)
        for rule in _desks()
        for value in rule.values
        if value.value["line"] == line
    )


def line_open(
    line: str, language: Language, topic: Topic, at: datetime
) -> Answer[LineState]:
    """How a line answers a topic, in a language, at a moment.

    ``open``: that topic is answered; ``suspension_only``: only reports of
    loss are taken; ``closed``. Hours are half-open: a line open to 20:00 takes
    its last call at 19:59:59. ``zh-Hans`` and ``zh-Hant`` are the guides'
    "Chinese", ``tl`` is ``fil``.
    """
    moment = in_japan(at)
    serving = _serving(line, language, moment.date())
    if not serving:
        speaks = _manned(line, moment.date())
        elsewhere = "line.other_language" if speaks else "line.ended"
        return answer("closed", "R180", next=elsewhere)
    about = [c for c in serving if topic in c.value["topics"].split()]
    states = [_desk(c.value).state(topic, moment) for c in about or serving]
    best = min(states, key=_BEST_FIRST.index)
    follow = _FOLLOW[best]
    if topic == "suspension":
        if not any(c.value["suspension"] != "-" for c in serving):
            follow = "line.other_line"
        elif best == "closed":
            follow = "line.loss_do_not_wait"
    elif not about:
        follow = "line.other_line"
    return answer(best, *(about or serving), next=follow)


_BEST_FIRST: tuple[LineState, ...] = ("open", "suspension_only", "closed")
_FOLLOW: Mapping[LineState, str | None] = {
    "open": None,
    "suspension_only": "line.only_loss_now",
    "closed": "line.call_again",
}


def line_opens_next(
    line: str, language: Language, topic: Topic, at: datetime
) -> Answer[datetime | None]:
    """The next moment the line is open for the topic; ``at`` itself if it is now.

    None where it does not open within a fortnight, as for a language or topic
    that the line does not serve.
    """
    serving = _serving(line, language, in_japan(at).date())
    windows = tuple(
        c.value[name] for c in serving for name in ("weekday", "holiday", "suspension")
    )

    def open_at(moment: datetime) -> bool:
        return line_open(line, language, topic, moment).value == "open"

    found = next_opening(at, open_at, opening_times(windows))
    return answer(found, *(serving or ("R180",)))


def lines_open(
    language: Language, topic: Topic, at: datetime
) -> Answer[tuple[str, ...]]:
    """Every line open for a topic in a language at a moment."""
    grounds: list[Cited[object] | str] = []
    found = []
    for line in lines():
        try:
            state = line_open(line, language, topic, at)
        except NotYetInForce:
            continue
        if state.value == "open":
            found.append(line)
            grounds += _serving(line, language, in_japan(at).date())
    return answer(tuple(found), *(grounds or ["R180"]))


def line_charged(line: str) -> Answer[bool]:
    """Whether the caller pays for the call."""
    if line not in lines():
        raise BadArgument("line", Accepts("one_of", words=lines()))
    charged = words("hotlines", "charged").only
    return answer(line in charged.value, charged)


def voice_menu_key(wanted: str) -> Answer[int]:
    """The key to press in the Japanese voice menu of the general line (R206)."""
    menu = words("hotlines", "voice_menu").only
    if wanted not in menu.value:
        raise BadArgument("wanted", Accepts("one_of", words=menu.value))
    return answer(menu.value.index(wanted) + 1, menu)
