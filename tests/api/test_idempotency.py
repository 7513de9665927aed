"""Requests with an idempotency key: asked twice, done once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from mynabox.api.keyed import READING, REPEATED, SESSIONS
from mynabox.lifecycle.registration import COLUMNS
from mynabox.lifecycle.staff import Role
from mynabox.ports import Busy, Work
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.staff_accounts import add_staff, give_token
from mynabox.wiring import Home
from tests.around import Around
from tests.boxes import NOW
from tests.life_over_http import PASSPORT, PINS, life, told_by
from tests.site import API, NEWCOMER, client_of, token_in

PATIENCE = 20.0


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def said(answer: Any) -> tuple[int, str, bytes]:
    return answer.status_code, answer.headers["content-type"], answer.content


def rows(home: Home) -> int:
    with home.store.look() as work:
        return sum(head.sequence for head in work.journal.heads())


def test_a_life_in_which_everything_is_asked_twice(in_both: Home) -> None:
    """the same answer to the last octet, one row in the journal, nothing sent twice"""
    client = client_of(in_both)
    done: Counter[str] = Counter()

    def ask(request: Any) -> Any:
        headers = key(f"{request.operation}-{sum(done.values())}")
        before = rows(in_both)
        first = client.post(request.url, headers=headers, **request.content)
        assert first.status_code in (200, 201), first.text
        assert REPEATED not in first.headers
        assert rows(in_both) == before + 1, request
        sent = (
            len(list((in_both.path / "post").glob("*"))),
            len(list((in_both.path / "mail").rglob("*"))),
        )
        again = client.post(request.url, headers=headers, **request.content)
        assert said(again) == said(first)
        assert again.headers[REPEATED] == "true"
        assert rows(in_both) == before + 1
        assert sent == (
            len(list((in_both.path / "post").glob("*"))),
            len(list((in_both.path / "mail").rglob("*"))),
        )
        done[request.operation] += 1
        kind = first.headers["content-type"]
        return first.json() if kind == "application/json" else None

    for _ in told_by(life(lambda: token_in(in_both)), ask):
        pass
    assert reconcile(in_both.box).findings == ()
    assert set(done) <= takers(in_both)
    assert len(done) >= 18


def takers(home: Home) -> set[str]:
    """Operations that take a key, as the description says."""
    described = client_of(home).get(f"{API}/openapi.json").json()
    return {
        operation["operationId"]
        for methods in described["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "Idempotency-Key"
    }


def test_every_change_takes_a_key(home: Home) -> None:
    described = client_of(home).get(f"{API}/openapi.json").json()
    changing = {
        operation["operationId"]
        for methods in described["paths"].values()
        for method, operation in methods.items()
        if method != "get"
    }
    assert takers(home) == changing - READING - SESSIONS


def test_another_body_is_another_request(home: Home) -> None:
    """422; so is another operation with the same body, and another path"""
    client = client_of(home)
    first = client.post(f"{API}/residents", json=NEWCOMER, headers=key("k"))
    person = first.json()["resident"]["id"]
    before = rows(home)
    other = {**NEWCOMER, "record_code": "27182818286"}
    for path, body in (
        ("/residents", other),
        (f"/residents/{person}/number", None),
        (f"/residents/{person}/lost", None),
    ):
        answer = client.post(f"{API}{path}", json=body, headers=key("k"))
        assert (answer.status_code, answer.json()["code"]) == (422, "api.key_reused")
    assert rows(home) == before
    spaced = client.post(
        f"{API}/residents",
        content=first.request.content.replace(b":", b" : "),
        headers={**key("k"), "content-type": "application/json"},
    )
    assert said(spaced) == said(first), "spaces make no other request"


def test_what_has_the_wrong_shape_uses_up_no_key(home: Home) -> None:
    client = client_of(home)
    wrong = client.post(f"{API}/residents", json={}, headers=key("k"))
    assert wrong.json()["code"] == "api.request_shape"
    right = client.post(f"{API}/residents", json=NEWCOMER, headers=key("k"))
    assert right.status_code == 201
    for bad in ("", " ", "a b", "a" * 256, "ü"):
        headers = {"idempotency-key": bad.encode()}
        answer = client.post(f"{API}/residents", json=NEWCOMER, headers=headers)  # type: ignore[arg-type]
        assert answer.json()["code"] == "api.request_shape", bad


def test_a_refusal_is_said_again(home: Home) -> None:
    """also when it would not be refused any more: a new key asks anew"""
    client = client_of(home)
    entered = client.post(f"{API}/residents", json=NEWCOMER).json()
    path = f"{API}/residents/{entered['resident']['id']}"
    refused = client.post(f"{path}/notices", headers=key("early"))
    assert (refused.status_code, refused.json()["code"]) == (
        422,
        "notice.no_number_yet",
    )
    client.post(f"{path}/number")
    again = client.post(f"{path}/notices", headers=key("early"))
    assert said(again) == said(refused)
    assert again.headers[REPEATED] == "true"
    assert client.post(f"{path}/notices", headers=key("later")).status_code == 201


def test_a_wrong_pin_is_typed_once(home: Home) -> None:
    """a request that is sent again after its answer was lost takes no second try"""
    client = client_of(home)
    for request, answer in told_by(
        life(lambda: token_in(home)),
        lambda one: client.post(one.url, **one.content).json(),
        until="handOverCard",
    ):
        serial = answer["serial"] if request.operation == "handOverCard" else ""
    home.clock.set(NOW + timedelta(days=4 * 365 + 330))
    wrong = {"pins": {**PINS, "authentication": "0000"}}
    path = f"{API}/cards/{serial}/certificates/renewal"
    tries = [
        client.post(path, json=wrong, headers=key(name)).json()["facts"]["tries"]
        for name in ("one", "one", "two", "two")
    ]
    assert tries == ["2", "2", "1", "1"]
    again = client.post(path, json={"pins": PINS}, headers=key("one"))
    assert again.json()["code"] == "api.key_reused", "a PIN is part of the request"


def test_keys_belong_to_whoever_made_them_up(home: Home) -> None:
    """two clerks with the same key and body are two requests"""
    client = client_of(home)
    token = {}
    for name in ("hanako", "jiro"):
        add_staff(name, [Role.CLERK], home.box)
        token[name] = {
            **key("1"),
            "authorization": f"Bearer {give_token(name, '', home.box).secret}",
        }
    how = [
        client.post(f"{API}/residents", json=NEWCOMER, headers=headers).json()["how"]
        for headers in (token["hanako"], token["jiro"], key("1"), token["hanako"])
    ]
    assert how == ["registered", "already_there", "already_there", "registered"]


def test_who_may_not_hears_no_old_answer(home: Home) -> None:
    client = client_of(home)
    client.post(f"{API}/residents", json=NEWCOMER, headers=key("1"))
    headers = {**key("1"), "authorization": "Bearer nothing"}
    answer = client.post(f"{API}/residents", json=NEWCOMER, headers=headers)
    assert answer.status_code == 401
    good = client.post(f"{API}/residents", json=NEWCOMER, headers=key("1"))
    assert good.headers[REPEATED] == "true"


def test_answers_expire(home: Home) -> None:
    """from then on the key is free, and the row is gone"""
    site = replace(home.box.site, answer_hours=2)
    home = replace(home, box=replace(home.box, site=site))
    client = client_of(home)

    def asked() -> str:
        answer = client.post(f"{API}/residents", json=NEWCOMER, headers=key("k"))
        return str(answer.json()["how"])

    assert asked() == "registered"
    home.clock.set(NOW + timedelta(hours=1, minutes=59))
    assert asked() == "registered"
    home.clock.set(NOW + timedelta(hours=2, minutes=5))
    assert asked() == "already_there"
    kept = [row for name, row in home.store.rows() if name == "answers"]
    assert len(kept) == 1


@dataclass
class Waiting(Around):
    """A store in which the first to write waits until the test lets it go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def work(self) -> Iterator[Work]:
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(PATIENCE)
        with self.store.work() as work:
            yield work


