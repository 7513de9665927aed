"""What a person sees: tables and colours on a terminal, plain lines elsewhere."""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # most commands write a line or two, and not to a terminal
    from rich.console import Console

    from mynabox.lifecycle.life import Refused


@cache
def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=True, highlight=False)


def _terminal(stream: TextIO) -> bool:
    """Whether somebody looks at it, or wants colours all the same."""
    return stream.isatty() or "FORCE_COLOR" in os.environ


def _plainly(text: str, stream: TextIO) -> None:
    stream.write(harmless(text) + "\n")
    stream.flush()


def line(text: str = "") -> None:
    """One line, as it is."""
    _plainly(text, sys.stdout)


def good(text: str) -> None:
    """Something that went as it should."""
    if not _terminal(sys.stdout):
        _plainly(f"✓ {text}", sys.stdout)
        return
    from rich.markup import escape

    _console().print(f"[green]✓[/green] {escape(harmless(text))}", emoji=False)


def trouble(text: str) -> None:
    """Something that went wrong, on standard error."""
    if not _terminal(sys.stderr):
        _plainly(f"mynabox: {text}", sys.stderr)
        return
    from rich.markup import escape

    _console(stderr=True).print(
        f"[bold red]mynabox:[/bold red] {escape(harmless(text))}", emoji=False
    )


def remark(text: str) -> None:
    """Something beside the answer, on standard error."""
    _plainly(text, sys.stderr)


def harmless(text: str) -> str:
    """``text`` without what would command a terminal or turn its writing around:
    what comes from a file or a form may hold it. Line ends and tabs stay."""
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in _COMMANDS
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


_COMMANDS = {"Cc", "Cf", "Zl", "Zp"}


def as_json(value: object) -> None:
    """One JSON value for a program."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on a terminal; tab-separated lines with a header elsewhere."""
    if not _terminal(sys.stdout):
        for row in (columns, *rows):
            # Past rich, which makes spaces of tabs.
            sys.stdout.write("\t".join(_cell(text) for text in row) + "\n")
        return
    from rich.markup import escape
    from rich.table import Table

    grid = Table(title=escape(title), title_justify="left")
    for column in columns:
        grid.add_column(escape(column), overflow="fold")
    for row in rows:
        grid.add_row(*(escape(_cell(text)) for text in row))
    _console().print(grid, emoji=False)


def _cell(text: str) -> str:
    return harmless(" ".join(text.splitlines()).replace("\t", " "))


@contextmanager
def progress(what: str, total: int | None) -> Iterator["Counter"]:
    """A bar on a terminal; a line now and then elsewhere."""
    if _terminal(sys.stdout):
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=_console(),
            transient=True,
        )
        with bar:
            task = bar.add_task(what, total=total)
            yield Counter(lambda done: bar.update(task, completed=done))
        return
    yield Counter(lambda done: None if done % _EVERY else line(f"{what}: {done}"))


_EVERY = 10_000


class Counter:
    """Counts pieces of work that are done."""

    def __init__(self, tell: Callable[[int], object]) -> None:
        self._tell = tell
        self.done = 0

    def one(self) -> None:
        """One more is done."""
        self.reach(self.done + 1)

    def reach(self, done: int) -> None:
        """So many are done by now."""
        self.done = done
        self._tell(done)


def refusal(refused: "Refused", *, language: str = "en") -> str:
    """A refusal in words: what is wrong, by which rule, and what to do."""
    from mynabox.locale import knows, say

    text = say(language, refused.code, **refused.facts)
    if refused.rules:
        text += f" [{', '.join(refused.rules)}]"
    todo = f"{refused.code}.do"
    if knows(todo):
        text += f" {say(language, todo, **refused.facts)}"
    return text
