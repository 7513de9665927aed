"""Eight processes at the same person, application or card in the same moment.

``python -m tests.races FOLDER [--database URL | --postgresql] [--lives N] [--desks N]`` runs it and
ends with 1 if not exactly one of them did each thing, if one that did not was not told
so, or if the box does not tell one story in the end.

Every process opens the box by itself, as desks of different offices do. Before each
request of a life all of them line up; then all send it, in one of these ways, which
change from request to request and from life to life:

=========  ==================================================================
alone      each under a key of its own: so many clerks who want the same
retried    all under the same key: one clerk's request, sent again and again
read       each with the version that all have read before
=========  ==================================================================

A form is also sent from the page for applicants by every second desk: two channels.
The process that forks must have no threads, so tests run this module by itself.
"""

import argparse
import json
import multiprocessing as mp
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.identity import link_hash
from mynabox.sandbox.specimen import SPECIMEN_MAIL
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import verify_journal
from mynabox.wiring import Home
from tests.boxes import NOW, box_in
from tests.life_over_http import Ask, life, told_by
from tests.postgresql import database_of_its_own
from tests.site import API, LINK, NEWCOMER, client_of
from tests.usecases.places import record_codes

WAYS = ("alone", "retried", "read")
PATIENCE = 120.0

REFUSED = {
    "issueNotice": {"notice.never_reissued"},
    "noteNotice": {"notice.not_possible_now"},
    "submitApplication": {"application.link_used"},
    "acceptApplication": {"application.reviewed_already"},
    "produceCard": {
        "production.application_not_ready",
        "production.card_waits_already",
    },
    "handOverCard": {"hand_over.not_waiting"},
    "reportLost": {"lost.already_stopped"},
    "reportFound": {"card.not_possible_now"},
    "reissueCertificates": {"certificates.none_lacking"},
    "stopCertificates": {"certificates.none_to_stop"},
    "reportCompromise": {"certificates.none_to_stop"},
    "changeParticulars": {"particulars.nothing_new"},
    "changeResidence": {"particulars.nothing_new"},
    "returnCard": {"card.not_possible_now"},
    "leaveRegister": {"resident.not_possible_now"},
}
"""What happens once, and what those hear who come too late."""
AGREED = {"registerResident", "assignNumber"}
"""What happens once, and all hear so."""
STRICT = REFUSED.keys() | AGREED | {"resetPins"}
"""Of those who have read the same, one does it."""


@dataclass(frozen=True)
class Turn:
    """What one desk does next."""

    ask: Ask
    headers: dict[str, str]
    page: bool = False


@dataclass(frozen=True)
class Heard:
    """What it heard; a form on a page that was taken leads on to another page."""

    status: int
    code: str
    body: bytes
    page: bool = False

    @property
    def done(self) -> bool:
        return self.status == 303 if self.page else self.status in (200, 201)


def desk(folder: Path, database: str | None, line: Any, pipe: Connection) -> None:
    """One process: it does what it is told as soon as all have lined up."""
    with box_in(folder, at=NOW, database=database) as home:
        client = client_of(home)
        while (turn := pipe.recv()) is not None:
            line.wait(PATIENCE)
            pipe.send(_done(client, turn))


def _done(client: TestClient, turn: Turn) -> Heard:
    if turn.page:
        data = turn.ask.content["data"]
        form = {
            f"{name}-{unit}": part
            for name in ("born", "photo_taken")
            for unit, part in zip(
                ("year", "month", "day"), data[name].split("-"), strict=True
            )
        }
        shown = client.post(
            f"/apply/{data['token']}",
            data=form,
            files=turn.ask.content["files"],
            follow_redirects=False,
        )
        return Heard(shown.status_code, "", b"", page=True)
    answer = client.post(turn.ask.url, headers=turn.headers, **turn.ask.content)
    code = answer.json()["code"] if answer.is_error else ""
    return Heard(answer.status_code, code, answer.content)


class NobodyDid(Exception):
    """All were refused, so the life cannot go on."""


