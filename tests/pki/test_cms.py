"""Signed documents: made from a raw card signature, read by others, and by us."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
    pkcs7,
)
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext

from mynabox.pki import der
from mynabox.pki.algorithms import Sign, verify_raw
from mynabox.pki.certificate import Authority
from mynabox.pki.cms import NotSigned, cms_sign, cms_verify

Run = Callable[..., str]
Pem = Callable[..., Path]
Issue = Callable[..., bytes]
Keys = Mapping[str, tuple[bytes, Sign]]
SignDocument = Callable[..., bytes]

DOCUMENT = "届出書\n転入届".encode()
SIGNED_AT = datetime(2026, 3, 1, 6, 7, 8, tzinfo=UTC)
PLAIN_DATA = der.sequence(
    der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(b"x"))
)
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def signed(issue_signature: Issue, signature_ca: Authority, keys: Keys) -> SignDocument:
    """Signs a document with the specimen card's key."""

    def make(document: bytes = DOCUMENT, **changes: object) -> bytes:
        values: dict[str, object] = {
            "certificate": issue_signature(),
            "chain": [signature_ca.certificate],
            "sign": keys["holder-signature"][1],
        } | changes
        return cms_sign(document, **values)  # type: ignore[arg-type]

    return make


@pytest.mark.parametrize("detached", [True, False])
@pytest.mark.parametrize("signed_at", [None, SIGNED_AT])
def test_a_signature_reads_back(
    detached: bool,
    signed_at: datetime | None,
    signed: SignDocument,
    issue_signature: Issue,
    signature_ca: Authority,
) -> None:
    made = signed(detached=detached, signed_at=signed_at)
    (found,) = cms_verify(made, DOCUMENT if detached else None)
    assert found.signer.encoded == issue_signature()
    assert found.document == DOCUMENT
    assert found.signed_at == signed_at
    assert {one.encoded for one in found.certificates} == {
        issue_signature(),
        signature_ca.certificate,
    }
    assert cms_verify(made, DOCUMENT)


def test_a_p384_card_signs_with_sha384(
    signed: SignDocument, issue_signature: Issue, keys: Keys
) -> None:
    public, sign = keys["holder-p384"]
    made = signed(certificate=issue_signature(public_key=public), sign=sign)
    (found,) = cms_verify(made, DOCUMENT)
    assert found.signer.public_key == public


@pytest.mark.parametrize(
    ("spoil", "document", "cause"),
    [
        (lambda made: made, b"another document", "document was changed"),
        (lambda made: made, None, "document is missing"),
        (lambda made: made[:-1] + bytes([made[-1] ^ 1]), DOCUMENT, "does not fit"),
        (lambda made: made[:-1], DOCUMENT, "unreadable"),
        (lambda made: made + b"\x00", DOCUMENT, "unreadable"),
        (lambda made: b"", DOCUMENT, "unreadable"),
        (lambda made: PLAIN_DATA, DOCUMENT, "not SignedData"),
    ],
)
def test_what_does_not_hold_is_refused(
    spoil: Callable[[bytes], bytes],
    document: bytes | None,
    cause: str,
    signed: SignDocument,
) -> None:
    with pytest.raises(NotSigned, match=cause):
        cms_verify(spoil(signed()), document)


def test_the_signers_certificate_is_bound(
    signed: SignDocument, issue_signature: Issue, keys: Keys
) -> None:
    """Another certificate over the same key and number does not pass for the first."""
    made = signed()
    twin = issue_signature(common_name="2025102710301599999132210001")
    length = len(issue_signature())
    assert len(twin) == length
    swapped = made.replace(issue_signature(), twin)
    assert swapped != made
    with pytest.raises(NotSigned, match="another certificate"):
        cms_verify(swapped, DOCUMENT)


def test_an_attached_document_cannot_be_exchanged(signed: SignDocument) -> None:
    made = signed(detached=False)
    with pytest.raises(NotSigned, match="another document is inside"):
        cms_verify(made, b"other")
    with pytest.raises(NotSigned, match="document was changed"):
        cms_verify(made.replace("転入届".encode(), "転出届".encode()))


