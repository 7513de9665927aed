"""Verification of card certificates, with pyhanko-certvalidator as second opinion."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

from mynabox.law.municipality import municipality
from mynabox.lifecycle.certificate import CertificateKind, StopReason
from mynabox.pki import der
from mynabox.pki.algorithms import Sign
from mynabox.pki.certificate import (
    Authority,
    ca_certificate,
    responder_certificate,
)
from mynabox.pki.crl import Revocation, revocation_list
from mynabox.pki.evidence import CrlEvidence, Evidence, OcspEvidence
from mynabox.pki.guard import Genuine
from mynabox.pki.names import JST, Name
from mynabox.pki.ocsp import (
    CertificateStatus,
    Good,
    Responder,
    Revoked,
    Unknown,
    issuer_hashes,
    respond,
)
from mynabox.pki.profile import Addresses, production_shape, specimen
from mynabox.pki.reading import NotACertificate, read_certificate
from mynabox.pki.verify import Anchor, Outcome, Verdict, verify

Issue = Callable[..., bytes]
REACHABLE = specimen().with_uri(Addresses(base="http://127.0.0.1:8780"))
"""The second opinion looks at OCSP answers only where a certificate names a responder."""
Keys = Mapping[str, tuple[bytes, Sign]]

SIGNATURE, AUTHENTICATION = CertificateKind.SIGNATURE, CertificateKind.AUTHENTICATION
NOW = datetime(2026, 3, 1, 6, 7, 8, tzinfo=UTC)
STOPPED = datetime(2026, 2, 28, 3, 4, 5, tzinfo=UTC)


def ocsp_request(ca: bytes, serial: int, nonce: bytes | None = None) -> bytes:
    name, key = issuer_hashes(ca, "sha1")
    one = der.sequence(
        der.sequence(der.oid("1.3.14.3.2.26"), der.null()),
        der.octet_string(name),
        der.octet_string(key),
        der.integer(serial),
    )
    extension = b""
    if nonce is not None:
        value = der.octet_string(der.octet_string(nonce))
        oid = der.oid("1.3.6.1.5.5.7.48.1.2")
        extension = der.explicit(2, der.sequence(der.sequence(oid, value)))
    return der.sequence(der.sequence(der.sequence(der.sequence(one)), extension))


def ocsp_for(
    leaf: bytes,
    responder: Responder,
    status: CertificateStatus,
    *,
    this_update: datetime = NOW - timedelta(minutes=5),
    lasts: timedelta = timedelta(minutes=15),
    produced_at: datetime | None = None,
    nonce: bytes | None = None,
) -> OcspEvidence:
    serial = read_certificate(leaf).serial
    response = respond(
        ocsp_request(responder.authority, serial, nonce),
        find=lambda issuer, asked: status,
        responders=(responder,),
        produced_at=produced_at or this_update,
        this_update=this_update,
        next_update=this_update + lasts,
    )
    return OcspEvidence(response=response)


def crl_for(
    authority: Authority,
    *revocations: Revocation,
    this_update: datetime = NOW - timedelta(hours=5),
    partition: str | None = "132217",
) -> CrlEvidence:
    return CrlEvidence(
        encoded=revocation_list(
            authority,
            revocations,
            number=1,
            this_update=this_update,
            next_update=this_update + timedelta(days=1),
            profile=specimen(),
            partition=municipality(partition) if partition else None,
        )
    )


def second_opinion(
    leaf: bytes,
    anchors: tuple[Anchor, ...],
    kind: CertificateKind,
    at: datetime,
    evidence: tuple[Evidence, ...],
) -> str:
    """What pyhanko-certvalidator says, with the same trust, moment and evidence.

    ``good``, ``refused``, or the reason it read for a revocation.
    """
    context = ValidationContext(
        trust_roots=[
            asn1_x509.Certificate.load(anchor.encoded)
            for anchor in anchors
            if anchor.kind is kind
        ],
        ocsps=[
            asn1_ocsp.OCSPResponse.load(one.response)
            for one in evidence
            if isinstance(one, OcspEvidence)
        ],
        crls=[
            asn1_crl.CertificateList.load(one.encoded)
            for one in evidence
            if isinstance(one, CrlEvidence)
        ],
        moment=at,
        time_tolerance=timedelta(0),
        revocation_mode="require",
        allow_fetching=False,
    )
    usage = {"digital_signature"}
    if kind is SIGNATURE:
        usage.add("non_repudiation")
    validator = CertificateValidator(
        asn1_x509.Certificate.load(leaf), validation_context=context
    )
    try:
        asyncio.run(validator.async_validate_usage(usage))
    except RevokedError as stop:
        return "revoked " + str(stop.reason.native)
    except (ValidationError, PathError):
        return "refused"
    return "good"


def first_opinion(verdict: Verdict) -> str:
    """Ours, in the words of the second."""
    if verdict.reason is None:
        return "good" if verdict.good else "refused"
    words = re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), verdict.reason)
    return f"revoked {words}"


STATUSES: dict[str, tuple[CertificateStatus, Outcome, str | None]] = {
    "good": (Good(), Outcome.GOOD, None),
    "moved": (
        Revoked(STOPPED, StopReason.AFFILIATION_CHANGED),
        Outcome.REVOKED,
        "affiliationChanged",
    ),
    "discarded": (
        Revoked(STOPPED, StopReason.UNSPECIFIED),
        Outcome.REVOKED,
        "unspecified",
    ),
    "lost": (
        Revoked(STOPPED, StopReason.CERTIFICATE_HOLD),
        Outcome.HELD,
        "certificateHold",
    ),
    "never issued": (Unknown(), Outcome.UNKNOWN, None),
}


@pytest.mark.parametrize("kind", [SIGNATURE, AUTHENTICATION])
@pytest.mark.parametrize("case", STATUSES)
def test_ocsp_decides_and_the_second_opinion_agrees(
    case: str,
    kind: CertificateKind,
    issue_signature: Issue,
    issue_authentication: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    status, outcome, reason = STATUSES[case]
    issue = issue_signature if kind is SIGNATURE else issue_authentication
    leaf = issue(profile=REACHABLE)
    evidence = (ocsp_for(leaf, responders[kind is AUTHENTICATION], status),)
    verdict = verify(leaf, anchors=anchors, kind=kind, at=NOW, evidence=evidence)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert verdict.stopped_at == (STOPPED if reason else None)
    assert first_opinion(verdict) == second_opinion(leaf, anchors, kind, NOW, evidence)


@pytest.mark.parametrize("partition", ["132217", None])
@pytest.mark.parametrize("case", ["good", "moved", "discarded", "lost"])
def test_a_list_decides_and_the_second_opinion_agrees(
    case: str,
    partition: str | None,
    issue_signature: Issue,
    signature_ca: Authority,
    anchors: tuple[Anchor, ...],
) -> None:
    status, outcome, reason = STATUSES[case]
    leaf = issue_signature()
    entries = [Revocation(5, STOPPED, StopReason.SUPERSEDED)]
    if isinstance(status, Revoked):
        entries.append(Revocation(20_000_001, status.at, status.reason))
    evidence = (crl_for(signature_ca, *entries, partition=partition),)
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=evidence)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert first_opinion(verdict) == second_opinion(
        leaf, anchors, SIGNATURE, NOW, evidence
    )


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (datetime(2025, 10, 27, 1, 30, 14, tzinfo=UTC), Outcome.NOT_YET_VALID),
        (datetime(2025, 10, 27, 1, 30, 15, tzinfo=UTC), Outcome.GOOD),
        (datetime(2030, 2, 17, 14, 59, 59, tzinfo=UTC), Outcome.GOOD),
        (datetime(2030, 2, 17, 15, 0, 0, tzinfo=UTC), Outcome.EXPIRED),
        (datetime(2031, 1, 1, tzinfo=UTC), Outcome.EXPIRED),
    ],
)
def test_validity_is_to_the_second(
    at: datetime,
    outcome: Outcome,
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature(profile=REACHABLE)
    responder = responders[0]
    produced = max(at, read_certificate(responder.certificate).not_before)
    evidence = (
        ocsp_for(leaf, responder, Good(), this_update=at, produced_at=produced),
    )
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=at, evidence=evidence)
    assert verdict.outcome is outcome
    assert first_opinion(verdict) == second_opinion(
        leaf, anchors, SIGNATURE, at, evidence
    )


def test_no_evidence_is_not_good(
    issue_signature: Issue, anchors: tuple[Anchor, ...]
) -> None:
    verdict = verify(issue_signature(), anchors=anchors, kind=SIGNATURE, at=NOW)
    assert (verdict.outcome, verdict.cause) == (Outcome.UNKNOWN, "no_evidence")
    assert verdict.certificate is not None


@pytest.mark.parametrize(
    ("age", "lasts", "cause"),
    [
        (timedelta(minutes=15), timedelta(minutes=15), "good"),
        (timedelta(minutes=15, seconds=1), timedelta(minutes=15), "stale"),
        (timedelta(days=400), timedelta(minutes=15), "stale"),
        (-timedelta(minutes=5), timedelta(minutes=15), "good"),
        (-timedelta(minutes=5, seconds=1), timedelta(minutes=15), "from_the_future"),
    ],
)
def test_stale_ocsp_answers_are_silent(
    age: timedelta,
    lasts: timedelta,
    cause: str,
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature()
    at = NOW + timedelta(days=365)
    one = ocsp_for(leaf, responders[0], Good(), this_update=at - age, lasts=lasts)
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=at, evidence=(one,))
    assert verdict.cause == cause
    assert verdict.good is (cause == "good")


def test_stale_lists_are_silent(
    issue_signature: Issue, signature_ca: Authority, anchors: tuple[Anchor, ...]
) -> None:
    leaf = issue_signature()
    for this_update, cause in (
        (NOW - timedelta(days=1), "good"),
        (NOW - timedelta(days=1, seconds=1), "stale"),
        (NOW + timedelta(minutes=6), "from_the_future"),
    ):
        one = crl_for(signature_ca, this_update=this_update)
        verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,))
        assert verdict.cause == cause


def test_one_witness_of_a_stop_outweighs_all_others(
    issue_signature: Issue,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature()
    stopped = crl_for(
        signature_ca, Revocation(20_000_001, STOPPED, StopReason.SUPERSEDED)
    )
    good = ocsp_for(leaf, responders[0], Good())
    rubbish = OcspEvidence(response=b"0")
    for evidence in ((good, stopped), (stopped, good), (rubbish, stopped, good)):
        verdict = verify(
            leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=evidence
        )
        assert verdict.outcome is Outcome.REVOKED
    verdict = verify(
        leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(rubbish, good)
    )
    assert verdict.good


def test_a_document_signed_before_the_stop_stays_good(
    issue_signature: Issue, signature_ca: Authority, anchors: tuple[Anchor, ...]
) -> None:
    leaf = issue_signature()
    one = crl_for(
        signature_ca, Revocation(20_000_001, STOPPED, StopReason.CERTIFICATE_HOLD)
    )
    for at, outcome in (
        (STOPPED - timedelta(seconds=1), Outcome.GOOD),
        (STOPPED, Outcome.HELD),
        (STOPPED + timedelta(seconds=1), Outcome.HELD),
    ):
        verdict = verify(
            leaf, anchors=anchors, kind=SIGNATURE, at=at, asked_at=NOW, evidence=(one,)
        )
        assert verdict.outcome is outcome
        assert verdict.stopped_at == STOPPED


def test_silence_after_expiry_proves_nothing(
    issue_signature: Issue, signature_ca: Authority, anchors: tuple[Anchor, ...]
) -> None:
    """A list may drop expired entries, so it cannot vouch for the past."""
    leaf = issue_signature()
    late = datetime(2030, 3, 1, tzinfo=UTC)
    one = crl_for(signature_ca, this_update=late)
    verdict = verify(
        leaf, anchors=anchors, kind=SIGNATURE, at=NOW, asked_at=late, evidence=(one,)
    )
    assert (verdict.outcome, verdict.cause) == (Outcome.UNKNOWN, "asked_after_expiry")


def test_the_hierarchies_never_cross(
    issue_signature: Issue,
    issue_authentication: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    for leaf, responder, wrong in (
        (issue_signature(profile=REACHABLE), responders[0], AUTHENTICATION),
        (issue_authentication(profile=REACHABLE), responders[1], SIGNATURE),
    ):
        evidence = (ocsp_for(leaf, responder, Good()),)
        verdict = verify(leaf, anchors=anchors, kind=wrong, at=NOW, evidence=evidence)
        assert (verdict.outcome, verdict.cause) == (
            Outcome.REFUSED,
            "crossed_hierarchy",
        )
        assert second_opinion(leaf, anchors, wrong, NOW, evidence) == "refused"


def test_the_issuer_is_chosen_by_key_not_by_name(
    issue_signature: Issue,
    next_signature_ca: Authority,
    signature_ca: Authority,
    anchors: tuple[Anchor, ...],
) -> None:
    """Two generations share one name; each finds its own leaf."""
    for ca in (signature_ca, next_signature_ca):
        leaf = issue_signature(authority=ca)
        evidence = (crl_for(ca),)
        verdict = verify(
            leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=evidence
        )
        assert verdict.good
        other = next_signature_ca if ca is signature_ca else signature_ca
        alone = (Anchor(SIGNATURE, other.certificate),)
        verdict = verify(leaf, anchors=alone, kind=SIGNATURE, at=NOW, evidence=evidence)
        assert (verdict.outcome, verdict.cause) == (Outcome.REFUSED, "untrusted")
        assert second_opinion(leaf, alone, SIGNATURE, NOW, evidence) == "refused"


def test_evidence_of_another_generation_is_silent(
    issue_signature: Issue,
    next_signature_ca: Authority,
    signature_ca: Authority,
    keys: Keys,
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature(profile=REACHABLE)
    other = crl_for(next_signature_ca)
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(other,))
    assert verdict.cause == "not_from_this_ca"
    public, sign = keys["authentication-responder"]
    stranger = responder_certificate(
        specimen(), next_signature_ca, public_key=public, serial=1,
        issued=NOW - timedelta(days=1), until=NOW + timedelta(days=1),
    )  # fmt: skip
    posing = Responder(
        issuer="signature",
        authority=signature_ca.certificate,
        certificate=stranger,
        sign=sign,
    )
    one = ocsp_for(leaf, posing, Good())
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,))
    assert verdict.cause == "not_from_this_ca"
    assert second_opinion(leaf, anchors, SIGNATURE, NOW, (one,)) == "refused"


def test_a_card_holder_is_no_responder(
    issue_signature: Issue,
    signature_ca: Authority,
    keys: Keys,
    anchors: tuple[Anchor, ...],
) -> None:
    """A certificate of the right CA without OCSPSigning vouches for nobody."""
    leaf = issue_signature(profile=REACHABLE)
    posing = Responder(
        issuer="signature",
        authority=signature_ca.certificate,
        certificate=leaf,
        sign=keys["holder-signature"][1],
    )
    one = ocsp_for(leaf, posing, Good())
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,))
    assert verdict.cause == "not_from_this_ca"
    assert second_opinion(leaf, anchors, SIGNATURE, NOW, (one,)) == "refused"


def test_the_ca_itself_may_answer(
    issue_signature: Issue, signature_ca: Authority, anchors: tuple[Anchor, ...]
) -> None:
    leaf = issue_signature(profile=REACHABLE)
    itself = Responder(
        issuer="signature",
        authority=signature_ca.certificate,
        certificate=signature_ca.certificate,
        sign=signature_ca.sign,
    )
    one = ocsp_for(leaf, itself, Good())
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,))
    assert verdict.good
    assert second_opinion(leaf, anchors, SIGNATURE, NOW, (one,)) == "good"


def test_an_expired_responder_is_silent(
    issue_signature: Issue,
    signature_ca: Authority,
    keys: Keys,
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature()
    public, sign = keys["signature-responder"]
    old = responder_certificate(
        specimen(), signature_ca, public_key=public, serial=1,
        issued=NOW - timedelta(days=9), until=NOW - timedelta(minutes=1),
    )  # fmt: skip
    tired = Responder(
        issuer="signature",
        authority=signature_ca.certificate,
        certificate=old,
        sign=sign,
    )
    one = ocsp_for(leaf, tired, Good())
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,))
    assert verdict.cause == "not_from_this_ca"


def test_evidence_about_another_certificate_is_silent(
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    other = ocsp_for(issue_signature(serial=4), responders[0], Good())
    verdict = verify(
        issue_signature(), anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(other,)
    )
    assert verdict.cause == "about_another_certificate"


def test_the_list_of_another_municipality_is_silent(
    issue_signature: Issue, signature_ca: Authority, anchors: tuple[Anchor, ...]
) -> None:
    leaf = issue_signature()
    one = crl_for(signature_ca, partition="082201")
    verdict = verify(leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,))
    assert verdict.cause == "of_another_partition"
    assert second_opinion(leaf, anchors, SIGNATURE, NOW, (one,)) == "refused"


@pytest.mark.parametrize("sent", [b"n" * 32, None])
def test_a_nonce_must_come_back(
    sent: bytes | None,
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature()
    one = ocsp_for(leaf, responders[0], Good(), nonce=sent)
    for expected, cause in (
        (None, "good"),
        (b"n" * 32, "good" if sent else "nonce_missing_or_different"),
        (b"m" * 32, "nonce_missing_or_different"),
    ):
        verdict = verify(
            leaf, anchors=anchors, kind=SIGNATURE, at=NOW,
            evidence=(replace(one, nonce=expected),),
        )  # fmt: skip
        assert verdict.cause == cause


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        (b"", "unreadable"),
        (b"\x30\x03\x0a\x01\x01", "responder_malformed_request"),
        (b"\x30\x03\x0a\x01\x03", "responder_try_later"),
        (b"\x30\x03\x0a\x01\x06", "responder_unauthorized"),
    ],
)
def test_a_responder_that_fails_is_silent(
    response: bytes, cause: str, issue_signature: Issue, anchors: tuple[Anchor, ...]
) -> None:
    verdict = verify(
        issue_signature(), anchors=anchors, kind=SIGNATURE, at=NOW,
        evidence=(OcspEvidence(response=response),),
    )  # fmt: skip
    assert (verdict.outcome, verdict.cause) == (Outcome.UNKNOWN, cause)


def test_policies_can_be_asked_for(
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    leaf = issue_signature()
    evidence = (ocsp_for(leaf, responders[0], Good()),)
    for profile, cause in ((specimen(), "good"), (production_shape(), "wrong_policy")):
        verdict = verify(
            leaf, anchors=anchors, kind=SIGNATURE, at=NOW, evidence=evidence,
            policies=frozenset({profile.policy(SIGNATURE)}),
        )  # fmt: skip
        assert verdict.cause == cause


def test_an_authentication_key_does_not_sign_documents(
    signature_ca: Authority, keys: Keys, issue_authentication: Issue
) -> None:
    """Issued by the right CA for the wrong use: the key usage tells."""
    posing = replace(signature_ca, kind=AUTHENTICATION)
    leaf = issue_authentication(authority=posing)
    verdict = verify(
        leaf,
        anchors=(Anchor(SIGNATURE, signature_ca.certificate),),
        kind=SIGNATURE,
        at=NOW,
    )
    assert (verdict.outcome, verdict.cause) == (Outcome.REFUSED, "wrong_key_usage")


def test_a_responder_certificate_opens_no_door(
    responders: tuple[Responder, ...], anchors: tuple[Anchor, ...]
) -> None:
    verdict = verify(
        responders[1].certificate, anchors=anchors, kind=AUTHENTICATION, at=NOW
    )
    assert verdict.cause == "wrong_extended_key_usage"


def test_a_ca_certificate_is_no_card(
    signature_ca: Authority, anchors: tuple[Anchor, ...]
) -> None:
    verdict = verify(signature_ca.certificate, anchors=anchors, kind=SIGNATURE, at=NOW)
    assert verdict.cause == "not_end_entity"


def test_a_name_must_fit_the_key(
    signature_ca: Authority, keys: Keys, issue_signature: Issue
) -> None:
    """The same key under another CA name: the signature fits, the name does not."""
    public, sign = keys["signature-ca"]
    renamed = ca_certificate(
        replace(specimen(), unit="another specimen"), SIGNATURE,
        public_key=public, sign=sign, serial=1,
        issued=datetime(2024, 1, 1, tzinfo=JST),
    )  # fmt: skip
    verdict = verify(
        issue_signature(), anchors=(Anchor(SIGNATURE, renamed),), kind=SIGNATURE, at=NOW
    )
    assert verdict.cause == "wrong_issuer_name"


def test_only_a_ca_can_be_an_anchor(issue_signature: Issue) -> None:
    with pytest.raises(NotACertificate, match="CA certificate"):
        Anchor(SIGNATURE, issue_signature())
    with pytest.raises(NotACertificate):
        Anchor(SIGNATURE, b"rubbish")


def test_a_genuine_root_is_never_an_anchor(keys: Keys) -> None:
    """Made with our key, so that no genuine certificate is needed to show it."""
    public, sign = keys["signature-ca"]
    honest = ca_certificate(
        specimen(), SIGNATURE, public_key=public, sign=sign, serial=1,
        issued=datetime(2024, 1, 1, tzinfo=JST),
    )  # fmt: skip
    ours = specimen().ca_name(SIGNATURE).encode()
    official = Name(
        (("C", "JP"), ("O", "JPKI"), *specimen().ca_name(SIGNATURE).attributes[2:])
    )
    parts = der.read(honest).children()
    fields = [one.encoded for one in parts[0].children()]
    signed = der.sequence(
        *(official.encode() if one == ours else one for one in fields)
    )
    forged = der.sequence(signed, parts[1].encoded, der.bit_string(sign(signed)))
    with pytest.raises(Genuine):
        Anchor(SIGNATURE, forged)
    assert verify(forged, anchors=(), kind=SIGNATURE, at=NOW).cause == "genuine_service"


def test_a_verdict_in_a_log_tells_nothing_of_the_holder(
    issue_signature: Issue, anchors: tuple[Anchor, ...]
) -> None:
    said = repr(verify(issue_signature(), anchors=anchors, kind=SIGNATURE, at=NOW))
    assert "CertificateFacts(serial=20000001)" in said
    assert "黒桐" not in said


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_altered_certificate_is_good(
    place: float,
    flip: int,
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    whole = issue_signature()
    spoiled = bytearray(whole)
    spoiled[int(place * len(spoiled))] ^= flip
    evidence = (ocsp_for(whole, responders[0], Good()),)
    verdict = verify(
        bytes(spoiled), anchors=anchors, kind=SIGNATURE, at=NOW, evidence=evidence
    )
    assert verdict.outcome is Outcome.REFUSED


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_altered_evidence_is_good(
    place: float,
    flip: int,
    issue_signature: Issue,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
    anchors: tuple[Anchor, ...],
) -> None:
    """Octets outside every signature (the outer wrapping) may differ harmlessly."""
    leaf = issue_signature()
    moved = Revoked(STOPPED, StopReason.AFFILIATION_CHANGED)
    response = ocsp_for(leaf, responders[0], moved).response
    listed = crl_for(
        signature_ca, Revocation(20_000_001, STOPPED, StopReason.SUPERSEDED)
    ).encoded
    for whole, wrap in (
        (response, lambda octets: OcspEvidence(response=octets)),
        (listed, lambda octets: CrlEvidence(encoded=octets)),
    ):
        spoiled = bytearray(whole)
        spoiled[int(place * len(spoiled))] ^= flip
        verdict = verify(
            leaf, anchors=anchors, kind=SIGNATURE, at=NOW,
            evidence=(wrap(bytes(spoiled)),),
        )  # fmt: skip
        assert verdict.outcome in (Outcome.UNKNOWN, Outcome.REVOKED)


@given(octets=st.binary(max_size=400))
def test_rubbish_never_raises(
    octets: bytes, issue_signature: Issue, anchors: tuple[Anchor, ...]
) -> None:
    assert verify(octets, anchors=anchors, kind=SIGNATURE, at=NOW).cause == "unreadable"
    for one in (OcspEvidence(response=octets), CrlEvidence(encoded=octets)):
        verdict = verify(
            issue_signature(), anchors=anchors, kind=SIGNATURE, at=NOW, evidence=(one,)
        )
        assert verdict.outcome is Outcome.UNKNOWN
