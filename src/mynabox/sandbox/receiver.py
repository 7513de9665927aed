"""What whoever receives a signed document does with its certificate."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.evidence import Evidence, OcspEvidence
from mynabox.pki.verify import Anchor, Verdict, verify
from mynabox.ports import Box, Missing
from mynabox.usecases.show import list_authorities
from mynabox.usecases.status import answer_ocsp


def ask_ocsp(box: Box, certificate: bytes) -> OcspEvidence:
    """Ask the box's responder about a certificate, as any OCSP client would."""
    leaf = x509.load_der_x509_certificate(certificate)
    builder = ocsp.OCSPRequestBuilder()
    request = builder.add_certificate(leaf, _issuer(box, leaf), SHA256()).build()
    given = answer_ocsp(request.public_bytes(Encoding.DER), box)
    return OcspEvidence(response=given.answer.encoded)


def _issuer(box: Box, leaf: x509.Certificate) -> x509.Certificate:
    """The CA generation whose key signed the certificate: names do not tell."""
    for authority in list_authorities(box):
        known = x509.load_der_x509_certificate(authority.der)
        try:
            leaf.verify_directly_issued_by(known)
        except (ValueError, InvalidSignature):
            continue
        return known
    raise Missing("authority that issued certificate", str(leaf.serial_number))


def judge(
    box: Box,
    certificate: bytes,
    evidence: Evidence,
    *,
    kind: CertificateKind = CertificateKind.SIGNATURE,
) -> Verdict:
    """Judge a certificate now, on the evidence of one responder or list."""
    return verify(
        certificate,
        anchors=[Anchor(known.kind, known.der) for known in list_authorities(box)],
        kind=kind,
        at=box.clock.now(),
        evidence=(evidence,),
    )


def list_entry(crl: bytes, serial: int) -> x509.ReasonFlags | None:
    """The reason under which a CRL has a certificate, if it has it."""
    entry = x509.load_der_x509_crl(crl).get_revoked_certificate_by_serial_number(serial)
    if entry is None:
        return None
    return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
