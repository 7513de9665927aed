"""What holders do at the counter with a card they have, told over HTTP in a box in a file
and in a box in PostgreSQL; at the end register, chip, OCSP, papers and journal agree."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from mynabox.lifecycle.certificate import StopReason
from mynabox.ports import Box
from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.errors import PinLocked, WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import show_card
from mynabox.usecases.status import status_of, view
from mynabox.wiring import Home
from tests.boxes import NOW, box_in
from tests.site import API, client_of

PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
PASSPORT = {"documents": ["passport"]}


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]
)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql")
    folder: Path = tmp_path_factory.mktemp("counter") / "box"
    with box_in(folder, at=NOW, database=database) as opened:
        yield opened


@pytest.fixture
def serial(home: Home) -> str:
    return stage("fresh", home.box).serial


@pytest.fixture
def client(home: Home) -> TestClient:
    return client_of(home)


def one_story(home: Home) -> None:
    deliver(home.box)
    assert reconcile(home.box).findings == ()


def reasons(serial: str, box: Box) -> list[StopReason | None]:
    """What OCSP says of each certificate of the card."""
    told = []
    with box.store.look() as work:
        for certificate in show_card(serial, box).certificates:
            status = status_of(
                work, certificate.issuer, certificate.serial, seen=view(box)
            )
            told.append(getattr(status, "reason", None))
    return told


def type_pin(home: Home, serial: str, pin: str) -> None:
    with closing(home.cards.connect(serial)) as connection:
        session = JpkiSession(connection)
        session.verify(Kind.AUTHENTICATION, pin, last_try=True)


def lock(home: Home, serial: str) -> None:
    for _ in range(3):
        with pytest.raises((WrongPin, PinLocked)):
            type_pin(home, serial, "0000")
    with pytest.raises(PinLocked):
        type_pin(home, serial, PINS["authentication"])


def test_a_locked_pin_is_set_anew(home: Home, client: TestClient, serial: str) -> None:
    """R076: with a document that is not the card; the chip takes the new one, knows the
    old one no more, and no answer and no journal row shows either"""
    lock(home, serial)
    url = f"{API}/cards/{serial}/pins"
    new = {"pins": {"authentication": "4711"}}
    alone = client.post(url, json={**new, "documents": ["my_number_card"]})
    assert (alone.status_code, alone.json()["code"]) == (
        422,
        "pin_reset.card_is_not_enough",
    )
    lettered = client.post(url, json={**PASSPORT, "pins": {"authentication": "47x1"}})
    assert lettered.json()["code"] == "pin.digits_only"
    nothing = client.post(url, json={**PASSPORT, "pins": {}})
    assert nothing.json()["code"] == "pin.missing"
    with pytest.raises(PinLocked):
        type_pin(home, serial, "4711")
    done = client.post(url, json={**PASSPORT, **new})
    assert (done.status_code, done.json()["state"]) == (200, "active")
    type_pin(home, serial, "4711")
    with pytest.raises(WrongPin):
        type_pin(home, serial, PINS["authentication"])
    told = client.get(f"{API}/journal/{serial}").text
    assert "reset_pins" in told
    assert "4711" not in told + done.text + alone.text + lettered.text
    one_story(home)


@pytest.mark.parametrize("state", ["suspended", "void"])
def test_a_card_that_is_not_in_use_gets_no_pins(
    home: Home, client: TestClient, serial: str, state: str
) -> None:
    holder = client.get(f"{API}/cards/{serial}").json()["resident"]
    if state == "suspended":
        client.post(f"{API}/residents/{holder}/lost")
    else:
        client.post(f"{API}/cards/{serial}/return", json=PASSPORT)
    refused = client.post(
        f"{API}/cards/{serial}/pins",
        json={**PASSPORT, "pins": {"authentication": "4711"}},
    )
    assert (refused.status_code, refused.json()["code"]) == (
        422,
        "card.not_possible_now",
    )
    one_story(home)


def test_no_signature_password_without_its_certificate(
    home: Home, client: TestClient, serial: str
) -> None:
    stopped = client.post(
        f"{API}/cards/{serial}/certificates/stop",
        json={**PASSPORT, "kinds": ["signature"]},
    )
    assert {one["kind"]: one["state"] for one in stopped.json()} == {
        "signature": "revoked",
        "authentication": "active",
    }
    refused = client.post(
        f"{API}/cards/{serial}/pins",
        json={**PASSPORT, "pins": {"signature": "NEW123"}},
    )
    assert refused.json()["code"] == "certificate.not_possible_now"
    one_story(home)


def test_renewed_in_the_window_with_the_right_pins(
    home: Home, client: TestClient, serial: str
) -> None:
    """R098: not a day earlier; a wrong PIN costs a try, the last one is not spent"""
    url = f"{API}/cards/{serial}/certificates/renewal"
    early = client.post(url, json={"pins": PINS})
    assert early.status_code == 422
    opens = NOW.replace(year=2031, month=1, day=12)
    home.clock.set(opens - timedelta(days=1))
    assert client.post(url, json={"pins": PINS}).status_code == 422
    home.clock.set(opens)
    wrong = {**PINS, "authentication": "0000"}
    told = [client.post(url, json={"pins": wrong}).json() for _ in range(3)]
    assert [one["code"] for one in told] == [
        "authority.wrong_pin",
        "authority.wrong_pin",
        "pin.last_try",
    ]
    set_anew = {**PINS, "authentication": "4711"}
    client.post(f"{API}/cards/{serial}/pins", json={**PASSPORT, "pins": set_anew})
    renewed = client.post(url, json={"pins": set_anew})
    assert renewed.status_code == 201, renewed.text
    assert {one["state"] for one in renewed.json()} == {"active"}
    assert reasons(serial, home.box) == [StopReason.SUPERSEDED] * 2 + [None] * 2
    one_story(home)


def test_given_up_and_had_again(home: Home, client: TestClient, serial: str) -> None:
    """R147, R157: each ends the certificates for its own reason; new ones are free"""
    for path, reason in (
        ("stop", StopReason.CESSATION_OF_OPERATION),
        ("compromise", StopReason.KEY_COMPROMISE),
    ):
        ended = client.post(f"{API}/cards/{serial}/certificates/{path}", json=PASSPORT)
        assert ended.status_code == 200
        assert reasons(serial, home.box)[-2:] == [reason] * 2
        again = client.post(f"{API}/cards/{serial}/certificates/{path}", json=PASSPORT)
        assert again.json()["code"] == "certificates.none_to_stop"
        fresh = client.post(f"{API}/cards/{serial}/certificates", json=PASSPORT)
        assert fresh.status_code == 201
        assert reasons(serial, home.box)[-2:] == [None] * 2
    one_story(home)


def test_a_new_address_ends_the_signature_certificate_tomorrow(
    home: Home, client: TestClient, serial: str
) -> None:
    """R145: good until midnight, revoked from then on; the other one stays"""
    holder = client.get(f"{API}/cards/{serial}").json()["resident"]
    url = f"{API}/residents/{holder}/particulars"
    lone = client.post(url, json={"municipality": "082201"})
    assert lone.json()["code"] == "particulars.address_missing"
    moved = client.post(url, json={"address": "茨城県つくば市箱の内七丁目7番地7"})
    assert moved.json()["address"].endswith("7番地7")
    same = client.post(url, json={"address": "茨城県つくば市箱の内七丁目7番地7"})
    assert same.json()["code"] == "particulars.nothing_new"
    kinds = [one.kind.value for one in show_card(serial, home.box).certificates]
    assert reasons(serial, home.box) == [None, None]
    home.clock.set(NOW.replace(hour=0, minute=0) + timedelta(days=1))
    assert dict(zip(kinds, reasons(serial, home.box), strict=True)) == {
        "signature": StopReason.AFFILIATION_CHANGED,
        "authentication": None,
    }
    one_story(home)


def test_handed_back(home: Home, client: TestClient, serial: str) -> None:
    """R153, R179: at any time, once; nothing of it works any more"""
    assert (
        client.post(f"{API}/cards/{serial}/return", json={"documents": []}).status_code
        == 422
    )
    back = client.post(f"{API}/cards/{serial}/return", json=PASSPORT)
    assert (back.status_code, back.json()["state"]) == (200, "void")
    assert reasons(serial, home.box) == [StopReason.CESSATION_OF_OPERATION] * 2
    again = client.post(f"{API}/cards/{serial}/return", json=PASSPORT)
    assert again.json()["code"] == "card.not_possible_now"
    one_story(home)
