"""Moving with the card, leaving Japan and coming back, a longer stay, a death: told over
HTTP in a box in a file and in one in PostgreSQL. At the end chip, register, OCSP and
journal agree."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mynabox.law.days import JST
from mynabox.lifecycle.certificate import StopReason
from mynabox.lifecycle.move import MoveState
from mynabox.terminal.card_record import read_card_record
from mynabox.terminal.input_support import InputSupportSession
from mynabox.usecases.box_duties import do_duties
from mynabox.wiring import Home
from tests.journeys.homes import one_story, reasons
from tests.life_over_http import PASSPORT, PINS, Ask, life, told_by
from tests.site import API, NEWCOMER, client_of, token_in

CHIYODA = "131016"
ADDRESS = "東京都千代田区箱町一丁目1番1号"
PIN = {"pin": PINS["juki"]}
GUEST = {
    **NEWCOMER,
    "name": "NGUYEN VAN HAKO",
    "kana": "",
    "nationality": "VNM",
    "residence_status": "mid_long_term",
    "stay_until": "2026-12-31",
}


@pytest.fixture
def client(home: Home) -> TestClient:
    return client_of(home)


def on(home: Home, day: str) -> None:
    """Ten o'clock of a day, everything due by then done."""
    home.clock.set(datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=JST))
    do_duties(home.box)


def holder(
    home: Home, client: TestClient, newcomer: dict[str, str] = NEWCOMER
) -> tuple[str, str]:
    """Somebody with a card in use: id and serial."""

    def ask(request: Ask) -> Any:
        answer = client.post(request.url, **request.content)
        assert answer.status_code in (200, 201), answer.text
        return answer.json() if "json" in answer.headers["content-type"] else None

    said = {
        request.operation: answer
        for request, answer in told_by(
            life(lambda: token_in(home), newcomer=newcomer), ask, until="handOverCard"
        )
    }
    return (
        said["registerResident"]["resident"]["id"],
        said["handOverCard"]["serial"],
    )


def code(answer: Any) -> str:
    assert answer.status_code in (409, 422), answer.text
    return str(answer.json()["code"])


def on_chip(home: Home, serial: str) -> tuple[str, str, str]:
    """Municipality, last day and address as the chip tells them."""
    with closing(home.cards.connect(serial)) as connection:
        record = read_card_record(connection)
        session = InputSupportSession(connection)
        session.verify(PINS["input_support"])
        return record.municipality, record.expiry, session.attributes().address


