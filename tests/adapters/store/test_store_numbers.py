"""Numbers at rest: sealed, found, unique, while keys change and processes die."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.command import upgrade
from sqlalchemy import create_engine

from mynabox.adapters.store import SqlStore, open_store
from mynabox.adapters.store.schema import alembic_config
from mynabox.lifecycle.number import Assignment, NumberState
from mynabox.lifecycle.outgoing import Carrier
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.ports import Damaged, Duplicate
from tests.adapters.store.conftest import JOURNAL_KEY, Holder
from tests.number_secrets import secret

PEOPLE = 300
LETTER = b"%PDF a notice that tells 731415926535"


def digits(nth: int) -> str:
    return f"7{31_415_926_535 + 7919 * nth:011}"


def opened(place: Path | str) -> SqlStore:
    return open_store(place, journal_key=JOURNAL_KEY, number_secret=secret)


def octets(place: Path) -> bytes:
    """Everything in the database's files."""
    return b"".join(
        path.read_bytes() for path in sorted(place.parent.glob(f"{place.name}*"))
    )


# Boxes of before


def make_old(place: Path) -> None:
    """A box of the revision before numbers were sealed: everybody has a number, every
    third had another one before, and a letter waits."""
    engine = create_engine(f"sqlite:///{place}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with engine.begin() as connection:
        upgrade(alembic_config(connection), "0005")
        for nth in range(PEOPLE):
            connection.exec_driver_sql(
                "INSERT INTO residents VALUES (?, ?, '141003', '見本', NULL, NULL,"
                " NULL, '1990-04-01', 'female', '見本町1', 'JPN', 'japanese', NULL,"
                " '2026-11-20', 'registered')",
                (f"res-{nth}", f"{nth:011}"),
            )
            states = [("current", nth)]
            if nth % 3 == 0:
                states.append(("retired", PEOPLE + nth))
            for state, number in states:
                connection.exec_driver_sql(
                    "INSERT INTO numbers VALUES (?, ?, '141003',"
                    " '2026-11-20T12:00:00.000000+09:00', ?)",
                    (digits(number), f"res-{nth}", state),
                )
        connection.exec_driver_sql(
            "INSERT INTO outbox VALUES ('out-1', 1, 'post', '141003', 'to', 'notice',"
            " ?, '2026-11-20T12:00:00.000000+09:00', NULL, NULL)",
            (LETTER,),
        )
    engine.dispose()


def check_sealed(place: Path) -> None:
    """Everybody has their numbers, nobody another's, and the files tell none."""
    with closing(opened(place)) as store, store.look() as look:
        for nth in range(PEOPLE):
            current = look.numbers.current(f"res-{nth}")
            assert current is not None
            assert current.number.digits == digits(nth)
            assert look.numbers.owner(current.number) == current
            before = look.numbers.owner(IndividualNumber(digits(PEOPLE + nth)))
            assert (before is not None) == (nth % 3 == 0)
            if before is not None:
                assert (before.resident, before.state) == (
                    f"res-{nth}",
                    NumberState.RETIRED,
                )
        assert [one.content for one in look.outbox.waiting()] == [LETTER]
    held = octets(place)
    assert b"res-17" in held
    told = [nth for nth in range(2 * PEOPLE) if digits(nth).encode() in held]
    assert told == []
    assert LETTER not in held


def test_numbers_of_an_older_box_are_sealed(tmp_path: Path) -> None:
    place = tmp_path / "box.sqlite"
    make_old(place)
    assert digits(42).encode() in octets(place)
    check_sealed(place)
    with closing(opened(place)) as store, store.work() as work:
        taken = Assignment(
            number=IndividualNumber(digits(PEOPLE)),
            resident="res-7",
            assigned=work.numbers.current("res-7").assigned,  # type: ignore[union-attr]
            state=NumberState.RETIRED,
        )
        with pytest.raises(Duplicate, match="number"):
            work.numbers.add(taken)


def test_sealing_that_is_cut_off_is_begun_anew(tmp_path: Path) -> None:
    """killed with -9 at moments all over the migration"""
    old = tmp_path / "old.sqlite"
    make_old(old)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "import alembic.command\n"
        "from tests.adapters.store.test_store_numbers import opened\n"
        "print('now', flush=True)\n"
        "opened(Path(sys.argv[1])).close()\n"
        "print('done', flush=True)\n"
    )
    killed = 0
    for turn in range(8):
        place = tmp_path / f"turn-{turn}" / "box.sqlite"
        place.parent.mkdir()
        place.write_bytes(old.read_bytes())
        with subprocess.Popen(
            [sys.executable, "-c", script, place], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"now\n"
            time.sleep(0.012 * turn)
            process.send_signal(signal.SIGKILL)
            killed += process.stdout.read() == b""
        check_sealed(place)
    assert killed >= 3


# The exchange of keys


@pytest.fixture
def town(
    store: SqlStore, another_holder: Callable[[], Holder], specimens: Any
) -> list[Holder]:
    """A few people, one of them with a number of before."""
    people = [another_holder() for _ in range(7)]
    with store.work() as work:
        changed = people[0]
        work.numbers.save(replace(changed.assignment, state=NumberState.RETIRED))
        work.numbers.add(
            replace(changed.assignment, number=IndividualNumber("900000000001"))
        )
        work.outbox.add(replace(specimens.outgoing(), content=LETTER))
    return people


def told(store: SqlStore, people: list[Holder]) -> list[str]:
    """The number of everybody, found by person and by number."""
    found = []
    with store.look() as look:
        for one in people:
            current = look.numbers.current(one.resident.id)
            assert current is not None
            assert look.numbers.owner(current.number) == current
            found.append(current.number.digits)
        assert [one.content for one in look.outbox.waiting()] == [LETTER]
    return found


def columns(raw: Callable[..., list[Any]]) -> set[tuple[int, bool, bool]]:
    """(key, has an odd index, has an even one) of all numbers."""
    rows = raw("SELECT key, index_odd, index_even FROM numbers")
    return {(key, odd is not None, even is not None) for key, odd, even in rows}


def test_keys_are_exchanged(
    store: SqlStore, town: list[Holder], raw: Callable[..., list[Any]]
) -> None:
    before = told(store, town)
    assert columns(raw) == {(1, True, False)}
    heard: list[tuple[int, int]] = []
    assert store.rotate_number_keys(
        lambda done, of: heard.append((done, of)), batch=2
    ) == (1, 2)
    assert columns(raw) == {(2, False, True)}
    assert heard[-1] == (8, 8)
    assert len(heard) > 3
    assert told(store, town) == before
    assert store.rotate_number_keys() == (2, 3)
    assert columns(raw) == {(3, True, False)}
    assert told(store, town) == before


class CutOff(Exception):
    """The end of a command in the middle of its work."""


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_an_exchange_that_was_cut_off_goes_on(
    store: SqlStore,
    town: list[Holder],
    specimens: Any,
    another_holder: Callable[[], Holder],
    raw: Callable[..., list[Any]],
    after: int,
) -> None:
    """in between, everybody is found, new people come, and no number is given twice"""
    before = told(store, town)

    def cut(done: int, _: int) -> None:
        nonlocal after
        after -= 1
        if not after:
            raise CutOff

    with pytest.raises(CutOff):
        store.rotate_number_keys(cut, batch=2)
    assert told(store, town) == before
    newcomer = another_holder()
    with store.work() as work:
        for known in town:
            double = replace(
                known.assignment,
                resident=newcomer.resident.id,
                state=NumberState.RETIRED,
            )
            with pytest.raises(Duplicate, match="number"):
                work.numbers.add(double)
    assert store.rotate_number_keys(batch=2) == (1, 2)
    assert columns(raw) == {(2, False, True)}
    everybody = [*town, newcomer]
    assert told(store, everybody) == [*before, newcomer.assignment.number.digits]


def test_an_exchange_is_killed_at_any_moment(tmp_path: Path) -> None:
    """with -9, again and again, on one and the same box"""
    place = tmp_path / "box.sqlite"
    make_old(place)
    check_sealed(place)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.adapters.store.test_store_numbers import opened\n"
        "store = opened(Path(sys.argv[1]))\n"
        "print('now', flush=True)\n"
        "while True: store.rotate_number_keys(batch=20)\n"
    )
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", script, place], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"now\n"
            time.sleep(0.05 + 0.023 * turn)
            process.send_signal(signal.SIGKILL)
        check_sealed(place)
    with closing(opened(place)) as store:
        store.rotate_number_keys()
    check_sealed(place)
    with closing(sqlite3.connect(place)) as db:
        used = db.execute(
            "SELECT DISTINCT key, index_odd IS NULL, index_even IS NULL FROM numbers"
        ).fetchall()
    assert len(used) == 1
    assert used[0][0] > 2
    assert sorted(used[0][1:]) == [0, 1]


