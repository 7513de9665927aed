"""Answers joined from bytes, against the same answers built by a library of others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from asn1crypto import algos, core, keys, ocsp, x509
from hypothesis import given
from hypothesis import strategies as st

from mynabox.lifecycle.certificate import StopReason
from mynabox.pki.certificate import Authority
from mynabox.pki.ocsp_request import _any, _usual, parse_request
from mynabox.pki.ocsp_response import (
    CertificateStatus,
    Good,
    Responder,
    Revoked,
    Unknown,
    issuer_hashes,
    signed,
    told,
)

MOMENTS = st.integers(
    min_value=int(datetime(1951, 1, 1, tzinfo=UTC).timestamp()),
    max_value=int(datetime(2149, 12, 31, tzinfo=UTC).timestamp()),
).map(lambda second: datetime.fromtimestamp(second, UTC))
STATUSES = st.one_of(
    st.builds(Good),
    st.builds(Unknown),
    st.builds(Revoked, at=MOMENTS, reason=st.sampled_from(StopReason)),
)
SERIALS = st.integers(min_value=1, max_value=2**63 - 1)
NONCES = st.none() | st.binary(min_size=1, max_size=32)
NAMES = {
    StopReason.KEY_COMPROMISE: "key_compromise",
    StopReason.AFFILIATION_CHANGED: "affiliation_changed",
    StopReason.SUPERSEDED: "superseded",
    StopReason.CESSATION_OF_OPERATION: "cessation_of_operation",
    StopReason.CERTIFICATE_HOLD: "certificate_hold",
}


def identifier(authority: bytes, serial: int, digest: str) -> ocsp.CertId:
    name, key = issuer_hashes(authority, digest)
    return ocsp.CertId(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
            "issuer_name_hash": name,
            "issuer_key_hash": key,
            "serial_number": serial,
        }
    )


def by_the_library(
    responder: Responder,
    asked: list[tuple[ocsp.CertId, CertificateStatus]],
    *,
    produced_at: datetime,
    window: tuple[datetime, datetime],
    nonce: bytes | None,
) -> bytes:
    """The answer as asn1crypto builds and encodes it."""
    own = x509.Certificate.load(responder.certificate)
    identity = (
        ocsp.ResponderId("by_name", own.subject)
        if responder.by_name
        else ocsp.ResponderId("by_key", core.OctetString(own.public_key.sha1))
    )
    data = {
        "responder_id": identity,
        "produced_at": produced_at,
        "responses": [
            {
                "cert_id": one,
                "cert_status": status_of(status),
                "this_update": window[0],
                "next_update": window[1],
            }
            for one, status in asked
        ],
    }
    if nonce is not None:
        data["response_extensions"] = [
            {
                "extn_id": "nonce",
                "extn_value": core.ParsableOctetString(core.OctetString(nonce).dump()),
            }
        ]
    signed_part = ocsp.ResponseData(data)
    assert isinstance(own.public_key, keys.PublicKeyInfo)
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": signed_part,
            "signature_algorithm": {
                "algorithm": "sha256_rsa",
                "parameters": core.Null(),
            },
            "signature": responder.sign(signed_part.dump()),
            "certs": [own],
        }
    )
    return bytes(
        ocsp.OCSPResponse(
            {
                "response_status": "successful",
                "response_bytes": {
                    "response_type": "basic_ocsp_response",
                    "response": core.ParsableOctetString(basic.dump()),
                },
            }
        ).dump()
    )


def status_of(status: CertificateStatus) -> ocsp.CertStatus:
    match status:
        case Good():
            return ocsp.CertStatus("good", core.Null())
        case Unknown():
            return ocsp.CertStatus("unknown", core.Null())
        case Revoked(at, reason):
            told = {"revocation_time": at}
            if reason in NAMES:  # *unspecified* is left out (RFC 5280 section 5.3.1)
                told["revocation_reason"] = ocsp.CRLReason(NAMES[reason])
            return ocsp.CertStatus("revoked", ocsp.RevokedInfo(told))


@lru_cache(maxsize=2)
def keyed(responder: Responder, by_name: bool) -> Responder:
    return replace(responder, by_name=by_name)


@given(
    asked=st.lists(st.tuples(SERIALS, STATUSES), min_size=1, max_size=5),
    digest=st.sampled_from(("sha1", "sha256")),
    by_name=st.booleans(),
    produced_at=MOMENTS,
    lasts=st.integers(min_value=1, max_value=10_000),
    nonce=NONCES,
)
def test_the_bytes_are_those_of_the_library(
    asked: list[tuple[int, CertificateStatus]],
    digest: str,
    by_name: bool,
    produced_at: datetime,
    lasts: int,
    nonce: bytes | None,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    """PKCS #1 v1.5 has one signature for each text: the whole answer is comparable"""
    responder = keyed(responders[0], by_name)
    window = (produced_at, produced_at + timedelta(minutes=lasts))
    named = [
        (identifier(signature_ca.certificate, serial, digest), status)
        for serial, status in asked
    ]
    made = signed(
        responder,
        [
            told(
                one.dump(),
                status,
                this_update=window[0],
                next_update=window[1],
            )
            for one, status in named
        ],
        produced_at=produced_at,
        nonce=nonce,
    )
    assert made == by_the_library(
        responder, named, produced_at=produced_at, window=window, nonce=nonce
    )


@given(
    serials=st.lists(SERIALS, min_size=1, max_size=5),
    digest=st.sampled_from(("sha1", "sha256")),
    nonce=NONCES,
)
def test_requests_of_the_library_are_read_as_they_were_meant(
    serials: list[int], digest: str, nonce: bytes | None, signature_ca: Authority
) -> None:
    ids = [identifier(signature_ca.certificate, one, digest) for one in serials]
    data: dict[str, object] = {"request_list": [{"req_cert": one} for one in ids]}
    if nonce is not None:
        data["request_extensions"] = [
            {
                "extn_id": "nonce",
                "extn_value": core.ParsableOctetString(core.OctetString(nonce).dump()),
            }
        ]
    request = ocsp.OCSPRequest({"tbs_request": ocsp.TBSRequest(data)})
    read = parse_request(request.dump())
    assert [one.serial for one in read.ids] == serials
    assert [one.encoded for one in read.ids] == [one.dump() for one in ids]
    assert read.nonce == nonce


@given(
    serial=st.integers(min_value=-(2**70), max_value=2**170),
    digest=st.sampled_from(("sha1", "sha256", "sha512")),
    nonce=st.none() | st.binary(max_size=140),
    edits=st.lists(st.tuples(st.integers(0, 250), st.binary(max_size=2)), max_size=3),
)
def test_the_short_way_of_reading_reads_the_same(
    serial: int,
    digest: str,
    nonce: bytes | None,
    edits: list[tuple[int, bytes]],
    signature_ca: Authority,
) -> None:
    """or nothing at all, and then the long way is gone"""
    data: dict[str, object] = {
        "request_list": [
            {"req_cert": identifier(signature_ca.certificate, serial, digest)}
        ]
    }
    if nonce is not None:
        data["request_extensions"] = [
            {
                "extn_id": "nonce",
                "extn_value": core.ParsableOctetString(core.OctetString(nonce).dump()),
            }
        ]
    request = bytearray(ocsp.OCSPRequest({"tbs_request": ocsp.TBSRequest(data)}).dump())
    for place, octets in edits:
        request[place : place + 1] = octets
    sent = bytes(request)
    short = _usual(sent)
    if short is not None:
        assert short == _any(sent)
    usual = digest != "sha512" and (nonce is None or 1 <= len(nonce) <= 128)
    if usual and not edits:
        assert short is not None
