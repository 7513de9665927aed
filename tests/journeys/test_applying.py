"""From the notice in the post folder to an accepted application, on every channel, told
over HTTP in a box in a file and in a box in PostgreSQL; corrected, given up, asked for
twice, with forms that can no longer be used. Each story ends as one (``db check``)."""

import re
import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from mynabox.pki.reading import read_certificate
from mynabox.sandbox.specimen import SPECIMEN_MAIL, SPECIMEN_PINS, specimen_portrait
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.scans import filled_in, link_on, scanned
from tests.site import API, NEWCOMER, client_of, token_in

PHOTO = {"photo": ("portrait.jpg", specimen_portrait(), "image/jpeg")}
TAKEN = (NOW - timedelta(days=30)).date().isoformat()
SAID = {"born": NEWCOMER["born"], "photo_taken": TAKEN}


@pytest.fixture
def client(home: Home) -> TestClient:
    return client_of(home)


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def letters(client: TestClient) -> list[bytes]:
    """What lies in the post folder, newest first."""
    page = client.get("/sandbox/post").text
    found = re.findall(r'href="(/sandbox/post/[^"]+\.pdf)"', page)
    return [client.get(address).content for address in found]


def notified(client: TestClient, **other: str) -> tuple[str, str]:
    """A newcomer with a notice: their path, and the application ID that its code says."""
    entered = done(client.post(f"{API}/residents", json={**NEWCOMER, **other}), 201)
    person = f"{API}/residents/{entered['resident']['id']}"
    done(client.post(f"{person}/number"))
    done(client.post(f"{person}/notices"), 201)
    address = urlsplit(link_on(letters(client)[0]))
    assert address.path == "/apply"
    return person, parse_qs(address.query)["id"][0]


def status(client: TestClient, form: str) -> Any:
    asked = {"application_id": form}
    return done(client.post(f"{API}/applications/status", json=asked))


def begun(home: Home, client: TestClient, form: str, channel: str) -> str:
    """The token in the mailed link."""
    asked = {"application_id": form, "email": SPECIMEN_MAIL, "channel": channel}
    done(client.post(f"{API}/applications", json=asked), 201)
    return token_in(home)


def over_the_web(channel: str) -> Callable[..., Any]:
    def come(home: Home, client: TestClient, person: str, form: str) -> Any:
        token = begun(home, client, form, channel)
        url = f"{API}/applications/submission"
        return client.post(url, data={**SAID, "token": token}, files=PHOTO)

    return come


def at_a_booth(home: Home, client: TestClient, person: str, form: str) -> Any:
    said = {"application_id": form, "born": NEWCOMER["born"], "paid": "true"}
    return client.post(f"{API}/applications/booth", data=said, files=PHOTO)


def paper(client: TestClient, form: str) -> bytes:
    answer = client.post(f"{API}/forms/paper", json={"application_id": form})
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def by_post(home: Home, client: TestClient, person: str, form: str) -> Any:
    """glued, ticked, signed, scanned a little askew"""
    page = filled_in(paper(client, form), ticked=["decline_authentication"])
    return sent(client, scanned(page.rotate(1.5, expand=True, fillcolor="white")))


def sent(client: TestClient, scan: bytes, **said: str) -> Any:
    return client.post(
        f"{API}/applications/post",
        data={"photo_taken": TAKEN, **said},
        files={"scan": ("form.jpg", scan, "image/jpeg")},
    )


def at_the_counter(**said: str) -> Callable[..., Any]:
    def come(home: Home, client: TestClient, person: str, form: str) -> Any:
        url = f"{person}/applications"
        return client.post(url, data={"photo_taken": TAKEN, **said}, files=PHOTO)

    return come


CHANNELS: dict[str, tuple[Callable[..., Any], dict[str, object]]] = {
    "smartphone": (over_the_web("smartphone"), {"channel": "smartphone"}),
    "computer": (over_the_web("computer"), {"channel": "computer"}),
    "photo booth": (at_a_booth, {"channel": "photo_booth"}),
    "post": (by_post, {"channel": "post", "authentication_certificate": False}),
    "counter": (at_the_counter(), {"channel": "counter", "identified": False}),
    "counter with documents": (
        at_the_counter(documents="residence_card", application_id=""),
        {"code": "identity.not_enough"},
    ),
}


