"""The client: it says what the API says, and a change is done once whatever gets lost."""

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mynabox.client import Client, Problem, Unreachable
from mynabox.lifecycle.registration import COLUMNS
from mynabox.wiring import Home
from tests.boxes import NOW, box_in
from tests.site import NEWCOMER, client_of, says, served_site
from tests.usecases.places import record_codes

ROOT = Path(__file__).parents[2]
NOBODY = "res-aaaa"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Shared: every test brings its own people."""
    with box_in(tmp_path_factory.mktemp("client") / "box", at=NOW) as opened:
        yield opened


codes = record_codes()


def newcomer() -> dict[str, str]:
    return {**NEWCOMER, "record_code": next(codes)}


def rows(home: Home) -> int:
    with home.store.look() as work:
        return sum(head.sequence for head in work.journal.heads())


def test_the_client_is_what_the_api_describes() -> None:
    """after a change of the API: python tools/client/generate.py"""
    made = runpy.run_path(str(ROOT / "tools" / "client" / "generate.py"))
    for path, text in made["written"]().items():
        assert path.read_text("utf-8") == text, path.name


class Line(httpx2.BaseTransport):
    """A line to the box on which things get lost: before they arrive, or after."""

    def __init__(self, home: Home, *troubles: str | int) -> None:
        self.box = client_of(home)
        self.troubles = list(troubles)
        self.sent: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "no way there":
            raise httpx2.ConnectError("refused", request=request)
        if trouble == "busy":
            problem = {"status": 503, "code": "api.busy"}
            return httpx2.Response(503, json=problem, headers={"retry-after": "3"})
        again = httpx2.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = self.box.send(again)
        if trouble == "answer lost":
            raise httpx2.ReadTimeout("nothing came", request=request)
        if trouble == "broken off":
            raise httpx2.RemoteProtocolError("half of it", request=request)
        return httpx2.Response(
            answer.status_code, headers=answer.headers, content=answer.read()
        )


Over = Callable[..., tuple[Client, Line, list[float]]]


@pytest.fixture
def over(home: Home) -> Over:
    """A client over a line with these troubles, the line, and how long it waited."""

    def made(*troubles: str | int, **other: Any) -> tuple[Client, Line, list[float]]:
        waited: list[float] = []
        line = Line(home, *troubles)
        http = httpx2.Client(base_url="http://127.0.0.1:8780", transport=line)
        return Client(http=http, pause=waited.append, **other), line, waited

    return made


@pytest.mark.parametrize(
    "troubles",
    [
        (),
        ("answer lost",),
        ("broken off", "broken off"),
        ("no way there", "answer lost", "busy"),
        ("busy",),
    ],
)
def test_what_gets_lost_is_done_once(
    home: Home, over: Over, troubles: tuple[str, ...]
) -> None:
    """asked again under the same key; the answer is that of the first time"""
    client, line, waited = over(*troubles)
    before = rows(home)
    entered = client.register_resident(**newcomer())
    assert entered["how"] == "registered"
    assert rows(home) == before + 1
    assert len(line.sent) == len(waited) + 1 == len(troubles) + 1
    keys = {request.headers["idempotency-key"] for request in line.sent}
    assert len(keys) == 1
    client.assign_number(entered["resident"]["id"])
    assert line.sent[-1].headers["idempotency-key"] not in keys


def test_a_form_is_sent_again_as_it_was(over: Over) -> None:
    """with its file: the refusal of the first time is heard the second time"""
    client, line, _ = over("answer lost")
    with says("application.link_unknown"):
        client.submit_application(
            token="x" * 30, born="1990-03-31", photo_taken="2026-11-01", photo=b"\xff"
        )
    first, again = line.sent
    assert first.read() == again.read()


def test_nobody_there(over: Over) -> None:
    """in the end it is said so, with the key for asking later"""
    client, line, waited = over(*["no way there"] * 9, attempts=3)
    with pytest.raises(Unreachable) as caught:
        client.register_resident(**newcomer())
    assert len(line.sent) == 3
    assert waited == [0.2, 0.4]
    assert caught.value.key == line.sent[0].headers["idempotency-key"]


def test_a_change_taken_up_by_another_process(home: Home, over: Over) -> None:
    """whoever kept the key hears what was answered to the one that died"""
    body = newcomer()
    client, _, _ = over(*["answer lost"] * 9)
    with pytest.raises(Unreachable) as caught:
        client.register_resident(**body)
    before = rows(home)
    other, _, _ = over()
    done = other.register_resident(**body, idempotency_key=caught.value.key)
    assert done["how"] == "registered"
    assert rows(home) == before


def test_how_long_it_waits(over: Over) -> None:
    """as the box says; a busy box is asked as often as told, then it is a problem"""
    client, line, waited = over(*["busy"] * 9, attempts=3)
    with pytest.raises(Problem) as caught:
        client.get_clock()
    assert (caught.value.status, caught.value.code) == (503, "api.busy")
    assert waited == [3.0, 3.0]
    assert len(line.sent) == 3


def test_what_cannot_be_repeated_is_not(over: Over) -> None:
    """a password is sent once, unless the box was not even reached"""
    client, line, _ = over("answer lost")
    with pytest.raises(Unreachable):
        client.sign_in(name="hanako", password="correct horse battery")
    assert len(line.sent) == 1
    client, line, _ = over("no way there")
    with says("authority.wrong_name_or_password"):
        client.sign_in(name="hanako", password="correct horse battery")
    assert len(line.sent) == 2


def test_a_no_with_all_it_says(over: Over) -> None:
    client, _, waited = over(language="de, vi")
    person = client.register_resident(**newcomer())["resident"]["id"]
    with pytest.raises(Problem) as caught:
        client.issue_notice(person)
    told = caught.value
    assert (told.status, told.code) == (422, "notice.no_number_yet")
    assert told.rules == ("R001", "R007")
    assert told.next
    assert told.detail in str(told)
    with pytest.raises(Problem) as caught:
        client.report_lost("nonsense!")
    assert caught.value.errors[0]["where"] == ["path", "resident"]
    assert waited == [], "a no is not asked again"


def test_pages_are_turned_as_they_are_read(over: Over) -> None:
    client, line, _ = over()
    for _ in range(5):
        client.register_resident(**newcomer())
    asked = len(line.sent)
    people = client.list_residents(municipality="082201", limit=2)
    first = [next(people)["id"], next(people)["id"]]
    assert len(line.sent) == asked + 1
    rest = [person["id"] for person in people]
    assert len({*first, *rest}) == len(first) + len(rest) >= 5
    whole = [person["id"] for person in client.list_residents(municipality="082201")]
    assert whole == [*first, *rest]
    journal = list(client.list_journal(first[0], limit=1))
    assert journal[0]["action"] == "register_resident"


def test_two_who_read_the_same(over: Over) -> None:
    client, _, _ = over()
    person = client.register_resident(**newcomer())["resident"]["id"]
    read = client.get_resident(person)
    assert read.value["name"] == NEWCOMER["name"]
    client.change_particulars(person, address="箱の内一丁目", if_match=read.etag)
    with says("api.changed_meanwhile", 412):
        client.change_particulars(person, address="箱の内二丁目", if_match=read.etag)


def test_other_contents(over: Over) -> None:
    """rules with arguments, a register file, an end without an answer"""
    client, _, _ = over()
    day = {"born": "2003-06-01", "applied": "2022-04-01", "issued": "2022-04-10"}
    arguments = {**day, "residence_status": "japanese"}
    assert client.call_law("card_expiry", arguments=arguments)["rules"]
    assert client.call_law_in_body("number_valid", arguments={"number": "1"})["rules"]
    line = ",".join(newcomer().get(column, "") for column in COLUMNS)
    told = client.import_residents(file=f"{','.join(COLUMNS)}\n{line}\n".encode())
    assert (told["taken"], told["refused"]) == (1, 0)
    client.sign_out()
    with says("api.missing", 404):
        client.get_resident(NOBODY)


def test_what_happens_is_followed(tmp_path: Path) -> None:
    """over a real connection; a stream that is broken off goes on where it was"""
    with served_site(tmp_path / "box") as (_, address), Client(address) as client:
        entered = client.register_resident(**newcomer())
        events = client.follow_events(
            municipality="082201", last_event_id="082201.0", seconds=30
        )
        first = next(events)
        assert first.action == "register_resident"
        assert first.subjects == (entered["resident"]["id"],)
        client.assign_number(entered["resident"]["id"])
        second = next(events)
        assert (second.action, second.sequence) == ("assign_number", 2)
        there = client.follow_events(
            municipality="082201", last_event_id=first.id, seconds=0
        )
        assert list(there) == [second]
        with says("api.bad_argument"):
            next(client.follow_events(seconds=0))
