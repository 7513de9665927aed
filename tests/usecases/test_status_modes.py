"""What status answers know, when: at once, or on the grid of 15 minutes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.law.days import JST
from mynabox.lifecycle.authority import RevocationList
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.life import Refused
from mynabox.pki.evidence import CrlEvidence
from mynabox.pki.ocsp import Good, Revoked
from mynabox.pki.verify import Anchor, Outcome, verify
from mynabox.ports import Box, KeysUnavailable, Missing
from mynabox.usecases.endings import apply_event
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.status import (
    answer_ocsp,
    current_delta,
    current_list,
    publish_list,
    status_of,
    view,
)
from tests.usecases.places import Place

At = Callable[[str], Place]
ISSUER = "signature-01"


Mode = Literal["prompt", "immediate", "grid"]


def in_mode(place: Place, mode: Mode) -> Place:
    site = replace(place.box.site, status_mode=mode)
    return replace(place, box=replace(place.box, site=site))


def on_the_grid(place: Place) -> Place:
    return in_mode(place, "grid")


def signature(place: Place) -> Certificate:
    return next(one for one in place.certificates if one.issuer == ISSUER)


def told(place: Place) -> Good | Revoked:
    with place.box.store.look() as work:
        said = status_of(work, ISSUER, signature(place).serial, seen=view(place.box))
    assert isinstance(said, Good | Revoked)
    return said


def entries(listed: RevocationList) -> dict[int, str]:
    """What a list says: reason by serial."""
    found = {}
    for entry in x509.load_der_x509_crl(listed.der):
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        found[entry.serial_number] = reason.value
    return found


def number(listed: RevocationList, kind: type[x509.CRLNumber | x509.DeltaCRLIndicator]):  # type: ignore[no-untyped-def]
    parsed = x509.load_der_x509_crl(listed.der)
    return parsed.extensions.get_extension_for_class(kind).value.crl_number


@pytest.mark.parametrize(
    ("mode", "moment", "good"),
    [
        ("prompt", "2026-07-01T10:07:00", False),
        ("immediate", "2026-07-01T10:07:00", False),
        ("grid", "2026-07-01T10:07:00", True),
        ("grid", "2026-07-01T10:14:59", True),
        ("grid", "2026-07-01T10:15:00", False),
    ],
)
def test_a_hold_at_seven_past_ten(at: At, mode: Mode, moment: str, good: bool) -> None:
    """at once by default; with the data of the last quarter hour as J-LIS"""
    place = at("active").on("2026-07-01T10:07:00")
    assert place.box.site.status_mode == "prompt"
    place = in_mode(place, mode)
    place.lose()
    place.on(moment)
    assert isinstance(told(place), Good) == good
    listed = publish_list(ISSUER, place.box)
    assert (entries(listed) == {}) == good


def asked(place: Place) -> tuple[str, str, str, str]:
    """Status, thisUpdate, producedAt and nextUpdate of an OCSP answer, in Japan."""
    certificate = signature(place)
    with place.box.store.look() as work:
        ca = next(one for one in work.statuses.authorities() if one.name == ISSUER)
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(
            x509.load_der_x509_certificate(certificate.der),
            x509.load_der_x509_certificate(ca.der),
            SHA256(),
        )
        .build()
    )
    given = answer_ocsp(request.public_bytes(Encoding.DER), place.box)
    said = ocsp.load_der_ocsp_response(given.answer.encoded)
    assert said.next_update_utc is not None
    assert given.this_update.replace(microsecond=0) == said.this_update_utc
    assert given.next_update == said.next_update_utc
    this, made, following = (
        f"{moment.astimezone(JST):%H:%M:%S}"
        for moment in (said.this_update_utc, said.produced_at_utc, said.next_update_utc)
    )
    return said.certificate_status.name, this, made, following


@pytest.mark.parametrize(
    ("mode", "before", "after", "later"),
    [
        # at 10:04:00, held at 10:07:00 and asked at 10:09:30, asked at 10:15:01
        (
            "prompt",
            ("GOOD", "10:00:00", "10:04:00", "10:15:00"),
            ("REVOKED", "10:07:00", "10:09:30", "10:15:00"),
            ("REVOKED", "10:15:00", "10:15:01", "10:30:00"),
        ),
        (
            "grid",
            ("GOOD", "10:00:00", "10:04:00", "10:15:00"),
            ("GOOD", "10:00:00", "10:09:30", "10:15:00"),
            ("REVOKED", "10:15:00", "10:15:01", "10:30:00"),
        ),
        (
            "immediate",
            ("GOOD", "10:04:00", "10:04:00", "10:19:00"),
            ("REVOKED", "10:09:30", "10:09:30", "10:24:30"),
            ("REVOKED", "10:15:01", "10:15:01", "10:30:01"),
        ),
    ],
)
def test_the_moments_of_an_answer(
    at: At,
    mode: Mode,
    before: tuple[str, ...],
    after: tuple[str, ...],
    later: tuple[str, ...],
) -> None:
    place = in_mode(at("active").on("2026-07-01T10:04:00"), mode)
    assert asked(place) == before
    place.on("2026-07-01T10:07:00").lose()
    assert asked(place.on("2026-07-01T10:09:30")) == after
    assert asked(place.on("2026-07-01T10:15:01")) == later


@pytest.mark.parametrize("mode", ["prompt", "immediate"])
def test_a_list_made_at_once_bears_its_second(at: At, mode: Mode) -> None:
    place = in_mode(at("active").on("2026-07-01T10:07:00"), mode)
    listed = publish_list(ISSUER, place.on("2026-07-01T10:09:30").box)
    assert listed.this_update == place.box.clock.now()


@pytest.mark.parametrize(
    ("moment", "this_update", "next_update"),
    [
        ("2026-07-01T10:00:00", "10:00", "10:15"),
        ("2026-07-01T10:14:59", "10:00", "10:15"),
        ("2026-07-01T23:59:59", "23:45", "00:00"),
    ],
)
def test_answers_stand_on_the_grid(
    at: At, moment: str, this_update: str, next_update: str
) -> None:
    place = on_the_grid(at("active")).on(moment)
    answer = answer_ocsp(b"", place.box)
    assert f"{answer.this_update:%H:%M}" == this_update
    assert f"{answer.next_update:%H:%M}" == next_update


@pytest.mark.parametrize(
    ("made", "listed"),
    [
        ("2026-07-02T10:01:30", "2026-07-02T10:01:30"),
        ("2026-07-02T10:00:00", "2026-07-02T10:00:00"),
    ],
)
def test_a_generation_younger_than_the_grid_point_has_its_list(
    at: At, made: str, listed: str
) -> None:
    """of its first moment: a new box, or a new generation, lacks none until then"""
    place = on_the_grid(at("active")).on(made)
    issuer = roll_over(CertificateKind.SIGNATURE, place.box).name
    place = place.on("2026-07-02T10:07:00")
    for municipality in (None, "082201"):
        base = current_list(issuer, place.box, municipality=municipality)
        delta = current_delta(issuer, place.box, municipality=municipality)
        moment = datetime.fromisoformat(listed).replace(tzinfo=JST)
        assert (base.this_update, entries(base)) == (moment, {})
        assert (delta.this_update, delta.base) == (moment, base.number)
        assert current_list(issuer, place.box, municipality=municipality) == base


def test_a_card_handed_over_works_at_once_on_the_grid_too(at: At) -> None:
    """issued means usable, whatever the grid"""
    place = on_the_grid(at("found")).on("2026-07-02T10:01:00")
    place.reissue()
    new = place.certificates[-1]
    with place.box.store.look() as work:
        said = status_of(work, new.issuer, new.serial, seen=view(place.box))
    assert said == Good()


@pytest.mark.parametrize("back", ["2026-07-01T23:39:00", "2026-06-30", "2026-05-01"])
def test_a_clock_turned_back_revives_nothing(at: At, back: str) -> None:
    """held at 23:40; the clock then says an earlier time: still held, and the moment
    told is not in the answer's future, where it would count for good"""
    place = at("suspended").on(back)
    said = told(place)
    assert isinstance(said, Revoked)
    assert said.at <= place.box.clock.now()
    if back.startswith("2026-07"):
        listed = current_list(ISSUER, place.box)
        assert entries(listed) == {signature(place).serial: "certificateHold"}
        verdict = verify(
            signature(place).der,
            anchors=_anchors(place.box),
            kind=signature(place).kind,
            at=place.box.clock.now(),
            evidence=(CrlEvidence(encoded=listed.der),),
        )
        assert verdict.outcome is Outcome.HELD