@pytest.mark.parametrize(("come", "expected"), CHANNELS.values(), ids=CHANNELS)
def test_from_the_notice_to_an_accepted_application(
    home: Home,
    client: TestClient,
    come: Callable[..., Any],
    expected: dict[str, object],
) -> None:
    person, form = notified(client)
    answer = come(home, client, person, form)
    if "code" in expected:
        refused(answer, str(expected["code"]))
        answer = client.post(
            f"{person}/applications",
            data={"photo_taken": TAKEN, "documents": ["passport", "pin"]},
            files=PHOTO,
        )
        expected = {"channel": "counter", "identified": True}
    assert answer.status_code in (200, 201), answer.text
    came = answer.json()
    assert {name: came[name] for name in expected} == expected
    queue = done(client.get(f"{API}/applications"))
    assert [one["id"] for one in queue["applications"]] == [came["id"]]
    one = f"{API}/applications/{came['id']}"
    assert client.get(f"{one}/photo").content.startswith(b"\xff\xd8")
    if came["state"] == "in_review":
        early = client.post(f"{API}/cards", json={"application": came["id"]})
        refused(early, "production.application_not_ready")
    accepted = done(client.post(f"{one}/acceptance"))
    assert (accepted["state"], accepted["reviewed"] is None) == ("received", False)
    refused(client.post(f"{one}/acceptance"), "application.reviewed_already")
    assert done(client.get(f"{API}/applications"))["applications"] == []
    assert [one["application"] for one in status(client, came["application_id"])] == [
        "received"
    ]
    again = at_a_booth(home, client, person, form)
    refused(again, "application.already_received")
    done(client.post(f"{API}/cards", json={"application": came["id"]}), 201)
    late = client.post(f"{one}/return", json={"faults": ["hat"]})
    refused(late, "application.not_possible_now")


def test_sent_back_mended_and_given_up(home: Home, client: TestClient) -> None:
    """the reasons come by mail with a new link, or by letter; any channel will do; what
    is given up makes room for another"""
    person, form = notified(client)
    came = done(over_the_web("smartphone")(home, client, person, form))
    one = f"{API}/applications/{came['id']}"
    unsaid = client.post(f"{one}/return", json={"faults": []})
    refused(unsaid, "application.no_fault_named")
    back = done(client.post(f"{one}/return", json={"faults": ["sunglasses"]}))
    assert back["state"] == "sent_back"
    told = status(client, form)[0]
    assert (told["application"], told["faults"]) == ("sent_back", ["sunglasses"])
    page = client.post("/apply/status", data={"application_id": form}).text
    assert "sunglasses are worn" in page
    link = f"/apply/{token_in(home)}"
    assert "sunglasses are worn" in client.get(link).text
    mended = done(by_post(home, client, person, form), 201)
    assert (mended["id"], mended["state"], mended["faults"]) == (
        came["id"],
        "in_review",
        [],
    )
    assert client.get(link).status_code == 422, "the link is dead"
    done(client.post(f"{one}/return", json={"faults": ["unclear", "unsigned"]}))
    newest = letters(client)[0]
    assert "顔が不鮮明、署名がない" in _text(newest)
    assert "the form is not signed" in _text(newest)
    done(client.post(f"{one}/withdrawal"))
    refused(client.post(f"{one}/withdrawal"), "application.not_possible_now")
    token = begun(home, client, form, "computer")
    gone = done(client.post(f"{API}/applications/withdrawal", json={"token": token}))
    assert (gone["state"], gone["id"] != came["id"]) == ("withdrawn", True)
    assert [one["application"] for one in status(client, form)] == ["withdrawn"] * 2
    done(at_a_booth(home, client, person, form), 201)


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = document[0].get_textpage().get_text_bounded()
    finally:
        document.close()
    return " ".join(str(text).split())


