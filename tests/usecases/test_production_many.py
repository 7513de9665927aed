"""Cards made many at a time: each as if it were alone."""

from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.pki.reading import read_certificate
from mynabox.ports import Missing, Store
from mynabox.usecases.produce_card import NotProduced, Produced, produce_cards
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import received_applications
from tests.usecases.places import (
    Meanwhile,
    Place,
    foreigner,
    particulars,
    record_codes,
)


def applicants(place: Place, count: int) -> list[Place]:
    """People who have applied, one a minute."""
    found = []
    for record_code in islice(record_codes(), count):
        hero = place.enter(particulars(record_code=record_code))
        place.machine.moment += timedelta(minutes=1)
        hero.apply()
        found.append(hero)
    return found


def rows(place: Place, subject: str) -> list[Entry]:
    with place.box.store.look() as work:
        return [row.entry for row in work.journal.about(subject)]


def test_many_are_as_one(place: Place) -> None:
    """the same rows, the same certificates in the chips, the same letters"""
    alone, *others = applicants(place, 4)
    waiting = [one.application.id for one in others]
    assert received_applications(alone.resident.municipality, place.box) == (
        alone.application.id,
        *waiting,
    )
    single = alone.produce()
    done = [
        one for one in produce_cards(waiting, place.box) if isinstance(one, Produced)
    ]
    assert [one.card.application for one in done] == waiting
    said = {
        (row.action, row.actor, len(row.subjects), tuple(row.facts))
        for card in (single.card, *(one.card for one in done))
        for row in rows(place, card.serial)
    }
    assert said == {("produce_card", "production", 5, ("expires",))}
    for hero, one in zip(others, done, strict=True):
        assert hero.card == one.card
        assert hero.card.expires == alone.card.expires
        assert hero.certificates == one.certificates
        assert hero.application.state is ApplicationState.PRODUCED
        assert [each.kind for each in one.certificates] == [
            each.kind for each in single.certificates
        ]
        assert len({each.not_after for each in one.certificates}) == 1
    serials = [each.serial for one in done for each in one.certificates]
    assert serials == list(range(serials[0], serials[0] + 6))
    names = {
        read_certificate(each.der).subject for one in done for each in one.certificates
    }
    assert len(names) == 6  # made in one second, at one counter
    assert received_applications(alone.resident.municipality, place.box) == ()
    with place.box.store.look() as work:
        assert not list(work.outbox.waiting())
        postcards = [one for one in work.outbox.sent() if one.title == "postcard"]
    assert len(postcards) == 4
    assert reconcile(place.box).findings == ()
    others[0].hand_over()
    assert others[0].card.state is CardState.ACTIVE
    assert reconcile(place.box).findings == ()


def _move(hero: Place) -> None:
    with hero.box.store.work() as work:
        work.residents.save(replace(hero.resident, address="茨城県つくば市9番地"))


def _undrawable(hero: Place) -> None:
    with hero.box.store.work() as work:
        work.residents.save(replace(hero.resident, name="箱田 𒀀"))


def test_who_is_refused_stops_nobody(place: Place) -> None:
    """before the chip is made, while it is made, and what is not there at all"""
    good, undrawable, moving = applicants(place, 3)
    guest = place.enter(foreigner("2027-01-31")).on("2026-12-20")
    guest.apply()
    _undrawable(undrawable)
    place.on("2027-02-01")
    asked = [
        *("app-nothing", undrawable.application.id, moving.application.id),
        *(guest.application.id, good.application.id, good.application.id),
    ]
    late = place.with_store(Meanwhile(place.box.store, lambda: _move(moving)))
    done = list(produce_cards(asked, late.box))
    assert [one.card.application for one in done if isinstance(one, Produced)] == [
        good.application.id
    ]
    refused = {
        one.application: one.refused.code
        if isinstance(one.refused, Refused)
        else one.refused.what
        for one in done
        if isinstance(one, NotProduced)
    }
    assert refused == {
        "app-nothing": "application",
        undrawable.application.id: "paper.no_glyph",
        moving.application.id: "production.particulars_changed",
        guest.application.id: "production.would_be_expired",
    }
    assert good.card.state is CardState.PRODUCED
    assert moving.application.state is ApplicationState.RECEIVED
    assert not moving.shown().cards


def test_nothing_is_half_recorded(place: Place) -> None:
    """the box dies before the cards are recorded: nobody has one, all wait on"""
    heroes = applicants(place, 2)
    waiting = [one.application.id for one in heroes]

    class Dies(Exception):
        """The power goes."""

    def die() -> None:
        raise Dies

    dying: Store = Meanwhile(place.box.store, die)
    with pytest.raises(Dies):
        list(produce_cards(waiting, place.with_store(dying).box))
    assert all(not one.shown().cards for one in heroes)
    made = list(produce_cards(waiting, place.box))
    assert [isinstance(one, Produced) for one in made] == [True, True]


def test_no_applications_are_no_cards(place: Place) -> None:
    assert list(produce_cards([], place.box)) == []
    with pytest.raises(Missing):
        place.produce("app-nothing")
