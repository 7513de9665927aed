"""A door that opens for a My Number Card whose user authentication certificate is good.

It knows nothing of mynabox: it talks to a card in APDUs and asks a responder over HTTP,
as it would with genuine cards and the genuine service.
"""

import os
import urllib.request
from collections.abc import Callable, Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

Transmit = Callable[[bytes], bytes]

JPKI = bytes.fromhex("D392F000260100000001")
PIN_FILE, KEY_FILE, CERTIFICATE_FILE = 0x18, 0x17, 0x0A
SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


class Refused(Exception):
    """The door stays shut; the text says why."""


def admit(
    transmit: Transmit,
    pin: str,
    *,
    authorities: Iterable[x509.Certificate],
    ocsp_url: str,
    at: datetime,
) -> int:
    """The certificate's serial number, if its holder may come in."""
    _select(transmit)
    certificate = x509.load_der_x509_certificate(_read(transmit, CERTIFICATE_FILE))
    issuer = _issuer(certificate, authorities)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise Refused("the certificate is not valid now")
    _verify(transmit, pin)
    _challenge(transmit, certificate)
    _status(certificate, issuer, ocsp_url)
    return certificate.serial_number


def _say(transmit: Transmit, command: bytes) -> tuple[bytes, int]:
    answer = transmit(command)
    return answer[:-2], int.from_bytes(answer[-2:], "big")


def _select(transmit: Transmit) -> None:
    _, word = _say(transmit, b"\x00\xa4\x04\x0c" + bytes([len(JPKI)]) + JPKI)
    if word != 0x9000:
        raise Refused("this is no My Number Card")


def _read(transmit: Transmit, file: int) -> bytes:
    _say(transmit, bytes([0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, file]))
    content = b""
    while True:
        offset = len(content).to_bytes(2, "big")
        block, word = _say(transmit, b"\x00\xb0" + offset + b"\x00")
        if word not in (0x9000, 0x6B00):
            raise Refused("the card cannot be read")
        content += block
        if len(block) < 256:
            return content


def _verify(transmit: Transmit, pin: str) -> None:
    _say(transmit, bytes([0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, PIN_FILE]))
    _, word = _say(transmit, b"\x00\x20\x00\x80")
    if word & 0xFFF0 != 0x63C0 or word == 0x63C0:
        raise Refused("the PIN is locked")
    if word == 0x63C1:
        raise Refused("one try is left: not here")
    value = pin.encode("ascii")
    _, word = _say(transmit, b"\x00\x20\x00\x80" + bytes([len(value)]) + value)
    if word != 0x9000:
        raise Refused("the PIN is wrong")


def _challenge(transmit: Transmit, certificate: x509.Certificate) -> None:
    challenge = os.urandom(32)
    digest = Hash(SHA256())
    digest.update(challenge)
    info = SHA256_DIGEST_INFO + digest.finalize()
    _say(transmit, bytes([0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, KEY_FILE]))
    command = b"\x80\x2a\x00\x80" + bytes([len(info)]) + info + b"\x00"
    signature, _ = _say(transmit, command)
    try:
        certificate.public_key().verify(signature, challenge, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Refused("the card does not have the key of its certificate") from None


def _issuer(
    certificate: x509.Certificate, authorities: Iterable[x509.Certificate]
) -> x509.Certificate:
    for known in authorities:
        try:
            certificate.verify_directly_issued_by(known)
        except (InvalidSignature, ValueError):
            continue
        return known
    raise Refused("nobody we trust has issued the certificate")


def _status(certificate: x509.Certificate, issuer: x509.Certificate, url: str) -> None:
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())
    request = urllib.request.Request(
        url,
        data=asked.build().public_bytes(Encoding.DER),
        headers={"Content-Type": "application/ocsp-request"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found = ocsp.load_der_ocsp_response(answer.read())
    if found.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise Refused("the responder cannot tell")
    if found.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise Refused("the certificate is revoked")