def test_a_form_whose_address_is_no_longer_so(home: Home, client: TestClient) -> None:
    """R026: on paper it comes back with a letter; a new form is posted and taken"""
    person, form = notified(client)
    scan = scanned(filled_in(paper(client, form)))
    moved = {"address": "茨城県つくば市箱の内九丁目9番9号"}
    asked = {"application_id": form}
    assert done(client.post(f"{API}/forms/check", json=asked))["usable"]
    done(client.post(f"{person}/particulars", json=moved))
    checked = done(client.post(f"{API}/forms/check", json=asked))
    assert (checked["usable"], checked["reasons"]) == (False, ["form.changed"])
    refused(client.post(f"{API}/forms/paper", json=asked), "form.changed")
    refused(at_a_booth(home, client, person, form), "form.changed")
    back = done(sent(client, scan), 201)
    assert (back["state"], back["faults"]) == ("sent_back", ["form_changed"])
    fresh = done(client.post(f"{person}/forms", json={"post": True}), 201)
    assert [one["id"] for one in done(client.get(f"{person}/forms"))] == [fresh["id"]]
    address = link_on(letters(client)[0])
    assert address.endswith(fresh["application_id"])
    taken = done(at_a_booth(home, client, person, fresh["application_id"]), 201)
    assert (taken["id"], taken["state"]) == (back["id"], "received")


@pytest.mark.parametrize(
    ("days", "posted"), [(0, "in_review"), (1, "sent_back")], ids=["last day", "after"]
)
def test_a_form_on_the_last_day_of_stay(
    home: Home, client: TestClient, days: int, posted: str
) -> None:
    """R027, R028: advice in the last month, useless after the last day"""
    until = NOW.date() + timedelta(days=20)
    stay = {
        "name": "NGUYEN VAN HAKO",
        "kana": "",
        "nationality": "VNM",
        "residence_status": "mid_long_term",
        "stay_until": until.isoformat(),
    }
    _, form = notified(client, **stay)
    scan = scanned(filled_in(paper(client, form)))
    home.clock.set(NOW + timedelta(days=20 + days))
    asked = {"application_id": form}
    checked = done(client.post(f"{API}/forms/check", json=asked))
    assert checked["reasons"] == ["form.stay_ended" if days else "form.stay_ends_soon"]
    assert done(sent(client, scan), 201)["state"] == posted


def test_a_child_through_a_parent(home: Home, client: TestClient) -> None:
    """R058, with a covered head (R044): a clerk decides"""
    _, form = notified(client, born="2016-05-05")
    said = {"application_id": form, "born": "2016-05-05", "paid": "true"}
    url = f"{API}/applications/booth"
    alone = client.post(url, data=said, files=PHOTO)
    refused(alone, "application.representative_needed")
    parent = {"applicant": "statutory_representative", "head_cover": "medical"}
    unnamed = client.post(url, data={**said, **parent}, files=PHOTO)
    refused(unnamed, "application.applicant_unnamed")
    named = {**said, **parent, "applicant_name": "箱田 親"}
    came = done(client.post(url, data=named, files=PHOTO), 201)
    assert (came["state"], came["concerns"]) == ("in_review", ["head_cover"])


def test_the_way_of_the_letter(home: Home, client: TestClient) -> None:
    """R005, R006: nobody at home, out again, back at the office, handed out there"""
    person, _ = notified(client)

    def note(event: str, *documents: str) -> Any:
        body = {"event": event, "documents": list(documents)}
        return client.post(f"{person}/notices/events", json=body)

    waits = done(note("absent"))
    assert waits["kept_until"] == (NOW.date() + timedelta(days=7)).isoformat()
    assert waits["next"] == ["ask_redelivery", "fetch_at_post_office"]
    assert done(note("redelivery_asked"))["state"] == "posted"
    done(note("absent"))
    assert done(note("sent_back"))["next"] == ["ask_municipality"]
    refused(note("collected"), "notice.not_possible_now")
    refused(note("handed_out"), "identity.not_enough")
    refused(note("handed_out", "student_card"), "identity.not_enough")
    assert done(note("handed_out", "passport"))["state"] == "received"
    refused(client.post(f"{person}/notices"), "notice.never_reissued")
    proof = done(client.post(f"{person}/notices/proof"))
    assert (proof["allowed"], proof["reasons"]) == (False, ["notice.proves_nothing"])


