"""In and out of the register, over years and under the same record code."""

from collections.abc import Callable

import pytest

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateState, StopReason
from mynabox.lifecycle.resident import ResidentEvent, ResidentState
from mynabox.ports import Missing
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.register_again import register_again
from mynabox.usecases.register_resident import Taken
from tests.usecases.places import (
    Place,
    foreigner,
    particulars,
    record_codes,
    refused,
)

At = Callable[[str], Place]
LEFT, DIED = ResidentEvent.LEFT_JAPAN, ResidentEvent.DIED
NUMBER, OTHER_NUMBER = "123456789018", "123456789026"


def test_who_is_there_already_is_left_alone(at: At) -> None:
    """the same line again, whatever day it gives as the day of registration"""
    place = at("registered")
    before = place.kept()
    for values in (particulars(), particulars(registered="2025-01-01")):
        assert place.register(values).how is Taken.ALREADY_THERE
    assert place.kept() == before


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "箱山 太郎"},
        {"kana": "ハコヤマ タロウ"},
        {"born": "1990-04-01"},
        {"sex": "female"},
        {"address": "茨城県つくば市箱の内一丁目1番地2"},
        {"municipality": "131016"},
        {"alias": "はこ"},
        {"nationality": "BRA", "residence_status": "permanent"},
    ],
    ids=lambda changed: ", ".join(changed),
)
def test_a_record_code_belongs_to_one_person(at: At, changed: dict[str, str]) -> None:
    """R001: a change of particulars is another errand"""
    place = at("registered")
    said = refused(
        place,
        lambda: place.register(particulars(**changed)),
        "register.record_code_taken",
        "R001",
    )
    assert said.facts == {"state": "registered"}


def test_a_dead_person_does_not_come_back(at: At) -> None:
    """R001"""
    place = at("registered")
    place.leave(DIED)
    said = refused(
        place,
        lambda: place.register(particulars()),
        "register.record_code_taken",
        "R001",
    )
    assert said.facts == {"state": "dead"}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"address": "北海道札幌市中央区北1条"},
        {"name": "箱山 太郎", "kana": "ハコヤマ タロウ"},
        {"municipality": "131016"},
        {"registered": "2029-04-01"},
    ],
    ids=lambda changed: ", ".join(changed) or "as before",
)
def test_who_comes_back_may_have_changed(at: At, changed: dict[str, str]) -> None:
    """R002: another name and address, the same person and number"""
    place = at("numbered")
    number = place.number()
    place.leave()
    done = place.on("2029-04-01").register(particulars(**changed))
    assert (done.how, done.resident.id) == (Taken.RETURNED, place.hero)
    assert place.resident.state is ResidentState.REGISTERED
    assert place.number() == number


def test_who_comes_back_was_born_on_the_same_day(at: At) -> None:
    """R002: else the record code is somebody else's"""
    place = at("numbered")
    place.leave()
    refused(
        place,
        lambda: place.register(particulars(born="1990-04-01")),
        "register.born_differs",
        "R002",
    )


def test_a_number_brought_along(place: Place) -> None:
    """R002: it is the person's from the first moment"""
    hero = place.enter(particulars(number=NUMBER))
    assert hero.number().number.digits == NUMBER


def test_a_number_brought_along_belongs_to_one_person(place: Place) -> None:
    """R002"""
    place.enter(particulars(number=NUMBER))
    other = particulars(number=NUMBER, record_code=next(record_codes()))
    refused(place, lambda: place.register(other), "register.number_taken", "R002")


def test_a_number_brought_back_by_somebody_else(place: Place) -> None:
    """R002: who returns with the number of another"""
    place.enter(particulars(number=NUMBER, record_code=next(record_codes())))
    hero = place.enter(particulars())
    hero.leave()
    refused(
        hero,
        lambda: hero.register(particulars(number=NUMBER)),
        "register.number_taken",
        "R002",
    )


@pytest.mark.parametrize("away", [False, True], ids=["registered", "abroad"])
def test_a_number_that_is_not_the_persons(place: Place, away: bool) -> None:
    """R002: one number for life, so a second one is a mistake in the file"""
    hero = place.enter(particulars(number=NUMBER))
    if away:
        hero.leave()
    refused(
        hero,
        lambda: hero.register(particulars(number=OTHER_NUMBER)),
        "register.number_differs",
        "R002",
    )


@pytest.mark.parametrize("away", [False, True], ids=["registered", "abroad"])
def test_the_same_number_again(place: Place, away: bool) -> None:
    """R002: nothing to say against it"""
    hero = place.enter(particulars(number=NUMBER))
    if away:
        hero.leave()
    hero.register(particulars(number=NUMBER))
    assert hero.number().number.digits == NUMBER


