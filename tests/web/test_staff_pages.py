"""Pages of a box that wants to know who asks: signing in, deciding, one's own log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

import pytest
from fastapi.testclient import TestClient

from mynabox.lifecycle.staff import Role
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.acting import of_staff
from mynabox.usecases.four_eyes import request_number_change
from mynabox.usecases.show import all_residents, show_resident
from mynabox.usecases.staff_accounts import add_staff
from mynabox.wiring import Home
from tests.boxes import box_in, walk
from tests.site import client_of

CITY, ELSEWHERE = "082201", "011002"
PASSWORD = "correct horse battery"
COOKIE = "mynabox_session"


@dataclass(frozen=True)
class Office:
    home: Home
    client: TestClient
    resident: str
    serial: str

    def enter(self, name: str, password: str = PASSWORD, **query: str) -> object:
        return self.client.post(
            "/staff/sign-in",
            params=query,
            data={"name": name, "password": password},
            follow_redirects=False,
        )

    def signed_in(self, name: str) -> TestClient:
        client = client_of(self.home)
        answer = client.post(
            "/staff/sign-in", data={"name": name, "password": PASSWORD}
        )
        assert answer.status_code == 200
        return client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("office") / "box"
    with box_in(made) as home:
        walk(home, until=8)
        for name, roles, place in (
            ("clerk", [Role.CLERK], CITY),
            ("supervisor", [Role.SUPERVISOR], CITY),
            ("operator", [Role.OPERATOR], None),
            ("stranger", [Role.CLERK, Role.SUPERVISOR], ELSEWHERE),
        ):
            add_staff(name, roles, home.box, municipality=place, password=PASSWORD)
    return made


@pytest.fixture
def office(folder: Path, tmp_path: Path) -> Iterator[Office]:
    with box_in(Path(copytree(folder, tmp_path / "box"))) as opened:
        site = replace(opened.box.site, authority="required")
        home = replace(opened, box=replace(opened.box, site=site))
        shown = next(
            shown
            for person in all_residents(home.box)
            if (shown := show_resident(person.id, home.box)).cards
        )
        yield Office(
            home, client_of(home), shown.resident.id, shown.cards[-1].card.serial
        )


# Who may see what

PAGES = {
    "/": "everybody",
    "/apply": "everybody",
    "/apply/status": "everybody",
    "/me": "everybody",
    "/staff/sign-in": "everybody",
    "/residents": "clerk supervisor stranger",
    "/residents/{resident}": "clerk supervisor",
    "/sandbox/mail": "operator",
    "/sandbox/post": "operator",
}


@pytest.mark.parametrize("path", PAGES)
def test_who_sees_a_page(office: Office, path: str) -> None:
    there = path.format(resident=office.resident)
    nameless = client_of(office.home).get(there, follow_redirects=False)
    if PAGES[path] == "everybody":
        assert nameless.status_code == 200
        assert "Staff of this box sign in" in nameless.text
        return
    assert nameless.status_code == 303
    assert nameless.headers["location"].startswith("/staff/sign-in?next=%2F")
    for name in ("clerk", "supervisor", "operator", "stranger"):
        answer = office.signed_in(name).get(there)
        expected = 200 if name in PAGES[path].split() else 403
        assert answer.status_code == expected, name
        if expected == 403:
            assert "You may not do this" in answer.text
            assert "箱田" not in answer.text


def test_an_open_box_says_that_it_is_open(office: Office) -> None:
    site = replace(office.home.box.site, authority="open")
    client = client_of(replace(office.home, box=replace(office.home.box, site=site)))
    for path in ("/", "/residents", "/sandbox/post"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Whoever reaches this box may do everything" in answer.text


def test_the_register_is_ones_own(office: Office) -> None:
    own = office.signed_in("clerk").get("/residents").text
    other = office.signed_in("stranger").get("/residents").text
    assert office.resident in own
    assert office.resident not in other
    for sought in ("箱田", "31415926530", office.resident):
        found = office.signed_in("stranger").post("/residents", data={"name": sought})
        assert office.resident not in re.sub(r'value="[^"]*"', "", found.text)


# Signing in


def test_in_and_out(office: Office) -> None:
    entered = office.enter("clerk", next="/residents")
    assert entered.status_code == 303  # type: ignore[attr-defined]
    assert entered.headers["location"] == "/residents"  # type: ignore[attr-defined]
    cookie = entered.headers["set-cookie"]  # type: ignore[attr-defined]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    desk = office.client.get("/staff").text
    assert "staff:clerk" in desk and CITY in desk
    secret = office.client.cookies[COOKIE]
    left = office.client.post("/staff/sign-out", follow_redirects=False)
    assert left.headers["location"] == "/"
    assert COOKIE not in office.client.cookies
    replayed = client_of(office.home).get(
        "/residents", headers={"cookie": f"{COOKIE}={secret}"}, follow_redirects=False
    )
    assert replayed.status_code == 303
    away = client_of(office.home).get("/staff", follow_redirects=False)
    assert away.headers["location"] == "/staff/sign-in"


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.invalid",
        "https://elsewhere.invalid",
        "/\\elsewhere.invalid",
        "\\\\elsewhere.invalid",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x=1",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(office: Office, target: str) -> None:
    entered = office.enter("clerk", next=target)
    assert entered.headers["location"] == "/staff"  # type: ignore[attr-defined]
    page = office.client.get("/staff/sign-in", params={"next": target}).text
    (action,) = re.findall(r'<form method="post" action="([^"]*)"', page)
    assert action == "/staff/sign-in"


def test_a_wrong_password_is_told_and_not_repeated(office: Office) -> None:
    answer = office.enter("clerk", "wrong horse battery")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    text = answer.text  # type: ignore[attr-defined]
    assert "Name or password is wrong" in text
    assert "wrong horse" not in text
    assert COOKIE not in office.client.cookies


def test_the_pages_with_a_script(office: Office) -> None:
    """only these two, and only a script of this site"""
    client = office.signed_in("clerk")
    for path in ("/staff", "/staff/sign-in"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        for source in re.findall(r'<script src="([^"]+)"', answer.text):
            assert source == "/static/passkeys.js"
    assert (
        "script-src" not in client.get("/residents").headers["content-security-policy"]
    )


def test_passkeys_want_a_name(office: Office) -> None:
    """browsers bind them to host names, so an address is led to localhost"""
    page = office.client.get("/staff/sign-in").text
    assert "http://localhost:8780/staff/sign-in" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "null", "x", '{"response": {"clientDataJSON": "e30"}}', "{" * 999],
)
def test_what_is_no_passkey(office: Office, credential: str) -> None:
    client = office.signed_in("clerk")
    for path in ("/staff/sign-in/passkey", "/staff/passkeys"):
        answer = client.post(path, data={"credential": credential})
        assert answer.status_code == 422
        assert "passkey was not accepted" in answer.json()["refused"]
    nobody = client_of(office.home)
    assert nobody.post("/staff/passkeys/options").status_code == 422


def test_a_foreign_page_cannot_act(office: Office) -> None:
    client = office.signed_in("supervisor")
    for headers in (
        {"origin": "https://elsewhere.invalid"},
        {"sec-fetch-site": "cross-site"},
    ):
        for path in ("/staff/sign-out", "/staff/approvals/apv-x/approve", "/residents"):
            assert client.post(path, headers=headers).status_code == 403
    assert client.get("/staff", follow_redirects=False).status_code == 200


# Deciding


def test_a_request_is_decided_on_the_page(office: Office) -> None:
    box = office.home.box
    with box.store.look() as work:
        clerk = work.staff.by_name("clerk")
    assert clerk is not None
    asked = request_number_change(
        office.resident,
        ground="leaked_and_likely_misused",
        reason="a list was <left> on a train",
        box=box,
        actor=of_staff(clerk),
        documents=("passport",),
    )
    path = f"/staff/approvals/{asked.id}"
    for name in ("clerk", "stranger"):
        client = office.signed_in(name)
        assert path not in client.get("/staff").text
        assert client.post(f"{path}/approve").status_code == 403
        assert client.post(f"{path}/decline").status_code == 403
    nobody = client_of(office.home).post(f"{path}/approve", follow_redirects=False)
    assert nobody.headers["location"] == "/staff/sign-in"
    supervisor = office.signed_in("supervisor")
    assert supervisor.post(f"{path}/think-it-over").status_code == 404
    desk = supervisor.get("/staff").text
    assert f"{path}/approve" in desk
    assert "a list was &lt;left&gt; on a train" in desk
    assert supervisor.post(f"{path}/approve").status_code == 200
    assert path not in supervisor.get("/staff").text
    last = show_resident(office.resident, box).journal[-1].entry
    assert (last.action, last.actor) == ("change_number", "staff:supervisor")


# The resident


def test_residents_read_their_log(office: Office) -> None:
    office.home.box.cards.insert(office.serial)
    assert office.serial in office.client.get("/me").text
    away = office.client.get("/me/access-log", follow_redirects=False)
    assert away.headers["location"] == "/me"
    pin = SPECIMEN_PINS["authentication"].characters
    wrong = office.client.post("/me", data={"card": office.serial, "pin": "0000"})
    assert wrong.status_code == 422
    assert "2 tries are left" in wrong.text
    assert 'value="0000"' not in wrong.text
    page = office.client.post("/me", data={"card": office.serial, "pin": pin})
    assert page.status_code == 200
    assert page.url.path == "/me/access-log"
    assert "card_issue" in page.text and "notification" in page.text
    assert pin not in re.findall(r"[0-9A-Z]+", page.text)
    with office.home.box.store.look() as work:
        current = work.numbers.current(office.resident)
    assert current is not None
    assert current.number.digits not in page.text
    for path in ("/residents", f"/residents/{office.resident}", "/sandbox/post"):
        assert office.client.get(path).status_code == 403
    assert office.client.get("/staff", follow_redirects=False).status_code == 303


def test_a_card_that_is_not_there(office: Office) -> None:
    office.home.box.cards.eject()
    assert "No card is in a reader" in office.client.get("/me").text
    answer = office.client.post("/me", data={"card": office.serial, "pin": "1234"})
    assert answer.status_code == 422
