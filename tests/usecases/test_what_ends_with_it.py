"""What was begun for something that ends, ends with it; days that cannot be kept are
not promised."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.card_request import CardReason, RequestState
from mynabox.lifecycle.delivery import Delivery, DeliveryState
from mynabox.lifecycle.fee import FeeState
from mynabox.lifecycle.resident import ResidentEvent
from mynabox.sandbox.specimen import specimen_portrait
from mynabox.usecases.agree_delivery import AgreeDelivery, agree_delivery
from mynabox.usecases.apply_in_person import ApplyAtCounter, apply_at_counter
from mynabox.usecases.book_appointment import BookAppointment, book_appointment
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.call_holder import call_holder
from mynabox.usecases.deliver import deliver
from mynabox.usecases.move_out import MoveOut, move_out
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.request_card import RequestCard, request_card
from mynabox.usecases.withdraw_application import withdraw_application
from tests.usecases.places import Place, foreigner, refused

At = Callable[[str], Place]


def one_story(place: Place) -> None:
    deliver(place.box)
    assert reconcile(place.box).findings == ()


def agreed(place: Place) -> str:
    """An application in person, with its card agreed to come by mail."""
    asked = apply_at_counter(
        ApplyAtCounter(
            resident=place.hero,
            documents=("passport", "pin"),
            photo=specimen_portrait(),
            photo_taken=place.today,
        ),
        place.box,
    )
    agree_delivery(
        AgreeDelivery(
            application=asked.id, documents=("passport",), pins_handed_in=True
        ),
        place.box,
    )
    return asked.id


def deliveries(place: Place) -> list[Delivery]:
    with place.box.store.look() as work:
        return list(work.deliveries.which(resident=place.hero))


def withdrawn(place: Place) -> None:
    withdraw_application(place.application.id, place.box)


def died(place: Place) -> None:
    place.leave(ResidentEvent.DIED)


def left_on_the_day(place: Place) -> None:
    move_out(MoveOut(resident=place.hero, planned=date(2026, 6, 1), abroad=True),
             place.box)  # fmt: skip
    do_duties(place.box)
    place.on("2026-06-01")
    do_duties(place.box)


@pytest.mark.parametrize("end", [withdrawn, died, left_on_the_day])
def test_no_delivery_for_an_application_that_is_over(
    at: At, end: Callable[[Place], None]
) -> None:
    """R051: what was agreed for a card that will not be made is over too"""
    place = at("noticed").on("2026-05-10")
    agreed(place)
    end(place)
    assert place.application.state is ApplicationState.WITHDRAWN
    assert [one.state for one in deliveries(place)] == [DeliveryState.ENDED]
    one_story(place)


def test_an_agreement_that_outlived_its_application_is_named(at: At) -> None:
    place = at("noticed").on("2026-05-10")
    agreed(place)
    one_story(place)
    withdrawn(place)
    with closing(sqlite3.connect(place.home.path / "box.db")) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE deliveries SET state = 'agreed'")
        database.commit()
    assert {one.code for one in reconcile(place.box).findings} == {
        "delivery_open",
        "delivery_state",
    }


@pytest.mark.parametrize("end", [died, left_on_the_day])
def test_who_is_gone_has_asked_for_nothing(
    at: At, end: Callable[[Place], None]
) -> None:
    """R151: also where there is no card that ends with them"""
    place = at("noticed").on("2026-05-10")
    request_card(
        RequestCard(
            resident=place.hero, reason=CardReason.FIRST, documents=("passport",)
        ),
        place.box,
    )
    end(place)
    with place.box.store.look() as work:
        (request,) = work.card_requests.which(resident=place.hero)
        (fee,) = work.fees.which(resident=place.hero)
    assert request.state is RequestState.GIVEN_UP
    assert fee.state is FeeState.CANCELLED
    one_story(place)


@pytest.mark.parametrize(
    ("stay_until", "kept"),
    [("2026-08-29", "2026-08-29"), ("2026-08-30", "2026-08-30"),
     ("2026-08-31", "2026-08-30"), ("2027-03-31", "2026-08-30")],
)  # fmt: skip
def test_a_card_is_kept_no_longer_than_it_is_good(
    at: At, stay_until: str, kept: str
) -> None:
    """R050, R110: made on 1 June, kept for ninety days or to its own last day"""
    place = at("registered").enter(foreigner(stay_until, record_code="20012345675"))
    place.on("2026-05-11").apply()
    place.on("2026-06-01").produce()
    (delivery,) = deliveries(place)
    assert str(delivery.until) == kept
    one_story(place)


def test_nobody_is_called_after_the_cards_last_day(at: At) -> None:
    """R094, R156: such a card is discarded; no hour behind its last day is given"""
    place = at("registered").enter(foreigner("2026-07-15", record_code="20012345675"))
    place.on("2026-05-11").apply()
    place.on("2026-06-01").produce()
    serial = place.card.serial

    def book(day: int) -> object:
        begins = datetime(2026, 7, day, 10, tzinfo=JST)
        return book_appointment(
            BookAppointment(serial=serial, begins=begins), place.box
        )

    refused(place, lambda: book(16), "appointment.card_not_kept", "R050")
    book(15)
    place.on("2026-07-15")
    assert str(call_holder(serial, place.box).until) == "2026-07-15"
    place.on("2026-07-16")
    refused(
        place, lambda: call_holder(serial, place.box), "card.expired", "R094", "R097"
    )


@pytest.mark.parametrize(
    ("values", "planned", "code"),
    [
        (None, "2026-04-02", None),
        (None, "2026-04-01", "move.cannot_continue"),
        (foreigner("2027-03-31", record_code="20012345675"), "2026-04-02",
         "move.cannot_continue"),
    ],
)  # fmt: skip
def test_who_may_take_the_card_abroad(
    at: At, values: dict[str, str] | None, planned: str, code: str | None
) -> None:
    """R154: Japanese nationals, by the day before; others are told, not left to find
    out abroad"""
    place = at("registered")
    if values is not None:
        place = place.enter(values)
    ask = MoveOut(
        resident=place.hero,
        planned=date.fromisoformat(planned),
        abroad=True,
        continuing=True,
    )
    if code is None:
        assert move_out(ask, place.box)[0].continuing
    else:
        refused(place, lambda: move_out(ask, place.box), code, "R154")
        plainly = replace(ask, continuing=False)
        assert not move_out(plainly, place.box)[0].continuing
