"""Every row of the rulebook's table of events happens to a real card (R145-R157)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mynabox.law.days import JST
from mynabox.law.events import Effect, event_effects, event_names
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
    Standing,
    StopReason,
)
from mynabox.pki.ocsp import Good, Revoked
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.discard_card import discard_card
from mynabox.usecases.endings import apply_event
from mynabox.usecases.report_compromise import ReportCompromise, report_compromise
from mynabox.usecases.status import status_of, view
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates
from tests.usecases.places import LICENCE, Place, refused

At = Callable[[str], Place]
STAGE = {"found": "suspended", "discarded": "produced"}
"""The stage of a life at which an event can happen; *active* for the others."""


def told(place: Place, certificate: Certificate) -> str:
    """What status services say of a certificate now, in the rulebook's words."""
    with place.box.store.look() as work:
        said = status_of(
            work, certificate.issuer, certificate.serial, seen=view(place.box)
        )
    if isinstance(said, Good):
        return "good"
    assert isinstance(said, Revoked)
    return f"revoked {said.reason.value}"


def became(certificate: Certificate, at: datetime) -> str:
    """What a certificate is at a moment, in the rulebook's words."""
    match certificate.standing(at):
        case Standing.GOOD:
            return "good"
        case Standing.LAPSED:
            return "lapsed"
        case Standing.HELD:
            return "hold"
        case Standing.REVOKED:
            assert certificate.reason is not None
            return f"revoked {certificate.reason.value}"
        case Standing.NOT_YET_VALID:
            return "not yet valid"


def meant(effect: Effect) -> str:
    """The row's word, as it shows in state and reason: what lapses before its own
    last day is revoked as no longer needed (R153)."""
    lapsed = f"revoked {StopReason.CESSATION_OF_OPERATION.value}"
    return lapsed if effect.state == "lapsed" else str(effect)


@pytest.mark.parametrize("event", sorted(set(event_names()) - {"expired"}))
def test_the_row_is_what_happens(at: At, event: str) -> None:
    """signature certificate, authentication certificate, card; and what OCSP says"""
    place = at(STAGE.get(event, "active"))
    row = event_effects(event).value
    before = {one.kind: one for one in place.certificates}
    with place.box.store.work() as work:
        applied = apply_event(work, place.card, event, at=place.box.clock.now())
    place.on("2026-07-03")
    now = place.box.clock.now()
    after = {one.kind: one for one in place.certificates}
    for kind, effect in (
        (CertificateKind.SIGNATURE, row.signature),
        (CertificateKind.AUTHENTICATION, row.authentication),
    ):
        assert became(after[kind], now) == meant(effect)
        says = "revoked certificateHold" if effect.state == "hold" else meant(effect)
        assert told(place, after[kind]) == says
        changed = after[kind] != before[kind]
        assert (after[kind].serial in applied.stopped) == changed
        assert changed == (effect.state != "good")
    state = {
        "active": CardState.ACTIVE,
        "update": CardState.ACTIVE,
        "suspended": CardState.SUSPENDED,
        "void": CardState.VOID,
    }[row.card.state]
    assert applied.card.state is state
    assert place.card == applied.card


def test_expiry_is_seen_and_stored_nowhere(at: At) -> None:
    """R153: certificates and card lapse with their last second, by themselves"""
    place = at("active")
    ends = datetime.combine(place.card.expires, datetime.max.time(), JST)
    place.on(ends.strftime("%Y-%m-%dT23:59:59"))
    certificate = max(place.certificates, key=lambda one: one.not_after)
    last = certificate.not_after
    assert certificate.standing(last) is Standing.GOOD
    assert certificate.standing(last + timedelta(seconds=1)) is Standing.LAPSED
    assert place.card.valid_on(place.today)

    def expire() -> None:
        with place.box.store.work() as work:
            apply_event(work, place.card, "expired", at=place.box.clock.now())

    said = refused(place, expire, "card.not_expired", "R153")
    assert said.facts == {"expires": place.card.expires.isoformat()}
    place.machine.moment += timedelta(seconds=1)
    before = place.kept()
    expire()
    assert place.kept()["certificates"] == before["certificates"]
    assert not place.card.valid_on(place.today)
    assert all(
        one.standing(place.box.clock.now()) is Standing.LAPSED
        for one in place.certificates
    )


