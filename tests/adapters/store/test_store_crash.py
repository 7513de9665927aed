"""Processes that write are killed; what they had been told is there.

The children are forked in a process of their own, so that the tests' process, with
its threads, never forks.
"""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from mynabox.adapters.store import open_store
from mynabox.lifecycle.journal import verify
from tests.number_secrets import secret

JOURNAL_KEY = bytes(range(32))
YOKOHAMA = "141003"

LIFE = """
import os, signal, sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from mynabox.adapters.store import open_store
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import ResidenceStatus, Resident, Sex

from tests.number_secrets import secret
PLACE, KEY = Path(sys.argv[1]), bytes(range(32))
NOON = datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=9)))


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def register(work, name):
    shard, counter = work.numbers.reserve("141003")
    work.residents.add(
        Resident(
            id=name, record_code=f"{counter:011}", municipality="141003",
            name="見本　花子", kana=None, roman=None, alias=None,
            born=date(1990, 4, 1), sex=Sex.FEMALE, address="見本町1",
            nationality="JPN", residence_status=ResidenceStatus.JAPANESE,
            stay_until=None, registered=NOON.date(),
        )
    )
    work.outbox.add(
        Outgoing(
            id=f"out-{name}", carrier=Carrier.POST, municipality="141003",
            to="見本町1", title="notice", content=bytes(20_000), created=NOON,
        )
    )
    work.journal.write(
        Entry(
            municipality="141003", at=NOON, actor="box", action="register",
            subjects=(name,), facts={},
        )
    )


def child(life):
    pid = os.fork()
    if pid == 0:
        try:
            life()
        finally:
            os._exit(1)
    return pid
"""


def run(script: str, *arguments: str) -> Any:
    """What the script printed last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", LIFE + script, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check(place: Path, *, expected: set[str] | None = None) -> set[str]:
    """Everybody in the box; with every person a letter, a counter and a row."""
    with closing(
        open_store(place, journal_key=JOURNAL_KEY, number_secret=secret)
    ) as store:
        with store.look() as look:
            people = {each.id for each in look.residents.list(limit=100_000)}
            letters = {each.id for each in look.outbox.waiting(limit=100_000)}
            rows = list(look.journal.chain(YOKOHAMA))
            heads = {head.municipality: head for head in look.journal.heads()}
        damage = verify(
            rows, heads.get(YOKOHAMA), municipality=YOKOHAMA, key=JOURNAL_KEY
        )
        with store.work() as work:
            counter = work.numbers.reserve(YOKOHAMA)[1]
    assert damage == []
    assert letters == {f"out-{name}" for name in people}
    assert {row.entry.subjects[0] for row in rows} == people
    assert len(rows) == len(people)
    assert expected is None or people == expected
    assert counter >= len(people)
    engine = create_engine(f"sqlite:///{place}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
    return people


@pytest.mark.parametrize(
    ("life", "left"),
    [
        ("with store.work() as work: register(work, 'b'); die()", {"a"}),
        ("with store.work() as work: register(work, 'b')\n    die()", {"a", "b"}),
        (
            """with store.work() as work: register(work, 'b')
    with store.work() as work: register(work, 'c'); die()""",
            {"a", "b"},
        ),
        ("work = store.work(); register(work.__enter__(), 'b'); die()", {"a"}),
        ("with store.look() as look: list(look.residents.list()); die()", {"a"}),
    ],
    ids=[
        "before the commit",
        "right after the commit",
        "in the second transaction",
        "in an abandoned transaction",
        "in a look",
    ],
)
def test_killed_at_a_certain_point(tmp_path: Path, life: str, left: set[str]) -> None:
    place = tmp_path / "box.sqlite"
    script = f"""
store = open_store(PLACE, journal_key=KEY, number_secret=secret)
with store.work() as work: register(work, "a")
store.close()

def life():
    store = open_store(PLACE, journal_key=KEY, number_secret=secret)
    {life}

ended = os.waitpid(child(life), 0)[1]
print(os.WTERMSIG(ended))
"""
    assert run(script, str(place)) == 9
    check(place, expected=left)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Two writers at a time in thirty rounds, killed after some milliseconds; each told
    through a pipe whom it had registered."""
    place = tmp_path / "box.sqlite"
    script = """
import json, time
open_store(PLACE, journal_key=KEY, number_secret=secret).close()
told = []
for turn in range(30):
    pids, pipes = [], []
    for writer in "xy":
        reading, writing = os.pipe()

        def life():
            store = open_store(PLACE, journal_key=KEY, number_secret=secret)
            for nth in range(10_000):
                name = f"{turn:02}-{writer}-{nth:04}"
                with store.work() as work:
                    register(work, name)
                os.write(writing, f"{name} ".encode())

        pids.append(child(life))
        os.close(writing)
        pipes.append(os.fdopen(reading, "rb"))
    if turn % 2:  # of a pair that is at work; else wherever it has come to
        told += [pipe.read(len("00-x-0000 ")).decode().strip() for pipe in pipes]
    time.sleep(0.02 + 0.0037 * turn)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid, pipe in zip(pids, pipes):
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == 9
        with pipe:
            told += pipe.read().decode().split()
print(json.dumps(told))
"""
    told = run(script, str(place))
    there = check(place)
    assert set(told) <= there
    # Committed and killed before it could say so: at most one of each writer.
    assert len(there - set(told)) <= 60
    assert len(there) >= 30
    assert {name.split("-")[1] for name in there} == {"x", "y"}


def test_killed_while_the_tables_are_made(tmp_path: Path) -> None:
    place = tmp_path / "box.sqlite"
    script = """
import json, time
import alembic.command
killed = 0
for turn in range(25):
    for old in PLACE.parent.iterdir():
        old.unlink()
    pid = child(lambda: (open_store(PLACE, journal_key=KEY, number_secret=secret), os._exit(0)))
    time.sleep(0.001 * turn)
    os.kill(pid, signal.SIGKILL)
    killed += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    store = open_store(PLACE, journal_key=KEY, number_secret=secret)
    with store.work() as work:
        register(work, "a")
    store.close()
print(json.dumps(killed))
"""
    assert run(script, str(place)) > 5
    check(place, expected={"a"})
