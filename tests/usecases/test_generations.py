"""Generations of a CA: one name, several keys, made in time (rollover)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp

from mynabox.law.days import JST, plus_months
from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.pki.algorithms import ECDSA_SHA384, algorithm_of
from mynabox.pki.evidence import CrlEvidence, OcspEvidence
from mynabox.pki.ocsp import UNAUTHORIZED, issuer_hashes
from mynabox.pki.reading import read_certificate
from mynabox.pki.verify import Anchor, Outcome, Verdict, verify
from mynabox.ports import Box
from mynabox.usecases.certify import newest_authority
from mynabox.usecases.open_box import open_box
from mynabox.usecases.roll_over import covered_until, keep_generations, roll_over
from mynabox.usecases.status import answer_ocsp, current_list, publish_list
from tests.usecases.places import Place, particulars

At = Callable[[str], Place]
SIGNATURE, AUTHENTICATION = CertificateKind.SIGNATURE, CertificateKind.AUTHENTICATION


def authorities(box: Box) -> list[Authority]:
    with box.store.look() as work:
        return list(work.statuses.authorities())


def issuer_of(certificate: Certificate, box: Box) -> Authority:
    return next(one for one in authorities(box) if one.name == certificate.issuer)


def asked(certificate: Certificate, box: Box) -> bytes:
    """The OCSP answer about a certificate, as its issuer's key names it."""
    request = (
        x509_ocsp.OCSPRequestBuilder()
        .add_certificate(
            x509.load_der_x509_certificate(certificate.der),
            x509.load_der_x509_certificate(issuer_of(certificate, box).der),
            SHA1(),
        )
        .build()
        .public_bytes(Encoding.DER)
    )
    return answer_ocsp(request, box).answer.encoded


def judged(certificate: Certificate, box: Box, *, by: str) -> Verdict:
    """What a relying party that trusts every generation makes of a certificate."""
    if by == "ocsp":
        evidence: OcspEvidence | CrlEvidence = OcspEvidence(
            response=asked(certificate, box)
        )
    else:
        evidence = CrlEvidence(encoded=current_list(certificate.issuer, box).der)
    return verify(
        certificate.der,
        anchors=[Anchor(one.kind, one.der) for one in authorities(box)],
        kind=certificate.kind,
        at=box.clock.now(),
        evidence=(evidence,),
    )


def test_a_generation_has_the_same_name_and_another_key(place: Place) -> None:
    """the issuer is told by key identifier and signature, never by name"""
    place.on("2028-04-01")
    second = roll_over(SIGNATURE, place.box)
    first = next(one for one in authorities(place.box) if one.name == "signature-01")
    assert (second.name, second.generation) == ("signature-02", 2)
    old, new = read_certificate(first.der), read_certificate(second.der)
    assert old.subject == new.subject
    assert old.key_identifier != new.key_identifier
    assert new.issued_with(new.public_key)
    assert not new.issued_with(old.public_key)
    assert {one.name for one in authorities(place.box)} == {
        *("signature-01", "signature-02", "authentication-01")
    }


def test_each_generation_answers_for_its_own(at: At) -> None:
    """certificates before and after: good by their own CA's OCSP and list only"""
    place = at("active").on("2028-04-01")
    before = {one.kind: one for one in place.certificates}
    for kind in CertificateKind:
        roll_over(kind, place.box)
    place.lose()
    place.on("2028-04-02").find()
    after = {one.kind: one for one in place.reissue()}
    for kind in CertificateKind:
        assert before[kind].issuer == f"{kind.value}-01"
        assert after[kind].issuer == f"{kind.value}-02"
        for by in ("ocsp", "crl"):
            assert judged(before[kind], place.box, by=by).outcome is Outcome.HELD
            assert judged(after[kind], place.box, by=by).outcome is Outcome.GOOD
        other = replace(after[kind], issuer=f"{kind.value}-01")
        silent = judged(other, place.box, by="crl")
        assert (silent.outcome, silent.cause) == (Outcome.UNKNOWN, "not_from_this_ca")
        answer = x509_ocsp.load_der_ocsp_response(asked(other, place.box))
        assert answer.certificate_status is x509_ocsp.OCSPCertStatus.UNKNOWN