def test_a_clerk_on_the_pages(home: Home, client: TestClient) -> None:
    _, form = notified(client)
    came = done(at_a_booth(home, client, "", form), 201)
    queue = client.get("/applications").text
    assert f'href="/applications/{came["id"]}"' in queue
    page = f"/applications/{came['id']}"
    shown = client.get(page).text
    assert "Accept" in shown
    assert client.get(f"{page}/photo.jpg").headers["content-type"] == "image/jpeg"
    assert client.post(f"{page}/return", data={}).status_code == 422
    after = client.post(f"{page}/return", data={"hat": "yes"})
    assert after.url.path == "/applications"
    assert "Nothing is waiting" in after.text
    assert status(client, form)[0]["faults"] == ["hat"]
    assert "needs a correction" in _text(letters(client)[0])


def test_as_the_applicant_wishes(home: Home, client: TestClient) -> None:
    """R031: written on the paper form, another character in the signature certificate
    and no other certificate; the card wants the PINs of what is on it alone"""
    person, form = notified(client, name="\U00020bb7田 太郎")
    page = scanned(filled_in(paper(client, form), ticked=["decline_authentication"]))
    wrong = sent(client, page, substitutes="\U00020bb7=\U00020bb7")
    refused(wrong, "application.substitute_not_possible")
    came = done(sent(client, page, substitutes="\U00020bb7=芳"), 201)
    done(client.post(f"{API}/applications/{came['id']}/acceptance"))
    made = done(client.post(f"{API}/cards", json={"application": came["id"]}), 201)
    (certificate,) = made["certificates"]
    assert certificate["kind"] == "signature"
    der = ssl.PEM_cert_to_DER_cert(certificate["pem"])
    assert read_certificate(der).four_items[1] == "芳田　太郎"
    pins = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
    del pins["authentication"]
    handed = {"documents": ["passport"], "pins": pins}
    card = f"{API}/cards/{made['card']['serial']}"
    done(client.post(f"{card}/handover", json=handed))
    assert done(client.get(person))["name"] == "\U00020bb7田 太郎"


@pytest.mark.parametrize(
    ("born", "bears"), [("2025-11-20", True), ("2025-11-21", False)]
)
def test_an_infants_card(
    home: Home, client: TestClient, born: str, bears: bool
) -> None:
    """R047, R058: below one year there is no photo on it, though a booth took one; an
    agent is nobody's parent"""
    _, form = notified(client, born=born)
    said = {"application_id": form, "born": born, "paid": "true"}
    url = f"{API}/applications/booth"
    agent = {"applicant": "agent", "applicant_name": "箱田 隣"}
    by_agent = client.post(url, data={**said, **agent}, files=PHOTO)
    refused(by_agent, "application.representative_needed")
    parent = {"applicant": "statutory_representative", "applicant_name": "箱田 親"}
    came = done(client.post(url, data={**said, **parent}, files=PHOTO), 201)
    photo = client.get(f"{API}/applications/{came['id']}/photo")
    assert photo.status_code == (200 if bears else 404)
    made = done(client.post(f"{API}/cards", json={"application": came["id"]}), 201)
    assert [one["kind"] for one in made["certificates"]] == ["authentication"]
    face = client.get(f"{API}/cards/{made['card']['serial']}/front").content
    assert face.startswith(b"\x89PNG")


def test_an_agent_of_somebody_grown_up(home: Home, client: TestClient) -> None:
    """named on the application, and not taken for the holder at the counter"""
    person, _ = notified(client)
    url = f"{person}/applications"
    said = {"applicant": "agent", "photo_taken": TAKEN, "documents": ["passport"]}
    refused(client.post(url, data=said, files=PHOTO), "application.applicant_unnamed")
    named = {**said, "applicant_name": "箱田 隣"}
    came = done(client.post(url, data=named, files=PHOTO), 201)
    assert (came["applicant"], came["identified"]) == ("agent", False)
