"""Entering a register file beside bare inserts of the same rows.

    python -m bench.register [--rows 1000000] [--rounds 3]

Each round imports a file into a new box (reading, checking, journal with its hash
chain, search keys, report of every line), then puts the very same rows of the very same
tables, taken from that box, into new tables of the same schema with bare
``executemany`` in transactions of as many rows. Both take turns; medians of wall-clock
and processor time are compared. Then the import is killed (kill -9) midway and run
again: everybody must be there once. Figures are kept in ``bench/results/register.json``.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from mynabox.law.numbers import record_code_valid
from mynabox.lifecycle.registration import COLUMNS, HOUSEHOLD_COLUMNS
from mynabox.settings import Settings
from mynabox.usecases.import_residents import LINES_A_TRANSACTION, import_residents
from mynabox.usecases.open_box import open_box
from mynabox.wiring import Home, open_home

RESULTS = Path(__file__).parent / "results" / "register.json"
ROWS, ROUNDS, TARGET = 1_000_000, 3, 0.5
TABLES = ("residents", "search_keys", "journal", "journal_subjects")
SURNAMES = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "髙橋",
]
GIVEN = [
    "太郎",
    "花子",
    "一郎",
    "陽子",
    "健",
    "美咲",
    "翔",
    "結衣",
    "大輔",
    "さくら",
    "蓮",
    "葵",
    "悠真",
    "凛",
]
KANA = [
    "サトウ",
    "スズキ",
    "タカハシ",
    "タナカ",
    "イトウ",
    "ワタナベ",
    "ヤマモト",
    "ナカムラ",
]


def write_file(path: Path, rows: int) -> None:
    """A register of fictional people of one city."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS + HOUSEHOLD_COLUMNS) + "\n")
        body = 1_000_000_000
        for nth in range(rows):
            body += 7_919
            code = next(
                f"{body}{check}"
                for check in range(10)
                if record_code_valid(f"{body}{check}").value
            )
            name = f"{SURNAMES[nth % 14]} {GIVEN[nth // 14 % 14]}"
            kana = f"{KANA[nth % 8]} ハコ"
            born = f"{1930 + nth % 90}-{nth % 12 + 1:02}-{nth % 28 + 1:02}"
            file.write(
                f"{code},082201,{name},{kana},,,{born},"
                f"{'male' if nth % 2 else 'female'},茨城県つくば市箱の内{nth % 9000}番地,"
                f"JPN,japanese,,2026-04-01,,H{nth},head\n"
            )


