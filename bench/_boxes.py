"""A box to measure with: people who hold cards, and a million stopped certificates."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from mynabox.law.days import JST
from mynabox.law.municipality import municipalities
from mynabox.lifecycle.application import Application, ApplicationState, Channel
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.resident import ResidenceStatus, Resident, Sex
from mynabox.ports import written
from mynabox.settings import Settings
from mynabox.usecases.open_box import open_box
from mynabox.wiring import Home, open_home

ENTRIES, FIRST = 1_000_000, 10**9
TOWNS = [one for one in municipalities() if one.lives_here][::60]
FAMILIES = ("見本", "箱田", "試験", "髙橋", "齋藤", "例", "仮名", "佐藤")
GIVEN = ("太郎", "花子", "一", "さくら", "ハンナ", "次郎", "美咲", "翔")
START = datetime(2026, 11, 20, 10, tzinfo=JST)
TOWN = "082201"
"""Where the people live whose lives are measured."""


@contextmanager
def measured_box() -> Iterator[Home]:
    """A box in a folder of its own that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as folder:
        home = open_home(Settings(home=Path(folder) / "box"), create=True)
        try:
            home.clock.set(START)
            open_box(home.box)
            yield home
        finally:
            home.close()


def people(
    home: Home, count: int, *, first: int = 0, towns: int = len(TOWNS)
) -> Iterator[tuple[Resident, Card]]:
    """Specimen people who hold a card without certificates: of so many towns, no two of
    one name, address and birth date."""
    with home.box.store.work() as work:
        for number in range(first, first + count):
            town = TOWNS[number % towns]
            resident = Resident(
                id=f"res-{number:07d}",
                record_code=f"{number:011d}",
                municipality=town.code6,
                name=f"{FAMILIES[number % 8]}　{GIVEN[number // 8 % 8]}",
                kana=None,
                roman=None,
                alias=None,
                born=date(1950, 1, 1) + timedelta(days=number % 20_000),
                sex=Sex.MALE,
                address=f"{town.name}箱の内{number % 9 + 1}丁目{number}番地１",
                nationality="JPN",
                residence_status=ResidenceStatus.JAPANESE,
                stay_until=None,
                registered=START.date(),
            )
            application = Application(
                id=f"app-{number:07d}",
                resident=resident.id,
                municipality=town.code6,
                application_id=f"{number:023d}",
                channel=Channel.COUNTER,
                email="",
                link_hash="",
                opened=START,
                received=START,
                state=ApplicationState.PRODUCED,
            )
            card = Card(
                serial=f"{number:016d}",
                resident=resident.id,
                municipality=town.code6,
                application=application.id,
                security_code="0000",
                issued=START.date(),
                expires=date(2036, 3, 31),
                since=START,
                state=CardState.ACTIVE,
            )
            work.residents.add(resident)
            work.applications.add(application)
            work.cards.add(card)
            yield resident, card


def stop_many(home: Home, entries: int) -> None:
    """Revoked certificates of one card straight into the table, issuance numbers from
    ``FIRST`` on: their content is not read."""
    ((resident, card),) = people(home, 1)
    stop_more(home, card.serial, resident.id, range(entries))
    with home.box.store.work() as work:
        work.certificates.skip_to(10 * FIRST)


def stop_more(home: Home, card: str, resident: str, numbers: range) -> None:
    """Revoked certificates of these numbers, spread over all municipalities."""
    reasons = ("superseded", "affiliationChanged", "cessationOfOperation")
    made = written(START)
    with sqlite3.connect(home.path / "box.db") as db:
        db.execute("PRAGMA synchronous = OFF")
        db.executemany(
            "INSERT INTO certificates (serial, kind, issuer, card, nth, resident,"
            " municipality, not_before, not_after, der, state, stopped, reason,"
            " recorded) VALUES (?, 'signature', 'signature-01', ?, ?, ?, ?, ?, ?,"
            " x'', 'revoked', ?, ?, ?)",
            (
                (
                    *(FIRST + number, card, number, resident),
                    *(f"{number % 1741:06d}", made, made),
                    *(stopped(number), reasons[number % 3], stopped(number)),
                )
                for number in numbers
            ),
        )
    db.close()


def stopped(number: int) -> str:
    """When the certificate of this number stopped, as the store writes it."""
    return written(START - timedelta(seconds=20 + 7 * number % 150_000_000))
