"""Programs that follow what happens in a municipality."""

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from mynabox.lifecycle.registration import COLUMNS
from mynabox.lifecycle.staff import Role
from mynabox.usecases.staff_accounts import add_staff, give_token
from mynabox.wiring import Home
from tests.life_over_http import life, told_by
from tests.site import API, NEWCOMER, client_of, served_site, token_in
from tests.usecases.places import record_codes

CITY, ELSEWHERE = "082201", "011002"


@dataclass(frozen=True)
class Told:
    """An event as a follower reads it."""

    id: str
    kind: str
    data: Any


def read(lines: Iterator[str]) -> Iterator[Told]:
    """Events of a stream, as the HTML standard says how to read it: fields until an
    empty line; without data there is no event, but its id counts."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "id" in fields:
                data = json.loads(fields["data"]) if "data" in fields else None
                yield Told(fields["id"], fields.get("event", ""), data)
            fields = {}


def heard(client: TestClient, last: str | None, **asked: Any) -> list[Told]:
    headers = {} if last is None else {"Last-Event-ID": last}
    answer = client.get(f"{API}/events", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    first, *events = read(iter(answer.text.splitlines()))
    assert first.data is None, "where the stream begins"
    return events


def lived(home: Home) -> None:
    client = client_of(home)
    for _ in told_by(
        life(lambda: token_in(home)),
        lambda one: client.post(one.url, **one.content).json(),
        until="handOverCard",
    ):
        pass


def test_everything_in_its_order(in_both: Home) -> None:
    """the rows of the chain, once each; not who, not why, no number and no name"""
    lived(in_both)
    client = client_of(in_both)
    events = heard(client, f"{CITY}.0", municipality=CITY)
    with in_both.store.look() as work:
        rows = list(work.journal.chain(CITY))
        ((number,),) = [
            (current.number.digits,)
            for person in work.residents.list()
            if (current := work.numbers.current(person.id))
        ]
    assert [one.data["sequence"] for one in events] == [row.sequence for row in rows]
    for one, row in zip(events, rows, strict=True):
        assert one.id == f"{CITY}.{row.sequence}"
        assert one.kind == row.entry.action
        assert one.data == {
            "municipality": CITY,
            "sequence": row.sequence,
            "at": row.entry.at.isoformat(),
            "action": row.entry.action,
            "subjects": list(row.entry.subjects),
        }
    text = repr(events)
    assert number not in text
    assert NEWCOMER["name"] not in text
    assert "year_end_tax" not in text, "what a row says besides"


def test_taken_up_anywhere(home: Home) -> None:
    """from every place of the chain: what is behind it, whole; in the end nothing"""
    lived(home)
    client = client_of(home)
    whole = heard(client, f"{CITY}.0", municipality=CITY)
    for place, one in enumerate(whole, start=1):
        assert heard(client, one.id, municipality=CITY) == whole[place:]
    assert heard(client, None, municipality=CITY) == [], "from now on"


def test_more_than_a_page(home: Home) -> None:
    """a follower who was away for long hears it all in one stream"""
    client = client_of(home)
    people = [{**NEWCOMER, "record_code": code} for code in islice(record_codes(), 210)]
    lines = [",".join(one.get(column, "") for column in COLUMNS) for one in people]
    file = "\n".join([",".join(COLUMNS), *lines])
    kind = {"content-type": "text/csv"}
    client.post(f"{API}/residents/import", content=file.encode(), headers=kind)
    events = heard(client, f"{CITY}.0", municipality=CITY)
    assert [one.data["sequence"] for one in events] == list(range(1, 211))


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (f"{CITY}.1", "api.bad_argument"),
        (f"{CITY}.999999999999999", "api.bad_argument"),
        (f"{ELSEWHERE}.0", "api.bad_argument"),
        ("7", "api.request_shape"),
        (f"{CITY}.-1", "api.request_shape"),
        (f"{CITY}.x", "api.request_shape"),
    ],
)
def test_places_that_do_not_exist(home: Home, last: str, code: str) -> None:
    """a box that was restored says so to followers who know more than it does"""
    answer = client_of(home).get(
        f"{API}/events?municipality={CITY}", headers={"Last-Event-ID": last}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_which_municipality(home: Home) -> None:
    """to be said, unless one's account has one; another's is shut"""
    lived(home)
    answer = client_of(home).get(f"{API}/events")
    assert answer.json()["code"] == "api.bad_argument"
    site = replace(home.box.site, authority="required")
    office = client_of(replace(home, box=replace(home.box, site=site)))
    for name, where in (("own", CITY), ("stranger", ELSEWHERE)):
        add_staff(name, [Role.AUDITOR], home.box, municipality=where)
        token = give_token(name, "", home.box).secret
        headers = {"authorization": f"Bearer {token}", "Last-Event-ID": f"{CITY}.0"}
        asked = office.get(f"{API}/events?municipality={CITY}", headers=headers)
        if name == "own":
            assert "event: hand_over" in asked.text
            assert office.get(f"{API}/events", headers=headers).text == asked.text
        else:
            assert asked.json()["code"] == "authority.other_municipality"
    assert office.get(f"{API}/events").status_code == 401


def test_what_is_still_to_come(tmp_path: Path) -> None:
    """a stream that stays open tells it as it happens, over a real connection; broken
    off, it is taken up and nothing is missed"""
    with (
        served_site(tmp_path / "box") as (_, address),
        httpx2.Client(base_url=address, timeout=30) as client,
    ):
        asked = f"{API}/events?municipality={CITY}&seconds=60"

        def follow(last: str) -> Generator[Told, None, None]:
            headers = {"Last-Event-ID": last}
            with client.stream("GET", asked, headers=headers) as answer:
                yield from (one for one in read(answer.iter_lines()) if one.data)

        with httpx2.Client(base_url=address, timeout=30) as clerk:
            stream = follow(f"{CITY}.0")
            entered = clerk.post(f"{API}/residents", json=NEWCOMER).json()
            first = next(stream)
            person = entered["resident"]["id"]
            assert (first.kind, first.data["subjects"]) == (
                "register_resident",
                [person],
            )
            clerk.post(f"{API}/residents/{person}/number")
            second = next(stream)
            assert second.kind == "assign_number"
            stream.close()
            clerk.post(f"{API}/residents/{person}/notices")
            again = follow(second.id)
            assert next(again).kind == "issue_notice"
            again.close()