def test_moved_with_the_card(home: Home, client: TestClient) -> None:
    """R170-R178: in time, taken over, a line for each change until none is left"""
    person, serial = holder(home, client)
    url, card = f"{API}/residents/{person}", f"{API}/cards/{serial}"
    there = {"municipality": CHIYODA, "address": ADDRESS, "moved_in": "2026-11-25"}
    assert code(
        client.post(f"{url}/move-in", json={**there, "moved_in": "2026-11-20"})
    ) == ("move.none_open")
    assert code(client.post(f"{url}/move-out/cancellation")) == "move.none_open"
    away = {"planned": "2026-11-25", "to": CHIYODA}
    (out,) = client.post(f"{url}/move-out", json=away).json()
    assert (out["state"], out["due"]) == ("announced", "2026-12-25")
    assert code(client.post(f"{url}/move-out", json=away)) == "move.already_open"
    assert client.post(f"{url}/move-out/cancellation").json()["due"] is None
    assert client.post(f"{url}/move-out", json=away).status_code == 201
    assert code(client.post(f"{card}/continued-use", json=PIN)) == "move.none_arrived"
    assert code(client.post(f"{url}/particulars", json=there | {"name": "X"})) != ""
    assert code(client.post(f"{url}/move-in", json=there)) == (
        "register.registered_in_future"
    )
    on(home, "2026-12-09")
    came = client.post(f"{url}/move-in", json=there).json()
    assert (came["move"]["state"], came["move"]["due"]) == ("arrived", "2027-03-09")
    assert came["resident"]["municipality"] == CHIYODA
    assert code(client.post(f"{card}/particulars", json=PIN)) == "move.take_over_first"
    wrong = client.post(f"{card}/continued-use", json={"pin": "0000"})
    assert code(wrong) == "authority.wrong_pin"
    assert client.get(f"{card}/lines").json()["due"] == ["address"]
    on(home, "2027-03-09")
    taken = client.post(f"{card}/continued-use", json={**PIN, "by_household": True})
    assert taken.status_code == 200, taken.text
    assert on_chip(home, serial) == (CHIYODA[:5], "20360331", ADDRESS)
    assert reasons(serial, home.box) == [None, StopReason.AFFILIATION_CHANGED]
    assert client.post(f"{card}/certificates", json=PASSPORT).status_code == 201
    assert [one["state"] for one in client.get(f"{url}/moves").json()] == [
        "cancelled",
        "settled",
    ]
    for nth in (2, 3, 4, 5):
        assert code(client.post(f"{card}/particulars", json=PIN)) == "card.up_to_date"
        moved = client.post(f"{url}/particulars", json={"address": f"{ADDRESS}{nth}"})
        assert moved.json()["cause"] == "moved_within"
        if nth < 5:
            assert client.post(f"{card}/particulars", json=PIN).status_code == 200
    assert code(client.post(f"{card}/particulars", json=PIN)) == "card.no_lines"
    lines = client.get(f"{card}/lines").json()
    assert (lines["left"], [one["text"] for one in lines["lines"]]) == (
        0,
        [ADDRESS, f"{ADDRESS}2", f"{ADDRESS}3", f"{ADDRESS}4"],
    )
    assert client.get(f"{card}/front").headers["content-type"] == "image/png"
    assert on_chip(home, serial)[2] == f"{ADDRESS}4"


@pytest.mark.parametrize("missed", ["notice", "card"])
def test_a_term_missed(home: Home, client: TestClient, missed: str) -> None:
    """R172, R173: the box itself ends the card on the day after"""
    person, serial = holder(home, client)
    url = f"{API}/residents/{person}"
    client.post(f"{url}/move-out", json={"planned": "2026-11-25"})
    last = datetime(2026, 12, 25, tzinfo=JST)
    if missed == "card":
        on(home, "2026-12-09")
        there = {"municipality": CHIYODA, "address": ADDRESS, "moved_in": "2026-11-25"}
        client.post(f"{url}/move-in", json=there)
        last = datetime(2027, 3, 9, tzinfo=JST)
    home.clock.set(last.replace(hour=23, minute=59, second=59))
    do_duties(home.box)

    def state() -> str:
        return str(client.get(f"{API}/cards/{serial}").json()["state"])

    assert state() == "active"
    home.clock.set(last + timedelta(days=1))
    do_duties(home.box)
    assert state() == "void"
    assert None not in reasons(serial, home.box)
    (move,) = client.get(f"{url}/moves").json()
    assert (move["state"], move["due"]) == (
        MoveState.LAPSED if missed == "card" else MoveState.OVERDUE,
        None,
    )
    assert "move_missed" in client.get(f"{API}/journal/{serial}").text
    do_duties(home.box)
    if missed == "notice":
        there = {"municipality": CHIYODA, "address": ADDRESS, "moved_in": "2026-12-24"}
        came = client.post(f"{url}/move-in", json=there).json()
        assert came["move"]["state"] == "lapsed"


