"""The short form of the mutation run: one module, each sixth small change.

The long form, over all modules and parameters, is ``tools/mutation/law.py``.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_small_wrong_changes_of_the_calendar_of_birthdays_are_noticed() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/mutation/law.py"), "days", "--every", "6"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "% killed" in done.stdout
