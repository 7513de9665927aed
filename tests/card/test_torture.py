"""The short form of the torture; the long one is a command of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from mynabox.iso7816 import SW
from tests.card.torture_apdus import torture


@pytest.mark.parametrize("seed", ["a", "b"])
def test_ten_thousand_steps(seed: str) -> None:
    words = torture(10_000, seed)
    assert words[SW.OK] > 1_000
    assert words[SW.REFERENCE_BLOCKED]
    assert words[SW.SECURE_DATA_WRONG]


def test_the_same_seed_is_the_same_conversation() -> None:
    assert torture(300, "again") == torture(300, "again")


def test_the_command_of_the_long_form() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.card.torture_apdus", "500", "seed"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("500 steps, every invariant held.")
