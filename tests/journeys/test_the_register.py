"""The register over HTTP, in a file and in PostgreSQL: births, households, corrections,
searches; how a record read before is never lost."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mynabox.lifecycle.registration import (
    COLUMNS,
    GUARDIAN_COLUMNS,
    HOUSEHOLD_COLUMNS,
)
from mynabox.wiring import Home
from tests.boxes import NOW
from tests.site import API, NEWCOMER, client_of

CODES = ("20000000001", "20000000010", "20000000028")
MOTHER = {
    **NEWCOMER,
    "record_code": "20000000001",
    "name": "髙橋 花子",
    "kana": "タカハシ ハナコ",
    "sex": "female",
    "household": "H-1",
    "relation": "head",
}
GUEST = {
    **NEWCOMER,
    "record_code": "20000000028",
    "name": "GARCÍA LÓPEZ MARÍA",
    "kana": "",
    "roman": "GARCIA LOPEZ MARIA",
    "alias": "安藤 マリア",
    "nationality": "PER",
    "residence_status": "mid_long_term",
    "stay_until": "2027-11-20",
}


@pytest.fixture
def client(home: Home) -> TestClient:
    return client_of(home)


def entered(client: TestClient, **person: str) -> str:
    answer = client.post(f"{API}/residents", json=person)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["resident"]["id"])


def found(client: TestClient, **asked: Any) -> list[str]:
    answer = client.post(f"{API}/residents/search", json=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["residents"]]


def test_born_numbered_and_found(home: Home, client: TestClient) -> None:
    """R001, R113: a child enters the mother's household with a code of its own, gets a
    number and a notice; a child of another nationality may stay 60 days"""
    mother = entered(client, **MOTHER)
    birth = {"name": "髙橋 さくら", "kana": "タカハシ サクラ", "sex": "female"}
    url = f"{API}/residents/{mother}/births"
    early = client.post(url, json={**birth, "born": "2999-01-01"})
    assert early.json()["code"] == "register.born_in_future"
    before = client.post(url, json={**birth, "born": "1980-01-01"})
    assert before.json()["code"] == "register.registered_before_birth"
    child = client.post(url, json={**birth, "born": "2026-11-18"})
    assert child.status_code == 201, child.text
    said = child.json()
    assert (said["household"], said["relation"], said["cause"], said["address"]) == (
        "H-1",
        "child",
        "born",
        MOTHER["address"],
    )
    assert client.post(f"{API}/residents/{said['id']}/number").status_code == 200
    assert client.post(f"{API}/residents/{said['id']}/notices").status_code == 201
    last = "2027-01-17"
    other = client.post(
        url, json={**birth, "born": "2026-11-18", "nationality": "VNM"}
    ).json()
    assert (other["residence_status"], other["stay_until"]) == (
        "birth_transitional",
        last,
    )
    late = client.post(url, json={**birth, "born": "2026-09-20", "nationality": "VNM"})
    assert late.json()["code"] == "register.stay_over"
    assert found(client, name="たかはし さくら", born="2026-11-18") == sorted(
        [said["id"], other["id"]]
    )
    home_of = client.get(f"{API}/residents/{said['id']}/household").json()
    assert [one["relation"] for one in home_of] == ["head", "child", "child"]


def test_one_head_for_each_household(home: Home, client: TestClient) -> None:
    mother = entered(client, **MOTHER)
    other = entered(client, **{**NEWCOMER, "record_code": "20000000010"})
    url = f"{API}/residents/{other}/household"
    alone = client.post(url, json={"relation": "child"})
    assert alone.json()["code"] == "household.head_first"
    joined = client.post(url, json={"household": "H-1", "relation": "spouse"})
    assert [one["relation"] for one in joined.json()] == ["spouse"]
    same = client.post(url, json={"household": "H-1", "relation": "spouse"})
    assert same.json()["code"] == "particulars.nothing_new"
    leads = {"household": "H-1", "relation": "head", "former_head": "spouse"}
    led = client.post(url, json=leads).json()
    assert [(one["id"], one["relation"]) for one in led] == [
        (other, "head"),
        (mother, "spouse"),
    ]
    client.post(
        f"{API}/residents/{other}/particulars",
        json={"address": "茨城県つくば市天王台一丁目1番地1"},
    )
    apart = client.post(
        f"{API}/residents/{mother}/household",
        json={"household": "H-1", "relation": "parent"},
    )
    assert apart.json()["code"] == "household.not_together"
    split = client.post(f"{API}/residents/{other}/household", json={"relation": "head"})
    assert split.json()[0]["household"].startswith("hh-")
    second = client.post(
        f"{API}/residents",
        json={**MOTHER, "record_code": "20000000028"},
    )
    assert second.status_code == 201  # the first head is a spouse now
    third = client.post(f"{API}/residents", json={**MOTHER, "record_code": CODES[2]})
    assert third.status_code == 200
    twice = client.post(
        f"{API}/residents", json={**MOTHER, "record_code": "31415926530"}
    )
    assert twice.status_code == 409


def test_put_right_and_the_former_reading_kept(home: Home, client: TestClient) -> None:
    """names byte for byte, in the order in which they were so; nothing in between"""
    guest = entered(client, **GUEST)
    url = f"{API}/residents/{guest}/particulars"
    for change in (
        {"name": "GARCÍA LÓPEZ MARÍA JOSÉ", "happened": "2026-11-02"},
        {"alias": ""},
        {"born": "1991-03-31", "sex": "female"},
        {"kana": "ガルシア ロペス マリア"},
    ):
        assert client.post(url, json=change).status_code == 200
    refused = client.post(url, json={"born": "2999-01-01"})
    assert refused.json()["code"] == "register.born_in_future"
    assert client.post(url, json={"name": "a\u0007b"}).json()["code"] == (
        "register.control_character"
    )
    stay = client.post(
        f"{API}/residents/{guest}/residence",
        json={"residence_status": "permanent", "decided": "2026-11-10"},
    )
    assert (stay.json()["stay_until"], stay.json()["cause"]) == (None, "residence")
    said = client.get(f"{API}/residents/{guest}/history").json()
    assert [
        (one["nth"], one["until"], one["record"]["name"], one["record"]["alias"])
        for one in said
    ] == [
        (1, "2026-11-02", "GARCÍA LÓPEZ MARÍA", "安藤 マリア"),
        (2, "2026-11-20", "GARCÍA LÓPEZ MARÍA JOSÉ", "安藤 マリア"),
        (3, "2026-11-20", "GARCÍA LÓPEZ MARÍA JOSÉ", None),
        (4, "2026-11-20", "GARCÍA LÓPEZ MARÍA JOSÉ", None),
        (5, "2026-11-10", "GARCÍA LÓPEZ MARÍA JOSÉ", None),
    ]
    assert found(client, name="あんどう") == []
    assert found(client, name="安藤") == [guest]
    assert found(client, name="安藤", former_names=False) == []


def test_looked_for(home: Home, client: TestClient) -> None:
    """in any script and order, all that is given at once, nobody else"""
    mother = entered(client, **MOTHER)
    guest = entered(client, **GUEST)
    everybody = sorted([mother, guest])
    table: list[tuple[dict[str, Any], list[str]]] = [
        ({"name": "高橋"}, [mother]),
        ({"name": "はなこ たかはし"}, [mother]),
        ({"name": "ﾀｶﾊｼ"}, [mother]),
        ({"name": "maria garcia"}, [guest]),
        ({"name": "Lóp"}, [guest]),
        ({"name": "高橋 maria"}, []),
        ({"born": "1990-03-31"}, everybody),
        ({"born": "1990-03-31", "name": "高"}, [mother]),
        ({"born": "1990-04-01"}, []),
        ({"address": "茨城県つくば市"}, everybody),
        ({"address": "箱の内", "municipality": "082201"}, everybody),
        ({"address": "箱の内"}, []),
        ({"name": "高橋", "municipality": "011002"}, []),
        ({"name": "'; DROP TABLE residents; --"}, []),
    ]
    for asked, who in table:
        assert found(client, **asked) == who, asked
    for nothing in ({}, {"name": "  "}, {"name": "-", "address": ""}):
        refused = client.post(f"{API}/residents/search", json=nothing)
        assert refused.json()["code"] == "search.nothing_asked"
    first = client.post(
        f"{API}/residents/search", json={"born": "1990-03-31", "limit": 1}
    ).json()
    assert found(client, born="1990-03-31", after=first["next"]) == everybody[1:]


def test_looked_for_by_number(home: Home, client: TestClient) -> None:
    """R011: not without a purpose; the look stands in the owner's access log"""
    guest = entered(client, **{**GUEST, "number": "123456789018"})
    url = f"{API}/residents/search/number"
    asked = {"number": "1234 5678 9018", "requester": "municipality"}
    refused = client.post(url, json={**asked, "purpose": "curiosity"})
    assert refused.json()["code"] == "number.no_statutory_purpose"
    wrong = client.post(
        url, json={**asked, "number": "123456789012", "purpose": "correction"}
    )
    assert wrong.json()["code"] == "register.number_check_digit"
    assert "123456789012" not in wrong.text
    who = client.post(url, json={**asked, "purpose": "correction"}).json()
    assert [one["id"] for one in who["residents"]] == [guest]
    nobody = client.post(
        url, json={**asked, "number": "621498320257", "purpose": "correction"}
    ).json()
    assert nobody["residents"] == []
    looks = client.get(f"{API}/residents/{guest}/access-log").json()["looks"]
    assert [(one["purpose"], one["what"]) for one in looks] == [
        ("correction", "register")
    ]


