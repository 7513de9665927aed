"""Certificates that end soon are renewed at the counter, with the card and its PINs."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
    StopReason,
)
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.sandbox.scenarios import stage
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.errors import LastTry, WrongPin
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.representatives import Representative
from mynabox.usecases.show import show_card
from mynabox.wiring import Home
from tests.boxes import NOW, box_in

OPENS = date(2031, 1, 12)
"""Three months before the fifth birthday, with which the specimen's certificates end."""
ENDS = date(2031, 4, 12)


@dataclass(frozen=True)
class Then:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with box_in(tmp_path_factory.mktemp("renew") / "box", at=NOW) as opened:
        yield opened


def on(day: date, box: Box) -> Box:
    return replace(box, clock=Then(datetime.combine(day, time(10, 0), JST)))


def certificates(card: str, box: Box) -> dict[CertificateKind, Certificate]:
    return {one.kind: one for one in show_card(card, box).certificates}


def renew(
    serial: str,
    box: Box,
    pins: Mapping[str, Pin] = SPECIMEN_PINS,
    by: Representative | None = None,
) -> tuple[Certificate, ...]:
    ask = RenewCertificates(serial=serial, pins=pins, representative=by)
    return renew_certificates(ask, box)


def test_renewed_in_the_window_they_last_to_the_sixth_birthday(home: Home) -> None:
    serial = stage("fresh", home.box).serial
    before = certificates(serial, home.box)
    then = on(OPENS, home.box)
    issued = {one.kind: one for one in renew(serial, then)}
    assert set(issued) == set(CertificateKind)
    for kind, new in issued.items():
        assert new.state is CertificateState.ACTIVE
        assert new.not_after.date() == date(2036, 4, 12)
        former = next(
            one
            for one in show_card(serial, home.box).certificates
            if one.serial == before[kind].serial
        )
        assert (former.state, former.reason, former.stopped) == (
            CertificateState.REVOKED,
            StopReason.SUPERSEDED,
            then.clock.now(),
        )
    with closing(home.cards.connect(serial)) as connection:
        session = JpkiSession(connection)
        for at in Kind:
            session.verify(at, SPECIMEN_PINS[at.value].characters)
            assert session.certificate(at) == issued[CertificateKind(at.value)].der


def test_after_their_last_day_they_are_issued_anew_as_at_first(home: Home) -> None:
    serial = stage("fresh", home.box).serial
    issued = renew(serial, on(ENDS + timedelta(days=1), home.box))
    assert {one.not_after.date() for one in issued} == {date(2036, 4, 12)}


@pytest.mark.parametrize(
    ("day", "code", "rule"),
    [
        (OPENS - timedelta(days=1), "renewal.too_early", "R098"),
        (date(2036, 4, 13), "card.not_valid", "R094"),
    ],
)
def test_days_on_which_nothing_is_renewed(
    home: Home, day: date, code: str, rule: str
) -> None:
    serial = stage("fresh", home.box).serial
    before = show_card(serial, home.box)
    with pytest.raises(Refused) as caught:
        renew(serial, on(day, home.box))
    assert caught.value.code == code
    assert rule in caught.value.rules
    assert show_card(serial, home.box) == before


def test_a_lost_card_is_not_renewed(home: Home) -> None:
    staged = stage("fresh", home.box)
    report_lost(staged.resident, home.box)
    with pytest.raises(Refused, match=r"card\.not_valid"):
        renew(staged.serial, on(OPENS, home.box))


def test_nothing_is_left_to_renew(home: Home) -> None:
    with pytest.raises(Refused, match=r"certificates\.none_to_stop"):
        renew(stage("revoked", home.box).serial, on(OPENS, home.box))


@pytest.mark.parametrize(
    ("name", "pins", "error"),
    [
        ("fresh", {"signature": Pin("WRONG1")}, WrongPin),
        ("fresh", {"authentication": Pin("9999")}, WrongPin),
        ("one-try-left", {}, LastTry),
    ],
)
def test_a_pin_that_is_not_right_changes_nothing_but_its_tries(
    home: Home, name: str, pins: dict[str, Pin], error: type[Exception]
) -> None:
    staged = stage(name, home.box)
    before = show_card(staged.serial, home.box)
    window = date(before.card.expires.year - 5, *_month_and_day(before.card))
    then = on(window - timedelta(days=10), home.box)
    with pytest.raises(error):
        renew(staged.serial, then, {**SPECIMEN_PINS, **pins})
    assert show_card(staged.serial, home.box) == before
    with closing(home.cards.connect(staged.serial)) as connection:
        session = JpkiSession(connection)
        assert session.certificate(Kind.AUTHENTICATION) == (
            certificates(staged.serial, home.box)[CertificateKind.AUTHENTICATION].der
        )


def _month_and_day(card: Card) -> tuple[int, int]:
    return card.expires.month, card.expires.day


def test_every_pin_is_asked_for(home: Home) -> None:
    serial = stage("fresh", home.box).serial
    only = {"authentication": SPECIMEN_PINS["authentication"]}
    with pytest.raises(Refused) as caught:
        renew(serial, on(OPENS, home.box), only)
    assert caught.value.code == "pin.missing"
    assert caught.value.facts == {"kinds": "signature"}


def test_a_child_renews_the_one_it_has(home: Home) -> None:
    serial = stage("minor", home.box).serial
    only = {"authentication": SPECIMEN_PINS["authentication"]}
    then = on(date(2031, 3, 1), home.box)
    with pytest.raises(Refused, match=r"representative\.needed"):
        renew(serial, then, only)
    by = Representative(name="箱田 親", documents=("passport",))
    (issued,) = renew(serial, then, only, by)
    assert issued.kind is CertificateKind.AUTHENTICATION
    assert issued.not_after.date() == date(2031, 5, 5), "the card ends then"