def test_a_request_that_is_still_worked_on(in_both: Home) -> None:
    """409 for the same and for any other under its key; others go on; later the
    answer is there"""
    store = Waiting(in_both.box.store)
    slow = client_of(replace(in_both, box=replace(in_both.box, store=store)))
    client = client_of(in_both)

    def asked(by: TestClient) -> Any:
        return by.post(f"{API}/residents", json=NEWCOMER, headers=key("k"))

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(asked, slow)
        assert store.reached.wait(PATIENCE)
        early = asked(client)
        assert (early.status_code, early.json()["code"]) == (409, "api.key_in_progress")
        assert early.headers["retry-after"] == "1"
        other = {**NEWCOMER, "record_code": "27182818286"}
        beside = client.post(f"{API}/residents", json=other, headers=key("other"))
        assert beside.status_code == 201
        store.go_on.set()
        done = first.result(PATIENCE)
    assert done.status_code == 201
    assert said(asked(client)) == said(done)


@dataclass
class BusyOnce(Around):
    """A store whose turn nobody gets, the first time."""

    times: int = 1

    @contextmanager
    def work(self) -> Iterator[Work]:
        if self.times:
            self.times -= 1
            raise Busy
        with self.store.work() as work:
            yield work


def test_what_could_not_be_done_leaves_the_key_free(home: Home) -> None:
    """503 is no answer: the same key asks again, and it is done"""
    box = replace(home.box, store=BusyOnce(home.box.store))
    client = client_of(replace(home, box=box))
    answers = [
        client.post(f"{API}/residents", json=NEWCOMER, headers=key("k"))
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [503, 201, 201]
    assert REPEATED not in answers[1].headers
    assert said(answers[1]) == said(answers[2])


def test_what_an_answer_tells_lies_sealed(in_both: Home) -> None:
    """neither the number nor the caller's key can be read in the database, and an
    exchange of the keys of numbers seals answers anew"""
    client = client_of(in_both)
    entered = client.post(f"{API}/residents", json=NEWCOMER).json()
    path = f"{API}/residents/{entered['resident']['id']}/number"
    client.post(path)
    body = {"requester": "employer", "purpose": "year_end_tax"}

    def told() -> str:
        headers = key("a-key-of-mine")
        answer = client.post(f"{path}/disclosure", json=body, headers=headers)
        return str(answer.json()["number"])

    number = told()
    before = [row for name, row in in_both.store.rows() if name == "answers"]
    held = repr(list(in_both.store.rows()))
    assert number not in held
    assert "a-key-of-mine" not in held
    in_both.store.rotate_number_keys()
    after = [row for name, row in in_both.store.rows() if name == "answers"]
    assert [row["body"] for row in before] != [row["body"] for row in after]
    assert told() == number


def test_a_file_of_people_under_a_key(home: Home) -> None:
    """one answer for it, however often it is sent"""
    client = client_of(home)
    header = ",".join(COLUMNS)
    line = ",".join(NEWCOMER.get(column, "") for column in COLUMNS)
    sent = f"{header}\n{line}\n".encode()
    headers = {**key("file"), "content-type": "text/csv"}
    first, again = (
        client.post(f"{API}/residents/import", content=sent, headers=headers)
        for _ in range(2)
    )
    assert first.json()["taken"] == 1
    assert said(first) == said(again)
    assert first.json()["lines"][0]["taken"] == "registered"


def test_a_card_that_nobody_fetched(home: Home) -> None:
    """discarded once: the second of two keys is refused"""
    client = client_of(home)
    serial = ""
    for request, answer in told_by(
        life(lambda: token_in(home)),
        lambda one: client.post(one.url, **one.content).json(),
        until="produceCard",
    ):
        if request.operation == "produceCard":
            serial = answer["card"]["serial"]
    path = f"{API}/cards/{serial}/discard"
    body = {"reason": "not collected"}
    first, again, other = (
        client.post(path, json=body, headers=key(name)) for name in ("1", "1", "2")
    )
    assert first.json()["state"] == "void"
    assert said(again) == said(first)
    assert other.status_code == 422
    assert client.post(f"{API}/cards/{serial}/found", json=PASSPORT).status_code == 422
