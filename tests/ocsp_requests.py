"""OCSP requests as relying parties make them, and answers as they read them."""

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.pki import der
from mynabox.pki.ocsp import issuer_hashes
from mynabox.pki.ocsp_request import parse_request
from mynabox.ports import Box

DIGESTS = {"sha1": SHA1, "sha256": SHA256}


def authority_der(issuer: str, box: Box) -> bytes:
    """The certificate of a CA generation."""
    with box.store.look() as work:
        return next(
            one.der for one in work.statuses.authorities() if one.name == issuer
        )


def request_about(
    *serials: int,
    issuer: str,
    box: Box,
    digest: str = "sha1",
    nonce: bytes = b"",
) -> bytes:
    """A request about certificates of one CA generation."""
    name, key = issuer_hashes(authority_der(issuer, box), digest)
    ids = []
    for serial in serials:
        made = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            name, key, serial, DIGESTS[digest]()
        )
        if len(serials) == 1:
            if nonce:
                made = made.add_extension(x509.OCSPNonce(nonce), critical=False)
            return made.build().public_bytes(Encoding.DER)
        encoded = made.build().public_bytes(Encoding.DER)
        ids.append(der.sequence(parse_request(encoded).ids[0].encoded))
    return der.sequence(der.sequence(der.sequence(*ids)))


def told_of(encoded: bytes) -> list[str]:
    """What an answer says of each certificate: its status, or the reason it stopped;
    what it is as a whole, if it is not signed."""
    answer = ocsp.load_der_ocsp_response(encoded)
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return [answer.response_status.name.lower()]
    return [
        one.revocation_reason.value
        if one.revocation_reason
        else one.certificate_status.name.lower()
        for one in answer.responses
    ]