@dataclass
class Race:
    """A life, raced through."""

    home: Home
    desks: list[Connection]
    problems: list[str]
    nth: int
    code: str
    asked: int = 0
    raced: int = 0
    by_page: int = 0

    def rows(self) -> int:
        with self.home.store.look() as work:
            return sum(head.sequence for head in work.journal.heads())

    def ask(self, ask: Ask) -> Any:
        """Have all desks do it; the answer of the one that did."""
        self.asked += 1
        way = WAYS[(self.nth + self.asked) % len(WAYS)]
        tag = self._tag(ask) if way == "read" else None
        if way == "read" and tag is None:
            way = "alone"
        turns = [self._turn(ask, way, tag, place) for place in range(len(self.desks))]
        before = self.rows()
        for pipe, turn in zip(self.desks, turns, strict=True):
            pipe.send(turn)
        heard = [pipe.recv() for pipe in self.desks]
        deliver(self.home.box)
        self._judge(ask.operation, way, heard, self.rows() - before)
        self.raced += 1
        good = [one for one in heard if one.done and not one.page]
        if not good and not any(one.done for one in heard):
            raise NobodyDid(self.problems)
        if not good:  # the page was first: the answer is what it left
            return self._left()
        kind = good[0].body[:1]
        return json.loads(good[0].body) if kind in (b"{", b"[") else None

    def _turn(self, ask: Ask, way: str, tag: str | None, place: int) -> Turn:
        own = f"{self.nth}-{self.asked}"
        headers = {"Idempotency-Key": own if way == "retried" else f"{own}-{place}"}
        if tag is not None:
            headers["If-Match"] = tag
        page = ask.operation == "submitApplication" and way == "alone" and place % 2
        return Turn(ask, headers, bool(page))

    def _tag(self, ask: Ask) -> str | None:
        """The version of what a request is about, as all desks read it."""
        kind, key = ask.path.split("/")[1:3] if ask.path.count("/") > 1 else ("", "")
        if kind not in ("residents", "cards"):
            return None
        read = client_of(self.home).get(f"{API}/{kind}/{key}")
        return read.headers.get("etag")

    def _left(self) -> Any:
        with self.home.store.look() as work:
            (person,) = [
                person.id
                for person in work.residents.list(limit=1000)
                if person.record_code == self.code
            ]
            (one,) = work.applications.of(person)
        return client_of(self.home).get(f"{API}/applications/{one.id}").json()

    def _judge(self, what: str, way: str, heard: list[Heard], rows: int) -> None:
        """Note what is not as it must be."""
        where = f"life {self.nth}: {what} {way}"
        codes = Counter(one.code or str(one.status) for one in heard)
        done = sum(one.done for one in heard)
        self.by_page += sum(one.done and one.page for one in heard)
        if any(one.status >= 500 for one in heard):
            self.problems.append(f"{where}: broken {codes}")
        if way == "retried":
            answers = {one.body for one in heard if one.status in (200, 201)}
            others = set(codes) - {"200", "201", "api.key_in_progress"}
            if rows != 1 or len(answers) != 1 or others:
                self.problems.append(f"{where}: {rows} rows, {codes}")
        elif way == "read" and what in STRICT:
            changed = codes["api.changed_meanwhile"]
            late = sum(codes[code] for code in REFUSED.get(what, ()))
            if rows != 1 or done != 1 or done + changed + late != len(heard):
                self.problems.append(f"{where}: {rows} rows, {codes}")
        elif what in REFUSED:
            pages = sum(one.page and not one.done for one in heard)
            told = sum(codes[code] for code in REFUSED[what])
            if rows != 1 or done != 1 or done + told + pages != len(heard):
                self.problems.append(f"{where}: {rows} rows, {codes}")
        elif what in AGREED:
            if rows != 1 or done != len(heard):
                self.problems.append(f"{where}: {rows} rows, {codes}")
        elif done != rows or not done or not all(_answered(one) for one in heard):
            # What may be done by each of them: a row for each that was, none for others.
            self.problems.append(f"{where}: {rows} rows, {codes}")


def _answered(one: Heard) -> bool:
    return one.done or one.status in (409, 412, 422)


def token_that_opens(home: Home) -> str:
    """Of all links that were mailed: every new one made the one before it useless."""
    with home.store.look() as work:
        (token,) = {
            found[1]
            for text in home.mail.texts(SPECIMEN_MAIL)
            if (found := LINK.search(text))
            and (one := work.applications.by_link(link_hash(found[1])))
            and one.state is ApplicationState.OPENED
        }
    return token


def race(
    folder: Path,
    *,
    database: str | None = None,
    lives: int,
    desks: int,
    first: int = 0,
    until: str | None = None,
) -> tuple[int, list[str]]:
    """So many lives by so many desks; how many races, and every problem."""
    place = folder / "box"
    fork = mp.get_context("fork")
    line = fork.Barrier(desks)
    pipes, processes = [], []
    for _ in range(desks):
        ours, theirs = fork.Pipe()
        process = fork.Process(target=desk, args=(place, database, line, theirs))
        pipes.append(ours)
        processes.append(process)
    with box_in(place, at=NOW, database=database):
        pass
    for process in processes:
        process.start()
    problems: list[str] = []
    raced = 0
    try:
        with box_in(place, at=NOW, database=database) as home:
            codes = record_codes()
            for nth in range(first, first + lives):
                code = next(codes)
                race = Race(home, pipes, problems, nth, code=code)
                newcomer = {**NEWCOMER, "record_code": code}
                requests = life(lambda: token_that_opens(home), newcomer=newcomer)
                with suppress(NobodyDid):
                    for _ in told_by(requests, race.ask, until=until):
                        pass
                raced += race.raced
            problems += [str(found) for found in reconcile(home.box).findings]
            problems += [str(damage) for damage in verify_journal(home.box)]
    finally:
        for pipe in pipes:
            pipe.send(None)
        for process in processes:
            process.join()
    return raced, problems


def main(arguments: Sequence[str]) -> int:
    """Run the races as told; 1 if they found anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.races")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database")
    parser.add_argument("--postgresql", action="store_true", help="with its own server")
    parser.add_argument("--lives", type=int, default=1)
    parser.add_argument("--desks", type=int, default=8)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--until")
    told = parser.parse_args(arguments)
    with database_of_its_own(told.postgresql) as own:
        raced, problems = race(
            told.folder,
            database=own or told.database,
            lives=told.lives,
            desks=told.desks,
            first=told.first,
            until=told.until,
        )
    end = f"{raced} races, {len(problems)} problems"
    sys.stdout.write("\n".join([*problems, end]) + "\n")
    return 1 if problems or not raced else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
