"""Whole lives of an application, beside what no program can save.

    python -m bench.lives [--rounds 5] [--lives 6]

A life: registered, numbered, noticed, applied with a photograph, card produced (chip,
keys, certificates, both faces, postcard), handed over; letters and chip files
delivered, journal on. Its peers are two bare RSA-2048 key generations, all the key
generations that a card has, and bare inserts of the very rows that the lives left,
one commit for each life. Figures are kept in ``bench/results/lives.json``.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from sqlalchemy import Engine, MetaData, Table, create_engine, select

from bench._beside import ROUNDS, Row, alternating, keep, program, row
from bench._boxes import START, TOWN
from mynabox.lifecycle.notice import NoticeEvent
from mynabox.lifecycle.registration import COLUMNS, read_registration
from mynabox.sandbox.specimen import SPECIMEN_PINS, specimen_portrait
from mynabox.settings import Settings
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.deliver import deliver
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.note_notice import note_notice
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.open_box import open_box
from mynabox.usecases.produce_card import produce_card
from mynabox.usecases.register_resident import register_resident
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.wiring import Home, open_home
from tests.postgresql import empty_database, postgresql_server

LIVES = 6
KEYS_OF_A_CARD = 7
"""Two for certificates, four more of the chip, and the municipality's seal."""
_LINK = re.compile(r"/apply/([A-Za-z0-9_-]+)\s*$", re.MULTILINE)
_RECORD = count(41_000_000_000)
Bare = Callable[[], object]


def live(home: Home) -> None:
    """One life, in a box that knows neither the person nor the mail address."""
    box, record = home.box, next(_RECORD)
    known = {
        "record_code": f"{record:011d}",
        "municipality": TOWN,
        "name": "箱田 太郎",
        "kana": "ハコダ タロウ",
        "born": "1990-03-31",
        "sex": "male",
        "address": "茨城県つくば市箱の内一丁目1番地1",
        "nationality": "JPN",
        "residence_status": "japanese",
        "registered": "2026-04-01",
    }
    person = register_resident(
        read_registration(
            {column: known.get(column, "") for column in COLUMNS}, on=START.date()
        ),
        box,
    ).resident
    assign_number(person.id, box)
    notice = issue_notice(person.id, box)
    deliver(box)
    note_notice(person.id, NoticeEvent.DELIVERED, box)
    mail = f"p{record}@example.jp"
    open_application(
        OpenApplication(application_id=notice.application_id, email=mail), box
    )
    deliver(box)
    found = _LINK.search(home.mail.texts(mail)[-1])
    assert found is not None
    asked = submit_application(
        SubmitApplication(
            token=found[1],
            born=person.born,
            photo=specimen_portrait(),
            photo_taken=START.date() - timedelta(days=30),
        ),
        box,
    )
    deliver(box)
    made = produce_card(asked.id, box)
    hand_over(
        HandOver(
            serial=made.card.serial, documents=("drivers_licence",), pins=SPECIMEN_PINS
        ),
        box,
    )


@contextmanager
def a_box(*, database: str | None = None, pool: int = 0) -> Iterator[Home]:
    """A box at the beginning; with a pool of so many keys, if told."""
    with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as folder:
        settings = Settings(
            home=Path(folder) / "box",
            database=database,
            key_pool_low=pool,
            key_pool_high=pool,
        )
        home = open_home(settings, create=True)
        try:
            home.clock.set(START)
            open_box(home.box)
            live(home)
            yield home
        finally:
            home.close()


def keys(number: int) -> Bare:
    """So many bare key generations."""

    def work() -> None:
        for _ in range(number):
            generate_private_key(65537, 2048)

    return work


def measure_cold(rounds: int, lives: int) -> list[Row]:
    """Without keys made ahead, beside bare key generation."""
    rows = []
    with a_box() as home:
        for number, what, target in (
            (2, "whole life, no keys made ahead", "two RSA keys: >= 0.83 (1.2x)"),
            (KEYS_OF_A_CARD, "the same", "all keys of a card"),
        ):
            mine, theirs = alternating(
                rounds, lambda: _times(lives, home), keys(number * lives)
            )
            peer = f"{number} bare RSA-2048 key generations"
            rows.append(row(what, lives, mine, theirs, peer, target))
    return rows


