"""Stores to test, and specimens to put into them.

The contract runs on SQLite and on PostgreSQL.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from mynabox.adapters.store import SqlStore, SqlWork, open_store
from mynabox.law.days import JST
from mynabox.lifecycle.application import Application, Channel
from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.number import Assignment, NumberState
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.lifecycle.resident import ResidenceStatus, Resident, Sex
from mynabox.lifecycle.secret import IndividualNumber
from tests.number_secrets import secret

JOURNAL_KEY = bytes(range(32))
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=JST)
MORNING_IN_UTC = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)
YOKOHAMA, SAPPORO = "141003", "011002"


@dataclass(frozen=True, slots=True)
class Specimens:
    """Makes values of every kind, each different from the one before."""

    counter: Iterator[int]

    def resident(self, **other: object) -> Resident:
        nth = next(self.counter)
        values: dict[str, object] = {
            "id": f"res-{nth:05}",
            "record_code": f"{nth:011}",
            "municipality": YOKOHAMA,
            "name": "見本　花子",
            "kana": "ミホン　ハナコ",
            "roman": None,
            "alias": None,
            "born": date(1990, 4, 1),
            "sex": Sex.FEMALE,
            "address": "神奈川県横浜市見本町一丁目1番1号",
            "nationality": "JPN",
            "residence_status": ResidenceStatus.JAPANESE,
            "stay_until": None,
            "registered": date(2026, 11, 20),
        }
        return Resident(**{**values, **other})  # type: ignore[arg-type]

    def assignment(
        self, resident: Resident, state: NumberState = NumberState.CURRENT
    ) -> Assignment:
        return Assignment(
            number=IndividualNumber(f"{next(self.counter):012}"),
            resident=resident.id,
            assigned=NOON,
            state=state,
        )

    def notice(self, resident: Resident, **other: object) -> Notice:
        nth = next(self.counter)
        values: dict[str, object] = {
            "id": f"not-{nth}",
            "resident": resident.id,
            "municipality": resident.municipality,
            "application_id": f"{nth:023}",
            "issued": date(2026, 11, 20),
            "form_name": resident.name,
            "form_address": resident.address,
            "form_stay_until": None,
        }
        return Notice(**{**values, **other})  # type: ignore[arg-type]

    def application(self, resident: Resident, **other: object) -> Application:
        nth = next(self.counter)
        values: dict[str, object] = {
            "id": f"app-{nth}",
            "resident": resident.id,
            "municipality": resident.municipality,
            "application_id": f"{nth:023}",
            "channel": Channel.SMARTPHONE,
            "email": "hanako@example.jp",
            "link_hash": f"{nth:064x}",
            "opened": NOON,
        }
        return Application(**{**values, **other})  # type: ignore[arg-type]

    def card(
        self,
        application: Application,
        state: CardState = CardState.PRODUCED,
        **other: object,
    ) -> Card:
        values: dict[str, object] = {
            "serial": f"{next(self.counter):016}",
            "resident": application.resident,
            "municipality": application.municipality,
            "application": application.id,
            "security_code": "0123",
            "issued": date(2026, 11, 20),
            "expires": date(2036, 4, 1),
            "since": NOON,
            "state": state,
        }
        return Card(**{**values, **other})  # type: ignore[arg-type]

    def authority(self, name: str = "signature-01", generation: int = 1) -> Authority:
        return Authority(
            name=name,
            kind=CertificateKind(name.split("-")[0]),
            generation=generation,
            der=b"authority",
            not_before=NOON,
            not_after=NOON.replace(year=2036),
        )

    def certificate(
        self,
        card: Card,
        state: CertificateState = CertificateState.ISSUED,
        **other: object,
    ) -> Certificate:
        values: dict[str, object] = {
            "serial": next(self.counter),
            "kind": CertificateKind.SIGNATURE,
            "issuer": "signature-01",
            "card": card.serial,
            "resident": card.resident,
            "municipality": card.municipality,
            "not_before": NOON,
            "not_after": NOON.replace(year=2031),
            "der": b"certificate",
            "state": state,
        }
        return Certificate(**{**values, **other})  # type: ignore[arg-type]

    def entry(self, *subjects: str, **other: object) -> Entry:
        values: dict[str, object] = {
            "municipality": YOKOHAMA,
            "at": NOON,
            "actor": "counter:clerk-1",
            "action": "report_lost",
            "subjects": subjects,
            "facts": {"理由": "紛失", "channel": "hotline"},
        }
        return Entry(**{**values, **other})  # type: ignore[arg-type]

    def outgoing(self, **other: object) -> Outgoing:
        values: dict[str, object] = {
            "id": f"out-{next(self.counter)}",
            "carrier": Carrier.POST,
            "municipality": YOKOHAMA,
            "to": "神奈川県横浜市見本町一丁目1番1号",
            "title": "notice",
            "content": b"%PDF-1.7",
            "created": NOON,
        }
        return Outgoing(**{**values, **other})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with everything up to two certificates' worth of card."""

    resident: Resident
    assignment: Assignment
    notice: Notice
    application: Application
    card: Card
    certificate: Certificate


@pytest.fixture
def specimens() -> Specimens:
    return Specimens(count(1))


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty store may be made, in each kind of database."""
    if request.param == "sqlite":
        return tmp_path / "box" / "box.sqlite"
    url: str = request.getfixturevalue("postgresql")
    return url


@pytest.fixture
def store(place: Path | str) -> Iterator[SqlStore]:
    with closing(
        open_store(place, journal_key=JOURNAL_KEY, number_secret=secret, patience=20)
    ) as opened:
        yield opened


@pytest.fixture
def raw(store: SqlStore) -> Iterator[Callable[..., list[Any]]]:
    """Runs SQL as any database tool would: without our pragmas, committed at once."""
    engine = create_engine(store.url)

    def run(statement: str, **values: object) -> list[Any]:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def holder(store: SqlStore, specimens: Specimens) -> Holder:
    """A person in the register with a produced card."""
    with store.work() as work:
        return _add_holder(work, specimens)


def _add_holder(work: SqlWork, specimens: Specimens) -> Holder:
    resident = specimens.resident()
    made = Holder(
        resident=resident,
        assignment=specimens.assignment(resident),
        notice=specimens.notice(resident),
        application=(application := specimens.application(resident)),
        card=(card := specimens.card(application)),
        certificate=specimens.certificate(card),
    )
    if not work.statuses.authorities():
        work.statuses.add_authority(specimens.authority())
    work.residents.add(made.resident)
    work.numbers.add(made.assignment)
    work.notices.add(made.notice)
    work.applications.add(made.application)
    work.cards.add(made.card)
    work.certificates.add(made.certificate)
    return made


@pytest.fixture
def another_holder(store: SqlStore, specimens: Specimens) -> Callable[[], Holder]:
    """Adds one more person with a produced card."""

    def add() -> Holder:
        with store.work() as work:
            return _add_holder(work, specimens)

    return add
