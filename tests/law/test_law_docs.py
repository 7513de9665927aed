"""The examples of docs/law.md are run."""

import re
import tomllib
from pathlib import Path

import pytest

from mynabox.law.registry import call, show

TEXT = (Path(__file__).parents[2] / "docs" / "law.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
TOML = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"^\$ mynabox law (.+)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("code", PYTHON)
def test_python(code: str) -> None:
    exec(compile(code, "docs/law.md", "exec"), {})


@pytest.mark.parametrize("text", TOML)
def test_toml(text: str) -> None:
    assert tomllib.loads(text)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_name_what_exists(command: str) -> None:
    """The functions of the examples answer; the command itself is tested with it."""
    name, *given = command.replace("--json", "").split()
    if name == "show":
        assert show(given[0])["statement"]
    elif name != "list":
        assert call(name, dict(pair.split("=", 1) for pair in given)).rules


def test_there_are_examples() -> None:
    assert len(PYTHON) == 2
    assert len(TOML) == 1
    assert len(COMMANDS) == 4