def _anchors(box: Box) -> list[Anchor]:
    with box.store.look() as work:
        return [Anchor(one.kind, one.der) for one in work.statuses.authorities()]


def test_list_numbers_grow_though_the_clock_steps_back(at: At) -> None:
    place = at("suspended").on("2026-07-05")
    first = current_list(ISSUER, place.box)
    place.on("2026-07-04")
    second = current_list(ISSUER, place.box)
    assert second.number == first.number + 1
    assert second.this_update < first.this_update
    assert current_list(ISSUER, place.box) == second
    third = current_list(ISSUER, place.on("2026-07-06").box)
    assert third.number == second.number + 1


def test_a_list_past_its_next_update(at: At) -> None:
    """the box makes a new one; a verifier that still has the old one knows nothing"""
    place = at("active").on("2026-07-01")
    old = current_list(ISSUER, place.box)
    place.on("2026-07-02T00:00:00")
    assert current_list(ISSUER, place.box).number == old.number + 1
    verdict = verify(
        signature(place).der,
        anchors=_anchors(place.box),
        kind=signature(place).kind,
        at=place.on("2026-07-02T00:00:01").box.clock.now(),
        evidence=(CrlEvidence(encoded=old.der),),
    )
    assert (verdict.outcome, verdict.cause) == (Outcome.UNKNOWN, "stale")


