"""Long campaigns, one after the other: ``make torture``, or ``ARGS=reader`` for one.

Each has a short form in ``make test``. The exit status is 1 if one found anything.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
CAMPAIGNS = {
    "card": ("tests.card.torture_apdus", "1000000"),
    "reader": ("tests.reader.torture_rounds", "1000"),
    "pcscd": ("tests.interop.torture_pcscd", "1000"),
    "pki": ("tests.pki.test_fuzz", "150000"),
    "entrances": ("tests.api.torture_entrances", "1000000"),
    "kill": ("tests.kill_walk", "{folder}", "41"),
    "requests": ("tests.kill_requests", "{folder}"),
    "requests-postgresql": ("tests.kill_requests", "{folder}", "--postgresql"),
    "races": ("tests.races", "{folder}", "--lives", "60"),
    "races-postgresql": ("tests.races", "{folder}", "--lives", "60", "--postgresql"),
    "town": ("tests.town_over_http", "200", "60"),
    "town-postgresql": ("tests.town_over_http", "40", "60", "--postgresql"),
    "properties": (
        "pytest",
        *("-m", "hypothesis", "--hypothesis-profile=wild", "-q", "-n", "2"),
    ),
    "law": ("tools.mutation.law",),
}
"""Name of a campaign, its module, and what it is told."""


def main(wanted: list[str]) -> int:
    """Run the campaigns named, or all; how many found something."""
    unknown = [name for name in wanted if name not in CAMPAIGNS]
    if unknown:
        print(f"no such campaign: {', '.join(unknown)}; there are", *CAMPAIGNS)
        return 2
    failed = []
    for name in wanted or CAMPAIGNS:
        module, *told = CAMPAIGNS[name]
        print(f"== {name}: python -m {module} {' '.join(told)}", flush=True)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mynabox-torture-") as folder:
            told = [part.format(folder=folder) for part in told]
            command = [sys.executable, "-m", module, *told]
            ended = subprocess.run(command, cwd=ROOT, check=False).returncode
        print(
            f"== {name}: {'held' if ended == 0 else 'FOUND SOMETHING'} "
            f"after {time.monotonic() - started:.0f} s",
            flush=True,
        )
        if ended:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