# What the files tell


def test_the_files_tell_no_number(tmp_path: Path, specimens: Any) -> None:
    """neither the database nor its log, before and after the letter went out"""
    place = tmp_path / "box.sqlite"
    with closing(opened(place)) as store:
        with store.work() as work:
            person = specimens.resident()
            work.residents.add(person)
            given = replace(
                specimens.assignment(person), number=IndividualNumber("123456789018")
            )
            work.numbers.add(given)
            letter = replace(specimens.outgoing(), content=LETTER)
            work.outbox.add(letter)
            chip = replace(
                specimens.outgoing(), carrier=Carrier.CHIP, content=b"123456789018"
            )
            work.outbox.add(chip)
        assert b"123456789018" not in octets(place)
        assert LETTER not in octets(place)
        with store.look() as look:
            contents = [one.content for one in look.outbox.waiting()]
            assert contents == [LETTER, b"123456789018"]
    assert person.id.encode() in octets(place)
    assert b"123456789018" not in octets(place)


@pytest.mark.parametrize("column", ["sealed", "resident"])
def test_what_was_changed_or_is_anothers_does_not_open(
    tmp_path: Path, specimens: Any, column: str
) -> None:
    """octets changed, or a number moved to somebody else behind the program's back"""
    place = tmp_path / "box.sqlite"
    with closing(opened(place)) as store:
        with store.work() as work:
            one, other = specimens.resident(), specimens.resident()
            work.residents.add(one)
            work.residents.add(other)
            work.numbers.add(specimens.assignment(one))
        with closing(sqlite3.connect(place)) as db, db:
            db.execute("DROP TRIGGER numbers_keep_owner")
            if column == "sealed":
                db.execute("UPDATE numbers SET sealed = zeroblob(28)")
            else:
                db.execute("UPDATE numbers SET resident = ?", (other.id,))
        who = one.id if column == "sealed" else other.id
        with store.look() as look, pytest.raises(Damaged, match=who):
            look.numbers.current(who)


def test_a_box_without_its_secrets_tells_nothing(
    tmp_path: Path, specimens: Any
) -> None:
    place = tmp_path / "box.sqlite"
    with closing(opened(place)) as store, store.work() as work:
        person = specimens.resident()
        work.residents.add(person)
        given = specimens.assignment(person)
        work.numbers.add(given)
    other = open_store(
        place, journal_key=JOURNAL_KEY, number_secret=lambda name: bytes(32)
    )
    with closing(other), other.look() as look:
        assert look.numbers.owner(given.number) is None
        with pytest.raises(Damaged, match="secrets are another's"):
            look.numbers.current(person.id)