@pytest.mark.parametrize("away", [False, True], ids=["registered", "abroad"])
def test_a_number_for_somebody_who_had_none(place: Place, away: bool) -> None:
    """R002: who was entered without a number and brings it later keeps that one"""
    hero = place.enter(particulars())
    if away:
        hero.leave()
    hero.register(particulars(number=NUMBER))
    assert hero.number().number.digits == NUMBER


LEAVING = [
    # stage, what stands of it before, and after the person left
    ("applied", "received", "withdrawn", None, None),
    ("opened", "opened", "withdrawn", None, None),
    ("produced", "produced", "produced", "produced", "void"),
    ("active", "produced", "produced", "active", "void"),
    ("suspended", "produced", "produced", "suspended", "void"),
]


@pytest.mark.parametrize("event", [LEFT, DIED])
@pytest.mark.parametrize(
    ("stage", "application", "application_after", "card", "card_after"), LEAVING
)
def test_everything_ends_with_the_record(
    at: At,
    stage: str,
    application: str,
    application_after: str,
    card: str | None,
    card_after: str | None,
    event: ResidentEvent,
) -> None:
    """R151: applications are withdrawn, cards void, certificates revoked"""
    place = at(stage)
    assert place.application.state is ApplicationState(application)
    held = [one.card.state for one in place.shown().cards]
    assert held == ([] if card is None else [CardState(card)])
    place.leave(event)
    assert place.application.state is ApplicationState(application_after)
    for shown in place.shown().cards:
        assert shown.card.state is CardState(str(card_after))
        for certificate in shown.certificates:
            assert certificate.state is CertificateState.REVOKED
            assert certificate.reason is not StopReason.CERTIFICATE_HOLD


LEAVING_REFUSALS = [
    # what happened before, what is asked for
    ((LEFT,), LEFT, "abroad"),
    ((DIED,), DIED, "dead"),
    ((DIED,), LEFT, "dead"),
    ((LEFT, DIED), LEFT, "dead"),
]


@pytest.mark.parametrize(("before", "event", "state"), LEAVING_REFUSALS)
def test_nobody_leaves_twice(
    at: At, before: tuple[ResidentEvent, ...], event: ResidentEvent, state: str
) -> None:
    """R001, R002; but one may die abroad"""
    place = at("active")
    for happened in before:
        place.leave(happened)
    said = refused(
        place,
        lambda: place.leave(event),
        "resident.not_possible_now",
        *("R001", "R002"),
    )
    assert said.facts == {"state": state, "event": event.value}


@pytest.mark.parametrize("away", [False, True], ids=["registered", "abroad"])
def test_coming_back_is_no_way_to_leave(at: At, away: bool) -> None:
    """the particulars have to be given again; who leaves does not return by it"""
    place = at("active")
    if away:
        place.leave()
    refused(
        place,
        lambda: place.leave(ResidentEvent.RETURNED),
        "resident.not_possible_now",
        *("R001", "R002"),
    )


def test_nobody_leaves_who_was_never_there(at: At) -> None:
    """an id that nobody has"""
    place = at("registered")
    before = place.kept()
    for attempt in (
        lambda: leave_register("res-nobody", LEFT, place.box),
        lambda: register_again("res-nobody", place.box),
    ):
        with pytest.raises(Missing):
            attempt()
    assert place.kept() == before


def test_back_with_the_particulars_of_before(at: At) -> None:
    """registered anew as of today"""
    place = at("active")
    place.leave()
    done = register_again(place.hero, place.on("2029-04-01").box)
    assert done.how is Taken.RETURNED
    assert place.resident.registered.isoformat() == "2029-04-01"
    assert place.card.state is CardState.VOID


def test_back_though_never_away(at: At) -> None:
    """nothing happens"""
    place = at("active")
    before = place.kept()
    assert register_again(place.hero, place.box).how is Taken.ALREADY_THERE
    assert place.kept() == before


def test_back_from_the_dead(at: At) -> None:
    """R001"""
    place = at("registered")
    place.leave(DIED)
    refused(
        place,
        lambda: register_again(place.hero, place.box),
        "register.record_code_taken",
        "R001",
    )


@pytest.mark.parametrize(
    ("day", "possible"), [("2027-01-31T23:59:59", True), ("2027-02-01", False)]
)
def test_back_within_the_period_of_stay(place: Place, day: str, possible: bool) -> None:
    """R124: the old period of stay is over a day after its last"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.leave()
    hero.on(day)
    if possible:
        assert register_again(hero.hero, hero.box).how is Taken.RETURNED
        return
    said = refused(
        hero, lambda: register_again(hero.hero, hero.box), "register.stay_over", "R124"
    )
    assert said.facts == {"until": "2027-01-31"}
