"""Mutation run over the rulebook: is each wrong change noticed by a test?

    .venv/bin/python tools/mutation/law.py             all modules and parameters
    .venv/bin/python tools/mutation/law.py days stay   these modules only
    .venv/bin/python tools/mutation/law.py validity.toml

Each mutant is written into a copy of the package, and a process of its own runs the
tests of its topic, then, if it lives, all tests of the rulebook. Ends with
status 1 when fewer than --least per cent are killed. Survivors are printed;
``--json FILE`` keeps the figures.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from mutants import Mutant, of_module, of_parameters

ROOT = Path(__file__).parents[2]
LAW = ROOT / "src" / "mynabox" / "law"
TESTS = ROOT / "tests" / "law"
_APART = ("test_mutation.py", "test_municipality.py")
SECONDS = 60
"""Longest a test run of one mutant may take; an endless loop counts as killed."""

_TESTS_OF = {
    "answer": ["validity", "pins"],
    "applications": ["applications"],
    "book": ["book"],
    "calendars": ["calendars"],
    "counters": ["counters"],
    "errands": ["errands"],
    "hotlines": ["hotlines"],
    "kiosks": ["kiosks"],
    "kiosk": ["kiosks"],
    "parameter": ["book"],
    "reading": ["book"],
    "rulebook": ["rules_table", "registry"],
    "number": ["numbers", "notices"],
    "application": ["applications", "errands"],
    "calendar": ["calendars", "moving", "hotlines"],
    "steps": ["errands"],
    "bring": ["errands"],
    "privacy": ["privacy"],
}


def mutants(names: list[str]) -> list[Mutant]:
    """The mutants of the named files, or of all."""
    files = sorted(LAW.glob("*.py")) + sorted((LAW / "params").glob("*.toml"))
    lists = ("rules.toml", "sources.toml", "holidays.toml", "municipality.py")
    found: list[Mutant] = []
    for path in files:
        wanted = (path.stem in names and path.suffix == ".py") or path.name in names
        if path.name in lists or (names and not wanted):
            continue
        file = path.relative_to(LAW).as_posix()
        make = of_module if path.suffix == ".py" else of_parameters
        found += make(file, path.read_text(encoding="utf-8"))
    return found


def first_tests(file: str) -> list[str]:
    """The tests that most likely notice a change of a file."""
    stem = Path(file).stem
    names = _TESTS_OF.get(stem, [stem])
    found = [TESTS / f"test_{name}.py" for name in names]
    return [str(path) for path in found if path.exists()] or [str(TESTS)]


def judge(mutant: Mutant) -> tuple[Mutant, bool]:
    """Whether a test notices the mutant."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "mynabox"
        package.mkdir()
        shutil.copy(ROOT / "src" / "mynabox" / "__init__.py", package)
        shutil.copytree(LAW, package / "law", ignore=shutil.ignore_patterns("*.pyc"))
        (package / "law" / mutant.file).write_text(mutant.text, encoding="utf-8")
        for tests in (first_tests(mutant.file), [str(TESTS)]):
            if run(folder, tests) != 0:
                return mutant, True
    return mutant, False


def run(folder: str, tests: list[str]) -> int:
    """The status of a test run that sees the copy; too slow is as good as red."""
    ignored = [f"--ignore={TESTS / name}" for name in _APART]
    # The copy holds the rulebook alone: without the fixtures that the product ships.
    flags = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:mynabox"]
    flags.append("--hypothesis-seed=0")
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", *flags, *ignored, *tests],
            cwd=ROOT,
            env=os.environ
            | {
                "PYTHONPATH": folder,
                "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/examples",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="modules, or files of parameters")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--least", type=float, default=90.0)
    parser.add_argument("--every", type=int, default=1, help="only each N-th mutant")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    todo = list(islice(mutants(asked.names), 0, None, asked.every))
    if not todo:
        parser.error("no such module or file of parameters")
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "mynabox"
        shutil.copytree(LAW, package / "law", ignore=shutil.ignore_patterns("*.pyc"))
        shutil.copy(ROOT / "src" / "mynabox" / "__init__.py", package)
        if run(folder, [str(TESTS)]) != 0:
            print("the tests fail without any change: mend that first")
            return 2
    killed: dict[str, list[bool]] = {}
    survivors = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        for mutant, dead in pool.map(judge, todo):
            killed.setdefault(mutant.file, []).append(dead)
            if not dead:
                survivors.append(mutant)
                print(f"survived  {mutant.file}:{mutant.line}  {mutant.what}")
    total = sum(len(found) for found in killed.values())
    dead_all = sum(sum(found) for found in killed.values())
    for file, found in killed.items():
        print(f"{file:32} {sum(found):4} of {len(found):4}")
    share = 100 * dead_all / total
    print(f"{'all':32} {dead_all:4} of {total:4}  {share:.1f} % killed")
    if asked.json:
        figures = {
            "total": total,
            "killed": dead_all,
            "per_file": {f: [sum(k), len(k)] for f, k in killed.items()},
            "survivors": [f"{m.file}:{m.line} {m.what}" for m in survivors],
        }
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0 if share >= asked.least else 1


if __name__ == "__main__":
    sys.exit(main())
