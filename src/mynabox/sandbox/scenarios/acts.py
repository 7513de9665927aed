"""How each specimen card comes about: when it is made, and what happens to it then.

What lies in the past is done under a clock that stands there; the box's own clock is
never turned. A box that had no authority then gets a generation that began then, and
afterwards, where the newest one could not cover a certificate issued today, one more
(:func:`present_generations`).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from mynabox.card import PROFILES
from mynabox.law.days import JST, birthday_in
from mynabox.law.validity import renewal_opens
from mynabox.lifecycle.card import Card
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.ports import Box
from mynabox.sandbox.scenarios.catalogue import Scenario
from mynabox.sandbox.scenarios.way import DOCUMENTS, Applicant, at, enter, new_card
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.chip import make_chip
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reissue_certificates import (
    ReissueCertificates,
    reissue_certificates,
)
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.roll_over import covered_until, roll_over
from mynabox.usecases.show import list_authorities
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates

_NOON = time(12, 0)
_LONG_AGO = date(2022, 1, 5)
"""When the card that has expired was made: under the rules of then, its holder of
sixteen got five years, of which the first ended five days later. Earlier than that
year the rulebook knows no telephone lines to print."""
_MADE_BEFORE_MOVING = timedelta(days=40)
_MOVED = timedelta(days=3)
_NEW_ADDRESS = "茨城県つくば市箱の内十丁目1番地1"
_INTO_WINDOW = timedelta(days=10)
_BEFORE_BIRTHDAY = timedelta(days=5)
_YEARS_OF_CERTIFICATE = 5


def make(scenario: Scenario, who: Applicant, box: Box) -> Card:
    """Make the scenario's card for its holder, and let happen to it what happens."""
    card = _ACTS.get(scenario.name, _plain)(scenario, who, box)
    present_generations(box)
    return card


def present_generations(box: Box) -> None:
    """See to it that today's certificates are issued by authorities that cover them.

    The newest generation issues; one that was made for a card of the past is the
    newest by number and may end too soon.
    """
    until = covered_until(box.clock.now(), box)
    for kind in CertificateKind:
        newest = max(
            (one for one in list_authorities(box) if one.kind is kind),
            key=lambda one: one.generation,
        )
        if newest.not_after < until:
            roll_over(kind, box, actor="box")


def _plain(_: Scenario, who: Applicant, box: Box) -> Card:
    return new_card(who, enter(who, box), box)


def _expired(_: Scenario, who: Applicant, box: Box) -> Card:
    then = at(_noon(_LONG_AGO), box)
    return new_card(who, enter(who, then), then)


def _revoked(scenario: Scenario, who: Applicant, box: Box) -> Card:
    card = _plain(scenario, who, box)
    stop_certificates(StopCertificates(serial=card.serial, documents=DOCUMENTS), box)
    return card


def _held(scenario: Scenario, who: Applicant, box: Box) -> Card:
    card = _plain(scenario, who, box)
    return report_lost(card.resident, box).card


def _moved(_: Scenario, who: Applicant, box: Box) -> Card:
    now = box.clock.now()
    then = at(now - _MADE_BEFORE_MOVING, box)
    card = new_card(who, enter(who, then), then)
    change_particulars(
        ChangeParticulars(resident=card.resident, address=_NEW_ADDRESS),
        at(now - _MOVED, box),
    )
    return card


def _renewed(scenario: Scenario, who: Applicant, box: Box) -> Card:
    made, renewed = _season(scenario.born, box.clock.now().date())
    then = at(_noon(made), box)
    card = new_card(who, enter(who, then), then)
    renew_certificates(
        RenewCertificates(serial=card.serial, pins=who.pins), at(_noon(renewed), box)
    )
    return card


def _season(born: date, today: date) -> tuple[date, date]:
    """When a card was made, and when its first certificates were renewed: in the
    last window that opened long enough before today."""
    year = today.year + 1
    while True:
        ends = birthday_in(born, year)
        renewed = renewal_opens(ends).value + _INTO_WINDOW
        if renewed < today:
            first = birthday_in(born, year - _YEARS_OF_CERTIFICATE + 1)
            return first - _BEFORE_BIRTHDAY, renewed
        year -= 1


def _telephone(scenario: Scenario, who: Applicant, box: Box) -> Card:
    """The register knows no telephones yet: the token stands there as the person's
    card. Its chip is another kind, and its certificates are issued for its own keys."""
    card = _plain(scenario, replace(who, pins=SPECIMEN_PINS), box)
    make_chip(card.serial, box, profile=PROFILES[scenario.profile or ""])
    stop_certificates(StopCertificates(serial=card.serial, documents=DOCUMENTS), box)
    reissue_certificates(
        ReissueCertificates(serial=card.serial, documents=DOCUMENTS), box
    )
    deliver(box)
    return card


def _noon(day: date) -> datetime:
    return datetime.combine(day, _NOON, JST)


_ACTS: Mapping[str, Callable[[Scenario, Applicant, Box], Card]] = {
    "expired": _expired,
    "revoked": _revoked,
    "held": _held,
    "moved": _moved,
    "renewed": _renewed,
    "phone-android": _telephone,
    "phone-iphone": _telephone,
}
"""Those that are more than a card made and handed over today."""
