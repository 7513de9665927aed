"""How cards reach their holders: what is refused, and what the days bring by themselves."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.application import Channel
from mynabox.lifecycle.appointment import Appointment, AppointmentState
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.card_request import CardReason
from mynabox.lifecycle.certificate import CertificateState, StopReason
from mynabox.lifecycle.delivery import (
    Delivery,
    DeliveryEvent,
    DeliveryState,
    DeliveryWay,
)
from mynabox.lifecycle.outgoing import Carrier
from mynabox.pki.ocsp import Revoked
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.agree_delivery import AgreeDelivery, agree_delivery
from mynabox.usecases.book_appointment import (
    BookAppointment,
    book_appointment,
    cancel_appointment,
    hours_of,
)
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.call_holder import call_holder
from mynabox.usecases.card_waits import delivery_of
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.deliver import deliver
from mynabox.usecases.discard_card import discard_card
from mynabox.usecases.former_card import why_another
from mynabox.usecases.note_delivery import note_delivery
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.send_card import SendCard, send_card
from mynabox.usecases.status import status_of, view
from tests.usecases.places import Place, foreigner, refused

At = Callable[[str], Place]
TEN = datetime(2026, 6, 12, 10, tzinfo=JST)
"""A Friday on which the section is open; the produced card waits by then."""


def delivery(place: Place) -> Delivery:
    with place.box.store.look() as work:
        return delivery_of(work, place.card)


def booked(place: Place) -> list[Appointment]:
    with place.box.store.look() as work:
        return list(work.appointments.which(order="begins"))


def book(place: Place, begins: datetime = TEN) -> Appointment:
    return book_appointment(
        BookAppointment(serial=place.card.serial, begins=begins), place.box
    )


def agree(place: Place, *documents: str, **other: bool) -> Delivery:
    ask = AgreeDelivery(
        application=place.application.id,
        documents=documents or ("passport",),
        pins_handed_in=other.get("pins", True),
        by_agent=other.get("agent", False),
    )
    return agree_delivery(ask, place.box)


def send(place: Place) -> Delivery:
    return send_card(SendCard(serial=place.card.serial, pins=SPECIMEN_PINS), place.box)


def letters(place: Place) -> list[str]:
    deliver(place.box)
    with place.box.store.look() as work:
        sent = work.outbox.sent(carrier=Carrier.POST, limit=50)
        return [one.title for one in sent]


def one_story(place: Place) -> None:
    deliver(place.box)
    assert reconcile(place.box).findings == ()


@pytest.fixture
def came(at: At) -> Place:
    """The application was received from somebody who came to the counter."""
    place = at("applied")
    with place.box.store.work() as work:
        mine = replace(place.application, channel=Channel.COUNTER, identified=True)
        work.applications.save(mine)
    return place


@pytest.mark.parametrize(
    ("wishes", "way"),
    [
        ({}, DeliveryWay.MAIL),
        ({"pins": False}, DeliveryWay.PICKUP),
        ({"agent": True}, DeliveryWay.PICKUP),
    ],
)
def test_the_way_follows_from_who_came(
    came: Place, wishes: dict[str, bool], way: DeliveryWay
) -> None:
    """R051, R052; the last word before production counts"""
    agree(came, pins=False)
    assert agree(came, **wishes).way is way
    came.produce()
    assert delivery(came).way is way
    assert ("postcard" in letters(came)) == (way is DeliveryWay.PICKUP)
    one_story(came)


def test_an_application_by_web_is_no_visit(at: At) -> None:
    assert agree(at("applied")).way is DeliveryWay.PICKUP


def test_not_by_mail_with_too_few_documents(came: Place) -> None:
    """R054: one document is enough at the counter, not for mail"""
    refused(came, lambda: agree(came, "student_card"), "identity.not_enough", "R054")


def test_not_agreed_on_after_production(came: Place) -> None:
    came.produce()
    refused(came, lambda: agree(came), "production.application_not_ready", "R020")


def test_a_delivery_that_goes_on_is_not_agreed_on_anew(came: Place) -> None:
    """whoever asks while the card is on its way"""
    agree(came)
    with came.box.store.work() as work:
        (agreed,) = work.deliveries.which(application=came.application.id)
        gone = agreed.after(DeliveryEvent.PRODUCED, at=came.box.clock.now())
        work.deliveries.save(gone)
    refused(came, lambda: agree(came), "delivery.not_possible_now", "R051")


def test_mailed_received_good(came: Place) -> None:
    """R051: nothing is good on the way, everything on arrival"""
    agree(came)
    came.produce()
    assert send(came).state is DeliveryState.ON_THE_WAY
    assert came.card.state.value == "produced"
    assert letters(came)[0] == "sleeve"
    refused(came, came.hand_over, "hand_over.not_waiting", "R050")
    refused(came, lambda: book(came), "hand_over.not_waiting", "R050")
    refused(came, lambda: send(came), "delivery.not_possible_now",
            "R050", "R051", "R052")  # fmt: skip
    note_delivery(came.card.serial, received=True, box=came.box)
    assert came.card.state.value == "active"
    assert delivery(came).state is DeliveryState.RECEIVED
    one_story(came)


@pytest.mark.parametrize(
    ("noted", "card", "certificates"),
    [
        ("2026-08-31T23:59:59", CardState.ACTIVE, CertificateState.ACTIVE),
        ("2026-09-01T00:00:00", CardState.VOID, CertificateState.REVOKED),
    ],
)
def test_received_when_its_last_day_was_over(
    place: Place, noted: str, card: CardState, certificates: CertificateState
) -> None:
    """R094, R156: what was never in force does not come into force behind its end, and
    everybody who is asked says the same"""
    place = place.on("2026-05-11").enter(foreigner("2026-08-31"))
    place.apply()
    with place.box.store.work() as work:
        mine = replace(place.application, channel=Channel.COUNTER, identified=True)
        work.applications.save(mine)
    agree(place)
    place.on("2026-06-01").produce()
    send(place)
    place.on(noted)
    came = note_delivery(place.card.serial, received=True, box=place.box)
    assert came.state is delivery(place).state is DeliveryState.RECEIVED
    assert place.card.state is card
    assert {one.state for one in place.certificates} == {certificates}
    if card is CardState.VOID:
        assert {one.reason for one in place.certificates} == {StopReason.UNSPECIFIED}
    seen = view(place.box)
    with place.box.store.look() as work:
        for one in place.certificates:
            told = status_of(work, one.issuer, one.serial, seen=seen)
            assert isinstance(told, Revoked) == (card is CardState.VOID)
        another = why_another(work, place.hero, on=place.today)
    first = CardReason.FIRST if card is CardState.VOID else CardReason.RENEWAL
    assert another is first
    one_story(place)


def test_an_older_card_stays_when_the_next_came_too_late(came: Place) -> None:
    """R055 ends it when there is another that is good"""
    agree(came)
    came.produce()
    send(came)
    card = came.card
    with came.box.store.work() as work:
        older = replace(
            card, serial="1" * 16, state=CardState.ACTIVE, security_code="1111"
        )
        work.cards.add(older)
    came.on("2036-04-01")
    note_delivery(card.serial, received=True, box=came.box)
    with came.box.store.look() as work:
        states = {one.serial: one.state for one in work.cards.of(came.hero)}
    assert states.pop("1" * 16) is CardState.ACTIVE
    assert set(states.values()) == {CardState.VOID}


def test_came_back_called_and_handed_over(came: Place) -> None:
    agree(came)
    came.produce()

    def early() -> Delivery:
        return note_delivery(came.card.serial, received=False, box=came.box)

    refused(came, early, "delivery.not_possible_now", "R051")
    send(came)
    assert early().state is DeliveryState.CAME_BACK
    called = call_holder(came.card.serial, came.box)
    assert (called.state, called.way) == (DeliveryState.WAITING, DeliveryWay.PICKUP)
    assert letters(came)[0] == "postcard"
    refused(came, lambda: send(came), "delivery.pickup_agreed", "R051", "R052")
    came.hand_over()
    one_story(came)


@pytest.mark.parametrize("when", ["before production", "after it"])
def test_nothing_is_mailed_to_who_moved(came: Place, when: str) -> None:
    """R052: a change before it arrives leads to the counter"""
    agree(came)
    move = ChangeParticulars(
        resident=came.hero, address="茨城県つくば市箱の内七丁目7番地7"
    )
    if when == "before production":
        change_particulars(move, came.box)
        came.produce()
        assert delivery(came).way is DeliveryWay.PICKUP
        return
    came.produce()
    change_particulars(move, came.box)
    refused(came, lambda: send(came), "delivery.particulars_changed", "R052")
    assert call_holder(came.card.serial, came.box).way is DeliveryWay.PICKUP


def test_what_ended_is_neither_called_for_nor_received(came: Place) -> None:
    agree(came)
    came.produce()
    with came.box.store.look() as work:
        waiting = delivery_of(work, came.card)
    discard_card(came.card.serial, came.box, reason="misprinted")
    assert delivery(came).state is DeliveryState.ENDED
    refused(came, lambda: call_holder(came.card.serial, came.box),
            "delivery.not_possible_now", "R050", "R051", "R052")  # fmt: skip
    assert waiting.state is DeliveryState.WAITING
    one_story(came)


# Appointments


@pytest.mark.parametrize(
    ("begins", "why"),
    [
        (TEN.replace(minute=30), "not the full hour"),
        (TEN.replace(hour=8), "opens 8:45"),
        (TEN.replace(hour=16), "closes 16:30, within the hour"),
        (TEN.replace(day=13), "a Saturday"),
        (TEN.replace(month=7, day=20), "a holiday"),
        (TEN.replace(year=2025), "past"),
        (TEN.replace(month=8, day=31), "too far ahead"),
        (TEN.replace(year=2050), "holidays not announced"),
    ],
)
def test_hours_that_are_none(at: At, begins: datetime, why: str) -> None:
    place = at("produced")
    refused(
        place, lambda: book(place, begins), "appointment.no_such_hour", "R050", "R210"
    )


@pytest.mark.parametrize("hour", [9, 10, 15])
def test_hours_that_are(at: At, hour: int) -> None:
    place = at("produced")
    begins = TEN.replace(hour=hour)
    appointment = book(place, begins)
    assert (appointment.place, appointment.places) == (1, 4)
    shown = {one.begins: one.taken for one in hours_of("082201", appointment.office,
             begins.date(), place.box)}  # fmt: skip
    assert min(shown).hour == 9
    assert max(shown).hour == 15
    assert shown[begins] == 1


def _fill(place: Place, begins: datetime, *, but: int = 0) -> None:
    """All places but some are taken, by appointments of long ago."""
    mine = book(place, begins)
    cancel_appointment(place.card.serial, place.box)
    with place.box.store.work() as work:
        for nth in range(1, mine.places + 1 - but):
            kept = replace(
                mine, id=f"apt-{nth}", place=nth, state=AppointmentState.KEPT
            )
            work.appointments.add(kept)


def test_a_full_hour(at: At) -> None:
    place = at("produced")
    _fill(place, TEN)
    refused(place, lambda: book(place), "appointment.full", "R050")
    assert book(place, TEN.replace(hour=11)).place == 1


def test_booked_anew(at: At) -> None:
    """the former place is free again, also when it is the last of the same hour"""
    place = at("produced")
    _fill(place, TEN, but=1)
    assert book(place).place == 4
    assert book(place).place == 4
    assert book(place, TEN.replace(hour=11)).place == 1
    assert [one.state.value for one in booked(place)].count("cancelled") == 3
    cancel_appointment(place.card.serial, place.box)
    refused(
        place,
        lambda: cancel_appointment(place.card.serial, place.box),
        "appointment.none_booked",
        "R050",
    )
    deliver(place.box)
    planted = {"apt-1", "apt-2", "apt-3"}
    assert {one.what for one in reconcile(place.box).findings} == planted


def test_not_beyond_the_day_until_which_it_is_kept(at: At) -> None:
    place = at("produced")
    until = delivery(place).until
    assert until is not None
    place.on((until - timedelta(days=10)).isoformat())
    behind = datetime.combine(until + timedelta(days=1), TEN.timetz())
    refused(place, lambda: book(place, behind), "appointment.card_not_kept", "R050")
    called = call_holder(place.card.serial, place.box)
    assert called.until == until + timedelta(days=80)
    book(place, behind)


def test_kept_when_the_card_is_handed_over(at: At) -> None:
    place = at("produced")
    book(place)
    place.on("2026-06-12T10:20:00").hand_over()
    assert booked(place)[0].state is AppointmentState.KEPT
    one_story(place)


def test_given_up_when_the_card_is_handed_over_before(at: At) -> None:
    place = at("produced")
    book(place)
    place.on("2026-06-10").hand_over()
    assert booked(place)[0].state is AppointmentState.CANCELLED
    one_story(place)


@pytest.mark.parametrize(
    ("until", "jobs"),
    [
        ("2026-06-09T08:59:59", []),
        ("2026-06-09T09:00:00", ["remind_of_appointment"]),
        ("2026-06-12T10:59:59", ["remind_of_appointment"]),
        ("2026-06-12T11:00:00", ["remind_of_appointment", "appointment_missed"]),
    ],
)
def test_reminded_and_missed_in_their_moments(
    at: At, until: str, jobs: list[str]
) -> None:
    place = at("produced")
    do_duties(place.box)
    book(place)
    place.on(until)
    assert [ran.job for ran in do_duties(place.box)] == jobs
    assert do_duties(place.box) == ()
    assert letters(place).count("appointment") == 1 + len(jobs)
    missed = "appointment_missed" in jobs
    assert (booked(place)[0].state is AppointmentState.MISSED) == missed
    place.hand_over()
    one_story(place)


def test_who_does_not_come_is_written_to_once(at: At) -> None:
    """thirty days before the card is no longer kept; a call begins that time anew"""
    place = at("produced")
    do_duties(place.box)
    until = delivery(place).until
    assert until is not None
    due = until - timedelta(days=30)
    place.on(f"{due}T08:59:00")
    assert do_duties(place.box) == ()
    place.on(f"{due}T09:00:00")
    assert [ran.job for ran in do_duties(place.box)] == ["remind_of_card"]
    assert do_duties(place.box) == ()
    assert letters(place).count("waiting") == 1
    one_story(place)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE deliveries SET state = 'received'", "delivery_over"),
        ("UPDATE cards SET state = 'active'", "delivery_open"),
        ("UPDATE deliveries SET state = 'on_the_way'", "appointment_open"),
        ("UPDATE appointments SET place = 9", "place_taken_twice"),
    ],
)
def test_damage_is_found_and_named(at: At, damage: str, code: str) -> None:
    """with the guards out of the way, as on a broken disk"""
    place = at("produced")
    book(place)
    one_story(place)
    with closing(sqlite3.connect(place.home.path / "box.db")) as db:
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(damage)
        db.commit()
    assert code in {one.code for one in reconcile(place.box).findings}
