"""The clock and the row about it, which lie in two places, hold together."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.journal import NATIONWIDE, Row
from mynabox.settings import Settings
from mynabox.usecases.turn_clock import finish_turning, turn_clock
from mynabox.wiring import Home, open_home
from tests.boxes import NOW, box_in
from tests.kill_walk import When

ROOT = Path(__file__).parents[2]
THEN = datetime(2036, 12, 1, 9, 30, tzinfo=JST)

DEADLY = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from mynabox.settings import Settings
from mynabox.usecases.turn_clock import follow_clock, turn_clock
from mynabox.wiring import open_home
from tests.kill_walk import KillingStore
folder, turn, deadly, when = sys.argv[1:]
home = open_home(Settings(home=Path(folder)))
box = replace(home.box, store=KillingStore(home.store, int(deadly), when, 2))
if turn == "machine":
    follow_clock(box, home.clock, actor="nadia")
else:
    turn_clock(datetime.fromisoformat(turn), box, home.clock, actor="nadia")
"""
"""Turns the clock and is killed at its n-th commit, if it has as many."""


def turnings(home: Home) -> list[Row]:
    with home.box.store.look() as work:
        rows = list(work.journal.chain(NATIONWIDE))
    return [row for row in rows if row.entry.action == "turn_clock"]


def killed(folder: Path, turn: str, deadly: int, when: When) -> bool:
    """Whether there was such a commit; -9 is SIGKILL."""
    done = subprocess.run(
        [sys.executable, "-c", DEADLY, folder, turn, str(deadly), when],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


@pytest.mark.parametrize("turn", [THEN.isoformat(), "machine"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_turning_killed_at_any_commit(tmp_path: Path, turn: str, when: When) -> None:
    """is said once, by whoever opens the box next, or has not happened"""
    deadly, turned = 0, True
    while turned:
        deadly += 1
        folder = tmp_path / str(deadly)
        with box_in(folder, at=NOW):
            pass
        turned = killed(folder, turn, deadly, when)
        for _ in range(2):
            home = open_home(Settings(home=folder))
            now, ahead, rows = home.clock.now(), home.clock.ahead, turnings(home)
            with home.box.store.look() as work:
                reached = work.due.reached()
            home.close()
            if turn == "machine":
                there = ahead == timedelta()
            else:
                there = THEN <= now < THEN + timedelta(hours=1)
            assert len(rows) == there
            assert [row.entry.actor for row in rows] == ["nadia"] * len(rows)
            if there:
                said = rows[0].entry.facts["from"]
                assert NOW <= datetime.fromisoformat(said) < NOW + timedelta(hours=1)
                assert reached is not None
                assert NOW <= reached < NOW + timedelta(hours=1)
    assert deadly > 1
    assert there


def test_the_next_turning_says_the_one_before(tmp_path: Path) -> None:
    """by a program that has had the box open all the time, in their order"""
    with box_in(tmp_path / "box", at=NOW) as home:
        assert killed(home.path, THEN.isoformat(), 1, "before")
        assert turnings(home) == []
        turn_clock(NOW, home.box, home.clock)
        first, second = turnings(home)
        assert first.entry.actor == "nadia"
        assert first.entry.facts["from"].startswith(f"{NOW:%Y-%m-%d}")
        assert second.entry.facts["from"].startswith(f"{THEN:%Y-%m-%d}")
        finish_turning(home.box, home.clock)
        assert len(turnings(home)) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said.pop("turned"),
        lambda said: said.update(turned=7),
        lambda said: said.update(turned={"id": 7}),
        lambda said: said["turned"].pop("from"),
        lambda said: said["turned"].update({"from": "yesterday"}),
    ],
)
def test_a_file_that_tells_of_no_turning(
    tmp_path: Path, spoil: Callable[[dict[str, object]], object]
) -> None:
    """a box whose file somebody wrote by hand opens all the same, at its time"""
    with box_in(tmp_path / "box", at=NOW) as home:
        assert killed(home.path, THEN.isoformat(), 1, "before")
        said = json.loads(home.clock_file.read_bytes())
        spoil(said)
        home.clock_file.write_text(json.dumps(said))
        finish_turning(home.box, home.clock)
        assert turnings(home) == []
        assert home.clock.now().year == THEN.year
