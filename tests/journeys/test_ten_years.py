"""Ten years of a box in one step, killed again and again on the way, in both databases."""

import os
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from mynabox.lifecycle.outgoing import Carrier
from mynabox.sandbox.scenarios import stage
from mynabox.usecases.box_duties import do_duties
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.turn_clock import turn_clock
from mynabox.wiring import Home
from tests.boxes import NOW, PROGRAM, box_in

LATER = NOW.replace(year=2036)
Told = tuple[list[tuple[str, str, str]], list[tuple[datetime, str]]]


def told(home: Home) -> Told:
    """Every letter, and every duty of the journal in its order."""
    deliver(home.box)
    assert reconcile(home.box).findings == ()
    with home.box.store.look() as work:
        letters = [
            (f"{one.created:%Y-%m-%d}", one.title, one.to)
            for one in work.outbox.sent(carrier=Carrier.POST, limit=1000)
            if one.title == "ending"
        ]
        rows = tuple(work.journal.rows("082201", after=0, limit=1000))
        duties = [
            (row.entry.at, row.entry.action) for row in rows if row.entry.actor == "box"
        ]
    return letters, duties


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What ten years bring if nothing disturbs them."""
    with box_in(tmp_path_factory.mktemp("at-once") / "box", at=NOW) as home:
        stage("fresh", home.box)
        turn_clock(LATER, home.box, home.clock)
        do_duties(home.box)
        return told(home)


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]
)
def test_killed_after_each_duty(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, at_once: Told
) -> None:
    """each run is killed with kill -9 as soon as it has told of a duty; together they do
    what one run does, once and in order"""
    url = None
    if database == "postgresql":
        url = request.getfixturevalue("postgresql")
    folder = tmp_path / "box"
    with box_in(folder, at=NOW, database=url) as home:
        stage("fresh", home.box)
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    if url is not None:
        environment["MYNABOX_DATABASE"] = url
    kills = 0
    step = ("set", f"{LATER:%Y-%m-%dT%H:%M}")
    while True:
        with subprocess.Popen(
            [PROGRAM, "clock", *step, "--home", folder],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as program:
            assert program.stdout is not None
            line = program.stdout.readline()
            if "JST" in line:
                break
            program.kill()
        kills += 1
        step = ("advance", "1min")
    assert program.returncode == 0
    assert kills >= 3
    with box_in(folder, database=url) as home:
        letters, duties = told(home)
    assert sorted(letters) == sorted(at_once[0])
    assert [name for _, name in duties] == [name for _, name in at_once[1]]
    assert [at for at, _ in duties] == sorted(at for at, _ in duties)
