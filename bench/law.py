"""Answers of the rulebook per second, beside openfisca-core on the same rule.

    .venv/bin/python bench/law.py [--rounds 7] [--cards 1000000] [--no-peer]

Two measures of the card's last day (R090 to R093, R110): one question at a time,
with citations, and a million cards at once, values only. The peer computes the
same rule from dated parameters: one person in a simulation of its own, and a
million in one. It is installed into a throw-away environment; both answer the
same cards, the answers are compared, and rounds alternate. Figures are kept in
``bench/results/law.json``.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from mynabox.law.validity import ResidenceStatus, card_expiries, card_expiry

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "law.json"
PEER = "openfisca-core==46.0.1"
Card = tuple[date, date, date, ResidenceStatus, date | None]


def cards() -> Iterator[Card]:
    """Specimen cards without end, spread over both sides of every threshold.

    Nobody is born on 29 February: the peer's calendar has no opinion on that.
    """
    first_born, first_applied = date(1940, 1, 1), date(2016, 1, 4)
    number = 0
    while True:
        born = first_born + timedelta(days=number * 7919 % 27000)
        applied = first_applied + timedelta(days=number * 104729 % 3650)
        issued = applied + timedelta(days=number * 31 % 45)
        stay = issued + timedelta(days=number * 611 % 5000)
        number += 1
        if (born.month, born.day) == (2, 29) or born > applied:
            continue
        if number % 3:
            yield born, applied, issued, "japanese", None
        else:
            yield born, applied, issued, "mid_long_term", stay


def singles(some: list[Card]) -> tuple[float, list[int]]:
    """Seconds for one question after the other, with citations."""
    start = time.perf_counter()
    answers = [card_expiry(*card) for card in some]
    return time.perf_counter() - start, [a.value.toordinal() for a in answers]


def at_once(many: list[Card]) -> tuple[float, list[int]]:
    """Seconds for all at once, values only."""
    start = time.perf_counter()
    answers = list(card_expiries(many))
    return time.perf_counter() - start, [a.toordinal() for a in answers]


class Peer:
    """The other program, in a process that answers one command a line."""

    def __init__(self, python: Path, cards_file: Path) -> None:
        self._process = subprocess.Popen(
            [str(python), str(HERE / "peers" / "openfisca_card.py"), str(cards_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = self._read()["version"]

    def ask(self, what: str, count: int) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what} {count}\n")
        self._process.stdin.flush()
        told: dict[str, Any] = self._read()
        return told

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


@contextmanager
def peer(many: list[Card]) -> Iterator[Peer | None]:
    """The peer in a throw-away environment; None where it cannot be installed."""
    with tempfile.TemporaryDirectory(prefix="law-bench-") as folder:
        place = Path(folder)
        venv.create(place / "env", with_pip=True)
        python = place / "env" / "bin" / "python"
        got = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", PEER], check=False
        )
        if got.returncode != 0:
            yield None
            return
        file = place / "cards.csv"
        with file.open("w", encoding="ascii") as out:
            for born, applied, issued, _, stay in many:
                out.write(f"{born},{applied},{issued},{stay or '9999-12-31'}\n")
        found = Peer(python, file)
        try:
            yield found
        finally:
            found.close()


def measure(rounds: int, count: int, with_peer: bool) -> dict[str, Any]:
    many = list(islice(cards(), count))
    few = many[:20000]
    ours: dict[str, list[float]] = {"single": [], "at_once": []}
    theirs: dict[str, list[float]] = {"single": [], "at_once": []}
    agreed = True
    version = None
    with peer(many) if with_peer else _nobody() as other:
        if other is not None:
            version = other.version
        for _ in range(rounds):
            took, alone = singles(few)
            ours["single"].append(took / len(few))
            took, together = at_once(many)
            ours["at_once"].append(took / len(many))
            agreed = agreed and together[: len(few)] == alone
            if other is not None:
                told = other.ask("single", 100)
                theirs["single"].append(told["seconds"] / 100)
                agreed = agreed and told["answers"] == alone[:100]
                told = other.ask("at_once", count)
                theirs["at_once"].append(told["seconds"] / count)
                agreed = agreed and told["sum"] == sum(together)
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cards": count,
        "rounds": rounds,
        "agreed": agreed,
        "answers_per_second": {k: _rate(v) for k, v in ours.items()},
        "peer": PEER if version is None else f"openfisca-core {version}",
        "peer_answers_per_second": {k: _rate(v) for k, v in theirs.items() if v},
        "ratio_of_medians": {
            k: round(statistics.median(theirs[k]) / statistics.median(ours[k]), 3)
            for k in ours
            if theirs[k]
        },
        "seconds_per_answer": {"ours": ours, "peer": theirs},
    }


@contextmanager
def _nobody() -> Iterator[None]:
    yield None


def _rate(seconds: list[float]) -> int:
    return round(1 / statistics.median(seconds))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cards", type=int, default=1_000_000)
    parser.add_argument("--no-peer", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.rounds, asked.cards, not asked.no_peer)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for kind, rate in figures["answers_per_second"].items():
        line = f"{kind:8} {rate:>10,} answers/s"
        if kind in figures["ratio_of_medians"]:
            other = figures["peer_answers_per_second"][kind]
            ratio = figures["ratio_of_medians"][kind]
            line += f"   {figures['peer']}: {other:>10,}/s   ratio {ratio:,.2f}"
        print(line)
    if not figures["agreed"]:
        print("the answers differ")
    return 0 if figures["agreed"] else 1


if __name__ == "__main__":
    sys.exit(main())
