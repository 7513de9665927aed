"""Nothing acknowledged is lost when the process is killed at any commit."""

from pathlib import Path

import pytest

from tests.kill_walk import When, campaign

PEOPLE = 3
SHARES = 3


@pytest.mark.parametrize("share", range(1, SHARES + 1))
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_walk_survives_kill_9_at_every_commit(
    tmp_path: Path, when: When, share: int
) -> None:
    """together these tests kill the walk before and after each of its commits"""
    kills, problems = campaign(
        tmp_path, people=PEOPLE, when=(when,), first=share, stride=SHARES
    )
    assert problems == []
    assert kills >= 10
