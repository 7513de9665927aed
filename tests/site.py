"""The site of a box for tests: called in this process, or served on loopback."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from mynabox.client import Client, Problem
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.registration import COLUMNS, read_registration
from mynabox.sandbox.specimen import SPECIMEN_MAIL
from mynabox.settings import Settings
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.deliver import deliver
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.open_box import open_box
from mynabox.usecases.register_resident import register_resident
from mynabox.wiring import Home, make_app, open_home
from tests.boxes import NOW

API = "/api/v1"
LINK = re.compile(r"/apply/([A-Za-z0-9_-]{20,})\s*$", re.MULTILINE)
NEWCOMER = {
    "record_code": "31415926530",
    "municipality": "082201",
    "name": "箱田 太郎",
    "kana": "ハコダ タロウ",
    "born": "1990-03-31",
    "sex": "male",
    "address": "茨城県つくば市箱の内一丁目1番地1",
    "nationality": "JPN",
    "residence_status": "japanese",
    "registered": "2026-04-01",
}


def client_of(home: Home, **headers: str) -> TestClient:
    """A client of the site that a page of the box itself would be."""
    return TestClient(
        make_app(home),
        base_url="http://127.0.0.1:8780",
        headers={"accept-language": "en", **headers},
    )


def program_of(home: Home, **other: Any) -> Client:
    """A program of somebody who uses the box over its API."""
    return Client(http=client_of(home), **other)


@contextmanager
def says(code: str, status: int = 422) -> Iterator[pytest.ExceptionInfo[Problem]]:
    """The box says this no to the program."""
    with pytest.raises(Problem) as caught:
        yield caught
    assert (caught.value.status, caught.value.code) == (status, code)


def with_notice(home: Home) -> Notice:
    """The newcomer's notice, in a box that knows nobody yet."""
    registration = read_registration(
        {column: NEWCOMER.get(column, "") for column in COLUMNS}, on=NOW.date()
    )
    person = register_resident(registration, home.box).resident
    assign_number(person.id, home.box)
    notice = issue_notice(person.id, home.box)
    deliver(home.box)
    return notice


def token_in(home: Home, to: str = SPECIMEN_MAIL) -> str:
    """The token of the newest link mailed to an address."""
    found = [LINK.search(text) for text in home.mail.texts(to)]
    return [match[1] for match in found if match][-1]


@contextmanager
def served_site(folder: Path) -> Iterator[tuple[Home, str]]:
    """An empty box whose site listens on a free port of the loopback interface."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # who connects before the server runs waits for it
        port = listener.getsockname()[1]
        home = open_home(Settings(home=folder, port=port), create=True)
        home.clock.set(NOW)
        open_box(home.box)
        server = uvicorn.Server(
            uvicorn.Config(
                make_app(home),
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield home, f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
            home.close()
