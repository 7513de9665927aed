"""What a person sees: tables and colours on a terminal, plain lines elsewhere."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mynabox.lifecycle.life import Refused
from mynabox.locale import knows, say

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def line(text: str = "") -> None:
    """One line, as it is."""
    out.print(escape(harmless(text)))


def good(text: str) -> None:
    """Something that went as it should."""
    out.print(f"[green]✓[/green] {escape(harmless(text))}")


def trouble(text: str) -> None:
    """Something that went wrong, on standard error."""
    err.print(f"[bold red]mynabox:[/bold red] {escape(harmless(text))}")


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
    if not out.is_terminal:
        for row in (columns, *rows):
            # Past rich, which makes spaces of tabs.
            sys.stdout.write("\t".join(_cell(text) for text in row) + "\n")
        return
    grid = Table(title=escape(title), title_justify="left")
    for column in columns:
        grid.add_column(escape(column), overflow="fold")
    for row in rows:
        grid.add_row(*(escape(_cell(text)) for text in row))
    out.print(grid)


def _cell(text: str) -> str:
    return harmless(" ".join(text.splitlines()).replace("\t", " "))


@contextmanager
def progress(what: str, total: int | None) -> Iterator["Counter"]:
    """A bar on a terminal; a line now and then elsewhere."""
    if out.is_terminal:
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
            console=out,
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


def refusal(refused: Refused, *, language: str = "en") -> str:
    """A refusal in words: what is wrong, by which rule, and what to do."""
    text = say(language, refused.code, **refused.facts)
    if refused.rules:
        text += f" [{', '.join(refused.rules)}]"
    todo = f"{refused.code}.do"
    if knows(todo):
        text += f" {say(language, todo, **refused.facts)}"
    return text