def test_a_raw_card_signature_is_checked(keys: Keys) -> None:
    public, sign = keys["holder-authentication"]
    signature = sign(b"challenge")
    assert verify_raw(public, signature=signature, document=b"challenge")
    assert not verify_raw(public, signature=signature, document=b"Challenge")
    assert not verify_raw(public, signature=signature[:-1], document=b"challenge")
    assert not verify_raw(
        keys["holder-signature"][0], signature=signature, document=b"challenge"
    )
    assert not verify_raw(b"rubbish", signature=signature, document=b"challenge")
    assert not verify_raw(
        keys["holder-p384"][0], signature=signature, document=b"challenge"
    )


@pytest.mark.interop
@pytest.mark.parametrize("detached", [True, False])
def test_openssl_verifies_what_we_sign(
    detached: bool,
    signed: SignDocument,
    signature_ca: Authority,
    pem: Pem,
    run: Run,
    tmp_path: Path,
) -> None:
    (tmp_path / "document").write_bytes(DOCUMENT)
    content = ("-content", tmp_path / "document") if detached else ()
    said = run(
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-cades",
        "-attime", str(int(SIGNED_AT.timestamp())), "-purpose", "any",
        "-CAfile", pem(signature_ca.certificate), *content,
        into=signed(detached=detached, signed_at=SIGNED_AT),
    )  # fmt: skip
    assert "CAdES Verification successful" in said
    assert DOCUMENT.decode() in said


@pytest.mark.parametrize("document", [DOCUMENT, DOCUMENT + b"!"])
def test_pyhanko_agrees(
    document: bytes, signed: SignDocument, signature_ca: Authority
) -> None:
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(signature_ca.certificate)],
        moment=SIGNED_AT,
        revocation_mode="soft-fail",
    )
    wrapper = asn1_cms.ContentInfo.load(signed(signed_at=SIGNED_AT))
    status = asyncio.run(
        async_validate_detached_cms(
            document, wrapper["content"], signer_validation_context=context
        )
    )
    assert status.valid
    assert status.intact is (document == DOCUMENT)
    assert status.trusted is status.intact


@pytest.mark.interop
@pytest.mark.parametrize(
    "extra", [(), ("-cades",), ("-nodetach",), ("-keyid",), ("-noattr",)]
)
def test_we_verify_what_openssl_signs(
    extra: tuple[str, ...], issue_signature: Issue, pem: Pem, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "document").write_bytes(DOCUMENT)
    run(
        "openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256",
        "-signer", pem(issue_signature()), "-inkey", DATA / "holder-signature.key",
        "-in", tmp_path / "document", "-out", tmp_path / "signed", *extra,
    )  # fmt: skip
    made = (tmp_path / "signed").read_bytes()
    (found,) = cms_verify(made, None if "-nodetach" in extra else DOCUMENT)
    assert found.signer.encoded == issue_signature()
    assert (found.signed_at is None) == ("-noattr" in extra)


@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA512()])
def test_we_verify_only_the_digests_of_the_profile(
    digest: hashes.SHA256 | hashes.SHA512, issue_signature: Issue
) -> None:
    private = load_pem_private_key((DATA / "holder-signature.key").read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    certificate = load_der_x509_certificate(issue_signature())
    made = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(DOCUMENT)
        .add_signer(certificate, private, digest)
        .sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    if isinstance(digest, hashes.SHA256):
        assert cms_verify(made)
    else:
        with pytest.raises(NotSigned, match=r"belong together|not accepted"):
            cms_verify(made)


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_an_altered_signature_never_speaks_for_another_document(
    place: float, flip: int, signed: SignDocument
) -> None:
    spoiled = bytearray(signed(detached=False))
    spoiled[int(place * len(spoiled))] ^= flip
    try:
        found = cms_verify(bytes(spoiled))
    except NotSigned:
        return
    assert [one.document for one in found] == [DOCUMENT]


@given(octets=st.binary(max_size=300) | st.binary(max_size=80).map(der.sequence))
def test_rubbish_is_not_signed(octets: bytes) -> None:
    with pytest.raises(NotSigned):
        cms_verify(octets, DOCUMENT)


@pytest.mark.parametrize("depth", [10, 5_000, 50_000])
def test_deep_nesting_is_not_signed(depth: int) -> None:
    nested = b""
    for _ in range(min(depth, 5_000)):
        nested = der.sequence(nested)
    for octets in (nested, b"\x30\x80" * depth, b"\x24\x80" * depth):
        with pytest.raises(NotSigned):
            cms_verify(octets, DOCUMENT)
