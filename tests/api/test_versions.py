"""Clerks who read the same thing, and pages that are read while people come and go."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mynabox.lifecycle.staff import Role
from mynabox.sandbox.scenarios import stage
from mynabox.usecases.staff_accounts import add_staff, give_token
from mynabox.wiring import Home
from tests.around import Around
from tests.boxes import NOW, box_in
from tests.life_over_http import PASSPORT, life, told_by
from tests.site import API, NEWCOMER, client_of, token_in
from tests.usecases.places import record_codes

WHOLE = {"listLaw", "listRules", "listTopics"}
"""Lists that are parts of the program and do not grow."""
LOOK = "getCardBack"
"""Changes the card it looks at in no way; its journal row is about the person."""
NEXT = re.compile(r'<([^>]*)>; rel="next"')


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Shared: every test brings its own people."""
    with box_in(tmp_path_factory.mktemp("versions") / "box", at=NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(home: Home) -> TestClient:
    return client_of(home)


codes = record_codes()


def newcomer() -> dict[str, str]:
    return {**NEWCOMER, "record_code": next(codes)}


def tags(client: TestClient, paths: set[str]) -> dict[str, tuple[str, str]]:
    """ETag and content of things."""
    found = {}
    for path in paths:
        answer = client.get(f"{API}{path}")
        assert answer.status_code == 200
        found[path] = (answer.headers["etag"], answer.text)
    return found


def test_the_tag_changes_with_the_thing(home: Home, client: TestClient) -> None:
    """over a whole life: whatever is done to a person, an application or a card, the
    tag of what shows it is another one; and reading changes none"""
    known: set[str] = set()
    before: dict[str, tuple[str, str]] = {}
    changed = 0
    for request, answer in told_by(
        life(lambda: token_in(home), newcomer=newcomer()),
        lambda one: _json(client.post(one.url, **one.content)),
    ):
        after = tags(client, known)
        assert tags(client, known) == after
        for path in known:
            if path.split("/")[2] in request.path and request.operation != LOOK:
                assert after[path][0] != before[path][0], (request, path)
            if after[path][1] != before[path][1]:
                changed += 1
                assert after[path][0] != before[path][0], (request, path)
        match request.operation:
            case "registerResident":
                known.add(f"/residents/{answer['resident']['id']}")
            case "openApplication":
                known.add(f"/applications/{answer['id']}")
            case "produceCard":
                known.add(f"/cards/{answer['card']['serial']}")
            case _:
                pass
        before = tags(client, known)
    assert changed > 5
    seen = [tag for tag, _ in before.values()]
    assert all(re.fullmatch(r'"[0-9a-f]{32}"', tag) for tag in seen)


def _json(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json() if "json" in answer.headers["content-type"] else None


@pytest.fixture
def person(client: TestClient) -> str:
    entered = client.post(f"{API}/residents", json=newcomer()).json()
    return f"{API}/residents/{entered['resident']['id']}"


def moved(client: TestClient, person: str, address: str, match: str | None) -> Any:
    headers = {} if match is None else {"If-Match": match}
    body = {"address": address}
    return client.post(f"{person}/particulars", json=body, headers=headers)


def test_two_clerks_who_read_the_same(client: TestClient, person: str) -> None:
    """the second is told and nothing is overwritten; having read anew, they go on"""
    tag = client.get(person).headers["etag"]
    assert moved(client, person, "箱の内一丁目", tag).status_code == 200
    late = moved(client, person, "箱の内二丁目", tag)
    assert (late.status_code, late.json()["code"]) == (412, "api.changed_meanwhile")
    assert late.headers["content-type"] == "application/problem+json"
    assert client.get(person).json()["address"] == "箱の内一丁目"
    anew = client.get(person).headers["etag"]
    assert moved(client, person, "箱の内二丁目", anew).status_code == 200


@pytest.mark.parametrize(
    ("match", "status"),
    [
        (None, 200),
        ("*", 200),
        ("{tag}", 200),
        ('"other", {tag}', 200),
        ('"other"', 412),
        ("W/{tag}", 412),
        ("nonsense", 412),
        ("", 412),
    ],
)
def test_what_matches(
    client: TestClient, person: str, match: str | None, status: int
) -> None:
    tag = client.get(person).headers["etag"]
    sent = None if match is None else match.format(tag=tag)
    assert moved(client, person, "箱の内三丁目", sent).status_code == status


def test_something_that_is_not_there(client: TestClient) -> None:
    """404 before 412, also for any version"""
    for match in ("*", '"x"'):
        answer = moved(client, f"{API}/residents/res-aaaa", "x", match)
        assert (answer.status_code, answer.json()["code"]) == (404, "api.missing")


@dataclass
class Between(Around):
    """A store in which another clerk is faster: between the look and the change."""

    client: TestClient | None = None
    person: str = ""

    def work(self) -> Any:
        if self.client is not None:
            other, self.client = self.client, None
            done = moved(other, self.person, "箱の内九丁目", None)
            assert done.status_code == 200
        return self.store.work()


def test_it_is_decided_in_the_transaction(
    in_both: Home,
) -> None:
    """the other one's change falls between the first look and the writing"""
    client = client_of(in_both)
    entered = client.post(f"{API}/residents", json=newcomer()).json()
    person = f"{API}/residents/{entered['resident']['id']}"
    store = Between(in_both.box.store, client, person)
    slow = client_of(replace(in_both, box=replace(in_both.box, store=store)))
    tag = client.get(person).headers["etag"]
    answer = moved(slow, person, "箱の内一丁目", tag)
    assert answer.status_code == 412
    assert client.get(person).json()["address"] == "箱の内九丁目"


def test_a_key_answers_before_the_tag_is_looked_at(
    client: TestClient, person: str
) -> None:
    """a change that was done and is sent again is no stale one; a stale one uses up no
    key"""
    tag = client.get(person).headers["etag"]
    headers = {"If-Match": tag, "Idempotency-Key": "1"}
    body = {"address": "箱の内一丁目"}
    first, again = (
        client.post(f"{person}/particulars", json=body, headers=headers)
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (200, 200)
    late = {**headers, "Idempotency-Key": "2"}
    stale = client.post(f"{person}/particulars", json=body, headers=late)
    assert stale.status_code == 412
    mended = {"If-Match": client.get(person).headers["etag"], "Idempotency-Key": "2"}
    body = {"address": "箱の内二丁目"}
    assert (
        client.post(f"{person}/particulars", json=body, headers=mended).status_code
        == 200
    )


def test_pins_do_not_show_and_count_all_the_same(
    home: Home, client: TestClient
) -> None:
    """two desks with one card: what was done to it shows in the tag alone"""
    card = f"{API}/cards/{stage('fresh', home.box).serial}"
    read = client.get(card)
    body = {**PASSPORT, "pins": {"authentication": "4711"}}
    headers = {"If-Match": read.headers["etag"]}
    done, late = (
        client.post(f"{card}/pins", json=body, headers=headers) for _ in range(2)
    )
    assert (done.status_code, late.status_code) == (200, 412)
    assert client.get(card).json() == read.json()


# Pages


def pages(client: TestClient, path: str) -> Iterator[Any]:
    """Every page of a list, by its links."""
    url: str | None = f"{API}{path}"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        found = NEXT.fullmatch(answer.headers.get("link", ""))
        url = found[1] if found else None


def test_every_list_is_read_by_pages(client: TestClient) -> None:
    described = client.get(f"{API}/openapi.json").json()
    lists = {
        operation["operationId"]: {one["name"] for one in operation["parameters"]}
        for methods in described["paths"].values()
        for method, operation in methods.items()
        if method == "get"
        and operation["operationId"].startswith("list")
        and operation["operationId"] not in WHOLE
    }
    assert len(lists) >= 7
    for name, parameters in lists.items():
        assert {"after", "limit"} <= parameters, name


def newcomers(client: TestClient, many: int) -> None:
    for _ in range(many):
        answer = client.post(f"{API}/residents", json=newcomer())
        assert answer.json()["how"] == "registered"


LISTS = {
    "/authorities?limit=1": "name",
    "/cards/{serial}/certificates?limit=1": "serial",
    "/residents/{resident}/notices?limit=1": "id",
    "/journal/{resident}?limit=2": "sequence",
    "/approvals?limit=1&waiting=false": "id",
}


def test_pages_join_to_the_whole(in_both: Home) -> None:
    """each page as long as asked for, and all together the list itself"""
    client = client_of(in_both)
    serial = stage("fresh", in_both.box).serial
    resident = client.get(f"{API}/cards/{serial}").json()["resident"]
    for path, key in LISTS.items():
        joined(client, path.format(serial=serial, resident=resident), key)


def joined(client: TestClient, there: str, key: str) -> None:
    whole = client.get(f"{API}{there.partition('?')[0]}").json()
    found = list(pages(client, there))
    assert [one for page in found for one in page] == whole
    assert len({one[key] for one in whole}) == len(whole)
    limit = int(there.partition("limit=")[2][0])
    assert all(len(page) == limit for page in found[:-1])
    wrong = client.get(f"{API}{there}&after=999999.99")
    assert wrong.json()["code"] == "api.bad_argument"


def test_requests_that_wait(home: Home, client: TestClient) -> None:
    """the other parameters travel along with the link"""
    serial = stage("fresh", home.box).serial
    add_staff("clerk", [Role.CLERK], home.box)
    token = give_token("clerk", "", home.box).secret
    headers = {"authorization": f"Bearer {token}"}
    asked = {"ground": "key_unsafe", "reason": "seen by others"}
    client.post(f"{API}/cards/{serial}/revocation", json=asked, headers=headers)
    resident = client.get(f"{API}/cards/{serial}").json()["resident"]
    leak = {
        "ground": "leaked_and_likely_misused",
        "reason": "found on a train",
        "documents": ["passport"],
    }
    path = f"{API}/residents/{resident}/number/change"
    client.post(path, json=leak, headers=headers)
    found = list(pages(client, "/approvals?waiting=true&limit=1"))
    assert [len(page) for page in found] == [1, 1]
    first = client.get(f"{API}/approvals?waiting=true&limit=1")
    assert "waiting=true" in first.headers["link"]


def test_people_who_come_while_pages_are_read(client: TestClient) -> None:
    """nobody twice, and nobody who was there from the beginning is left out"""
    newcomers(client, 10)
    whole = pages(client, "/residents?limit=200")
    there = {one["id"] for page in whole for one in page["residents"]}
    seen: list[str] = []
    for page in pages(client, "/residents?limit=3"):
        seen += [one["id"] for one in page["residents"]]
        if len(seen) < 60:
            newcomers(client, 2)
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
