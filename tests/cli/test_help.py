"""Every command says what it does and shows how."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.main import get_command

from mynabox.cli import program
from tests.cli.conftest import Mynabox

app = program()
HOLDER = "31415926530"


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its words, groups included; not every single rule."""

    def below(words: tuple[str, ...], command: Any) -> Iterator[tuple[Any, Any]]:
        yield words, command
        for name, other in getattr(command, "commands", {}).items():
            if words != ("law",):  # made from the rulebook, with tests of their own
                yield from below((*words, name), other)

    yield from below((), get_command(app))


ALL = dict(commands())
LEAVES = {
    words: command for words, command in ALL.items() if not hasattr(command, "commands")
}


def test_there_are_commands() -> None:
    """the table below is not empty"""
    assert isinstance(app, typer.Typer)
    assert {("demo",), ("serve",), ("log", "verify")} <= set(LEAVES)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help(mynabox: Mynabox, words: tuple[str, ...]) -> None:
    """ends well, tells what it is for, and every option has a line"""
    for option in ("--help", "-h"):
        said = mynabox(*words, option)
        assert (said.status, said.err) == (0, "")
        assert said.out.startswith("Usage: mynabox")
        assert len(said.out.split("\n\n")[1].strip()) > 10
        assert "Traceback" not in said.out
    for parameter in ALL[words].params:
        for name in (*parameter.opts, *parameter.secondary_opts):
            if parameter.param_type_name == "option" and not parameter.hidden:
                assert name in said.out


def _needs_words(command: Any) -> bool:
    return any(one.param_type_name == "argument" for one in command.params)


@pytest.mark.parametrize(
    "words",
    [words for words, command in LEAVES.items() if _needs_words(command)],
    ids=" ".join,
)
def test_an_example_for_what_takes_arguments(
    mynabox: Mynabox, words: tuple[str, ...]
) -> None:
    """one that can be copied"""
    said = mynabox(*words, "--help").out
    assert "Example" in said
    assert f"mynabox {' '.join(words)}" in " ".join(
        said.partition("Example")[2].split()
    )


@pytest.mark.parametrize(
    "words",
    [words for words, command in ALL.items() if words not in LEAVES],
    ids=lambda words: " ".join(words) or "mynabox",
)
def test_a_group_alone_shows_its_help(mynabox: Mynabox, words: tuple[str, ...]) -> None:
    """nobody has to guess what comes next"""
    said = mynabox(*words)
    assert "Commands:" in said.out + said.err


@pytest.mark.parametrize(
    "words", [("fly",), ("card", "fly"), ("demo", "--fly"), ("clock", "set")]
)
def test_what_does_not_exist(mynabox: Mynabox, words: tuple[str, ...]) -> None:
    """status 2, on standard error, with the way to the help"""
    said = mynabox(*words)
    assert (said.status, said.out) == (2, "")
    assert "Try 'mynabox" in said.err


def test_the_version(mynabox: Mynabox) -> None:
    """one line"""
    said = mynabox("--version")
    assert (said.status, said.out.split()[0]) == (0, "mynabox")
    assert len(said.out.splitlines()) == 1
