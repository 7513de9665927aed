"""Runs every measurement of this folder and prints what it found.

    python -m bench [NAME ...]

A module with ``run()`` gives rows of a table (what, ours, peer, ratio, target); one
without is a program of its own and is run as one. Figures are kept in
``bench/results``.
"""

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the modules named on the command line, or all."""
    there = sorted(
        path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")
    )
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(there)}")
    names = parser.parse_args().name
    if unknown := [name for name in names if name not in there]:
        parser.error(f"no such measurement: {', '.join(unknown)}")
    failed = 0
    for name in names or there:
        print(f"--- {name}", flush=True)
        module = importlib.import_module(f"bench.{name}")
        if not hasattr(module, "run"):
            program = HERE / f"{name}.py"
            failed += subprocess.run([sys.executable, program], check=False).returncode
            continue
        for what, ours, peer, ratio, target in module.run():
            print(f"{what:44} {ours:>16} {peer:>28} {ratio:>8.2f}   {target}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
