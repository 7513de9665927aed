"""OCSP, CRLs and CA certificates as relying parties ask for them."""

from base64 import b64encode
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.usecases.show import show_card
from tests.api.conftest import Told

OCSP = {"content-type": "application/ocsp-request"}


def request_for(
    told: Told, kind: CertificateKind, *, digest: HashAlgorithm, nonce: bytes = b""
) -> bytes:
    certificate = next(
        known
        for known in show_card(told.card.serial, told.home.box).certificates
        if known.kind is kind
    )
    issuer = told.client.get(f"/ca/{certificate.issuer}.cer").content
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(certificate.der),
        x509.load_der_x509_certificate(issuer),
        digest,
    )
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("digest", [SHA1(), SHA256()], ids=["sha1", "sha256"])
@pytest.mark.parametrize("path", ["/ocsp", "/ocsp/{kind}"])
def test_ocsp_by_post(
    told: Told, kind: CertificateKind, digest: HashAlgorithm, path: str
) -> None:
    answer = told.client.post(
        path.format(kind=kind.value),
        content=request_for(told, kind, digest=digest, nonce=b"n" * 32),
        headers=OCSP,
    )
    assert answer.headers["content-type"] == "application/ocsp-response"
    said = ocsp.load_der_ocsp_response(answer.content)
    assert said.certificate_status is ocsp.OCSPCertStatus.GOOD
    nonce = said.extensions.get_extension_for_class(x509.OCSPNonce).value
    assert nonce.nonce == b"n" * 32


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("safe", ["", "/", "/+="], ids=["quoted", "slashes", "plain"])
def test_ocsp_by_get_may_be_kept(told: Told, kind: CertificateKind, safe: str) -> None:
    asked = request_for(told, kind, digest=SHA1())
    for prefix in ("/ocsp/", f"/ocsp/{kind.value}/"):
        path = prefix + quote(b64encode(asked).decode(), safe=safe)
        began = told.home.clock.now().astimezone(UTC)
        answer = told.client.get(path)
        said = ocsp.load_der_ocsp_response(answer.content)
        assert said.certificate_status is ocsp.OCSPCertStatus.GOOD
        headers = answer.headers
        assert said.next_update_utc is not None
        until = parsedate_to_datetime(headers["expires"])
        assert until == said.next_update_utc
        assert parsedate_to_datetime(headers["last-modified"]) == said.this_update_utc
        kept = dict(
            part.strip().partition("=")[::2]
            for part in headers["cache-control"].split(",")
        )
        left = until - began
        assert timedelta(0) < timedelta(seconds=int(kept["max-age"])) <= left
        assert told.client.get(path, headers={"if-none-match": "x"}).content


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", ocsp.OCSPResponseStatus.MALFORMED_REQUEST),
        (b"garbage", ocsp.OCSPResponseStatus.MALFORMED_REQUEST),
        (b"\x30\x80" * 50, ocsp.OCSPResponseStatus.MALFORMED_REQUEST),
    ],
)
def test_ocsp_garbage(
    told: Told, content: bytes, status: ocsp.OCSPResponseStatus
) -> None:
    posted = told.client.post("/ocsp", content=content, headers=OCSP)
    assert ocsp.load_der_ocsp_response(posted.content).response_status is status
    got = told.client.get("/ocsp/" + quote(b64encode(content).decode(), safe=""))
    if content:
        assert ocsp.load_der_ocsp_response(got.content).response_status is status
        assert got.headers["cache-control"] == "no-store"


def test_ocsp_limits(told: Told) -> None:
    assert told.client.post("/ocsp", content=b"x").status_code == 415
    long = told.client.post("/ocsp", content=b"x" * 70_000, headers=OCSP)
    assert long.status_code == 413


@pytest.mark.parametrize("kind", CertificateKind)
def test_crls(told: Told, kind: CertificateKind) -> None:
    for path in (
        f"/crl/{kind.value}.crl",
        f"/crl/{kind.value}-01.crl",
        f"/crl/{kind.value}/082201.crl",
    ):
        answer = told.client.get(path)
        assert answer.headers["content-type"] == "application/pkix-crl"
        issuer = x509.load_pem_x509_certificate(
            told.client.get(f"/ca/{kind.value}-01.pem").content
        )
        found = x509.load_der_x509_crl(answer.content)
        assert found.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
        assert found.next_update_utc is not None
        assert found.next_update_utc > told.home.clock.now()
        expires = parsedate_to_datetime(answer.headers["expires"])
        assert expires == found.next_update_utc
        unchanged = told.client.get(
            path, headers={"if-none-match": answer.headers["etag"]}
        )
        assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/crl/nothing.crl",
        "/crl/signature-99.crl",
        "/crl/signature/000001.crl",
        "/crl/signature/tokyo.crl",
        "/ca/signature-99.cer",
        "/ca/..%2f..%2fbox.pem",
    ],
)
def test_what_is_not_there(told: Told, path: str) -> None:
    assert told.client.get(path).status_code == 404


def test_authority_certificates(told: Told) -> None:
    der = told.client.get("/ca/signature-01.cer")
    assert der.headers["content-type"] == "application/pkix-cert"
    certificate = x509.load_der_x509_certificate(der.content)
    assert (
        x509.load_pem_x509_certificate(told.client.get("/ca/signature-01.pem").content)
        == certificate
    )


@pytest.mark.parametrize(
    "path",
    [
        "/crl/signature.crl",
        "/crl/signature/082201.crl",
        "/crl/delta/signature.crl",
        "/ca/signature-01.pem",
        "/ca/signature-01.cer",
        "/ocsp/AAAA",
    ],
)
def test_the_head_alone(told: Told, path: str) -> None:
    """RFC 9110 section 9.3.2: what GET would say, without the content"""
    head, whole = told.client.head(path), told.client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "last-modified"):
        assert head.headers.get(name) == whole.headers.get(name)
