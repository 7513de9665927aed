"""The demo's walk, killed with SIGKILL at every commit of its store in turn.

``python -m tests.kill_walk FOLDER [PEOPLE]`` runs the campaign and ends with 1 if
anything acknowledged was lost, done twice or left half-done.

Every round forks: the child tells the story until it is killed at its n-th commit,
just before or just after it; another child goes on with what it finds. What was
acknowledged before the kill is known from a pipe, which outlives the child. The
process that forks must have no threads, so tests run this module by itself.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mynabox.ports import Work
from mynabox.sandbox.story import Setting, steps
from mynabox.settings import Settings
from mynabox.usecases.show import show_resident, verify_journal
from mynabox.wiring import Home, open_home
from tests.around import Around
from tests.boxes import setting_in
from tests.rings import fill, with_keys_of_a_ring

When = Literal["before", "after"]


@dataclass
class KillingStore(Around):
    """A store whose process dies at its n-th commit; tells what was committed."""

    deadly: int
    when: When
    pipe: int
    commits: int = 0

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            yield work
            self.commits += 1
            if self.commits == self.deadly and self.when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            heads = [
                (head.municipality, head.sequence) for head in work.journal.heads()
            ]
        if self.commits == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        for municipality, sequence in heads:
            os.write(self.pipe, f"{municipality} {sequence}\n".encode())


@contextmanager
def opened(folder: Path) -> Iterator[Home]:
    """The box in a folder, made if need be; the story opens it by itself."""
    home = open_home(Settings(home=folder), create=True)
    try:
        yield with_keys_of_a_ring(home)
    finally:
        home.close()


def small(setting: Setting, people: int) -> Setting:
    """The story with fewer people in the register."""
    return replace(
        setting,
        register=setting.register[: people + 1],
        mistakes=setting.mistakes[:4],
    )


def tell(home: Home, people: int) -> None:
    """The whole story, from wherever the box stands."""
    for step in steps():
        for _ in step.run(small(setting_in(home), people)):
            pass


def _in_child(run: "Run") -> tuple[int, bytes]:
    """Run in a forked child; its wait status and what it wrote into the pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 70
        try:
            run(writing)
            status = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)
    os.close(writing)
    said = b""
    while part := os.read(reading, 65536):
        said += part
    os.close(reading)
    return os.waitpid(child, 0)[1], said


class Run:
    """Something to do in a child, given the pipe's end to write to."""

    def __call__(self, pipe: int) -> None:
        raise NotImplementedError


@dataclass
class Deadly(Run):
    folder: Path
    people: int
    deadly: int
    when: When

    def __call__(self, pipe: int) -> None:
        with opened(self.folder) as home:
            store = KillingStore(home.store, self.deadly, self.when, pipe)
            tell(replace(home, box=replace(home.box, store=store)), self.people)


@dataclass
class Again(Run):
    folder: Path
    people: int

    def __call__(self, pipe: int) -> None:
        with opened(self.folder) as home:
            for problem in check(home):
                os.write(pipe, f"! {problem}\n".encode())
            with home.store.look() as work:
                for head in work.journal.heads():
                    os.write(pipe, f"{head.municipality} {head.sequence}\n".encode())
            tell(home, self.people)
            hero = show_resident(setting_in(home).hero, home.box)
            counts = (len(hero.notices), len(hero.applications), len(hero.cards))
            if counts != (1, 1, 1):
                os.write(pipe, f"! done twice: {counts}\n".encode())
            for problem in check(home):
                os.write(pipe, f"! at the end: {problem}\n".encode())


def check(home: Home) -> list[str]:
    """What is wrong with a box, whatever has happened to it."""
    return [
        f"journal {one.municipality} {one.sequence} {one.what}"
        for one in verify_journal(home.box)
    ]


def campaign(
    folder: Path,
    *,
    people: int,
    when: Sequence[When] = ("before", "after"),
    first: int = 1,
    stride: int = 1,
) -> tuple[int, list[str]]:
    """Kill the walk at every commit from ``first`` on by ``stride``; how many kills,
    and every problem found."""
    fill()  # once, for every process that is forked from this one
    problems: list[str] = []
    kills = 0
    for moment in when:
        deadly = first - stride
        while True:
            deadly += stride
            place = folder / f"{moment}-{deadly}"
            status, said = _in_child(Deadly(place, people, deadly, moment))
            if status == 0:
                break
            where = f"killed {moment} commit {deadly}"
            if not os.WIFSIGNALED(status):
                problems.append(f"{where}: the story broke before it")
                break
            kills += 1
            status, found = _in_child(Again(place, people))
            if status != 0:
                problems.append(f"{where}: the story does not go on")
            lines = found.decode().splitlines()
            problems += [f"{where}: {line[2:]}" for line in lines if line[0] == "!"]
            there = _heads(line for line in lines if line[0] != "!")
            for chain, sequence in _heads(iter(said.decode().splitlines())).items():
                if there.get(chain, 0) < sequence:
                    problems.append(f"{where}: row {sequence} of {chain} is lost")
    return kills, problems


def _heads(lines: Iterator[str]) -> dict[str, int]:
    heads: dict[str, int] = {}
    for line in lines:
        chain, sequence = line.split()
        heads[chain] = max(heads.get(chain, 0), int(sequence))
    return heads


def main(arguments: Sequence[str]) -> int:
    """Run the campaign as told; 1 if it found anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill_walk")
    parser.add_argument("folder", type=Path)
    parser.add_argument("people", type=int, nargs="?", default=41)
    parser.add_argument("--when", choices=("before", "after"), action="append")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--stride", type=int, default=1)
    told = parser.parse_args(arguments)
    kills, problems = campaign(
        told.folder,
        people=told.people,
        when=told.when or ("before", "after"),
        first=told.first,
        stride=told.stride,
    )
    report = [*problems, f"{kills} kills, {len(problems)} problems"]
    sys.stdout.write("\n".join(report) + "\n")
    return 1 if problems or not kills else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
