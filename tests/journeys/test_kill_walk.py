"""Nothing acknowledged is lost when the process is killed at any commit.

The long form, before and after every one with everybody: ``make torture ARGS=kill``.
"""

import subprocess
import sys
from pathlib import Path

import pytest

PEOPLE = 3
SHARES = 4


@pytest.mark.parametrize("share", range(1, SHARES + 1))
def test_the_walk_survives_kill_9_at_every_commit(tmp_path: Path, share: int) -> None:
    """together these tests kill the walk at each of its commits: before the odd ones,
    after the even ones"""
    when = "before" if share % 2 else "after"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.kill_walk", tmp_path, str(PEOPLE)),
            *("--when", when, "--first", str(share), "--stride", str(SHARES)),
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
    assert int(summary.split()[0]) >= 8
