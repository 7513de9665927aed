"""Making a card: when it is refused, what it carries, until when it lasts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.outgoing import Carrier
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.ports import Missing
from mynabox.usecases.certify import newest_authority
from mynabox.usecases.produce_card import produce_card
from tests.usecases.places import (
    Meanwhile,
    Place,
    foreigner,
    particulars,
    record_codes,
    refused,
)

At = Callable[[str], Place]
SIGNATURE, AUTHENTICATION = CertificateKind.SIGNATURE, CertificateKind.AUTHENTICATION


@pytest.mark.parametrize(
    ("stage", "state"),
    [("opened", "opened"), ("produced", "produced"), ("active", "produced")],
)
def test_only_what_was_received_is_produced(at: At, stage: str, state: str) -> None:
    """R020; and never twice"""
    place = at(stage)
    said = refused(place, place.produce, "production.application_not_ready", "R020")
    assert said.facts == {"state": state}


def test_what_was_withdrawn_is_not_produced(at: At) -> None:
    """the applicant left meanwhile"""
    place = at("applied")
    place.leave()
    said = refused(place, place.produce, "production.application_not_ready", "R020")
    assert said.facts == {"state": "withdrawn"}


def test_there_must_be_such_an_application(at: At) -> None:
    """an id that nobody has"""
    place = at("applied")
    before = place.kept()
    with pytest.raises(Missing):
        produce_card("app-nothing", place.box)
    assert place.kept() == before


def test_the_record_went_away_without_the_application(at: At) -> None:
    """R029"""
    place = at("applied")
    with place.box.store.work() as work:
        work.residents.save(place.resident.after(ResidentEvent.LEFT_JAPAN))
    refused(place, place.produce, "application.not_registered", "R029")


def test_an_application_of_somebody_without_a_number(at: At) -> None:
    """R001: should one ever come in"""
    place = at("applied")
    other = place.enter(particulars(record_code=next(record_codes())))
    with place.box.store.work() as work:
        work.applications.add(
            replace(
                place.application,
                id="app-other",
                resident=other.hero,
                application_id="0" * 23,
                link_hash="",
            )
        )
    refused(
        other,
        lambda: other.produce("app-other"),
        "notice.no_number_yet",
        "R001",
    )


@pytest.mark.parametrize(
    ("day", "possible"),
    [("2027-01-31T23:59:59", True), ("2027-02-01T00:00:00", False)],
)
def test_no_card_for_a_stay_that_is_over(
    place: Place, day: str, possible: bool
) -> None:
    """R110: applied for in time, made on the last day of stay or a day too late"""
    hero = place.enter(foreigner("2027-01-31"))
    hero.on("2027-01-15").apply()
    hero.on(day)
    if possible:
        assert hero.produce().card.expires == date(2027, 1, 31)
        return
    said = refused(hero, hero.produce, "production.would_be_expired", "R110")
    assert said.facts == {"expires": "2027-01-31"}


def test_a_second_card_waits_until_the_first_is_collected(place: Place) -> None:
    """R030: two may be applied for at the end of a stay, one can wait at a time"""
    hero = place.enter(foreigner("2026-06-30"))
    hero.apply()
    first = hero.on("2026-04-10").produce()
    hero.open()
    hero.submit()
    said = refused(hero, hero.produce, "production.card_waits_already", "R030")
    assert said.facts == {"card": first.card.serial}


def _left(place: Place) -> None:
    with place.box.store.work() as work:
        work.residents.save(place.resident.after(ResidentEvent.LEFT_JAPAN))


def _moved(place: Place) -> None:
    with place.box.store.work() as work:
        work.residents.save(replace(place.resident, address="茨城県つくば市9番地"))


@pytest.mark.parametrize(
    ("happens", "code", "rule"),
    [
        (_left, "application.not_registered", "R029"),
        (_moved, "production.particulars_changed", "R026"),
        (
            lambda place: place.leave(),
            "production.application_not_ready",
            "R020",
        ),
        (
            lambda place: place.produce(),
            "production.application_not_ready",
            "R020",
        ),
    ],
    ids=["left", "moved", "left and withdrew", "made by another"],
)
def test_what_changes_while_the_chip_is_made(
    at: At, happens: Callable[[Place], object], code: str, rule: str
) -> None:
    """nothing is recorded of a card that the register no longer fits, and nothing is
    left of its chip"""
    place = at("applied")
    after: dict[str, Any] = {}

    def meanwhile() -> None:
        (made_for_nothing,) = place.box.cards.serials()
        happens(place)
        after.update(place.kept())
        del after["cards"][f"{made_for_nothing}.card"]

    late = place.with_store(Meanwhile(place.box.store, meanwhile))
    with pytest.raises(Refused) as caught:
        late.produce(place.application.id)
    assert (caught.value.code, caught.value.rules) == (code, (rule,))
    assert place.kept() == after


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("箱田 𒀀", "paper.no_glyph"),
        ("箱" * 200, "paper.does_not_fit"),
    ],
    ids=["a sign no font has", "two hundred characters"],
)
def test_a_name_that_cannot_be_drawn(at: At, name: str, code: str) -> None:
    """production stops before anything is recorded, and says why"""
    place = at("applied")
    with place.box.store.work() as work:
        work.residents.save(replace(place.resident, name=name))
    said = refused(place, place.produce, code)
    assert said.facts["paper"] == "card"


def test_an_address_that_no_certificate_can_hold(at: At) -> None:
    """told before anything is recorded"""
    place = at("applied")
    with place.box.store.work() as work:
        work.residents.save(replace(place.resident, address="\u3000"))
    refused(place, place.produce, "certificates.not_holdable")


@pytest.mark.parametrize("kind", CertificateKind)
def test_no_authority_before_the_box_was_opened(at: At, kind: CertificateKind) -> None:
    """a clock turned back behind the beginning of the CAs"""
    place = at("applied")
    with place.box.store.look() as work, pytest.raises(Refused) as caught:
        newest_authority(work, kind, at=place.on("2026-03-31").box.clock.now())
    assert caught.value.code == "ca.none_valid"
    assert caught.value.facts == {"kind": kind.value}


@pytest.mark.parametrize(
    ("born", "wishes", "kinds"),
    [
        ("1990-03-31", {}, (AUTHENTICATION, SIGNATURE)),
        ("1990-03-31", {"signature": False}, (AUTHENTICATION,)),
        ("1990-03-31", {"authentication": False}, (SIGNATURE,)),
        ("1990-03-31", {"signature": False, "authentication": False}, ()),
        ("2011-06-01", {}, (AUTHENTICATION, SIGNATURE)),
        ("2011-06-02", {}, (AUTHENTICATION,)),
    ],
    ids=[
        "both",
        "no signature wished",
        "no authentication wished",
        "none wished",
        "fifteen today",
        "fifteen tomorrow",
    ],
)
def test_which_certificates_a_card_carries(
    place: Place,
    born: str,
    wishes: dict[str, bool],
    kinds: tuple[CertificateKind, ...],
) -> None:
    """R031, R135: wished for, and from fifteen years of age on the day it is made"""
    hero = place.enter(particulars(born=born))
    hero.apply(**wishes)
    made = hero.on("2026-06-01").produce()
    assert tuple(one.kind for one in made.certificates) == kinds
    assert made.card.state is CardState.PRODUCED
    assert hero.application.state is ApplicationState.PRODUCED


EXPIRIES = [
    # received, made, born, last day, rules
    ("2026-05-11", "2026-06-01", "1990-03-31", "2036-03-31"),
    ("2026-05-11", "2026-06-01", "1990-06-01", "2036-06-01"),
    ("2026-05-11", "2026-06-01", "1990-06-02", "2035-06-02"),
    ("2026-05-11", "2026-06-01", "2008-05-11", "2036-05-11"),
    ("2026-05-11", "2026-06-01", "2008-05-12", "2031-05-12"),
    ("2026-05-11", "2026-06-01", "2004-02-29", "2036-02-29"),
]


@pytest.mark.parametrize(("received", "made", "born", "last_day"), EXPIRIES)
def test_the_day_of_receipt_decides_the_last_day(
    place: Place, received: str, made: str, born: str, last_day: str
) -> None:
    """R090, R092, R093: eighteen on the day of receipt, birthdays after the day of
    making; who turns eighteen in between has a child's card"""
    hero = place.enter(particulars(born=born))
    hero.on(received).apply()
    assert hero.on(made).produce().card.expires == date.fromisoformat(last_day)


def test_the_holder_is_told_to_come(at: At) -> None:
    """R050: one postcard, and the certificates in the chip"""
    place = at("applied")
    place.produce()
    with place.box.store.look() as work:
        assert not list(work.outbox.waiting())
        sent = [
            (one.carrier, one.title)
            for one in work.outbox.sent()
            if one.to == place.card.serial or one.title == "postcard"
        ]
    assert sorted(sent) == [
        (Carrier.CHIP, "certificates"),
        (Carrier.POST, "postcard"),
    ]