@pytest.mark.parametrize("municipality", [None, "082201"])
def test_a_delta_says_what_the_base_does_not(at: At, municipality: str | None) -> None:
    """RFC 5280 section 5.2.4: marked critical, numbered in one sequence with lists"""
    place = at("active").on("2026-07-01")
    box = place.box
    base = current_list(ISSUER, box, municipality=municipality)
    empty = current_delta(ISSUER, box, municipality=municipality)
    assert entries(empty) == {}
    assert current_delta(ISSUER, box, municipality=municipality) == empty
    place.on("2026-07-01T18:00:00").lose()
    delta = current_delta(ISSUER, box, municipality=municipality)
    serial = signature(place).serial
    assert entries(delta) == {serial: "certificateHold"}
    assert number(delta, x509.DeltaCRLIndicator) == base.number
    assert number(delta, x509.CRLNumber) == delta.number == base.number + 2
    parsed = x509.load_der_x509_crl(delta.der)
    assert parsed.extensions.get_extension_for_class(x509.DeltaCRLIndicator).critical
    assert current_list(ISSUER, box, municipality=municipality) == base
    place.on("2026-07-02")
    later = current_list(ISSUER, box, municipality=municipality)
    assert later.number == delta.number + 1
    assert entries(later) == {serial: "certificateHold"}
    assert entries(current_delta(ISSUER, box, municipality=municipality)) == {}


def test_a_changed_reason_is_in_the_delta(at: At) -> None:
    """a held certificate whose key turns out to be compromised"""
    place = at("suspended").on("2026-07-02")
    current_list(ISSUER, place.box)
    with place.box.store.work() as work:
        apply_event(work, place.card, "key_compromised", at=place.box.clock.now())
    delta = current_delta(ISSUER, place.box)
    assert entries(delta) == {signature(place).serial: "keyCompromise"}


def test_a_delta_alone_proves_nothing(at: At) -> None:
    """a verifier that takes it for a whole list would call everything good"""
    place = at("active").on("2026-07-01")
    delta = current_delta(ISSUER, place.box)
    verdict = verify(
        signature(place).der,
        anchors=_anchors(place.box),
        kind=signature(place).kind,
        at=place.box.clock.now(),
        evidence=(CrlEvidence(encoded=delta.der),),
    )
    assert (verdict.outcome, verdict.cause) == (Outcome.UNKNOWN, "delta_without_base")


def test_base_and_delta_together(at: At) -> None:
    """good before the hold, held after it, by the same base"""
    place = at("active").on("2026-07-01")
    base = current_list(ISSUER, place.box)
    before = current_delta(ISSUER, place.box)
    place.lose()
    after = current_delta(ISSUER, place.box)
    for delta, outcome in ((before, Outcome.GOOD), (after, Outcome.HELD)):
        verdict = verify(
            signature(place).der,
            anchors=_anchors(place.box),
            kind=signature(place).kind,
            at=place.box.clock.now(),
            evidence=(CrlEvidence(encoded=base.der, delta=delta.der),),
        )
        assert verdict.outcome is outcome
        assert verdict.window is not None
        assert verdict.window.this_update == delta.this_update


def test_a_delta_of_another_base_is_not_put_together(at: At) -> None:
    """its base came later than the list at hand: something may be missing between"""
    place = at("active").on("2026-07-01")
    old = current_list(ISSUER, place.box)
    publish_list(ISSUER, place.box)
    delta = current_delta(ISSUER, place.box)
    verdict = verify(
        signature(place).der,
        anchors=_anchors(place.box),
        kind=signature(place).kind,
        at=place.box.clock.now(),
        evidence=(CrlEvidence(encoded=old.der, delta=delta.der),),
    )
    assert (verdict.outcome, verdict.cause) == (
        Outcome.UNKNOWN,
        "delta_of_another_base",
    )


def test_unknown_authorities(place: Place) -> None:
    for ask in (current_list, publish_list, current_delta):
        with pytest.raises(Missing):
            ask("signature-99", place.box)


def test_a_list_of_an_authority_still_to_come(place: Place) -> None:
    """the clock was turned back before the CA was made"""
    place.on("2026-03-01")
    with pytest.raises(Refused) as caught:
        current_list(ISSUER, place.box)
    assert caught.value.code == "ca.not_valid_now"


class Gone:
    """Keys that have gone away."""

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        raise KeysUnavailable("the token is gone")

    def public_key(self, key: str) -> bytes:
        raise KeysUnavailable("the token is gone")

    def sign(self, key: str, data: bytes) -> bytes:
        raise KeysUnavailable("the token is gone")


def test_without_keys_the_responder_says_try_later(at: At) -> None:
    place = at("active")
    box = replace(place.box, signer=Gone())
    assert answer_ocsp(b"", box).answer.encoded.hex() == "30030a0103"


def test_without_keys_nothing_is_half_issued(at: At) -> None:
    """the token is gone in the middle of producing: asked again, it comes whole"""
    place = at("applied").on("2026-06-01")
    before = place.kept()
    broken = replace(place, box=replace(place.box, signer=Gone()))
    with pytest.raises(KeysUnavailable):
        broken.produce()
    after = place.kept()
    before["cards"] = after["cards"] = None
    assert after == before
    produced = place.produce()
    assert {one.state for one in produced.certificates} == {CertificateState.ISSUED}