def test_lists_are_numbered_and_signed_for_each_generation(at: At) -> None:
    place = at("suspended").on("2026-07-02")
    roll_over(SIGNATURE, place.box)
    first = current_list("signature-01", place.box)
    second = current_list("signature-02", place.box)
    parsed = [x509.load_der_x509_crl(one.der) for one in (first, second)]
    assert [len(one) for one in parsed] == [1, 0]
    assert parsed[0].issuer == parsed[1].issuer
    keys = [
        one.extensions.get_extension_for_class(
            x509.AuthorityKeyIdentifier
        ).value.key_identifier
        for one in parsed
    ]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("day", "generations"),
    [
        # A CA of 1 April 2026 ends on 31 March 2036. Six years less a day and 90 days
        # before that is 2 January 2030.
        ("2030-01-02", 1),
        ("2030-01-03", 2),
        ("2036-03-31", 2),
        ("2036-04-01", 2),
        ("2046-04-01", 2),
    ],
)
def test_the_box_rolls_over_in_time(place: Place, day: str, generations: int) -> None:
    """the next generation is there before the old one could not cover a certificate"""
    place.on(day)
    open_box(place.box)
    assert keep_generations(place.box) == ()
    living = [one for one in authorities(place.box) if one.kind is SIGNATURE]
    assert len(living) == generations
    assert living[-1].not_after >= covered_until(place.box.clock.now(), place.box)


def test_a_clock_turned_on_by_ten_years_still_issues(at: At) -> None:
    """and nothing caps the new certificates but the rulebook (R131)"""
    place = at("active")
    place.on("2036-02-01").apply()
    card = place.on("2036-05-10").produce().card
    place.on("2036-05-20").hand_over()
    for certificate in place.certificates:
        assert certificate.issuer.endswith("-02")
        assert certificate.not_after.astimezone(JST).date() == date(2041, 3, 31)
        assert issuer_of(certificate, place.box).not_after >= certificate.not_after
        assert judged(certificate, place.box, by="ocsp").outcome is Outcome.GOOD
    assert card.expires == date(2046, 3, 31)


def test_every_certificate_is_covered_whenever_it_is_issued(place: Place) -> None:
    """every half year of thirty years: the issuer outlives the longest certificate"""
    for half_years in range(60):
        moment = datetime(2026, 4, 1, tzinfo=JST) + timedelta(days=182 * half_years)
        place.on(moment.strftime("%Y-%m-%d"))
        keep_generations(place.box)
        for kind in CertificateKind:
            covering = [
                one
                for one in authorities(place.box)
                if one.kind is kind and one.not_before <= place.box.clock.now()
            ]
            longest = place.box.clock.now().replace(year=moment.year + 6, day=28)
            assert max(one.not_after for one in covering) >= longest
    count = len(authorities(place.box))
    assert 2 * 7 <= count <= 2 * 9  # one about every four years, as the genuine ones


def test_a_generation_of_the_past_does_not_issue_for_the_present(at: At) -> None:
    """a clock that was turned back and on again leaves a younger generation behind that
    ends before the older one: the one that lasts longest issues"""
    place = at("active")
    first = {one.name: one.not_after for one in authorities(place.box)}
    past = place.on("2021-01-01T10:00:00")
    made = {one.name for one in keep_generations(past.box)}
    assert made.isdisjoint(first)
    assert all(
        one.not_after < min(first.values())
        for one in authorities(place.box)
        if one.name in made
    )
    now = place.on("2026-06-11T10:00:00")
    assert keep_generations(now.box) == ()
    with now.box.store.look() as work:
        for kind in CertificateKind:
            chosen = newest_authority(work, kind, at=now.box.clock.now())
            assert chosen.name in first


