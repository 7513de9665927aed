"""Nothing acknowledged is lost when the process is killed at any commit.

The long form, before and after every one with everybody: ``make torture ARGS=kill``.
"""

import subprocess
import sys
from pathlib import Path

import pytest

PEOPLE = 3
SHARES = 3
EVERY = 3


@pytest.mark.parametrize("share", range(1, SHARES + 1))
def test_the_walk_survives_kill_9_at_its_commits(tmp_path: Path, share: int) -> None:
    """together these tests kill the walk at every third of its commits, in turns
    before and after it"""
    when = "before" if share % 2 else "after"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.kill_walk", tmp_path, str(PEOPLE)),
            *("--when", when, "--first", str(EVERY * share - 1)),
            *("--stride", str(EVERY * SHARES)),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    *problems, summary = done.stdout.splitlines() or [""]
    assert problems == [], done.stderr
    assert summary.endswith(" kills, 0 problems"), done.stdout + done.stderr
    assert int(summary.split()[0]) >= 4
