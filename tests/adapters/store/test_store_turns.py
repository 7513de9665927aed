"""One writer at a time, between threads and between processes, in fair turns."""

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from mynabox.adapters.store import NoTurn, SqlStore, open_store
from mynabox.adapters.store.turn import Turns

YOKOHAMA = "141003"


def test_threads_that_count_lose_nothing(store: SqlStore) -> None:
    drawn: list[tuple[int, int]] = []

    def draw() -> None:
        for _ in range(25):
            with store.work() as work:
                reserved = work.numbers.reserve(YOKOHAMA)
            drawn.append(reserved)
            with store.look() as look:
                list(look.residents.list())

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == [(0, counter) for counter in range(200)]


def test_threads_come_on_in_the_order_of_their_coming(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "box", patience=10)
    order: list[int] = []

    def wait(me: int) -> None:
        with turns.mine():
            order.append(me)

    threads = [threading.Thread(target=wait, args=(me,)) for me in range(12)]
    with turns.mine():
        for nth, thread in enumerate(threads, start=1):
            thread.start()
            while len(turns._queue) < nth:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(12))


def test_who_waits_too_long_is_told_so_and_others_go_on(store: SqlStore) -> None:
    hasty = open_store(
        store.url.render_as_string(hide_password=False),
        journal_key=bytes(32),
        number_secret=lambda name: bytes(32),
        patience=0.2,
    )
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with store.work() as work:
            work.numbers.reserve(YOKOHAMA)
            entered.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(20)
    try:
        with closing(hasty), hasty.look() as look:
            assert list(look.residents.list()) == []  # readers do not wait
        waited = r"another writer has kept the store for 0\.2"
        with pytest.raises(NoTurn, match=waited), hasty.work():
            pytest.fail("two writers")
    finally:
        leave.set()
        thread.join()
    with hasty.work() as work:
        assert work.numbers.reserve(YOKOHAMA) == (0, 1)
    hasty.close()


def test_a_thread_that_gave_up_leaves_the_queue(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "box", patience=0.05)
    gave_up: list[BaseException] = []

    def wait() -> None:
        try:
            with turns.mine():
                pytest.fail("had a turn")
        except NoTurn as error:
            gave_up.append(error)

    with turns.mine():
        threads = [threading.Thread(target=wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(gave_up) == 3
    with turns.mine():
        pass


def test_a_foreign_program_that_holds_the_lock_is_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "box.sqlite"
    with closing(
        open_store(
            place,
            journal_key=bytes(32),
            number_secret=lambda name: bytes(32),
            patience=0.1,
        )
    ) as store:
        engine = create_engine(store.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as foreign:
            foreign.exec_driver_sql("BEGIN IMMEDIATE")
            with pytest.raises(NoTurn), store.work():
                pytest.fail("two writers")
            foreign.exec_driver_sql("ROLLBACK")
        engine.dispose()
        with store.work() as work:
            assert work.numbers.reserve(YOKOHAMA) == (0, 0)


WRITER = """
import json, sys, time
from pathlib import Path
from mynabox.adapters.store import open_store
store = open_store(Path(sys.argv[1]), journal_key=bytes(32), number_secret=lambda name: bytes(32))
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + 1.5
drawn = []
while time.monotonic() < end:
    with store.work() as work:
        drawn.append(work.numbers.reserve("141003")[1])
        time.sleep(0.001)
store.close()
print(json.dumps(drawn))
"""


def _together(script: str, *arguments: str, processes: int) -> list[Any]:
    """What each of some processes printed that began their work at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    printed = [json.loads(process.communicate(timeout=60)[0]) for process in started]
    assert [process.returncode for process in started] == [0] * processes
    return printed


def test_processes_share_the_turns_fairly(tmp_path: Path) -> None:
    counts = _together(WRITER, str(tmp_path / "box.sqlite"), processes=3)
    drawn = sorted(counter for each in counts for counter in each)
    assert drawn == list(range(len(drawn)))
    fewest, most = min(map(len, counts)), max(map(len, counts))
    assert fewest > 10
    assert most < 4 * fewest


OPENER = """
import sys
from pathlib import Path
from mynabox.adapters.store import open_store
print("ready", flush=True)
sys.stdin.readline()
store = open_store(Path(sys.argv[1]), journal_key=bytes(32), number_secret=lambda name: bytes(32))
with store.work() as work:
    print(work.numbers.reserve("141003")[1])
store.close()
"""


def test_a_box_may_be_opened_first_by_several_at_once(tmp_path: Path) -> None:
    place = str(tmp_path / "new" / "box.sqlite")
    assert sorted(_together(OPENER, place, processes=5)) == [0, 1, 2, 3, 4]
