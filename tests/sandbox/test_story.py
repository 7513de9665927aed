"""The demo's story: on days that fit, told once however often it is begun, and
broken off loudly where something does not hold."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mynabox.law.calendars import is_weekend_or_holiday
from mynabox.law.days import JST
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.sandbox.calendar import story_days
from mynabox.sandbox.specimen import (
    SPECIMEN_PINS,
    specimen_mistakes,
    specimen_portrait,
    specimen_residents,
    story_people,
)
from mynabox.sandbox.story import Setting, Unproven, prove, steps
from mynabox.usecases.import_residents import import_residents
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.show import list_residents, show_resident
from tests.boxes import box_in, days, setting_in, walk
from tests.usecases.places import everything_in

NOWS = [
    datetime(2026, 1, 1, 0, 0, tzinfo=JST) + timedelta(days=day, hours=day % 24)
    for day in range(0, 365, 3)
] + [datetime(2026, 5, 7, 0, 0, 1, tzinfo=JST), datetime(2027, 1, 4, 8, tzinfo=JST)]


@pytest.mark.parametrize("now", NOWS, ids=lambda now: f"{now:%m-%d %H}")
def test_the_days_of_the_story(now: datetime) -> None:
    """one after the other, over before now; counters on working days, the loss in
    the night"""
    told = story_days(now)
    moments = [getattr(told, field.name) for field in fields(told)]
    assert moments == sorted(moments)
    assert moments[-1] < now
    assert moments[0] > now - timedelta(days=150)
    for moment in (told.registered, told.produced, told.handed_over, told.found):
        assert not is_weekend_or_holiday(moment.date())
        assert 9 <= moment.hour < 17
    assert told.lost.hour == 23
    assert told.next_list.date() == told.found.date()
    assert (told.next_list - told.lost) < timedelta(hours=1)


def test_the_specimen_people_are_all_taken(tmp_path: Path) -> None:
    """about forty: of every kind of stay, with names that fonts and cards dread"""
    with box_in(tmp_path / "box", at=days().registered) as home:
        lines = list(import_residents(specimen_residents().splitlines(True), home.box))
        people = list_residents(home.box, limit=1000)
    assert [line for line in lines if line.refused] == []
    assert 35 <= len(people) <= 60
    statuses = {one.residence_status.value for one in people}
    assert {"japanese", "mid_long_term", "permanent", "special_permanent"} <= statuses
    names = "".join(one.name for one in people)
    assert set("𠮷﨑髙") <= set(names)
    assert any(one.alias for one in people)
    assert any(one.born.year > 2011 for one in people)
    assert len({one.municipality for one in people}) > 1


def test_the_specimen_mistakes_are_all_refused(tmp_path: Path) -> None:
    """each for another reason than the one before it"""
    with box_in(tmp_path / "box", at=days().registered) as home:
        list(import_residents(specimen_residents().splitlines(True), home.box))
        lines = list(import_residents(specimen_mistakes().splitlines(True), home.box))
    codes = [line.refused.code if line.refused else "" for line in lines]
    assert all(codes)
    assert len(set(codes)) > 20


def test_the_people_of_the_story_are_in_the_register() -> None:
    """two of them, grown up, with different record codes"""
    hero, traveller = story_people(specimen_residents())
    assert hero != traveller
    assert f"{hero}," in specimen_residents().decode("utf-8-sig")
    assert specimen_portrait().startswith(b"\xff\xd8")
    assert set(SPECIMEN_PINS) == {
        "authentication",
        "juki",
        "input_support",
        "signature",
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("story") / "box"
    with box_in(folder, at=days().registered) as home:
        walk(home)
    return folder


def _rows(held: dict[str, object]) -> dict[str, object]:
    """Without what a verifier's own questions may add: lists and responders."""
    asked = {"revocation_lists", "responders", "counters", "cards", "tray"}
    return {name: value for name, value in held.items() if name not in asked}


def test_a_story_told_twice_happens_once(told: Path) -> None:
    """every step finds that its work is done"""
    before = _rows(everything_in(told))
    with box_in(told) as home:
        walk(home)
    after = _rows(everything_in(told))
    for name, rows in before.items():
        assert after[name] == rows, name


@pytest.mark.parametrize("stop", [3, 6, 9])
def test_a_story_goes_on_where_it_stopped(tmp_path: Path, stop: int) -> None:
    """broken off behind a step, then told from the beginning"""
    with box_in(tmp_path / "box", at=days().registered) as home:
        walk(home, until=stop)
    with box_in(tmp_path / "box") as home:
        setting = walk(home)
        hero = show_resident(setting.hero, home.box)
        assert len(hero.notices) == len(hero.applications) == len(hero.cards) == 1
        actions = [row.entry.action for row in hero.journal]
        assert len(actions) == len(set(actions))


def test_what_is_not_proven_ends_the_story() -> None:
    """with the words of what was to be proven"""
    assert prove(True, "it holds") == "it holds"
    with pytest.raises(Unproven, match="it holds"):
        prove(False, "it holds")


def _empty_mailbox(setting: Setting) -> Setting:
    return replace(setting, mailbox=lambda to: ())


def _no_mistakes(setting: Setting) -> Setting:
    """A line among the faulty ones that is none."""
    good = setting.register[1].decode().replace("31415926530", "65115925951")
    return replace(setting, mistakes=[*setting.mistakes, good.encode()])


def _empty_register(setting: Setting) -> Setting:
    return replace(setting, register=setting.register[:1])


WRONG: list[tuple[str, Callable[[Setting], Setting], int, str]] = [
    ("the mail is lost", _empty_mailbox, 5, "mail with the link"),
    ("a mistake is taken", _no_mistakes, 2, "faulty lines"),
    ("nobody is registered", _empty_register, 2, "people are in the register"),
]


@pytest.mark.parametrize(
    ("spoil", "step", "words"),
    [row[1:] for row in WRONG],
    ids=[row[0] for row in WRONG],
)
def test_a_step_that_does_not_hold(
    tmp_path: Path, spoil: Callable[[Setting], Setting], step: int, words: str
) -> None:
    """the story stops there and says what"""
    with box_in(tmp_path / "box", at=days().registered) as home:
        setting = spoil(setting_in(home))
        for one in steps()[: step - 1]:
            list(one.run(setting))
        with pytest.raises(Unproven, match=words):
            list(steps()[step - 1].run(setting))


def test_a_story_that_the_rules_forbid(tmp_path: Path) -> None:
    """the hero leaves Japan in the middle of it: refused, as anybody would be"""
    with box_in(tmp_path / "box", at=days().registered) as home:
        setting = walk(home, until=4)
        hero = show_resident(setting.hero, home.box).resident.id
        leave_register(hero, ResidentEvent.LEFT_JAPAN, home.box)
        with pytest.raises(Refused) as caught:
            list(steps()[4].run(setting))
    assert caught.value.rules == ("R029",)
