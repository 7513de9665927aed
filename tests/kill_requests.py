"""A life over HTTP in a box that is killed with SIGKILL at every commit.

``python -m tests.kill_requests FOLDER [--database URL | --postgresql] [--until OPERATION]`` runs it
and ends with 1 if an answer that was heard was not the same later, or anything was done
twice or left half-done.

One box goes through the whole life. Each process that serves it is killed: one just
before its first commit, the next just after it, and so on, until nothing is left to be
committed. Whoever comes next repeats every request from the first one on under the same
idempotency keys, as a program does that does not know what became of them. The process
that forks must have no threads, so tests run this module by itself.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import event

from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import verify_journal
from mynabox.wiring import Home
from tests.boxes import NOW, box_in
from tests.life_over_http import Ask, life, told_by
from tests.postgresql import database_of_its_own
from tests.rings import fill
from tests.site import client_of, token_in

MADE_FOR_NOTHING = "chip_without_card"
"""A chip is made before its card is written down: a box that dies in between has a chip
that is nobody's, and `mynabox db check` names it."""

OF_THE_BOX = frozenset({"open_box"})
"""Rows that nobody asked for."""

DEATHS = 1000
"""More than this many mean that it never comes to an end."""


@contextmanager
def mortal(home: Home, when: str) -> Iterator[None]:
    """From now on this process dies at the first commit: just before it, or as soon as
    the connection is given back after it."""
    engine = home.store._writer.engine
    committed = False

    def commits(_: object) -> None:
        nonlocal committed
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        committed = True

    def given_back(*_: object) -> None:
        if committed:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "commit", commits)
    event.listen(engine, "checkin", given_back)
    yield


def serve_a_life(home: Home, pipe: int, until: str | None) -> None:
    """Ask everything from the first request on; each answer goes into the pipe before
    the next request is made."""
    deliver(home.box)  # what a served box does all the time
    client = client_of(home)
    asked = 0

    def ask(request: Ask) -> Any:
        nonlocal asked
        asked += 1
        key = {"Idempotency-Key": f"{asked}-{request.operation}"}
        answer = client.post(request.url, headers=key, **request.content)
        heard = [asked, request.operation, answer.status_code]
        line = json.dumps([*heard, sha256(answer.content).hexdigest()])
        os.write(pipe, f"{line}\n".encode())
        kind = answer.headers["content-type"]
        return answer.json() if kind == "application/json" else None

    for _ in told_by(life(lambda: token_in(home)), ask, until=until):
        pass
    deliver(home.box)


def what_is_wrong(home: Home, requests: int) -> list[str]:
    """Everything that is not as one life of so many requests leaves it."""
    problems = [
        str(finding)
        for finding in reconcile(home.box).findings
        if finding.code != MADE_FOR_NOTHING
    ]
    problems += [str(damage) for damage in verify_journal(home.box)]
    with home.store.look() as work:
        rows = sum(
            row.entry.action not in OF_THE_BOX
            for municipality in work.journal.municipalities()
            for row in work.journal.chain(municipality)
        )
        waiting = len(list(work.outbox.waiting()))
    if rows != requests:
        problems.append(f"{rows} rows in the journal for {requests} requests")
    if waiting:
        problems.append(f"{waiting} things were never sent")
    return problems


def in_child(
    folder: Path, database: str | None, until: str | None, when: str | None
) -> tuple[int, list[Any]]:
    """Serve in a forked process that dies when told; its wait status and what was
    heard of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 70
        try:
            # The clock goes on from where it stood: turned back, it would put what a
            # second municipality wrote before what the first one did.
            with box_in(folder, database=database) as home:
                if when is None:
                    count = int(until or 0)
                    for problem in what_is_wrong(home, count):
                        os.write(writing, f"{json.dumps(problem)}\n".encode())
                else:
                    with mortal(home, when):
                        serve_a_life(home, writing, until)
            status = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)
    os.close(writing)
    said = b""
    while part := os.read(reading, 65536):
        said += part
    os.close(reading)
    lines = [json.loads(line) for line in said.splitlines()]
    return os.waitpid(child, 0)[1], lines


def campaign(
    folder: Path, *, database: str | None = None, until: str | None = None
) -> tuple[int, int, list[str]]:
    """How often it was killed, how many requests the life has, and every problem."""
    place = folder / "box"
    fill()  # once, for every process that is forked from this one
    problems: list[str] = []
    heard: dict[int, Any] = {}
    with box_in(place, at=NOW, database=database):
        pass
    for deaths in range(DEATHS):
        when = ("before", "after")[deaths % 2]
        status, lines = in_child(place, database, until, when)
        for line in lines:
            nth, operation, code, _ = line
            if not 200 <= code < 300:
                problems.append(f"death {deaths}: {operation} was answered {code}")
            if heard.setdefault(nth, line) != line:
                problems.append(
                    f"death {deaths}: {operation} had another answer before"
                )
        if status == 0:
            break
        if not os.WIFSIGNALED(status) or problems:
            problems.append(f"death {deaths}: it broke by itself")
            return deaths, len(heard), problems
    else:
        problems.append("it never came to an end")
    status, found = in_child(place, database, str(len(heard)), None)
    problems += [f"at the end: {one}" for one in found]
    if status:
        problems.append("the box does not open")
    return deaths, len(heard), problems


def main(arguments: Sequence[str]) -> int:
    """Run the campaign as told; 1 if it found anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill_requests")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database")
    parser.add_argument("--postgresql", action="store_true", help="with its own server")
    parser.add_argument("--until")
    told = parser.parse_args(arguments)
    with database_of_its_own(told.postgresql) as own:
        kills, requests, problems = campaign(
            told.folder, database=own or told.database, until=told.until
        )
    end = f"{kills} kills, {requests} requests, {len(problems)} problems"
    sys.stdout.write("\n".join([*problems, end]) + "\n")
    return 1 if problems or not kills else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
