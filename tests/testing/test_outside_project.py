"""The example project's tests, run as an outsider runs them."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "examples" / "outside-project"


def test_the_tests_of_an_outside_project() -> None:
    """They take their fixtures from the installed package alone: 'make setup' after a
    change of entry points."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 passed" in done.stdout
    assert "skipped" not in done.stdout