@pytest.mark.parametrize("continuing", [True, False])
def test_abroad_and_back(home: Home, client: TestClient, continuing: bool) -> None:
    """R151, R154, R002: on the day of leaving, by itself; who did the procedure keeps
    the card and has it taken over on the return"""
    person, serial = holder(home, client)
    url, card = f"{API}/residents/{person}", f"{API}/cards/{serial}"
    late = {"planned": "2026-11-19", "abroad": True}
    assert code(client.post(f"{url}/move-out", json=late)) == "move.day_is_over"
    away = {"planned": "2026-12-01", "abroad": True, "continuing": continuing}
    assert client.post(f"{url}/move-out", json=away).status_code == 201
    on(home, "2026-11-30")
    assert client.get(url).json()["state"] == "registered"
    on(home, "2026-12-01")
    assert client.get(url).json()["state"] == "abroad"
    state = client.get(card).json()["state"]
    assert state == ("active" if continuing else "void")
    signature, authentication = (
        StopReason.AFFILIATION_CHANGED
        if continuing
        else StopReason.CESSATION_OF_OPERATION,
        None if continuing else StopReason.CESSATION_OF_OPERATION,
    )
    assert reasons(serial, home.box) == [authentication, signature]
    one_story(home)
    on(home, "2027-06-01")
    back = client.post(
        f"{API}/residents",
        json={
            **NEWCOMER,
            "municipality": CHIYODA,
            "address": ADDRESS,
            "registered": "2027-06-01",
        },
    ).json()
    assert (back["how"], back["resident"]["id"]) == ("returned", person)
    if continuing:
        taken = client.post(f"{card}/continued-use", json=PIN)
        assert taken.status_code == 200, taken.text
        assert on_chip(home, serial)[2] == ADDRESS
    else:
        assert (
            code(client.post(f"{card}/continued-use", json=PIN)) == "move.none_arrived"
        )


def test_a_longer_stay(home: Home, client: TestClient) -> None:
    """R114-R122: not by itself; pending once; carried over with new certificates;
    lapsed when nobody came"""
    person, serial = holder(home, client, GUEST)
    url, card = f"{API}/residents/{person}", f"{API}/cards/{serial}"

    def last() -> str:
        return str(client.get(card).json()["expires"])

    assert last() == "2026-12-31"
    assert code(client.post(f"{card}/extension", json=PIN)) == "card.up_to_date"
    pending = {**PIN, "proof": "stamped_residence_card"}
    unproved = client.post(
        f"{card}/special-extension", json={**PIN, "proof": "my word"}
    )
    assert code(unproved) == "stay.no_proof"
    on(home, "2026-12-31")
    special = client.post(f"{card}/special-extension", json=pending)
    assert (special.status_code, last()) == (200, "2027-02-28")
    assert on_chip(home, serial)[1] == "20270228"
    again = client.post(f"{card}/special-extension", json=pending)
    assert code(again) in ("stay.extended_once", "stay.not_by_the_stay")
    one_story(home)
    on(home, "2027-02-10")
    longer = {"residence_status": "mid_long_term", "stay_until": "2027-12-31"}
    assert client.post(f"{url}/residence", json=longer).status_code == 200
    assert last() == "2027-02-28"
    on(home, "2027-02-28")
    alone = {**PIN, "by_household": True, "certificates": True}
    assert code(client.post(f"{card}/extension", json=alone)) == "household.holder_only"
    done = client.post(f"{card}/extension", json={**PIN, "certificates": True})
    assert done.status_code == 200, done.text
    assert last() == "2027-12-31"
    assert {one["not_after"][:10] for one in done.json()["certificates"]} == {
        "2027-12-31"
    }
    assert reasons(serial, home.box)[:2] == [StopReason.SUPERSEDED] * 2
    assert on_chip(home, serial)[1] == "20271231"
    on(home, "2027-12-20")
    further = {"residence_status": "permanent"}
    assert client.post(f"{url}/residence", json=further).status_code == 200
    on(home, "2028-01-01")
    assert code(client.post(f"{card}/extension", json=PIN)) == "stay.card_expired"


def test_a_death(home: Home, client: TestClient) -> None:
    """R151: on the way to another municipality, with a clock running"""
    person, serial = holder(home, client)
    url = f"{API}/residents/{person}"
    client.post(f"{url}/move-out", json={"planned": "2026-11-25"})
    assert client.post(f"{url}/departure", json={"event": "died"}).status_code == 200
    assert reasons(serial, home.box) == [StopReason.CESSATION_OF_OPERATION] * 2
    one_story(home)
    on(home, "2027-01-10")
    assert [one["state"] for one in client.get(f"{url}/moves").json()] == ["cancelled"]
