"""Every "no" of the API: its status, its code, its words, and nothing secret."""

import pytest
from fastapi.testclient import TestClient

from mynabox.sandbox.specimen import SPECIMEN_MAIL
from mynabox.wiring import Home
from tests.api.conftest import Told
from tests.boxes import NOW
from tests.site import API, NEWCOMER, client_of

NOBODY = "res-aaaaaaaaaaaaaaaa"
NO_CARD = "0000000000000000"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"/residents/{NOBODY}", None, 404, "api.missing"),
        ("POST", f"/residents/{NOBODY}/number", None, 404, "api.missing"),
        ("POST", f"/residents/{NOBODY}/notices", None, 404, "api.missing"),
        ("POST", f"/residents/{NOBODY}/lost", None, 404, "api.missing"),
        ("GET", f"/cards/{NO_CARD}", None, 404, "api.missing"),
        ("GET", f"/cards/{NO_CARD}/front", None, 404, "api.missing"),
        ("GET", "/certificates/999999", None, 404, "api.missing"),
        ("GET", "/nothing-here", None, 404, "api.no_such_path"),
        ("DELETE", "/residents", None, 405, "api.method_not_allowed"),
        ("GET", "/residents?limit=0", None, 422, "api.request_shape"),
        ("GET", "/residents?after=%00", None, 422, "api.request_shape"),
        ("GET", "/residents/%27%3B--", None, 422, "api.request_shape"),
        ("POST", "/residents", {}, 422, "api.request_shape"),
        ("POST", "/residents", [], 422, "api.request_shape"),
        (
            "POST",
            "/residents",
            {**NEWCOMER, "born": "31/3/1990"},
            422,
            "register.date_form",
        ),
        (
            "POST",
            "/residents",
            {**NEWCOMER, "nationality": "BRA"},
            422,
            "register.nationality_against_status",
        ),
        (
            "POST",
            "/applications",
            {"application_id": "1234", "email": SPECIMEN_MAIL},
            422,
            "application.id_length",
        ),
        (
            "POST",
            "/applications",
            {"application_id": "1" * 23, "email": "nobody"},
            422,
            "application.mail_address_form",
        ),
        (
            "POST",
            "/applications/status",
            {"application_id": "Z" * 23},
            422,
            "application.id_not_digits",
        ),
        (
            "POST",
            "/applications/status",
            {"application_id": "12 34-5"},
            422,
            "application.id_length",
        ),
    ],
)
def test_nos(
    told: Told, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = told.client.request(method, f"{API}{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["type"] == f"urn:mynabox:problem:{code}"
    assert problem["status"] == status
    assert problem["detail"] != code, "there is a sentence for it"
    said = problem["detail"] + problem.get("next", "")
    assert "{" not in said, "every fact of the sentence is there"


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("ja", "ja"),
        ("ja-JP,en;q=0.5", "ja"),
        ("en;q=0.4, ja;q=0.9", "ja"),
        ("en-GB", "en"),
        ("xx-unknown", "en"),
        ("", "en"),
        (";;q=,,", "en"),
    ],
)
def test_the_sentence_is_in_the_language_asked_for(
    told: Told, asked: str, language: str
) -> None:
    answer = told.client.get(
        f"{API}/residents/{NOBODY}", headers={"accept-language": asked}
    )
    assert answer.headers["content-language"] == language
    japanese = "存在しません" in answer.json()["detail"]
    assert japanese is (language == "ja")


def test_a_refusal_says_rules_facts_and_what_to_do(told: Told) -> None:
    answer = told.client.post(
        f"{API}/applications",
        json={"application_id": told.application_id, "email": SPECIMEN_MAIL},
    )
    problem = answer.json()
    assert problem["code"] == "application.has_card"
    assert "R030" in problem["rules"]
    assert problem["facts"]["expires"] == told.card.expires.isoformat()
    assert problem["next"]


def test_the_number_wants_a_purpose_of_the_law(told: Told) -> None:
    for ask in (
        {"requester": "school", "purpose": "tax"},
        {"requester": "video_shop", "purpose": "membership"},
    ):
        for path in (
            f"/residents/{told.resident}/number/disclosure",
            f"/cards/{told.card.serial}/back",
        ):
            answer = told.client.post(f"{API}{path}", json=ask)
            assert (answer.status_code, answer.json()["code"]) == (
                422,
                "number.no_statutory_purpose",
            )


def test_the_back_of_the_card_is_written_down(told: Told) -> None:
    back = told.client.post(
        f"{API}/cards/{told.card.serial}/back",
        json={"requester": "bank", "purpose": "account"},
    )
    assert back.content.startswith(b"\x89PNG")
    assert back.headers["cache-control"] == "no-store"
    rows = told.client.get(f"{API}/journal/{told.resident}").json()
    last = rows[-1]
    assert (last["action"], last["actor"]) == ("disclose_number", "api")
    assert last["facts"]["purpose"] == "account"


def test_a_body_that_is_too_long_is_not_read(told: Told) -> None:
    long = b"x" * (8 * 1024 * 1024)
    announced = told.client.post(f"{API}/residents", content=long)
    in_pieces = told.client.post(
        f"{API}/residents",
        content=(long[at : at + 65536] for at in range(0, len(long), 65536)),
        headers={"content-type": "application/json"},
    )
    for answer in (announced, in_pieces):
        assert (answer.status_code, answer.json()["code"]) == (413, "api.too_long")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe{", "application/json"),
        (b'{"application": "\\ud800"}', "application/json"),
        (b'{"\\ud800": 1}', "application/json"),
        (b"[" * 5000, "application/json"),
        (b"", "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
    ],
)
def test_garbage_is_a_422(told: Told, body: bytes, kind: str) -> None:
    answer = told.client.post(
        f"{API}/cards", content=body, headers={"content-type": kind}
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_broken_multipart_is_a_400(told: Told) -> None:
    answer = told.client.post(
        f"{API}/applications/submission",
        content=b"--x\r\nContent-Disposition: form-data",
        headers={"content-type": "multipart/form-data"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "api.not_readable")


def test_a_day_before_every_rule_is_no_crash(home: Home) -> None:
    home.clock.set(NOW.replace(year=1999))
    client = client_of(home)
    old = {**NEWCOMER, "registered": "1998-04-01"}
    person = client.post(f"{API}/residents", json=old).json()["resident"]["id"]
    client.post(f"{API}/residents/{person}/number")
    answer = client.post(f"{API}/residents/{person}/notices")
    assert (answer.status_code, answer.json()["code"]) == (
        422,
        "api.no_rule_on_that_day",
    )


def test_the_register_is_read_page_by_page(told: Told, client: TestClient) -> None:
    assert client.get(f"{API}/residents").json() == {"residents": [], "next": None}
    seen: list[str] = []
    after = ""
    while True:
        page = told.client.get(
            f"{API}/residents", params={"after": after, "limit": 7}
        ).json()
        seen += [person["id"] for person in page["residents"]]
        if page["next"] is None:
            break
        assert len(page["residents"]) == 7
        after = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) > 20
    assert "number" not in page["residents"][0]