def _times(lives: int, home: Home) -> None:
    for _ in range(lives):
        live(home)


def measure_warm(rounds: int, lives: int, *, database: str | None = None) -> Row:
    """With a pool full of keys, beside bare inserts of the rows that are left."""
    with a_box(database=database, pool=1) as home:
        assert home.pool is not None
        for _ in range(KEYS_OF_A_CARD * lives * (rounds + 1)):
            home.pool.add()
        url = (
            f"sqlite:///{home.path / 'box.db'}"
            if database is None
            else database.replace("postgresql://", "postgresql+psycopg://")
        )
        engine = create_engine(url)
        try:
            left = rows_left(engine, lambda: _times(lives, home))
            with ExitStack() as stack:
                places = iter(
                    [
                        stack.enter_context(empty_place(engine, f"bare_{number}"))
                        for number in range(rounds)
                    ]
                )
                mine, theirs = alternating(
                    rounds,
                    lambda: _times(lives, home),
                    lambda: insert(next(places), left, lives),
                )
        finally:
            engine.dispose()
    place = "SQLite" if database is None else "PostgreSQL"
    return row(
        f"whole life, keys made ahead, {place}",
        lives,
        mine,
        theirs,
        "bare inserts of its rows",
        ">= 0.5",
    )


Left = Sequence[tuple[Table, Sequence[dict[str, Any]]]]


def rows_left(engine: Engine, work: Bare) -> Left:
    """The rows that ``work`` adds, by table."""
    known = MetaData()
    known.reflect(engine)
    before = {table.name: _rows(engine, table) for table in known.sorted_tables}
    work()
    left = []
    for table in known.sorted_tables:
        seen = {repr(one) for one in before[table.name]}
        left.append(
            (table, [one for one in _rows(engine, table) if repr(one) not in seen])
        )
    return left


def _rows(engine: Engine, table: Table) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(one) for one in connection.execute(select(table)).mappings()]


@contextmanager
def empty_place(engine: Engine, name: str) -> Iterator[Engine]:
    """A place with the same tables and indexes, empty and without guards."""
    if engine.dialect.name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as folder:
            bare = create_engine(f"sqlite:///{Path(folder) / 'bare.db'}")
            with engine.connect() as source, bare.connect() as target:
                target.exec_driver_sql("PRAGMA journal_mode = WAL")
                wanted = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type"
                for kind in ("table", "index"):
                    for (sql,) in source.exec_driver_sql(f"{wanted} = '{kind}'"):
                        if "sqlite_" not in sql:
                            target.exec_driver_sql(sql)
                target.commit()
            yield bare
            bare.dispose()
        return
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        for (table,) in connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).all():
            connection.exec_driver_sql(
                f'CREATE TABLE {name}."{table}" (LIKE public."{table}" INCLUDING ALL)'
            )
    bare = create_engine(
        engine.url, connect_args={"options": f"-c search_path={name} -c timezone=UTC"}
    )
    yield bare
    bare.dispose()


def insert(bare: Engine, left: Left, lives: int) -> None:
    """Put the rows in, each life's share in a transaction."""
    with bare.connect() as connection:
        for life in range(lives):
            for table, rows in left:
                if share := rows[life::lives]:
                    connection.execute(table.insert(), share)
            connection.commit()


def run(rounds: int = ROUNDS, lives: int = LIVES) -> list[Row]:
    """All measurements, kept as JSON."""
    rows = [*measure_cold(rounds, lives), measure_warm(rounds, lives)]
    with postgresql_server() as server:
        rows.append(measure_warm(rounds, lives, database=empty_database(server)))
    return keep("lives", rows, rounds=rounds, lives=lives)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS, lives=LIVES))
