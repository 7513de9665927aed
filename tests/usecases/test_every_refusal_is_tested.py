"""No way to say no without a line in a table."""

import ast
from pathlib import Path

import pytest

import mynabox.usecases

USECASES = Path(mynabox.usecases.__file__).parent
HERE = Path(__file__)
TABLES = "\n".join(
    path.read_text("utf-8") for path in HERE.parent.glob("test_*.py") if path != HERE
)


def codes() -> set[tuple[str, str]]:
    """Every code that a use case gives a refusal by name, with its module."""
    found = set()
    for path in USECASES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("Refused", "NotPermitted", "NotSignedIn")
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add((path.stem, str(node.args[0].value)))
    return found


def test_there_are_codes() -> None:
    """the search itself finds what everybody knows"""
    assert ("receiving", "application.has_card") in codes()
    assert len(codes()) > 25


@pytest.mark.parametrize(("module", "code"), sorted(codes()))
def test_it_is_in_a_table(module: str, code: str) -> None:
    """some test in this folder names the code as what it expects"""
    assert f'"{code}"' in TABLES
