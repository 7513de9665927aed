"""The daily look for cards that end soon, among a million.

    python -m bench.sweep [--rounds 20] [--cards 1000000]

What the box asks its store each day (whose letter before the end of the card is due,
and is it written?), beside a bare count by the index of expiry days and beside the
same people fetched by hand. Figures are kept in ``bench/results/sweep.json``.
"""

import sqlite3
import statistics
import sys
import time
from datetime import date, timedelta

from bench._beside import Row, keep, program
from bench._boxes import START, TOWN, measured_box
from mynabox.ports import EndingKind, written
from mynabox.wiring import Home

CARDS, ROUNDS = 1_000_000, 20
DAYS = 10 * 366
"""Over how many days the cards' last days are spread."""
JOB = "tell_of_card"


def fill(home: Home, cards: int) -> None:
    """Cards in use straight into the table, their last days spread over ten years."""
    issued, moment = START.date().isoformat(), written(START)
    with sqlite3.connect(home.path / "box.db") as db:
        db.execute("PRAGMA synchronous = OFF")
        db.executemany(
            "INSERT INTO cards (serial, resident, nth, municipality, application,"
            " security_code, issued, expires, state, since)"
            " VALUES (?, ?, 1, ?, ?, '0000', ?, ?, 'active', ?)",
            (
                (
                    *(f"{number:016d}", f"res-{number:09d}"),
                    *(TOWN, f"app-{number:09d}", issued),
                    (START.date() + timedelta(days=number % DAYS)).isoformat(),
                    moment,
                )
                for number in range(cards)
            ),
        )
        db.execute("ANALYZE")
    db.close()


def measure(home: Home, rounds: int) -> list[Row]:
    """One day's look each round, ours and the peers taking turns, wall time."""
    db = sqlite3.connect(home.path / "box.db")
    in_use = "FROM cards WHERE state IN ('active', 'suspended') AND expires = ?"
    found: dict[str, list[int]] = {"ours": [], "count": [], "rows": []}
    spent: dict[str, list[float]] = {"ours": [], "count": [], "rows": []}
    for number in range(rounds):
        day = START.date() + timedelta(days=7 * number + 1)

        def ours(day: date = day) -> int:
            with home.box.store.look() as work:
                ahead = work.due.next_day(JOB, EndingKind.CARD, first=day)
                assert ahead == day
                due = work.due.endings(
                    JOB, EndingKind.CARD, first=day, last=day, limit=10_000
                )
                return len(list(due))

        def count(day: date = day) -> int:
            return int(
                db.execute(f"SELECT count(*) {in_use}", (f"{day}",)).fetchone()[0]
            )

        def rows(day: date = day) -> int:
            wanted = "SELECT serial, resident, serial, expires "
            return len(db.execute(wanted + in_use, (f"{day}",)).fetchall())

        for name, work in (("ours", ours), ("count", count), ("rows", rows)):
            began = time.perf_counter()
            found[name].append(work())
            spent[name].append(time.perf_counter() - began)
    db.close()
    assert found["ours"] == found["count"] == found["rows"]
    mine = statistics.median(spent["ours"])
    return [
        (
            f"letters due on a day, {found['ours'][0]} of the cards",
            f"{mine * 1000:.2f} ms",
            f"{peer} {statistics.median(spent[name]) * 1000:.2f} ms",
            statistics.median(spent[name]) / mine,
            "shown",
        )
        for name, peer in (("rows", "the same rows by hand"), ("count", "bare count"))
    ]


def run(rounds: int = ROUNDS, cards: int = CARDS) -> list[Row]:
    """All measurements, kept as JSON."""
    with measured_box() as home:
        fill(home, cards)
        rows = measure(home, rounds)
    return keep("sweep", rows, rounds=rounds, cards=cards)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS, cards=CARDS))