def test_a_lost_status_ends_the_record(home: Home, client: TestClient) -> None:
    """R124; who has a status again comes back with the same record"""
    guest = entered(client, **GUEST)
    url = f"{API}/residents/{guest}/departure"
    gone = client.post(url, json={"event": "status_lost"})
    assert (gone.json()["state"], gone.json()["cause"]) == ("deleted", "left")
    again = client.post(url, json={"event": "status_lost"})
    assert again.json()["code"] == "resident.not_possible_now"
    late = client.post(f"{API}/residents/{guest}/particulars", json={"name": "X"})
    assert late.json()["code"] == "register.not_registered"
    back = client.post(f"{API}/residents", json={**GUEST, "registered": "2026-11-20"})
    assert (back.json()["how"], back.json()["resident"]["id"]) == ("returned", guest)


def test_given_out_and_taken_in(home: Home, client: TestClient) -> None:
    """bulk, both ways: line by line with reasons; what was given out changes nothing
    when it comes back; no number is in it, and the journal says who asked"""
    header = ",".join(COLUMNS + HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS)
    people: list[dict[str, str]] = [
        {**MOTHER, "name": "\U00020bb7田 花子", "number": "123456789018"},
        {**GUEST, "stay_until": "2026-11-20"},
        {**NEWCOMER, "municipality": "011002", "name": '箱"田, 太郎'},
        {**MOTHER, "record_code": "20000000010", "stay_until": "2030-01-01"},
    ]
    file = StringIO()
    csv.writer(file).writerows(
        [one.get(column, "") for column in header.split(",")] for one in people
    )
    url = f"{API}/residents/import"
    kind = {"content-type": "text/csv"}
    told = client.post(
        url, content=f"{header}\r\n{file.getvalue()}".encode(), headers=kind
    )
    assert [(one["line"], one["refused"]) for one in told.json()["lines"]] == [
        (2, None),
        (3, None),
        (4, None),
        (5, "register.stay_without_limit"),
    ]
    assert told.json()["lines"][3]["next"] == "Leave the last day of stay empty."
    out = client.get(f"{API}/residents/export")
    assert out.headers["content-type"] == "text/csv; charset=utf-8"
    first, *lines = out.text.splitlines()
    assert (first, len(lines)) == (header, 3)
    assert '"箱""田, 太郎"' in out.text
    assert "\U00020bb7田 花子" in out.text
    assert "123456789018" not in out.text
    again = client.post(url, content=out.content, headers=kind).json()
    assert {one["taken"] for one in again["lines"]} == {"already_there"}
    here = client.get(f"{API}/residents/export", params={"municipality": "011002"})
    assert len(here.text.splitlines()) == 2
    with home.box.store.look() as work:
        rows = [row.entry.action for row in work.journal.chain("011002")]
        assert rows == ["register_resident", "export_residents"]
    home.clock.set(NOW + timedelta(days=1))
    late = client.post(url, content=out.content, headers=kind).json()
    assert [one["refused"] for one in late["lines"] if one["refused"]] == [
        "register.stay_over"
    ]
