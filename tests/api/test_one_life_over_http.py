"""One person from the register to reissued certificates, by HTTP alone."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from fastapi.testclient import TestClient

from mynabox.law.numbers import number_valid
from mynabox.sandbox.specimen import SPECIMEN_MAIL, SPECIMEN_PINS, specimen_portrait
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.site import API, NEWCOMER, token_in

PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}


def ocsp_says(client: TestClient, pem: str, issuer_pem: str) -> ocsp.OCSPResponse:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    issuer = x509.load_pem_x509_certificate(issuer_pem.encode())
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())
    answer = client.post(
        "/ocsp",
        content=asked.build().public_bytes(Encoding.DER),
        headers={"content-type": "application/ocsp-request"},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ocsp-response"
    return ocsp.load_der_ocsp_response(answer.content)


def test_a_life(home: Home, client: TestClient) -> None:
    entered = client.post(f"{API}/residents", json=NEWCOMER)
    assert entered.status_code == 201
    assert entered.json()["how"] == "registered"
    person = entered.json()["resident"]["id"]
    again = client.post(f"{API}/residents", json=NEWCOMER)
    assert (again.status_code, again.json()["how"]) == (200, "already_there")

    assigned = client.post(f"{API}/residents/{person}/number")
    assert set(assigned.json()) == {"resident", "assigned"}
    told = client.post(
        f"{API}/residents/{person}/number/disclosure",
        json={"requester": "employer", "purpose": "year_end_tax"},
    ).json()["number"]
    assert number_valid(told).value

    notice = client.post(f"{API}/residents/{person}/notices").json()
    assert notice["state"] == "posted"
    assert list((home.path / "post").glob("*.pdf"))
    arrived = client.post(
        f"{API}/residents/{person}/notices/events", json={"event": "delivered"}
    )
    assert arrived.json()["state"] == "received"

    opened = client.post(
        f"{API}/applications",
        json={"application_id": notice["application_id"], "email": SPECIMEN_MAIL},
    )
    assert opened.status_code == 201
    token = token_in(home)
    assert token not in opened.text
    received = client.post(
        f"{API}/applications/submission",
        data={
            "token": token,
            "born": NEWCOMER["born"],
            "photo_taken": (NOW - timedelta(days=30)).date().isoformat(),
        },
        files={"photo": ("portrait.jpg", specimen_portrait(), "image/jpeg")},
    )
    assert (received.status_code, received.json()["state"]) == (200, "received")

    produced = client.post(f"{API}/cards", json={"application": received.json()["id"]})
    assert produced.status_code == 201
    serial = produced.json()["card"]["serial"]
    front = client.get(f"{API}/cards/{serial}/front")
    assert front.content.startswith(b"\x89PNG")
    handed_over = client.post(
        f"{API}/cards/{serial}/handover",
        json={"documents": ["passport"], "pins": PINS},
    )
    assert handed_over.json()["state"] == "active"
    standing = client.post(
        f"{API}/applications/status", json={"application_id": notice["application_id"]}
    ).json()
    assert [(one["application"], one["card"]) for one in standing] == [
        ("produced", "active")
    ]

    authorities = {
        known["name"]: known["pem"] for known in client.get(f"{API}/authorities").json()
    }
    first = client.get(f"{API}/cards/{serial}/certificates").json()
    assert {known["kind"] for known in first} == {"signature", "authentication"}
    for known in first:
        answer = ocsp_says(client, known["pem"], authorities[known["issuer"]])
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD

    lost = client.post(f"{API}/residents/{person}/lost").json()
    assert lost["card"]["state"] == "suspended"
    assert len(lost["certificates"]) == 2
    for known in first:
        answer = ocsp_says(client, known["pem"], authorities[known["issuer"]])
        assert answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
        assert answer.revocation_reason is x509.ReasonFlags.certificate_hold

    by_phone = client.post(
        f"{API}/cards/{serial}/found",
        json={"documents": ["passport"], "place": "hotline"},
    )
    assert by_phone.json()["code"] == "found.only_at_the_counter"
    found = client.post(f"{API}/cards/{serial}/found", json={"documents": ["passport"]})
    assert found.json()["state"] == "active"
    fresh = client.post(
        f"{API}/cards/{serial}/certificates", json={"documents": ["passport"]}
    )
    assert fresh.status_code == 201
    assert {one["state"] for one in fresh.json()} == {"active"}
    all_of_them = client.get(f"{API}/cards/{serial}/certificates").json()
    assert [one["state"] for one in all_of_them].count("revoked") == 2

    actions = [row["action"] for row in client.get(f"{API}/journal/{person}").json()]
    assert actions == [
        "register_resident",
        "assign_number",
        "disclose_number",
        "issue_notice",
        "note_notice",
        "open_application",
        "submit_application",
        "produce_card",
        "hand_over",
        "report_lost",
        "report_found",
        "reissue_certificates",
    ]
    assert client.post(f"{API}/journal/verification").json() == {
        "sound": True,
        "damage": [],
    }
    left = client.post(
        f"{API}/residents/{person}/departure", json={"event": "left_japan"}
    )
    assert left.json()["state"] == "abroad"
    assert client.get(f"{API}/cards/{serial}").json()["state"] == "void"


@pytest.mark.parametrize("secret", [*PINS.values()])
def test_no_pin_is_repeated(home: Home, client: TestClient, secret: str) -> None:
    for wrong in (
        {"documents": ["passport"], "pins": {**PINS, "juki": [secret]}},
        {"documents": "passport", "pins": PINS, "also": secret},
        {"documents": [secret * 20], "pins": PINS},
    ):
        answer = client.post(f"{API}/cards/{'0' * 16}/handover", json=wrong)
        assert answer.status_code == 422
        assert secret not in answer.text


def test_no_number_is_repeated(client: TestClient) -> None:
    for number in ("123456789012", ["123456789018"], {"is": "123456789018"}):
        answer = client.post(f"{API}/residents", json={**NEWCOMER, "number": number})
        assert answer.status_code == 422
        assert "12345678901" not in answer.text
