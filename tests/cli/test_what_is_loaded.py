"""Which of the heavy libraries a command loads, in a process of its own.

A command that begins to load one more becomes slow at once for everybody who types it:
the tables say who may.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from mynabox.cli import COMMANDS, SAYS, overview, program
from tests.boxes import PROGRAM, run

TELL = """
import json, sys
from mynabox.cli import main
words = sys.argv[1:]
sys.argv = ["mynabox", *words]
try:
    main()
except SystemExit:
    pass
roots = {name.partition(".")[0] for name in sys.modules}
ours = {name for name in sys.modules if name.startswith("mynabox.")}
configured = "structlog" in roots and sys.modules["structlog"].is_configured()
told = {"roots": sorted(roots), "ours": sorted(ours), "configured": configured}
sys.stderr.write("LOADED " + json.dumps(told))
"""
WEB = {"fastapi", "starlette", "uvicorn", "jinja2", "httpx2"}
PAPERS = {"typst", "PIL", "fontTools", "segno", "zxingcpp", "numpy", "cv2"}
SIGNING = {"asn1crypto", "pyhanko", "pyhanko_certvalidator", "pkcs11"}
STORE = {"sqlalchemy", "alembic", "psycopg"}
KEYS = {"cryptography", "argon2"}
LOG = {"structlog"}
WORDS = {"babel", "langcodes", "rich", "pydantic"}
SETTINGS = {"pydantic_settings"}
HEAVY = WEB | PAPERS | SIGNING | STORE | KEYS | LOG | WORDS | SETTINGS

WITHOUT_A_BOX: dict[tuple[str, ...], set[str]] = {
    (): set(),
    ("--help",): set(),
    ("--version",): set(),
    ("nonsense",): {"pydantic"},
    ("law", "--help"): WORDS,
    ("law", "list"): WORDS,
    ("law", "show", "R090"): WORDS,
    ("law", "number_valid", "number=123456789018"): WORDS | SETTINGS,
    ("ask", "lost"): WORDS | SETTINGS,
    ("ask", "--help"): WORDS,
    ("card", "insert", "--help"): WORDS,
    ("card", "list", "--help"): WORDS,
    ("clock", "--help"): WORDS,
    ("reader", "--help"): WORDS,
    ("ocsp", "serve", "--help"): WORDS,
    ("log", "--help"): WORDS | SETTINGS | STORE | KEYS | PAPERS,
    ("staff", "--help"): WORDS | KEYS,
    ("verifier", "--help"): WORDS,
}
A_BOX = WORDS | SETTINGS | STORE | KEYS
IN_A_BOX: dict[tuple[str, ...], set[str]] = {
    ("law", "number_valid", "number=123456789018"): A_BOX,
    ("ask", "lost"): A_BOX,
    ("card", "list"): A_BOX,
    ("card", "insert", "0123456789012345"): A_BOX,
    ("card", "eject"): A_BOX,
    ("reader", "env"): A_BOX,
    ("clock", "show"): A_BOX,
    ("resident", "list"): A_BOX,
    ("staff", "list"): A_BOX,
    ("verifier", "list"): A_BOX,
    ("log", "show"): A_BOX | PAPERS,
    ("card", "read", "--help"): A_BOX | SIGNING | LOG,
}


def loaded(*words: str, cwd: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", TELL, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stderr.rpartition("LOADED ")[2])
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a box in it."""
    folder = tmp_path_factory.mktemp("loaded")
    run(PROGRAM, "db", "init", "--home", folder / "box")
    yield folder


@pytest.mark.parametrize("words", WITHOUT_A_BOX, ids=" ".join)
def test_without_a_box(words: tuple[str, ...], tmp_path: Path) -> None:
    found = loaded(*words, cwd=tmp_path)
    assert set(found["roots"]) & HEAVY <= WITHOUT_A_BOX[words]


@pytest.mark.parametrize("words", IN_A_BOX, ids=" ".join)
def test_in_a_box(words: tuple[str, ...], place: Path) -> None:
    found = loaded(*words, cwd=place)
    assert set(found["roots"]) & HEAVY <= IN_A_BOX[words]


def test_what_answers_about_certificates_loads_nothing_that_makes_them() -> None:
    """the OCSP process: small, and there in less than a second"""
    modules = "mynabox.cli.ocsp, mynabox.wiring.home, mynabox.wiring.responding"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    roots = {name.partition(".")[0] for name in done.stdout.split()}
    assert roots & HEAVY <= A_BOX


def test_the_list_of_commands_loads_none_of_them(tmp_path: Path) -> None:
    assert set(loaded("--help", cwd=tmp_path)["ours"]) == {"mynabox.cli"}


@pytest.mark.parametrize("words", [("demo", "--help"), ("card", "trace", "--help")])
def test_who_logs_logs_to_standard_error(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    """The library's own ways would be standard output."""
    found = loaded(*words, cwd=tmp_path)
    assert "structlog" in found["roots"]
    assert found["configured"] is True


def test_the_list_says_what_the_commands_say() -> None:
    """The order included."""
    whole = get_command(program())
    told = {
        word: " ".join((command.help or "").split("\n\n")[0].split())
        for word, command in whole.commands.items()  # type: ignore[attr-defined]
    }
    assert list(told.items()) == list(SAYS.items())
    assert set(SAYS) == set(COMMANDS)
    assert list(get_command(overview()).commands) == list(SAYS)  # type: ignore[attr-defined]
