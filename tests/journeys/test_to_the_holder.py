"""How cards reach their holders, told over HTTP in a box in a file and in a box in
PostgreSQL; papers are read as they lie in the post, and everything agrees at the end."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from mynabox.lifecycle.certificate import StopReason
from tests.journeys.offices import PASSPORT, PINS, Office, codes_on, day, words_of
from tests.site import API

RECORD_CODES = ("20012345675", "20024691340", "20037037010", "20049382686")
"""Of four more people."""


@pytest.fixture
def waiting(office: Office) -> str:
    """A card that waits at the counter of Tsukuba since Friday, 20 November 2026."""
    office.at(day("2026-11-20T15:00"))
    return office.produced(office.applied(office.registered()))


def book(office: Office, serial: str, begins: str) -> dict[str, object]:
    found: dict[str, object] = office.post(
        f"/cards/{serial}/appointments", begins=f"{begins}+09:00"
    )
    return found


def test_an_appointment_kept(office: Office, waiting: str) -> None:
    """postcard, confirmation with its QR code, reminder; the hour shows one place less,
    and whoever shows the code is handed the card"""
    assert "令和9年2月18日" in words_of(office.papers("postcard")[0])
    booked = book(office, waiting, "2026-12-04T10:00")
    (given,) = office.papers("appointment")
    assert list(codes_on(given)) == [booked["id"]]
    said = words_of(given)
    assert "（2026-12-04）10:00–11:00" in said
    assert "Yourappointment" in said
    counter = {"municipality": "082201", "day": "2026-12-04"}
    shown = office.get("/appointments", **counter)
    free = {one["begins"][11:16]: one["free"] for one in shown["hours"]}
    assert (free["09:00"], free["10:00"]) == (4, 3)
    assert [one["card"] for one in shown["appointments"]] == [waiting]
    assert office.at(day("2026-12-01T09:00")) == ["remind_of_appointment"]
    assert len(office.papers("appointment")) == 2
    office.at(day("2026-12-04T10:15"))
    office.post(f"/cards/{waiting}/handover", **PASSPORT, pins=PINS)
    made = office.get(f"/cards/{waiting}/appointments")
    assert [one["state"] for one in made] == ["kept"]
    assert office.at(day("2026-12-05T12:00")) == []
    assert office.ocsp(waiting) == [None, None]
    assert office.actions(waiting) == [
        "produce_card",
        "book_appointment",
        "remind_of_appointment",
        "hand_over",
    ]


def test_missed_called_again_and_discarded(office: Office, waiting: str) -> None:
    """R156: nobody came; the certificates were never delivered"""
    book(office, waiting, "2026-12-04T10:00")
    done = office.at(day("2027-02-20T09:00"))
    assert done == ["remind_of_appointment", "appointment_missed", "remind_of_card"]
    letters = [words_of(one) for one in office.papers("appointment")]
    assert [list(codes_on(one)) != [] for one in office.papers("appointment")] == [
        True,
        True,
        False,
    ]
    assert "didnotcome" in letters[2]
    assert "stillwaiting" in words_of(office.papers("waiting")[0])
    overdue = office.get("/deliveries", state="waiting")
    assert [one["until"] for one in overdue["deliveries"]] == ["2027-02-18"]
    office.post(f"/cards/{waiting}/delivery/call")
    assert "令和9年5月21日" in words_of(office.papers("postcard")[1])
    assert "remind_of_card" in office.at(day("2027-05-22T09:00"))
    office.post(f"/cards/{waiting}/discard", reason="not collected")
    assert office.state(waiting) == "void"
    assert office.ocsp(waiting) == [StopReason.UNSPECIFIED] * 2
    assert (
        office.no(f"/cards/{waiting}/handover", **PASSPORT, pins=PINS)
        == "hand_over.not_waiting"
    )


def test_two_clerks_and_the_last_place(office: Office, waiting: str) -> None:
    """three places of the hour are taken; two ask for the fourth at the same time"""
    others = [
        office.produced(
            office.applied(office.registered(record_code=code, name=f"箱田 {nth}郎"))
        )
        for nth, code in enumerate(RECORD_CODES)
    ]
    for serial in others[:3]:
        book(office, serial, "2026-12-04T10:00")
    begins = {"begins": "2026-12-04T10:00:00+09:00"}

    def clerk(serial: str) -> tuple[int, str]:
        answer = office.client.post(f"{API}/cards/{serial}/appointments", json=begins)
        return answer.status_code, answer.json().get("code", "")

    with ThreadPoolExecutor(2) as clerks:
        told = list(clerks.map(clerk, (waiting, others[3])))
    assert sorted(told) == [(201, ""), (422, "appointment.full")]
    shown = office.get("/appointments", municipality="082201", day="2026-12-04")
    assert sorted(one["place"] for one in shown["appointments"]) == [1, 2, 3, 4]
    office.post(f"/cards/{others[0]}/appointments/cancellation")
    late = waiting if told[0][0] == 422 else others[3]
    assert book(office, late, "2026-12-04T10:00")["place"] == 1


def test_mailed_home(office: Office) -> None:
    """R051: agreed at the application; the card is good from its arrival on"""
    office.at(day("2026-11-20T15:00"))
    application = office.applied_in_person(office.registered())
    agreed = office.post(
        f"/applications/{application}/delivery", **PASSPORT, pins_handed_in=True
    )
    assert agreed["way"] == "mail"
    serial = office.produced(application)
    assert office.papers("postcard") == []
    short = {"pins": {**PINS, "authentication": "12"}}
    assert office.no(f"/cards/{serial}/delivery/posting", **short) == "pin.length"
    office.post(f"/cards/{serial}/delivery/posting", pins=PINS)
    (sleeve,) = office.papers("sleeve")
    assert "箱田太郎様" in words_of(sleeve)
    assert not set(PINS.values()) & set(re.findall(r"[0-9A-Z]+", words_of(sleeve)))
    assert (office.state(serial), office.ocsp(serial)) == ("produced", [None, None])
    office.at(day("2026-11-24T11:00"))
    assert office.post(f"/cards/{serial}/delivery/events", received=True)["state"] == (
        "received"
    )
    assert office.state(serial) == "active"
    assert "card_received" in office.actions(serial)


def test_mailed_and_returned(office: Office) -> None:
    """R052: it comes back, the holder is called and receives it at the counter"""
    office.at(day("2026-11-20T15:00"))
    person = office.registered()
    application = office.applied_in_person(person)
    office.post(
        f"/applications/{application}/delivery", **PASSPORT, pins_handed_in=True
    )
    serial = office.produced(application)
    office.post(f"/cards/{serial}/delivery/posting", pins=PINS)
    office.at(day("2026-12-01T11:00"))
    back = office.post(f"/cards/{serial}/delivery/events", received=False)
    assert (back["state"], office.state(serial)) == ("came_back", "produced")
    again = office.post(f"/cards/{serial}/delivery/call")
    assert (again["state"], again["way"]) == ("waiting", "pickup")
    assert len(office.papers("postcard")) == 1
    book(office, serial, "2026-12-04T10:00")
    office.at(day("2026-12-04T10:30"))
    office.post(f"/cards/{serial}/handover", **PASSPORT, pins=PINS)
    assert office.state(serial) == "active"


def test_not_mailed_after_a_move(office: Office) -> None:
    office.at(day("2026-11-20T15:00"))
    person = office.registered()
    application = office.applied_in_person(person)
    office.post(
        f"/applications/{application}/delivery", **PASSPORT, pins_handed_in=True
    )
    serial = office.produced(application)
    office.post(
        f"/residents/{person}/particulars", address="茨城県つくば市箱の内七丁目7番地7"
    )
    assert office.no(f"/cards/{serial}/delivery/posting", pins=PINS) == (
        "delivery.particulars_changed"
    )
    office.post(f"/cards/{serial}/delivery/call")
    (postcard,) = office.papers("postcard")
    assert "七丁目7番地7" in words_of(postcard)