def test_an_expired_generation(at: At) -> None:
    """OCSP is no longer authorized to speak, its last list stays as it is"""
    place = at("suspended")
    certificate = place.certificates[0]
    place.on("2036-03-31")
    open_box(place.box)
    last = current_list(certificate.issuer, place.box)
    place.on("2036-04-02")
    open_box(place.box)
    assert asked(certificate, place.box) == UNAUTHORIZED
    assert current_list(certificate.issuer, place.box) == last
    with pytest.raises(Refused) as caught:
        publish_list(certificate.issuer, place.box)
    assert caught.value.code == "ca.not_valid_now"
    verdict = judged(certificate, place.box, by="crl")
    assert (verdict.outcome, verdict.cause) == (
        Outcome.REFUSED,
        "authority_out_of_date",
    )


def test_two_ceremonies_at_once_make_one_generation(place: Place) -> None:
    """whoever comes second gets what the first has made"""
    made = {roll_over(SIGNATURE, place.box).name}
    with place.box.store.look() as work:
        rows = [row.entry.action for row in work.journal.about("signature-02")]
    assert (made, rows) == ({"signature-02"}, ["roll_over"])


def test_the_next_card_is_off_by_default_and_can_be_tried(place: Place) -> None:
    """P-384 and SHA-384 above, ten-year certificates with a month more below"""
    assert not place.box.site.next_card
    assert not place.home.settings.next_card
    trial = replace(
        place, box=replace(place.box, site=replace(place.box.site, next_card=True))
    )
    open_box(trial.box)
    newest = authorities(trial.box)[-1]
    facts = read_certificate(newest.der)
    assert algorithm_of(facts.public_key) == ECDSA_SHA384 == facts.signature_algorithm
    assert newest.not_after.year - newest.not_before.year == 20
    hero = trial.enter(particulars())
    hero.have_card(produced="2026-06-01", collected="2026-06-10")
    for certificate in hero.certificates:
        leaf = read_certificate(certificate.der)
        assert certificate.issuer.endswith("-02")
        assert leaf.signature_algorithm == ECDSA_SHA384
        assert certificate.not_after.astimezone(JST).date() == hero.card.expires
        born = hero.resident.born
        assert hero.card.expires == plus_months(born.replace(year=2036), 1)
        for by in ("ocsp", "crl"):
            assert judged(certificate, hero.box, by=by).outcome is Outcome.GOOD
    answer = x509_ocsp.load_der_ocsp_response(asked(hero.certificates[0], hero.box))
    assert answer.signature_hash_algorithm is not None
    assert answer.signature_hash_algorithm.name == "sha384"
    listed = x509.load_der_x509_crl(
        current_list(hero.certificates[0].issuer, hero.box).der
    )
    assert listed.signature_algorithm_oid.dotted_string == ECDSA_SHA384


def test_another_shape_is_refused(place: Place) -> None:
    """a box made as a specimen is not opened in the production's shape"""
    site = replace(place.box.site, production_shape=True)
    with pytest.raises(Refused) as caught:
        open_box(replace(place.box, site=site))
    assert caught.value.code == "ca.other_shape"


def test_the_right_issuer_among_same_names(place: Place) -> None:
    """SHA-256 ids too: the key decides which generation is asked"""
    roll_over(AUTHENTICATION, place.box)
    for authority in authorities(place.box):
        request = (
            x509_ocsp.OCSPRequestBuilder()
            .add_certificate_by_hash(
                *issuer_hashes(authority.der, "sha256"),
                serial_number=10**6,
                algorithm=SHA256(),
            )
            .build()
            .public_bytes(Encoding.DER)
        )
        answer = x509_ocsp.load_der_ocsp_response(
            answer_ocsp(request, place.box).answer.encoded
        )
        assert answer.certificate_status is x509_ocsp.OCSPCertStatus.UNKNOWN
        signer = read_certificate(answer.certificates[0].public_bytes(Encoding.DER))
        assert signer.issued_with(read_certificate(authority.der).public_key)
