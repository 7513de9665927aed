"""Kept answers, transactions that are held, and names that one has to oneself."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from mynabox.adapters.store import SqlStore
from mynabox.lifecycle.once import KeptAnswer
from mynabox.ports import Duplicate
from tests.adapters.store.conftest import NOON, Specimens

Raw = Callable[..., list[Any]]
NAME, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4


def answer(name: str = NAME, **other: Any) -> KeptAnswer:
    values: dict[str, Any] = {
        "name": name,
        "request": "f" * 64,
        "operation": "registerResident",
        "status": 201,
        "headers": (("content-type", "application/json"),),
        "body": b'{"number":"123456789018"}',
        "answered": NOON,
        "expires": NOON + timedelta(hours=24),
        **other,
    }
    return KeptAnswer(**values)


def keep(store: SqlStore, kept: KeptAnswer) -> None:
    with store.work() as work:
        work.answers.add(kept)


def test_an_answer_is_kept_until_it_expires(store: SqlStore) -> None:
    keep(store, answer())
    with store.work() as work:
        work.answers.forget(before=NOON + timedelta(hours=23))
        assert work.answers.find(NAME) == answer()
        assert work.answers.find(OTHER) is None
        work.answers.forget(before=NOON + timedelta(hours=24))
        assert work.answers.find(NAME) is None


def test_one_answer_for_a_name(store: SqlStore) -> None:
    keep(store, answer())
    with pytest.raises(Duplicate, match="answer"):
        keep(store, answer(status=200))


@pytest.mark.parametrize(
    "change",
    [
        "name = 'other'",
        "request = 'e'",
        "operation = 'reportLost'",
        "status = 200",
        "headers = '{}'",
        "answered = '2020'",
        "expires = '2099'",
    ],
)
def test_an_answer_stays_as_it_was_given(
    store: SqlStore, raw: Raw, change: str
) -> None:
    keep(store, answer())
    with pytest.raises(DatabaseError, match="an answer stays as it was given"):
        raw(f"UPDATE answers SET {change}")
    with store.look() as work:
        assert work.answers.find(NAME) == answer()


def test_an_answer_is_not_replaced(store: SqlStore, raw: Raw) -> None:
    if store.url.get_backend_name() != "sqlite":
        return
    keep(store, answer())
    with pytest.raises(DatabaseError, match="UNIQUE constraint failed"):
        raw(
            "REPLACE INTO answers SELECT name, request, operation, 500, headers, body,"
            " answered, expires FROM answers"
        )


def test_the_body_cannot_be_read(store: SqlStore, raw: Raw) -> None:
    keep(store, answer())
    ((body,),) = raw("SELECT body FROM answers")
    assert b"123456789018" not in bytes(body)


# Held transactions


def there(store: SqlStore) -> set[str]:
    """Who is in the register, as another thread sees it."""

    def read() -> set[str]:
        with store.look() as work:
            return {person.id for person in work.residents.list()}

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(read).result()


def test_a_transaction_is_held_until_the_next(
    store: SqlStore, specimens: Specimens
) -> None:
    """others see it when the next begins; whoever holds it sees it at once"""
    first, second = specimens.resident(), specimens.resident()
    with store.held():
        assert not store.holding
        with store.work() as work:
            work.residents.add(first)
        assert store.holding
        assert there(store) == set()
        with store.look() as look:
            assert look.residents.get(first.id) == first
        with store.work() as work:
            work.residents.add(second)
            assert there(store) == {first.id}
        with store.last() as work:
            work.answers.add(answer())
        assert there(store) == {first.id}
    assert not store.holding
    assert there(store) == {first.id, second.id}
    with store.look() as look:
        assert look.answers.find(NAME) is not None


def test_what_fails_takes_the_last_one_back(
    store: SqlStore, specimens: Specimens
) -> None:
    first, second = specimens.resident(), specimens.resident()
    with pytest.raises(ZeroDivisionError), store.held():
        with store.work() as work:
            work.residents.add(first)
        with store.work() as work:
            work.residents.add(second)
        raise ZeroDivisionError
    assert there(store) == {first.id}
    keep(store, answer())


def test_a_block_that_fails_undoes_itself_alone(
    store: SqlStore, specimens: Specimens
) -> None:
    """and what is said of it is written down in a transaction of its own"""
    first = specimens.resident()
    with store.held():
        with pytest.raises(ZeroDivisionError), store.work() as work:
            work.residents.add(first)
            raise ZeroDivisionError
        assert not store.holding
        with store.last() as work:
            work.answers.add(answer(status=422))
    assert there(store) == set()
    with store.look() as look:
        assert look.answers.find(NAME) == answer(status=422)


def test_other_threads_wait_for_what_is_held(
    store: SqlStore, specimens: Specimens
) -> None:
    """one writer at a time, held or not"""
    first, second = specimens.resident(), specimens.resident()
    order: list[str] = []

    def beside() -> None:
        with store.work() as work:
            order.append("beside")
            work.residents.add(second)

    with store.held():
        with store.work() as work:
            work.residents.add(first)
        thread = threading.Thread(target=beside)
        thread.start()
        with store.last() as work:
            work.answers.add(answer())
        order.append("held")
    thread.join()
    assert order == ["held", "beside"]
    assert there(store) == {first.id, second.id}


def test_held_once(store: SqlStore) -> None:
    with store.held(), pytest.raises(RuntimeError), store.held():
        pass
    with pytest.raises(RuntimeError), store.last():
        pass


# Names that one has to oneself


def test_a_name_is_had_by_one(store: SqlStore) -> None:
    with store.claim(NAME) as mine:
        assert mine
        with store.claim(NAME) as again, store.claim(OTHER) as other:
            assert (again, other) == (False, True)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_claims, store, NAME).result() is False
            assert pool.submit(_claims, store, OTHER).result() is True
    assert _claims(store, NAME)


def _claims(store: SqlStore, name: str) -> bool:
    with store.claim(name) as mine:
        return mine


PROGRAM = """
import sys, time
from mynabox.adapters.store import open_store
from tests.number_secrets import secret
store = open_store(sys.argv[1], journal_key=bytes(range(32)), number_secret=secret)
with store.claim(sys.argv[2]) as mine:
    print(mine, flush=True)
    time.sleep(600)
"""


def test_a_name_is_given_back_by_a_process_that_dies(store: SqlStore) -> None:
    """kill -9: nobody is left "in progress" """
    url = store.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, NAME],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    assert not _claims(store, NAME)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    while not _claims(store, NAME):  # PostgreSQL needs a moment to see it
        assert process.returncode == -signal.SIGKILL
