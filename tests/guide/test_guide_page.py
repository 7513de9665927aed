"""The page on the guide: every command runs, and says what the page shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guide.commands import run

PAGE = Path(__file__).parents[2] / "docs" / "guide.md"


def shown() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The commands of each block, with the output shown after it."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)
    for (kind, text), (after, output) in zip(
        blocks, [*blocks[1:], ("", "")], strict=True
    ):
        if kind == "sh":
            lines = output.splitlines() if after == "text" else []
            yield tuple(text.splitlines()), tuple(lines)


@pytest.mark.parametrize(("commands", "output"), list(shown()))
def test_the_commands_run_and_say_what_the_page_shows(
    commands: tuple[str, ...], output: tuple[str, ...]
) -> None:
    told = [run(command) for command in commands]
    assert [each.status for each in told] == [0] * len(commands)
    for line in output:
        assert line in told[-1].out.splitlines(), line


def test_the_page_shows_commands_of_both_kinds() -> None:
    commands = [command for block, _ in shown() for command in block]
    assert sum(command.startswith("mynabox ask") for command in commands) >= 8
    assert sum(command.startswith("mynabox law") for command in commands) >= 6
