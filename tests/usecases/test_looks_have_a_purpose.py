"""No way to a number but those that are written down."""

import ast
from pathlib import Path

import mynabox

SOURCE = Path(mynabox.__file__).parent
READERS = {
    "adapters/store/numbering.py": "seals it, and finds it by its index",
    "api/numbers.py": "tells what disclose_number gave",
    "papers/face.py": "prints the back that show_back looked at",
    "papers/notice.py": "prints the notice, whose row says so",
    "sandbox/scenarios/staging.py": "tells what look_at_number gave",
    "sandbox/scenarios/told.py": "tells what look_at_number gave",
    "sandbox/story.py": "checks that numbers are valid and differ; shows none",
    "testing/session.py": "tells what look_at_number gave",
    "usecases/chip.py": "sets verification number A; produce_card's row says so",
    "usecases/chip_content.py": "writes the chip; produce_card's row says so",
}
"""Modules that read the digits of a number, and why none of them needs a purpose of
its own."""


def test_who_reads_the_digits_of_a_number() -> None:
    """a new one goes through look_at_number, or says here why it need not"""
    found = set()
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if name == "lifecycle/secret.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("digits", "grouped"):
                found.add(name)
    assert found == set(READERS)
