"""The OCSP responder: dialogues, outside clients, and everything strangers send."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from mynabox.lifecycle.certificate import StopReason
from mynabox.pki import der
from mynabox.pki.certificate import Authority
from mynabox.pki.ocsp import (
    INTERNAL_ERROR,
    MALFORMED_REQUEST,
    TRY_LATER,
    UNAUTHORIZED,
    Answer,
    CertificateStatus,
    Good,
    Responder,
    Revoked,
    StatusUnavailable,
    Unknown,
    answer,
    caching_headers,
    http_date,
    respond,
    window,
)
from mynabox.pki.ocsp_request import parse_request, request_of_path

Run = Callable[..., str]
Pem = Callable[..., Path]
Issue = Callable[..., bytes]

ASKED = datetime(2026, 3, 1, 6, 7, 8, tzinfo=UTC)
STOPPED = datetime(2026, 2, 28, 3, 4, 5, tzinfo=UTC)
GOOD, HELD, MOVED, NEVER, DISCARDED = 20_000_001, 11, 12, 13, 14
BOOK: dict[int, CertificateStatus] = {
    GOOD: Good(),
    HELD: Revoked(STOPPED, StopReason.CERTIFICATE_HOLD),
    MOVED: Revoked(STOPPED, StopReason.AFFILIATION_CHANGED),
    DISCARDED: Revoked(STOPPED, StopReason.UNSPECIFIED),
}


def look_up(issuer: str, serial: int) -> CertificateStatus:
    assert issuer in ("signature", "authentication")
    return BOOK.get(serial, Unknown())


def ask(request: bytes, responders: tuple[Responder, ...], **changes: object) -> bytes:
    values: dict[str, object] = {"find": look_up, "produced_at": ASKED} | changes
    start, end = window(ASKED)
    return respond(
        request,
        responders=responders,
        this_update=start,
        next_update=end,
        **values,  # type: ignore[arg-type]
    )


def request_for(
    authority: Authority,
    serial: int,
    *,
    digest: hashes.HashAlgorithm | None = None,
    nonce: bytes | None = None,
) -> bytes:
    ca = x509.load_der_x509_certificate(authority.certificate)
    chosen = digest or hashes.SHA1()
    made = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        _hash(ca.subject.public_bytes(), chosen),
        _hash(_key_bits(authority), chosen),
        serial,
        chosen,
    )
    if nonce is not None:
        made = made.add_extension(x509.OCSPNonce(nonce), critical=False)
    return made.build().public_bytes(Encoding.DER)


def _hash(data: bytes, digest: hashes.HashAlgorithm) -> bytes:
    running = hashes.Hash(digest)
    running.update(data)
    return running.finalize()


def _key_bits(authority: Authority) -> bytes:
    return der.read(authority.facts.public_key).children()[1].content[1:]


def request_of(*ids: bytes, extensions: bytes = b"", before: bytes = b"") -> bytes:
    """A request put together by hand, for what libraries refuse to make."""
    return der.sequence(
        der.sequence(
            before, der.sequence(*(der.sequence(one) for one in ids)), extensions
        )
    )


def id_of(request: bytes) -> bytes:
    return parse_request(request).ids[0].encoded


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256(), hashes.SHA512()])
@pytest.mark.parametrize(
    ("serial", "status", "reason"),
    [
        (GOOD, "GOOD", None),
        (HELD, "REVOKED", "certificateHold"),
        (MOVED, "REVOKED", "affiliationChanged"),
        (DISCARDED, "REVOKED", None),
        (NEVER, "UNKNOWN", None),
    ],
)
def test_every_status_is_told(
    serial: int,
    status: str,
    reason: str | None,
    digest: hashes.HashAlgorithm,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    request = request_for(signature_ca, serial, digest=digest)
    told = ocsp.load_der_ocsp_response(ask(request, responders))
    assert told.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert told.certificate_status.name == status
    assert told.serial_number == serial
    assert told.hash_algorithm.name == digest.name
    assert told.produced_at_utc == ASKED
    assert told.this_update_utc == datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
    assert told.next_update_utc == datetime(2026, 3, 1, 6, 15, tzinfo=UTC)
    if status == "REVOKED":
        assert told.revocation_time_utc == STOPPED
        found = told.revocation_reason
        assert (found.value if found else None) == reason
    delegate = told.certificates[0]
    delegate.verify_directly_issued_by(
        x509.load_der_x509_certificate(signature_ca.certificate)
    )


def test_the_responder_is_identified_by_key_or_by_name(
    signature_ca: Authority,
    authentication_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    by_key = ocsp.load_der_ocsp_response(
        ask(request_for(signature_ca, GOOD), responders)
    )
    by_name = ocsp.load_der_ocsp_response(
        ask(request_for(authentication_ca, GOOD), responders)
    )
    assert by_key.responder_name is None
    assert by_key.responder_key_hash is not None
    assert by_name.responder_key_hash is None
    assert by_name.responder_name == by_name.certificates[0].subject


def test_several_ids_are_answered_in_their_order(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    serials = [MOVED, GOOD, NEVER, HELD, GOOD]
    ids = [id_of(request_for(signature_ca, serial)) for serial in serials]
    told = ocsp.load_der_ocsp_response(ask(request_of(*ids), responders))
    assert [one.serial_number for one in told.responses] == serials
    assert [one.certificate_status.name for one in told.responses] == [
        "REVOKED", "GOOD", "UNKNOWN", "REVOKED", "GOOD",
    ]  # fmt: skip


def test_ids_of_two_authorities_in_one_request_are_unauthorized(
    signature_ca: Authority,
    authentication_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    ids = [id_of(request_for(ca, GOOD)) for ca in (signature_ca, authentication_ca)]
    assert ask(request_of(*ids), responders) == UNAUTHORIZED


def test_a_foreign_authority_is_unauthorized(
    next_signature_ca: Authority,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    """The next generation has the same name; only the key tells it apart."""
    assert next_signature_ca.facts.subject == signature_ca.facts.subject
    assert ask(request_for(next_signature_ca, GOOD), responders) == UNAUTHORIZED
    assert ask(request_for(signature_ca, GOOD), ()) == UNAUTHORIZED


@pytest.mark.parametrize(
    ("size", "echoed"), [(1, True), (16, True), (32, True), (33, False), (128, False)]
)
def test_nonces_are_echoed_up_to_32_octets(
    size: int,
    echoed: bool,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    nonce = bytes(range(size))
    request = request_for(signature_ca, GOOD, nonce=nonce)
    told = ocsp.load_der_ocsp_response(ask(request, responders))
    found = [one.value.nonce for one in told.extensions]
    assert found == ([nonce] if echoed else [])


def nonce_extension(value: bytes, critical: bytes = b"") -> bytes:
    oid = der.oid("1.3.6.1.5.5.7.48.1.2")
    return der.explicit(
        2, der.sequence(der.sequence(oid, critical, der.octet_string(value)))
    )


@pytest.mark.parametrize(
    "extensions",
    [
        nonce_extension(der.octet_string(b"")),
        nonce_extension(der.octet_string(bytes(129))),
        nonce_extension(b""),
        nonce_extension(b"bare octets"),
        der.explicit(2, der.sequence(der.sequence(der.oid("1.2.3"), der.boolean(True), der.octet_string(b"")))),
        der.explicit(2, der.sequence()) + der.null(),
        der.explicit(3, der.sequence()),
    ],
    ids=["empty", "129 octets", "nothing", "not DER", "critical", "left over", "tag"],
)  # fmt: skip
def test_bad_extensions_make_a_malformed_request(
    extensions: bytes, signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    one = id_of(request_for(signature_ca, GOOD))
    assert ask(request_of(one, extensions=extensions), responders) == MALFORMED_REQUEST


@pytest.mark.parametrize(
    "request_octets",
    [
        b"",
        b"0",
        b"\x30\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x1f\x81\x00",
        der.sequence(der.sequence(der.sequence())),
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(100_000),
        b"\x30" * 100_000,
    ],
)
def test_rubbish_is_malformed(
    request_octets: bytes, responders: tuple[Responder, ...]
) -> None:
    assert ask(request_octets, responders) == MALFORMED_REQUEST


def test_a_request_has_a_bound(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    one = id_of(request_for(signature_ca, GOOD))
    assert ask(request_of(*[one] * 128), responders)[4] != MALFORMED_REQUEST[4]
    assert ask(request_of(*[one] * 129), responders) == MALFORMED_REQUEST


def test_version_and_requestor_are_read_over(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    one = id_of(request_for(signature_ca, GOOD))
    requestor = der.explicit(1, der.explicit(4, der.sequence()))
    request = request_of(one, before=der.explicit(0, der.integer(0)) + requestor)
    told = ocsp.load_der_ocsp_response(ask(request, responders))
    assert told.certificate_status is ocsp.OCSPCertStatus.GOOD
    second = request_of(one, before=der.explicit(0, der.integer(1)))
    assert ask(second, responders) == MALFORMED_REQUEST


def test_a_store_that_cannot_answer_means_try_later(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    def silent(issuer: str, serial: int) -> CertificateStatus:
        raise StatusUnavailable

    request = request_for(signature_ca, GOOD)
    assert ask(request, responders, find=silent) == TRY_LATER


@pytest.mark.parametrize("serial", [0, -1, 2**63, 2**159, 2**4000])
def test_numbers_nobody_can_have_issued_are_unknown_unasked(
    serial: int, signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    def never(issuer: str, asked: int) -> CertificateStatus:
        raise AssertionError(f"{asked} was looked up")

    usual = id_of(request_for(signature_ca, GOOD))
    fields = [one.encoded for one in der.read(usual).children()[:3]]
    request = request_of(der.sequence(*fields, der.integer(serial)))
    told = ask(request, responders, find=never)
    assert der.sequence(*fields, der.integer(serial)) + b"\x82\x00" in told


def test_a_responder_out_of_date_does_not_answer(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    request = request_for(signature_ca, GOOD)
    late = ASKED + timedelta(days=20 * 365)
    assert ask(request, responders, produced_at=late) == INTERNAL_ERROR


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text,
        lambda text: "/" + text,
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        lambda text: text.replace("+", " "),
        lambda text: text.replace("/", "%2f"),
    ],
    ids=["plain", "slash", "unpadded", "escaped", "plus as space", "lower-case escape"],
)
def test_a_get_path_holds_the_same_request(
    spell: Callable[[str], str], signature_ca: Authority
) -> None:
    for serial in range(60):
        request = request_for(signature_ca, serial, nonce=bytes([serial % 256] * 31))
        text = base64.b64encode(request).decode()
        assert request_of_path(spell(text)) == request


@pytest.mark.parametrize("path", ["%", "é", "M", "%00", "a b c d e f", "=", "?x=1"])
def test_a_path_that_is_no_base64_is_malformed(path: str) -> None:
    with pytest.raises(der.MalformedDer):
        der.read(request_of_path(path))


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        (datetime(2026, 3, 1, 0, 0, 0, tzinfo=UTC), (0, 0)),
        (datetime(2026, 3, 1, 0, 14, 59, 999, tzinfo=UTC), (0, 0)),
        (datetime(2026, 3, 1, 0, 15, 0, tzinfo=UTC), (0, 15)),
        (datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), (23, 45)),
    ],
)
def test_answers_stand_on_a_grid_of_fifteen_minutes(
    moment: datetime, start: tuple[int, int]
) -> None:
    this, following = window(moment)
    assert (this.hour, this.minute) == start
    assert this <= moment < following == this + timedelta(minutes=15)


def test_caching_headers_of_a_shared_answer(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    start, end = window(ASKED)
    given_answer = answer(
        request_for(signature_ca, GOOD),
        find=look_up,
        responders=responders,
        produced_at=ASKED,
        this_update=start,
        next_update=end,
    )
    headers = caching_headers(
        given_answer, at=ASKED, this_update=start, next_update=end
    )
    assert headers.pop("ETag").strip('"').isalnum()
    assert headers == {
        "Content-Type": "application/ocsp-response",
        "Cache-Control": "max-age=472, public, no-transform, must-revalidate",
        "Last-Modified": "Sun, 01 Mar 2026 06:00:00 GMT",
        "Expires": "Sun, 01 Mar 2026 06:15:00 GMT",
    }
    asking = caching_headers(
        given_answer, at=ASKED, this_update=start, next_update=end, ask_again=True
    )
    assert asking["Cache-Control"] == "max-age=0, public, no-transform, must-revalidate"


@pytest.mark.parametrize(
    "given_answer",
    [Answer(UNAUTHORIZED, cacheable=False), Answer(b"with a nonce", cacheable=False)],
)
def test_an_answer_for_one_asker_is_not_kept(given_answer: Answer) -> None:
    headers = caching_headers(
        given_answer, at=ASKED, this_update=ASKED, next_update=ASKED
    )
    assert headers["Cache-Control"] == "no-store"


def test_a_nonce_makes_an_answer_private(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    start, end = window(ASKED)
    for nonce, cacheable in ((None, True), (b"n" * 16, False), (b"n" * 64, False)):
        made = answer(
            request_for(signature_ca, GOOD, nonce=nonce),
            find=look_up,
            responders=responders,
            produced_at=ASKED,
            this_update=start,
            next_update=end,
        )
        assert made.cacheable is cacheable


def test_http_dates_are_english_whatever_the_locale() -> None:
    assert http_date(ASKED) == "Sun, 01 Mar 2026 06:07:08 GMT"


def mutated(seed: bytes, edits: list[tuple[int, int]]) -> bytes:
    """Some octets of *seed* replaced, or, where the value exceeds 255, cut there."""
    octets = bytearray(seed)
    for place, value in edits:
        at = place % max(len(octets), 1)
        if value > 255 or not octets:
            del octets[at:]
        else:
            octets[at] = value
    return bytes(octets)


Edits = st.lists(st.tuples(st.integers(0, 4096), st.integers(0, 300)), max_size=4)


@given(
    request_octets=st.binary(max_size=300) | st.binary(max_size=60).map(der.sequence)
)
def test_random_octets_never_raise(
    request_octets: bytes, responders: tuple[Responder, ...]
) -> None:
    assert ask(request_octets, responders)[:2] == b"\x30\x03"


@given(edits=Edits, nonce=st.none() | st.binary(min_size=1, max_size=64))
def test_mutated_requests_never_raise(
    edits: list[tuple[int, int]],
    nonce: bytes | None,
    signature_ca: Authority,
    responders: tuple[Responder, ...],
) -> None:
    request = mutated(request_for(signature_ca, GOOD, nonce=nonce), edits)
    ocsp.load_der_ocsp_response(ask(request, responders))


@pytest.mark.interop
@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
@pytest.mark.parametrize("hierarchy", ["signature", "authentication"])
@pytest.mark.parametrize(
    ("serial", "said_status"),
    [
        (GOOD, "Cert Status: good"),
        (HELD, "Revocation Reason: certificateHold (0x6)"),
        (MOVED, "Revocation Reason: affiliationChanged (0x3)"),
        (NEVER, "Cert Status: unknown"),
    ],
)
def test_openssl_asks_and_believes_the_answer(
    serial: int,
    said_status: str,
    hierarchy: str,
    digest: str,
    signature_ca: Authority,
    authentication_ca: Authority,
    responders: tuple[Responder, ...],
    pem: Pem,
    run: Run,
    tmp_path: Path,
) -> None:
    """OpenSSL makes the request (with a nonce), and checks signature and nonce."""
    ca = {"signature": signature_ca, "authentication": authentication_ca}[hierarchy]
    issuer = pem(ca.certificate)
    asking = (digest, "-issuer", issuer, "-serial", str(serial))
    run("openssl", "ocsp", *asking, "-reqout", tmp_path / "request.der")
    told = ask((tmp_path / "request.der").read_bytes(), responders)
    (tmp_path / "response.der").write_bytes(told)
    said = run(
        "openssl", "ocsp", "-reqin", tmp_path / "request.der", "-resp_text",
        "-respin", tmp_path / "response.der", "-issuer", issuer, "-CAfile", issuer,
    )  # fmt: skip
    assert "Response verify OK" in said
    assert "WARNING" not in said
    assert said_status in said


@pytest.mark.interop
def test_gnutls_asks_and_reads_the_answer(
    signature_ca: Authority,
    issue_signature: Issue,
    responders: tuple[Responder, ...],
    pem: Pem,
    run: Run,
    tmp_path: Path,
) -> None:
    issuer, leaf = pem(signature_ca.certificate), pem(issue_signature())
    made, told = tmp_path / "request.der", tmp_path / "response.der"
    run(
        "ocsptool", "--generate-request", "--load-issuer", issuer,
        "--load-cert", leaf, "--outfile", made,
    )  # fmt: skip
    told.write_bytes(ask(made.read_bytes(), responders))
    said = run("ocsptool", "--response-info", "--load-response", told)
    assert "Response Status: Successful" in said
    assert "Certificate Status: good" in said
    said = run(
        "ocsptool", "--verify-response", "--load-response", told,
        "--load-trust", issuer, status=None,
    )  # fmt: skip
    assert "Success" in said


def test_by_name_and_by_key_differ_in_nothing_else(
    signature_ca: Authority, responders: tuple[Responder, ...]
) -> None:
    request = request_for(signature_ca, HELD)
    by_name = (replace(responders[0], by_name=True),)
    one = ocsp.load_der_ocsp_response(ask(request, responders))
    other = ocsp.load_der_ocsp_response(ask(request, by_name))
    assert one.revocation_time_utc == other.revocation_time_utc
    assert other.responder_name is not None