def timed(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall, time.process_time() - cpu


def opened(folder: Path) -> Home:
    """A new box, open."""
    home = open_home(Settings(home=folder), create=True)
    open_box(home.box)
    return home


def imported(home: Home, file: Path) -> int:
    """Import the file into the box; how many lines were taken."""
    with file.open("rb") as lines:
        return sum(line.refused is None for line in import_residents(lines, home.box))


def in_order(source: Path, target: Path) -> None:
    """The rows of a box as they came in, person by person, beside it."""
    with closing(sqlite3.connect(target)) as out:
        out.execute("ATTACH ? AS box", (str(source),))
        out.execute("CREATE TABLE came AS SELECT id, rowid AS nth FROM box.residents")
        out.execute("CREATE INDEX came_id ON came (id)")
        for name in TABLES:
            by = {
                "residents": "rowid",
                "journal": "sequence",
                "journal_subjects": "sequence, place",
                "search_keys": "(SELECT nth FROM came WHERE id = t.resident)",
            }[name]
            out.execute(
                f"CREATE TABLE {name} AS SELECT * FROM box.{name} AS t ORDER BY {by}"
            )
        out.commit()


def bare(source: Path, target: Path, statements: dict[str, str]) -> None:
    """Put rows into new tables of a box's schema, its guards left away."""
    with (
        closing(sqlite3.connect(source)) as rows,
        closing(sqlite3.connect(target, isolation_level=None)) as out,
    ):
        out.execute("PRAGMA journal_mode = WAL")
        out.execute("PRAGMA synchronous = FULL")
        cursors = {
            name: rows.execute(f"SELECT * FROM {name} ORDER BY rowid")
            for name in TABLES
        }
        sizes = {
            name: rows.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in TABLES
        }
        turns = -(-sizes["residents"] // LINES_A_TRANSACTION)
        for _ in range(turns):
            out.execute("BEGIN IMMEDIATE")
            for name in TABLES:
                some = cursors[name].fetchmany(-(-sizes[name] // turns))
                out.executemany(statements[name], some)
            out.execute("COMMIT")


def empty(source: Path, target: Path) -> dict[str, str]:
    """Tables and indexes of the box at ``target``; the statements that fill them."""
    statements = {}
    with (
        closing(sqlite3.connect(source)) as box,
        closing(sqlite3.connect(target)) as out,
    ):
        for (sql,) in box.execute(
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index')"
            f" AND tbl_name IN {TABLES} AND sql IS NOT NULL ORDER BY type DESC"
        ):
            out.execute(sql)
        for name in TABLES:
            width = len(box.execute(f"PRAGMA table_info({name})").fetchall())
            places = ", ".join("?" * width)
            statements[name] = f"INSERT INTO {name} VALUES ({places})"
    return statements


def one_round(
    folder: Path, file: Path, rows: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ours, then the peer with the same rows; what both have made is counted."""
    folder.mkdir()
    home = opened(folder / "box")
    taken: list[int] = []
    mine = timed(lambda: taken.append(imported(home, file)))
    home.close()
    assert taken == [rows], taken
    database, ordered = folder / "box" / "box.db", folder / "ordered.db"
    target = folder / "bare.db"
    statements = empty(database, target)
    in_order(database, ordered)
    theirs = timed(lambda: bare(ordered, target, statements))
    with closing(sqlite3.connect(target)) as filled:
        (there,) = filled.execute("SELECT count(*) FROM residents").fetchone()
    assert there == rows, there
    shutil.rmtree(folder)
    return mine, theirs


def killed_and_gone_on(folder: Path, file: Path, rows: int) -> dict[str, object]:
    """Kill an import midway, run it again, count the people."""
    command = [sys.executable, "-m", "mynabox", "--home", str(folder)]
    command += ["resident", "import", str(file), "--quiet"]
    first = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    there = 0
    while there < rows // 4 and first.poll() is None:
        time.sleep(0.2)
        there = people(folder)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = people(folder)
    wall, _ = timed(lambda: subprocess.run(command, check=True, capture_output=True))
    return {
        "there when killed": before,
        "there afterwards": people(folder),
        "rows": rows,
        "seconds to go on": round(wall, 1),
    }


def people(folder: Path) -> int:
    """How many people are in the register of a box."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/box.db?mode=ro", uri=True)) as box:
            return int(box.execute("SELECT count(*) FROM residents").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    ours: list[tuple[float, float]] = []
    peer: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "register.csv"
        write_file(file, asked.rows)
        for nth in range(asked.rounds):
            mine, theirs = one_round(folder / f"round-{nth}", file, asked.rows)
            ours.append(mine)
            peer.append(theirs)
        resumed = killed_and_gone_on(folder / "killed", file, asked.rows)
    assert resumed["there afterwards"] == asked.rows, resumed
    median: Any = statistics.median
    walls = (median(one[0] for one in ours), median(one[0] for one in peer))
    cpus = (median(one[1] for one in ours), median(one[1] for one in peer))
    figures = {
        "rows": asked.rows,
        "rounds": asked.rounds,
        "import, seconds": [round(one[0], 1) for one in ours],
        "executemany, seconds": [round(one[0], 1) for one in peer],
        "import, rows a second": round(asked.rows / walls[0]),
        "executemany, rows a second": round(asked.rows / walls[1]),
        "ratio": round(walls[1] / walls[0], 3),
        "ratio of processor time": round(cpus[1] / cpus[0], 3),
        "target": TARGET,
        "killed and gone on": resumed,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "processors": os.cpu_count(),
        "load": [round(each, 1) for each in os.getloadavg()],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    return 0 if figures["ratio"] >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
