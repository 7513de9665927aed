"""Rulebook and guide over HTTP: the same answers, and problems that say which."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mynabox.api import guide, law
from mynabox.api.problem import answer_with_problems
from mynabox.guide import FACTS, TOPICS
from mynabox.law import registry, rulebook
from tests.boxes import NOW, box_in
from tests.guide.commands import run


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An application of these routes alone, over a box whose clock stands still."""
    with box_in(tmp_path_factory.mktemp("law") / "box", at=NOW) as home:
        app = FastAPI()
        answer_with_problems(app)
        app.include_router(law.routes(home.box))
        app.include_router(guide.routes(home.box))
        yield TestClient(
            app, base_url="http://127.0.0.1", raise_server_exceptions=False
        )


CARD = {
    "born": "2003-06-01",
    "applied": "2022-04-01",
    "issued": "2022-04-10",
    "residence_status": "japanese",
}


def test_a_function_answers_as_the_command_does(client: TestClient) -> None:
    over_http = client.get("/law/card_expiry", params=CARD).json()
    words = " ".join(f"{name}={value}" for name, value in CARD.items())
    on_the_line = json.loads(run(f"mynabox law card_expiry {words} --json").out)
    over_http.pop("as_of")
    on_the_line.pop("as_of")
    assert over_http == on_the_line
    assert over_http["value"] == "2031-06-01"


def test_numbers_and_pins_can_travel_in_the_body(client: TestClient) -> None:
    asked = client.post("/law/number_valid", json={"number": "123456789018"})
    assert asked.json()["value"] is True
    form = client.post("/law/pin_form", json={"kind": "signature", "value": "abc"})
    assert form.json()["value"]["allowed"] is False
    assert "abc" not in form.text


def test_a_refusal_is_an_answer(client: TestClient) -> None:
    asked = client.get(
        "/law/copy_card", params={"side": "back", "purpose": "id", "consent": "yes"}
    )
    assert asked.status_code == 200
    assert asked.json()["value"]["allowed"] is False
    assert asked.json()["next"] == "copy.front_in_the_sleeve"
    assert asked.json()["next_text"] == "Copy the front, with the card in its sleeve."


@pytest.mark.parametrize(
    ("path", "params", "argument"),
    [
        ("/law/card_expiry", {**CARD, "born": "x"}, "born"),
        ("/law/card_expiry", {**CARD, "shoe_size": "43"}, "shoe_size"),
        ("/law/card_expiry", {"born": "2003-06-01"}, "applied"),
        ("/law/nothing", {}, "name"),
        ("/law/renewal_opens", {"expiry": "0001-01-02"}, "arguments"),
        ("/law/rules/R999", {}, "rule"),
        ("/guide", {}, "topic"),
        ("/guide", {"topic": "everything"}, "topic"),
        ("/guide", {"topic": "lost", "at": "teatime"}, "at"),
        ("/guide", {"topic": "lost", "at": "9999-12-31T23:59-12:00"}, "at"),
        ("/guide", {"topic": "lost", "language": "fr"}, "language"),
        ("/guide", {"topic": "lost", "born": "x"}, "born"),
        ("/guide", {"topic": "lost", "shoe_size": "43"}, "shoe_size"),
        ("/guide", {"topic": "renamed", "changed_on": "9999-12-31"}, "facts"),
    ],
)
def test_a_wrong_argument_is_a_problem_that_says_which(
    client: TestClient, path: str, params: dict[str, str], argument: str
) -> None:
    refused = client.get(path, params=params)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "api.bad_argument"
    assert problem["facts"]["argument"] == argument
    assert problem["facts"]["accepted"]
    other = {"accept-language": "th"}
    thai = client.get(path, params=params, headers=other).json()
    assert thai["facts"]["argument"] == argument
    assert argument in thai["detail"]
    assert thai["facts"]["accepted"] in thai["detail"]
    assert thai["facts"]["accepted"] != problem["facts"]["accepted"]


def test_a_day_that_no_rule_reaches_is_a_problem(client: TestClient) -> None:
    params = {
        "line": "0120-0178-27",
        "language": "en",
        "topic": "card",
        "at": "2015-11-02T20:00",
    }
    refused = client.get("/law/line_open", params=params)
    assert refused.json()["code"] == "api.no_rule_on_that_day"


def test_the_box_clock_stands_in_for_the_moment(client: TestClient) -> None:
    """The clock of the box stands at a Friday, 15:00."""
    asked = client.get(
        "/law/line_open",
        params={"line": "0120-0178-27", "language": "en", "topic": "card"},
    )
    assert asked.json()["value"] == "open"
    assert asked.json()["as_of"] == f"{NOW:%Y-%m-%d}"
    assert client.get("/guide", params={"topic": "lost"}).json()["as_of"] == (
        f"{NOW:%Y-%m-%d}"
    )


def test_every_function_and_every_rule_is_listed(client: TestClient) -> None:
    listed = client.get("/law").json()
    assert [function["name"] for function in listed] == list(registry.FUNCTIONS)
    needed = {
        argument["name"]
        for function in listed
        for argument in function["arguments"]
        if argument["needed"]
    }
    assert "born" in needed and "at" not in needed
    rules = client.get("/law/rules", headers={"accept-language": "ja"}).json()
    assert len(rules) == len(rulebook.statements())
    assert rules[0]["statement"].startswith("住民票")
    shown = client.get("/law/rules/R090").json()
    assert shown["from"] <= "2022-04-01"
    assert any(value["is"] == 18 for value in shown["values"])


def test_the_guide_answers_as_the_command_does(client: TestClient) -> None:
    params = {"topic": "lost", "language": "vi", "at": "2026-11-21T02:00"}
    over_http = client.get("/guide", params=params).json()
    command = "mynabox ask lost --language vi --at 2026-11-21T02:00 --json"
    on_the_line = json.loads(run(command).out)
    over_http.pop("as_of")
    on_the_line.pop("as_of")
    assert over_http == on_the_line


def test_the_language_is_negotiated_unless_named(client: TestClient) -> None:
    params = {"topic": "lost"}
    headers = {"accept-language": "zh-TW, en;q=0.5"}
    found = client.get("/guide", params=params, headers=headers).json()
    assert found["language"] == "zh-Hant"
    topics = client.get("/guide/topics", headers={"accept-language": "ja"}).json()
    assert [topic["topic"] for topic in topics] == list(TOPICS)
    assert {"topic": "lost", "title": "カードをなくした"} in topics


def test_the_description_tells_every_fact_and_what_it_takes(client: TestClient) -> None:
    described: dict[str, Any] = client.get("/openapi.json").json()
    parameters = described["paths"]["/guide"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in parameters}
    assert {"topic", "language", "at", *FACTS} == set(by_name)
    assert by_name["topic"]["schema"]["enum"] == list(TOPICS)
    assert by_name["born"]["schema"]["format"] == "date"
    assert "signature" in by_name["pin"]["schema"]["enum"]
    called = described["paths"]["/law/{name}"]
    assert {"get", "post"} <= set(called)
