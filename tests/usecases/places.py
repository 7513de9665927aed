"""Boxes at a stage of somebody's life, and a witness of everything they hold."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from mynabox.adapters.clock import BoxClock
from mynabox.law.days import JST
from mynabox.law.delivery import representative_needed
from mynabox.law.numbers import record_code_valid
from mynabox.lifecycle.application import Applicant, Application
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import Notice
from mynabox.lifecycle.number import Assignment
from mynabox.lifecycle.registration import COLUMNS, Registration, read_registration
from mynabox.lifecycle.resident import Resident, ResidentEvent
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box, Store, Work
from mynabox.sandbox.specimen import SPECIMEN_PINS, specimen_portrait
from mynabox.usecases.assign_number import assign_number
from mynabox.usecases.deliver import deliver
from mynabox.usecases.hand_over import HandOver, hand_over
from mynabox.usecases.issue_notice import issue_notice
from mynabox.usecases.leave_register import leave_register
from mynabox.usecases.open_application import OpenApplication, open_application
from mynabox.usecases.produce_card import Produced, produce_card
from mynabox.usecases.register_resident import Registered, register_resident
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.report_found import ReportFound, report_found
from mynabox.usecases.report_lost import Suspended, report_lost
from mynabox.usecases.representatives import Representative
from mynabox.usecases.show import ResidentShown, show_resident
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from mynabox.usecases.visitors import Visitor, VisitorKind
from mynabox.wiring import Home
from tests.around import Around
from tests.boxes import Keys, box_in

CITY = "082201"
LICENCE = ("drivers_licence",)
PARENT = Visitor(
    kind=VisitorKind.REPRESENTATIVE,
    name="箱田 親",
    documents=LICENCE,
    holder_present=True,
)
HERO_CODE = "31415926530"
MAIL = "specimen@mynabox.invalid"

_FIRST_DAY = datetime(2026, 4, 1, 10, 0, tzinfo=JST)
_PERSON = {
    "record_code": HERO_CODE,
    "municipality": CITY,
    "name": "箱田 太郎",
    "kana": "ハコダ タロウ",
    "roman": "",
    "alias": "",
    "born": "1990-03-31",
    "sex": "male",
    "address": "茨城県つくば市箱の内一丁目1番地1",
    "nationality": "JPN",
    "residence_status": "japanese",
    "stay_until": "",
    "registered": "2026-04-01",
    "number": "",
}


def particulars(**other: str) -> dict[str, str]:
    """A line of a register file by column: the hero's, or somebody else's."""
    unknown = set(other) - set(COLUMNS)
    assert not unknown, unknown
    return {**_PERSON, **other}


def foreigner(stay_until: str, **other: str) -> dict[str, str]:
    """Somebody with a period of stay."""
    return particulars(
        name="NGUYEN VAN HAKO",
        kana="",
        nationality="VNM",
        residence_status="mid_long_term",
        stay_until=stay_until,
        **other,
    )


def record_codes() -> Iterator[str]:
    """Record codes with right check digits, one for each further person."""
    for body in range(2_000_000_000, 10_000_000_000, 1_234_567):
        for check in range(10):
            if record_code_valid(f"{body}{check}").value:
                yield f"{body}{check}"
                break


@dataclass
class Standing:
    """A machine whose clock stands still, so that a second lasts."""

    moment: datetime = _FIRST_DAY

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Place:
    """An open box, and the person it is about: everything one can do with them,
    with what a test does not care about filled in."""

    home: Home
    box: Box
    machine: Standing
    hero: str = ""

    def on(self, day: str) -> "Place":
        """Make it this day (10 o'clock) or moment in the box."""
        text = day if "T" in day else f"{day}T10:00:00"
        self.machine.moment = datetime.fromisoformat(text).replace(tzinfo=JST)
        return self

    @property
    def today(self) -> date:
        return self.box.clock.now().date()

    def of(self, resident: str) -> "Place":
        """The same box, but about somebody else."""
        return replace(self, hero=resident)

    def with_store(self, store: Store) -> "Place":
        """The same box on another store."""
        return replace(self, box=replace(self.box, store=store))

    def shown(self) -> ResidentShown:
        return show_resident(self.hero, self.box)

    @property
    def resident(self) -> Resident:
        return self.shown().resident

    @property
    def form(self) -> Notice:
        return self.shown().notices[-1]

    @property
    def application(self) -> Application:
        return self.shown().applications[-1]

    @property
    def card(self) -> Card:
        return self.shown().cards[-1].card

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        return self.shown().cards[-1].certificates

    def registration(self, values: Mapping[str, str]) -> Registration:
        return read_registration(values, on=self.today)

    def register(self, values: Mapping[str, str]) -> Registered:
        return register_resident(self.registration(values), self.box)

    def enter(self, values: Mapping[str, str]) -> "Place":
        """Somebody new, whom the place is about from now on."""
        return self.of(self.register(values).resident.id)

    def number(self) -> Assignment:
        return assign_number(self.hero, self.box)

    def notice(self) -> Notice:
        return issue_notice(self.hero, self.box)

    def leave(self, event: ResidentEvent = ResidentEvent.LEFT_JAPAN) -> Resident:
        return leave_register(self.hero, event, self.box)

    def open(self, *, application_id: str = "", email: str = MAIL) -> Application:
        known = application_id or self.form.application_id
        ask = OpenApplication(application_id=known, email=email)
        return open_application(ask, self.box)

    def token(self, email: str = MAIL) -> str:
        """The link in the newest mail, as its reader sees it."""
        deliver(self.box)
        links = [
            text.split()[-1].rpartition("/")[2]
            for text in self.home.mail.texts(email)
            if "/apply/" in text and "/apply/status" not in text
        ]
        return links[-1]

    def submit(
        self,
        *,
        token: str | None = None,
        born: date | None = None,
        photo: bytes | None = None,
        taken: date | None = None,
        signature: bool = True,
        authentication: bool = True,
    ) -> Application:
        child = representative_needed(self.resident.born, self.today).value
        return submit_application(
            SubmitApplication(
                token=self.token() if token is None else token,
                born=born or self.resident.born,
                photo=specimen_portrait() if photo is None else photo,
                photo_taken=taken or self.today,
                signature_certificate=signature,
                authentication_certificate=authentication,
                applicant=Applicant.REPRESENTATIVE if child else Applicant.HOLDER,
                applicant_name="箱田 親" if child else "",
            ),
            self.box,
        )

    def produce(self, application: str | None = None) -> Produced:
        return produce_card(application or self.application.id, self.box)

    def hand_over(
        self,
        *,
        documents: tuple[str, ...] = LICENCE,
        pins: Mapping[str, Pin] = SPECIMEN_PINS,
    ) -> Card:
        child = representative_needed(self.resident.born, self.today).value
        ask = HandOver(
            serial=self.card.serial,
            documents=documents,
            pins=pins,
            visitor=PARENT if child else None,
        )
        return hand_over(ask, self.box)

    def lose(self) -> Suspended:
        return report_lost(self.hero, self.box)

    def find(
        self, *, documents: tuple[str, ...] = LICENCE, place: str = "counter"
    ) -> Card:
        ask = ReportFound(serial=self.card.serial, documents=documents, place=place)
        return report_found(ask, self.box)

    def reissue(
        self,
        *kinds: CertificateKind,
        documents: tuple[str, ...] = LICENCE,
        represented: str = "",
    ) -> tuple[Certificate, ...]:
        ask = ReissueCertificates(
            serial=self.card.serial,
            documents=documents,
            kinds=kinds or None,
            representative=Representative(name=represented, documents=LICENCE)
            if represented
            else None,
        )
        return reissue_certificates(ask, self.box)

    def apply(self, **wishes: bool) -> Application:
        """Number, notice (whatever is still to be done), form, photo."""
        self.number()
        if not self.shown().notices:
            self.notice()
        self.open()
        return self.submit(**wishes)  # type: ignore[arg-type]

    def have_card(self, *, produced: str, collected: str, **wishes: bool) -> Card:
        """The whole way to a card, applied for today."""
        self.apply(**wishes)
        self.on(produced).produce()
        return self.on(collected).hand_over()

    def kept(self) -> dict[str, object]:
        """Everything the box holds: every row of every table, every file sent, the
        memory of every chip. Two that are equal: nothing happened in between."""
        return everything_in(self.home.path)


def everything_in(folder: Path) -> dict[str, object]:
    """Every row of a box's tables, every file it sent, every chip's memory."""
    held: dict[str, object] = dict(rows_in(folder))
    for name in ("post", "mail", "cards", "tray", "keys"):
        held[name] = {
            path.name: sha256(path.read_bytes()).hexdigest()
            for path in (folder / name).glob("*")
            if ".lock" not in path.name
        }
    return held


def rows_in(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a box."""
    with closing(sqlite3.connect(f"file:{folder}/box.db?mode=ro", uri=True)) as db:
        names = [
            name
            for (name,) in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
        ]
        return {
            name: sorted(db.execute(f'SELECT * FROM "{name}"'), key=repr)
            for name in names
        }


def refused(
    place: Place,
    attempt: Callable[[], object],
    code: str,
    *rules: str,
    chips: bool = False,
) -> Refused:
    """The attempt is refused with this code under these rules, and nothing of it
    remains; ``chips``: save chips that were made for nothing."""
    before = place.kept()
    with pytest.raises(Refused) as caught:
        attempt()
    assert (caught.value.code, caught.value.rules) == (code, rules)
    after = place.kept()
    if chips:
        before["cards"] = after["cards"] = None
    assert after == before
    return caught.value


class PowerCut(Exception):
    """The end of a transaction that is never committed."""


@dataclass
class Failing(Around):
    """A store that fails in the moment of its n-th commit."""

    deadly: int = 1
    commits: int = 0

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            yield work
            self.commits += 1
            if self.commits == self.deadly:
                raise PowerCut


@dataclass
class Meanwhile(Around):
    """A store on which something else happens once: after the use case has looked
    for the n-th time, or (n = 0) just before it begins to write."""

    happens: Callable[[], object]
    looks: int = 0
    done: bool = False

    def _now(self) -> None:
        if not self.done:
            self.done = True
            self.happens()

    @contextmanager
    def work(self) -> Iterator[Work]:
        if self.looks <= 0:
            self._now()
        with self.store.work() as work:
            yield work

    @contextmanager
    def look(self) -> Iterator[Work]:
        with self.store.look() as work:
            yield work
        self.looks -= 1
        if self.looks == 0:
            self._now()


@contextmanager
def place_in(
    folder: Path, moment: datetime = _FIRST_DAY, *, keys: Keys = "copied"
) -> Iterator[Place]:
    """A box in a folder, its clock standing."""
    machine = Standing(moment)
    with box_in(folder, at=moment, keys=keys) as home:
        home.clock.follow()
        clock = BoxClock(home.path / "clock.json", machine=machine)
        standing = replace(home, clock=clock, box=replace(home.box, clock=clock))
        yield Place(standing, standing.box, machine)


def _stages() -> dict[str, Callable[[Place], object]]:
    """What has to happen for each stage, on top of the one before it."""
    return {
        "registered": lambda p: None,
        "numbered": lambda p: p.number(),
        "noticed": lambda p: p.on("2026-04-02").notice(),
        "opened": lambda p: p.on("2026-05-10").open(),
        "applied": lambda p: p.on("2026-05-11").submit(),
        "produced": lambda p: p.on("2026-06-01").produce(),
        "active": lambda p: p.on("2026-06-10").hand_over(),
        "suspended": lambda p: p.on("2026-07-01T23:40:00").lose(),
        "found": lambda p: p.on("2026-07-02").find(),
        "reissued": lambda p: p.on("2026-07-02").reissue(),
    }


STAGES = tuple(_stages())


@dataclass(frozen=True)
class Template:
    """A box at a stage, of which every test has its own copy."""

    folder: Path
    hero: str
    moment: datetime


def build_stages(folder: Path) -> dict[str, Template]:
    """One life, kept at each of its stages."""
    from shutil import copytree

    found = {}
    live = folder / "live"
    with place_in(live) as place:
        hero = place.enter(particulars())
        for stage, happens in _stages().items():
            happens(hero)
            deliver(hero.box)
            with closing(sqlite3.connect(live / "box.db")) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            copytree(live, folder / stage)
            found[stage] = Template(folder / stage, hero.hero, hero.machine.moment)
    return found
