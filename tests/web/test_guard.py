"""The edge of the site: who may ask, and what is said of an unknown error."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from mynabox.web.app import create_pages
from tests.site import API
from tests.web.conftest import Notified, Told


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": "http://127.0.0.1:8780"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://example.com"}, False),
        ({"origin": "http://127.0.0.1:9999"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_changes_are_asked_for_by_our_own_pages(
    told: Told, headers: dict[str, str], allowed: bool
) -> None:
    for path in ("/residents", f"{API}/journal/verification"):
        answer = told.client.post(path, headers=headers)
        assert (answer.status_code != 403) is allowed
    assert told.client.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8780", True),
        ("127.0.0.1", True),
        ("localhost:8780", True),
        ("[::1]:8780", True),
        ("192.168.1.5:8780", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("[", False),
        ("", False),
    ],
)
def test_no_foreign_name_leads_to_the_box(told: Told, host: str, known: bool) -> None:
    for path in ("/", f"{API}/clock"):
        answer = told.client.get(path, headers={"host": host})
        assert (answer.status_code == 200) is known
        assert known or answer.status_code == 421


@dataclass(frozen=True)
class BrokenClock:
    """A clock that breaks down with a text that nobody may read."""

    secret: str

    def now(self) -> datetime:
        raise RuntimeError(self.secret)


def test_an_unknown_error_is_logged_without_its_text(notified: Notified) -> None:
    secret = "箱田 太郎 123456789018"
    site: FastAPI = create_pages(notified.home.box)

    @site.get("/kaputt")
    def kaputt() -> None:
        BrokenClock(secret).now()

    client = TestClient(site, base_url="http://127.0.0.1")
    with capture_logs() as logs:
        answer = client.get("/kaputt", headers={"accept-language": "ja"})
    assert answer.status_code == 500
    assert "エラーが発生しました" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert [entry["event"] for entry in logs] == ["unknown_error"]
    assert logs[0]["error"] == "RuntimeError"
    assert "test_guard.py" in logs[0]["where"][-1]
    assert secret not in answer.text + str(logs)


def test_a_box_without_a_clock_still_answers(notified: Notified) -> None:
    """Even the error page cannot be drawn; the guard says so in plain text."""
    secret = "箱田 太郎 123456789018"
    box = replace(notified.home.box, clock=BrokenClock(secret))
    client = TestClient(create_pages(box), base_url="http://127.0.0.1")
    with capture_logs() as logs:
        answer = client.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/plain")
    assert secret not in answer.text + str(logs)
    assert len(logs) == 2
