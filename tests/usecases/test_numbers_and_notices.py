"""A number for life, and the letter that tells it once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mynabox.law.numbers import number_valid
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import NoticeEvent, NoticeState
from mynabox.lifecycle.number import (
    NUMBER,
    Assignment,
    NumberEvent,
    numbers_from,
)
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Missing
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.note_notice import note_notice
from tests.usecases.places import (
    Meanwhile,
    Place,
    particulars,
    record_codes,
    refused,
)

At = Callable[[str], Place]
NOTICE_RULES = ("R004", "R005", "R006")


@pytest.mark.parametrize(
    ("event", "state"),
    [(ResidentEvent.LEFT_JAPAN, "abroad"), (ResidentEvent.DIED, "dead")],
)
def test_no_new_number_outside_the_register(
    at: At, event: ResidentEvent, state: str
) -> None:
    """R001"""
    place = at("registered")
    place.leave(event)
    said = refused(place, place.number, "number.not_registered", "R001")
    assert said.facts == {"state": state}


def test_nobody_gets_a_number_who_is_not_there(at: At) -> None:
    """an id that nobody has"""
    place = at("registered")
    before = place.kept()
    with pytest.raises(Missing):
        assign_number("res-nobody", place.box)
    assert place.kept() == before


def test_asking_again_gives_the_same_and_changes_nothing(at: At) -> None:
    """R002"""
    place = at("numbered")
    first = place.number()
    before = place.kept()
    assert place.number() == first
    assert place.kept() == before


def test_the_number_stays_while_its_owner_is_away(at: At) -> None:
    """R002: abroad, back three years later, and even after death"""
    place = at("numbered")
    number = place.number()
    place.leave()
    assert place.number() == number
    place.on("2029-04-01").register(particulars(registered="2029-04-01"))
    assert place.number() == number
    place.leave(ResidentEvent.DIED)
    assert place.number() == number


def test_a_number_brought_along_is_stepped_over(place: Place) -> None:
    """R002: somebody has brought the very number the next counter would make"""
    with place.box.store.work() as work:
        shard, counter = work.numbers.reserve("082201")
    key = place.box.vault.secret("numbers")
    ahead = numbers_from(shard, counter + 1, key=key)
    taken, free = next(ahead), next(ahead)
    first, second = record_codes(), particulars()
    other = place.enter(particulars(record_code=next(first), number=taken.digits))
    assert other.number().number == taken
    assert place.enter(second).number().number == free


def test_many_numbers(place: Place) -> None:
    """R001: every one with its check digit, no two alike"""
    codes = record_codes()
    numbers = [
        place.enter(particulars(record_code=next(codes))).number().number.digits
        for _ in range(50)
    ]
    assert len(set(numbers)) == len(numbers)
    assert all(number_valid(number).value for number in numbers)


NOTICE_REFUSALS: list[
    tuple[str, str, Callable[[Place], object], str, tuple[str, ...]]
] = [
    ("a second time", "noticed", lambda p: None, "notice.never_reissued", ("R008",)),
    (
        "after it came back",
        "noticed",
        lambda p: note_notice(p.hero, NoticeEvent.SENT_BACK, p.box),
        "notice.never_reissued",
        ("R008",),
    ),
    (
        "to somebody who left",
        "numbered",
        lambda p: p.leave(),
        "notice.not_registered",
        ("R001",),
    ),
    (
        "without a number",
        "registered",
        lambda p: None,
        "notice.no_number_yet",
        ("R001", "R007"),
    ),
]


@pytest.mark.parametrize(
    ("stage", "first", "code", "rules"),
    [row[1:] for row in NOTICE_REFUSALS],
    ids=[row[0] for row in NOTICE_REFUSALS],
)
def test_notices_that_are_not_printed(
    at: At,
    stage: str,
    first: Callable[[Place], object],
    code: str,
    rules: tuple[str, ...],
) -> None:
    """R008: neither lost nor returned ones are printed again"""
    place = at(stage)
    first(place)
    refused(place, place.notice, code, *rules)


def test_after_a_return_from_abroad_there_is_still_one_notice(at: At) -> None:
    """R008: the number is the same, so there is nothing to tell"""
    place = at("noticed")
    place.leave()
    place.register(particulars())
    refused(place, place.notice, "notice.never_reissued", "R008")


def test_a_notice_for_nobody(at: At) -> None:
    """an id that nobody has"""
    place = at("registered")
    before = place.kept()
    with pytest.raises(Missing):
        issue_notice("res-nobody", place.box)
    assert place.kept() == before


@pytest.mark.parametrize(
    ("changed", "code", "facts"),
    [
        (
            {"name": "𒀀 太郎"},
            "paper.no_glyph",
            {"paper": "notice", "characters": "U+12000"},
        ),
        (
            {"name": "箱" * 200, "alias": "田" * 200},
            "paper.does_not_fit",
            {"paper": "notice"},
        ),
        ({"born": "1850-01-01"}, "paper.before_eras", {"paper": "notice"}),
    ],
    ids=["no glyph", "too long", "before the eras"],
)
def test_a_notice_that_cannot_be_drawn(
    place: Place, changed: dict[str, str], code: str, facts: dict[str, str]
) -> None:
    """nothing is recorded as printed that is not on paper"""
    hero = place.enter(particulars(**changed))
    hero.number()
    said = refused(hero, hero.notice, code)
    assert facts.items() <= said.facts.items()


def _new_number(place: Place) -> None:
    with place.box.store.work() as work:
        current = work.numbers.current(place.hero)
        assert current is not None
        gone = NUMBER.after(current.state, NumberEvent.CHANGED)
        work.numbers.save(replace(current, state=gone))
        work.numbers.add(
            Assignment(
                number=IndividualNumber("123456789018"),
                resident=place.hero,
                assigned=place.box.clock.now(),
            )
        )


@pytest.mark.parametrize(
    ("happens", "code", "rule"),
    [
        (_new_number, "notice.number_changed_meanwhile", "R003"),
        (lambda place: place.notice(), "notice.never_reissued", "R008"),
    ],
    ids=["another number", "another notice"],
)
def test_what_changes_while_the_notice_is_drawn(
    at: At, happens: Callable[[Place], object], code: str, rule: str
) -> None:
    """a paper with a number that is no longer so never leaves the house"""
    place = at("numbered")
    after: dict[str, object] = {}

    def meanwhile() -> None:
        happens(place)
        after.update(place.kept())

    with pytest.raises(Refused) as caught:
        place.with_store(Meanwhile(place.box.store, meanwhile)).notice()
    assert (caught.value.code, caught.value.rules) == (code, (rule,))
    assert place.kept() == after


LETTER = [
    # what happens, where the letter is then
    ((), NoticeState.POSTED),
    ((NoticeEvent.DELIVERED,), NoticeState.RECEIVED),
    ((NoticeEvent.ABSENT,), NoticeState.AT_POST_OFFICE),
    ((NoticeEvent.ABSENT, NoticeEvent.COLLECTED), NoticeState.RECEIVED),
    ((NoticeEvent.ABSENT, NoticeEvent.REDELIVERY_ASKED), NoticeState.POSTED),
    (
        (
            NoticeEvent.ABSENT,
            NoticeEvent.REDELIVERY_ASKED,
            NoticeEvent.ABSENT,
            NoticeEvent.REDELIVERY_ASKED,
            NoticeEvent.DELIVERED,
        ),
        NoticeState.RECEIVED,
    ),
    ((NoticeEvent.ABSENT, NoticeEvent.SENT_BACK), NoticeState.RETURNED),
    ((NoticeEvent.SENT_BACK,), NoticeState.RETURNED),
    ((NoticeEvent.SENT_BACK, NoticeEvent.HANDED_OUT), NoticeState.RECEIVED),
]


@pytest.mark.parametrize(("events", "state"), LETTER)
def test_where_the_letter_is(
    at: At, events: tuple[NoticeEvent, ...], state: NoticeState
) -> None:
    """R004-R006"""
    place = at("noticed")
    for event in events:
        note_notice(place.hero, event, place.box, documents=("passport",))
    assert place.form.state is state


@pytest.mark.parametrize(
    ("events", "event"),
    [
        ((), NoticeEvent.POSTED),
        ((), NoticeEvent.HANDED_OUT),
        ((NoticeEvent.DELIVERED,), NoticeEvent.DELIVERED),
        ((NoticeEvent.DELIVERED,), NoticeEvent.SENT_BACK),
        ((NoticeEvent.SENT_BACK,), NoticeEvent.DELIVERED),
        ((NoticeEvent.ABSENT,), NoticeEvent.ABSENT),
        ((NoticeEvent.ABSENT,), NoticeEvent.DELIVERED),
        ((), NoticeEvent.COLLECTED),
        ((), NoticeEvent.REDELIVERY_ASKED),
    ],
)
def test_what_cannot_happen_to_the_letter(
    at: At, events: tuple[NoticeEvent, ...], event: NoticeEvent
) -> None:
    """R004-R006"""
    place = at("noticed")
    for before in events:
        note_notice(place.hero, before, place.box)
    said = refused(
        place,
        lambda: note_notice(place.hero, event, place.box),
        "notice.not_possible_now",
        *NOTICE_RULES,
    )
    assert said.facts["event"] == event.value


def test_there_is_no_letter(at: At) -> None:
    """R004: nothing was issued yet"""
    place = at("numbered")
    refused(
        place,
        lambda: note_notice(place.hero, NoticeEvent.DELIVERED, place.box),
        "notice.none",
        "R004",
    )
