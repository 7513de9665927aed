"""Many desks at once, and a box that is killed while it is asked: short forms of two
campaigns (``make torture``)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNTIL = {"sqlite": "produceCard", "postgresql": "openApplication"}
"""Where the short form of the requests under kill -9 ends."""


def campaign(module: str, *told: str | Path) -> list[str]:
    """Run a campaign in a process without threads; what it says at its end, in words."""
    done = subprocess.run(
        [sys.executable, "-m", module, *told],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    *problems, summary = done.stdout.splitlines() or [""]
    assert problems == [], done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    return summary.split()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> list[str | Path]:
    """The folder of the box, and its database if that is another."""
    if request.param == "sqlite":
        return [tmp_path]
    return [tmp_path, "--database", request.getfixturevalue("postgresql")]


def test_eight_desks_and_one_has_done_it(place: list[str | Path]) -> None:
    """from the register to a card that was found again, each request in one of three
    ways; all others are told"""
    races, *_ = campaign("tests.races", *place, "--until", "reportFound")
    assert int(races) >= 12


def test_answers_outlive_kill_9(
    place: list[str | Path], request: pytest.FixtureRequest
) -> None:
    """killed before and after every commit: what was answered once is answered ever
    after, and everything is done once"""
    until = UNTIL[request.node.callspec.params["place"]]
    kills, _, requests, *_ = campaign("tests.kill_requests", *place, "--until", until)
    assert int(requests) >= 5
    assert int(kills) > 2 * int(requests)
