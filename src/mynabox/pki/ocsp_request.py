"""OCSP requests (RFC 6960 section 4.1, nonces as RFC 9654): reading what was asked.

Anybody may send anything here, so the reader is strict, bounded, and raises
``MalformedDer`` and nothing else.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import der
from mynabox.pki.der import Element, MalformedDer

LONGEST_REQUEST = 64 * 1024
"""Bytes of an OCSP request; about a thousand certificates in one."""
NONCE = "1.3.6.1.5.5.7.48.1.2"
_SHA256 = "2.16.840.1.101.3.4.2.1"
_NONCE, _NULL = der.oid(NONCE), der.null()
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_NONCE_SYNTAX = range(1, 129)
"""RFC 9654: OCTET STRING (SIZE(1..128)); outside it the request is malformed."""
_MOST_IDS = 128
"""Certificates per request; one request must not keep a box busy for seconds."""


@dataclass(frozen=True, slots=True)
class CertificateId:
    """One CertID of a request; ``encoded`` is echoed octet by octet."""

    digest: bytes
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """An OCSP request as far as a responder cares."""

    ids: tuple[CertificateId, ...]
    nonce: bytes | None


def make_request(
    *, issuer_name_hash: bytes, issuer_key_hash: bytes, serial: int, nonce: bytes
) -> bytes:
    """A request about one certificate as a client sends it; hashes with SHA-256."""
    asked = der.sequence(
        der.sequence(der.oid(_SHA256), der.null()),
        der.octet_string(issuer_name_hash),
        der.octet_string(issuer_key_hash),
        der.integer(serial),
    )
    return _written(asked, nonce)


def _written(identifier: bytes, nonce: bytes | None) -> bytes:
    """The request about one CertID."""
    extensions = b""
    if nonce is not None:
        value = der.octet_string(der.octet_string(nonce))
        extensions = der.explicit(2, der.sequence(der.sequence(_NONCE, value)))
    return der.sequence(
        der.sequence(der.sequence(der.sequence(identifier)), extensions)
    )


_USUAL = tuple(
    (der.sequence(der.oid(digest), parameters), der.oid(digest), size)
    for digest, size in (("1.3.14.3.2.26", 20), (_SHA256, 32))
    for parameters in (der.null(), b"")
)
"""The digests that are used, as a CertID names them, and how long they are."""


def parse_request(encoded: bytes) -> Request:
    """Read an OCSPRequest; raises ``MalformedDer`` and nothing else.

    A signature on a request is not looked at (RFC 6960 leaves that to us); a
    critical extension that we do not know makes the request unreadable.
    """
    return _usual(encoded) or _any(encoded)


def _usual(encoded: bytes) -> Request | None:
    """A request about one certificate as nearly everybody writes it, with a nonce or
    without. What was taken from it is written anew: only if that is the very request
    has it been understood."""
    digest = next((one for one in _USUAL if encoded.find(one[0], 6, 40) >= 0), None)
    if digest is None:
        return None
    algorithm, oid, size = digest
    start = encoded.find(algorithm)
    name = start + len(algorithm)
    key = name + 2 + size
    number = key + 2 + size
    end = number + 2 + (encoded[number + 1] if number + 1 < len(encoded) else 0)
    serial = int.from_bytes(encoded[number + 2 : end], "big", signed=True)
    identifier = der.sequence(
        algorithm,
        der.octet_string(encoded[name + 2 : key]),
        der.octet_string(encoded[key + 2 : number]),
        der.integer(serial),
    )
    nonce = None
    if end < len(encoded):
        nonce = encoded[encoded.find(_NONCE, end) + len(_NONCE) + 4 :]
        if len(nonce) not in _NONCE_SYNTAX:
            return None
    if _written(identifier, nonce) != encoded:
        return None
    one = CertificateId(
        oid,
        encoded[name + 2 : key],
        encoded[key + 2 : number],
        serial,
        identifier,
    )
    return Request((one,), nonce)


def _any(encoded: bytes) -> Request:
    """Any request, element by element."""
    body = der.read(encoded).expect(der.SEQUENCE).children()
    if not 1 <= len(body) <= 2:
        raise MalformedDer("an OCSPRequest has one or two parts")
    if len(body) == 2:
        body[1].expect(0xA0)
    parts = body[0].expect(der.SEQUENCE).children()
    version = parts.pop(0).only_child() if parts and parts[0].tag == 0xA0 else None
    if version is not None and version.as_integer() != 0:
        raise MalformedDer("only version 1 exists")
    if parts and parts[0].tag == 0xA1:
        parts.pop(0).only_child()
    if not parts:
        raise MalformedDer("no list of requests")
    entries = parts.pop(0).expect(der.SEQUENCE).children()
    if not 1 <= len(entries) <= _MOST_IDS:
        raise MalformedDer("no certificate is asked for, or too many are")
    nonce = None
    if parts:
        nonce = _nonce(_extensions(parts.pop(0).expect(0xA2)))
    if parts:
        raise MalformedDer("something follows the extensions")
    return Request(tuple(_certificate_id(entry) for entry in entries), nonce)


def _certificate_id(entry: Element) -> CertificateId:
    parts = entry.expect(der.SEQUENCE).children()
    if not 1 <= len(parts) <= 2:
        raise MalformedDer("a Request has one or two parts")
    if len(parts) == 2:
        _extensions(parts[1].expect(0xA0))
    fields = parts[0].expect(der.SEQUENCE).children()
    if len(fields) != 4:
        raise MalformedDer("a CertID has four parts")
    algorithm = fields[0].expect(der.SEQUENCE).children()
    if not algorithm or any(one.encoded != _NULL for one in algorithm[1:]):
        raise MalformedDer("a digest's parameters are absent or NULL")
    return CertificateId(
        algorithm[0].expect(der.OID).encoded,
        fields[1].expect(der.OCTET_STRING).content,
        fields[2].expect(der.OCTET_STRING).content,
        fields[3].as_integer(),
        parts[0].encoded,
    )


def _extensions(tagged: Element) -> dict[bytes, bytes]:
    """Extension values by OID; unknown critical ones and repetitions are refused."""
    found: dict[bytes, bytes] = {}
    for extension in tagged.only_child().expect(der.SEQUENCE).children():
        parts = extension.expect(der.SEQUENCE).children()
        if not 2 <= len(parts) <= 3:
            raise MalformedDer("an Extension has two or three parts")
        oid = parts[0].expect(der.OID).encoded
        critical = len(parts) == 3 and parts[1].expect(der.BOOLEAN).content != b"\x00"
        if oid in found or (critical and oid != _NONCE):
            raise MalformedDer("an extension is repeated, or critical and unknown")
        found[oid] = parts[-1].expect(der.OCTET_STRING).content
    return found


def _nonce(extensions: dict[bytes, bytes]) -> bytes | None:
    value = extensions.get(_NONCE)
    if value is None:
        return None
    nonce = der.read(value).expect(der.OCTET_STRING).content
    if len(nonce) not in _NONCE_SYNTAX:
        raise MalformedDer("a nonce has 1 to 128 octets")
    return nonce


def request_of_path(path: str) -> bytes:
    """The request inside a GET path (RFC 6960 appendix A.1): base64, escaped or not.

    Pass what follows the responder's own path, with or without the hierarchy that
    may come first. Raises ``MalformedDer``.
    """
    text = path.strip().lstrip("/")
    for kind in CertificateKind:
        text = text.removeprefix(f"{kind.value}/")
    text = _ESCAPED.sub(lambda hit: chr(int(hit[1], 16)), text)
    text = text.strip().lstrip("/").replace(" ", "+")
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedDer("not base64") from error