def _signature(place: Place) -> Certificate:
    return next(
        one for one in place.certificates if one.kind is CertificateKind.SIGNATURE
    )


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("2026-07-01T09:30:00", "good"),
        ("2026-07-01T23:59:59", "good"),
        ("2026-07-02T00:00:00", "revoked affiliationChanged"),
        ("2026-07-02T09:30:00", "revoked affiliationChanged"),
    ],
)
def test_a_move_stops_the_signature_certificate_on_the_next_day(
    at: At, moment: str, says: str
) -> None:
    """R145: recorded at half past nine, in force from midnight"""
    place = at("active").on("2026-07-01T09:30:00")
    change_particulars(
        ChangeParticulars(resident=place.hero, address="茨城県つくば市天王台一丁目"),
        place.box,
    )
    place.on(moment)
    signature = _signature(place)
    assert told(place, signature) == says
    assert signature.stopped == datetime(2026, 7, 2, tzinfo=JST)
    (authentication,) = (one for one in place.certificates if one != signature)
    assert told(place, authentication) == "good"


def test_a_new_certificate_on_the_day_of_the_move(at: At) -> None:
    """R177: at the same time; it names the new address, the old one ends by itself"""
    place = at("active").on("2026-07-01T09:30:00")
    change_particulars(
        ChangeParticulars(resident=place.hero, address="茨城県つくば市天王台一丁目"),
        place.box,
    )
    (new,) = place.reissue()
    assert new.kind is CertificateKind.SIGNATURE
    assert "天王台一丁目".encode() in new.der
    assert told(place, new) == "good"


def test_lost_on_the_day_of_the_move(at: At) -> None:
    """a loss does not wait for midnight: the revocation comes forward"""
    place = at("active").on("2026-07-01T09:30:00")
    change_particulars(
        ChangeParticulars(resident=place.hero, name="箱根 太郎"), place.box
    )
    lost = place.on("2026-07-01T18:00:00").lose()
    signature = _signature(place)
    assert signature.serial in lost.certificates
    assert signature.stopped == place.box.clock.now()
    assert told(place, signature) == "revoked affiliationChanged"
    place.on("2026-07-05").find()
    assert _signature(place) == signature


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"municipality": "131016"}, "particulars.address_missing"),
        ({"name": "箱田 太郎"}, "particulars.nothing_new"),
    ],
)
def test_changes_refused(at: At, change: dict[str, str], code: str) -> None:
    place = at("active")
    ask = replace(ChangeParticulars(resident=place.hero), **change)  # type: ignore[arg-type]
    refused(place, lambda: change_particulars(ask, place.box), code, "R145")


def test_a_compromised_key(at: At) -> None:
    """R157: at the counter only, with a document; nothing is left the second time"""
    place = at("active").on("2026-07-01")
    ask = ReportCompromise(serial=place.card.serial, documents=LICENCE)
    by_phone = ReportCompromise(
        serial=place.card.serial, documents=LICENCE, place="hotline"
    )
    without = ReportCompromise(serial=place.card.serial, documents=())
    box = place.box
    code = "compromise.only_at_the_counter"
    refused(place, lambda: report_compromise(by_phone, box), code, "R157")
    refused(
        place, lambda: report_compromise(without, box), "identity.not_enough", "R267"
    )
    report_compromise(ask, box)
    assert {told(place, one) for one in place.certificates} == {"revoked keyCompromise"}
    assert place.card.state is CardState.ACTIVE
    code = "certificates.none_to_stop"
    refused(place, lambda: report_compromise(ask, box), code, "R157")
    assert {one.kind for one in place.reissue()} == set(CertificateKind)


@pytest.mark.parametrize("kind", CertificateKind)
def test_the_holder_stops_one_certificate(at: At, kind: CertificateKind) -> None:
    """R147: the other one, and the card, stay"""
    place = at("active").on("2026-07-01")
    ask = StopCertificates(serial=place.card.serial, documents=LICENCE, kinds=(kind,))
    stop_certificates(ask, place.box)
    for certificate in place.certificates:
        stopped = certificate.kind is kind
        says = "revoked cessationOfOperation" if stopped else "good"
        assert told(place, certificate) == says
    refused(
        place,
        lambda: stop_certificates(ask, place.box),
        "certificates.none_to_stop",
        "R147",
    )


def test_discarded_before_delivery(at: At) -> None:
    """R156: unspecified, and only while the card waits"""
    place = at("produced")
    discard_card(place.card.serial, place.box, reason="not collected")
    for certificate in place.certificates:
        assert certificate.state is CertificateState.REVOKED
        assert told(place, certificate) == "revoked unspecified"
    refused(
        place,
        lambda: discard_card(place.card.serial, place.box, reason="again"),
        "card.not_possible_now",
        *("R030", "R050", "R148", "R149", "R185"),
    )


def test_a_replaced_card(at: At) -> None:
    """R150, R055: the next card supersedes the certificates of the one before"""
    place = at("active")
    old = place.card.serial
    place.on("2036-02-01")
    place.apply()
    place.on("2036-02-10").produce()
    place.on("2036-02-20").hand_over()
    held = {shown.card.serial: shown for shown in place.shown().cards}[old]
    assert held.card.state is CardState.VOID
    assert {one.reason for one in held.certificates} == {StopReason.SUPERSEDED}
