"""Deliveries and appointments: what the database keeps whatever asks it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from mynabox.adapters.store import SqlStore
from mynabox.lifecycle.appointment import Appointment, AppointmentState, Office
from mynabox.lifecycle.delivery import Delivery, DeliveryState, DeliveryWay
from mynabox.ports import Duplicate, Missing
from tests.adapters.store.conftest import NOON

Raw = Callable[..., list[Any]]


def delivery(holder: Any, **other: Any) -> Delivery:
    return replace(
        Delivery(
            id="dlv-1",
            application=holder.application.id,
            resident=holder.resident.id,
            municipality=holder.resident.municipality,
            way=DeliveryWay.PICKUP,
            name=holder.resident.name,
            address=holder.resident.address,
            documents="",
            since=NOON,
            card=holder.card.serial,
            until=NOON.date(),
            state=DeliveryState.WAITING,
        ),
        **other,
    )


def appointment(holder: Any, **other: Any) -> Appointment:
    return replace(
        Appointment(
            id="apt-1",
            delivery="dlv-1",
            card=holder.card.serial,
            resident=holder.resident.id,
            municipality=holder.resident.municipality,
            office=Office.SECTION,
            begins=NOON,
            ends=NOON + timedelta(hours=1),
            place=1,
            places=2,
            booked=NOON,
            remind_at=NOON,
            since=NOON,
        ),
        **other,
    )


@pytest.fixture
def booked(store: SqlStore, holder: Any) -> Any:
    """A holder who has an appointment."""
    with store.work() as work:
        work.deliveries.add(delivery(holder))
        work.appointments.add(appointment(holder))
    return holder


def test_what_was_put_in_is_what_comes_out(store: SqlStore, booked: Any) -> None:
    with store.look() as work:
        assert work.deliveries.get("dlv-1") == delivery(booked)
        assert work.appointments.get("apt-1") == appointment(booked)
        assert work.appointments.which(reminded=None) == (appointment(booked),)
        assert work.appointments.which(order="reminded") == ()
        assert work.appointments.which(state=AppointmentState.KEPT) == ()
        assert work.appointments.which(after="apt-1") == ()
        with pytest.raises(Missing):
            work.appointments.get("apt-2")
    with store.work() as work, pytest.raises(Missing):
        work.deliveries.save(delivery(booked, id="dlv-9"))


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"state": AppointmentState.KEPT}, "place"),
        ({"state": AppointmentState.MISSED}, "place"),
        ({"place": 2}, "appointment"),
        ({"office": Office.MAIN}, "appointment"),
    ],
)
def test_one_visitor_to_a_place_one_place_to_a_card(
    store: SqlStore, booked: Any, other: dict[str, Any], what: str
) -> None:
    """a second booking of the place, or of the card, is refused by the database"""
    with store.work() as work, pytest.raises(Duplicate) as refusal:
        work.appointments.add(appointment(booked, id="apt-2", **other))
    assert refusal.value.what == what


def test_a_cancelled_place_is_free(store: SqlStore, booked: Any) -> None:
    with store.work() as work:
        gone = appointment(booked, state=AppointmentState.CANCELLED)
        work.appointments.save(gone)
        work.appointments.add(appointment(booked, id="apt-2"))


@pytest.mark.parametrize("nth", [0, -1, 3])
def test_no_place_beyond_the_last(booked: Any, raw: Raw, nth: int) -> None:
    with pytest.raises(IntegrityError, match="place_exists"):
        raw(
            "INSERT INTO appointments SELECT 'apt-2', delivery, card, resident,"
            " municipality, office, '2027-01-01T00:00:00.000000+09:00', ends,"
            f" {nth}, places, booked, remind_at, since, reminded, 'kept'"
            " FROM appointments"
        )


def test_one_delivery_for_an_application(store: SqlStore, booked: Any) -> None:
    with store.work() as work, pytest.raises(Duplicate) as refusal:
        work.deliveries.add(delivery(booked, id="dlv-2"))
    assert refusal.value.what == "delivery"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM deliveries", "a delivery is never deleted"),
        ("DELETE FROM appointments", "an appointment is never deleted"),
        ("UPDATE deliveries SET card = NULL", "a delivery keeps its card"),
        (
            "UPDATE deliveries SET resident = 'res-0'",
            "a delivery keeps its card and its holder",
        ),
        ("UPDATE appointments SET place = 2", "stays as it was booked"),
        (
            "UPDATE appointments SET begins = '2027-01-01T00:00:00.000000+09:00'",
            "stays as it was booked",
        ),
    ],
)
def test_what_must_stay_stays(
    booked: Any, raw: Raw, statement: str, sentence: str
) -> None:
    with pytest.raises(DatabaseError, match=sentence):
        raw(statement)


@pytest.mark.parametrize(
    ("table", "over", "sentence"),
    [
        ("deliveries", "received", "a delivery that is over stays over"),
        ("deliveries", "ended", "a delivery that is over stays over"),
        ("appointments", "missed", "an appointment that is over stays over"),
        ("appointments", "cancelled", "an appointment that is over stays over"),
    ],
)
def test_what_is_over_stays_over(
    booked: Any, raw: Raw, table: str, over: str, sentence: str
) -> None:
    raw(f"UPDATE {table} SET state = '{over}'")
    with pytest.raises(DatabaseError, match=sentence):
        raw(f"UPDATE {table} SET state = 'booked'")


def test_replacing_is_no_way_round(store: SqlStore, booked: Any, raw: Raw) -> None:
    if store.url.get_backend_name() != "sqlite":
        return  # only SQLite knows INSERT OR REPLACE
    for table in ("deliveries", "appointments"):
        before = raw(f"SELECT * FROM {table}")
        with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
            raw(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        assert raw(f"SELECT * FROM {table}") == before
