"""Signed documents (CMS SignedData, RFC 5652) around a card's raw signature.

The card signs one thing: the signed attributes. They bind the document's digest, the
signer's certificate (RFC 5035) and, if told, the moment of signing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms as asn1_cms
from asn1crypto import core as asn1_core
from asn1crypto import x509 as asn1_x509

from mynabox.pki import algorithms, der
from mynabox.pki.algorithms import Sign
from mynabox.pki.reading import (
    UNREADABLE,
    CertificateFacts,
    NotACertificate,
    read_certificate,
)

_DATA, _SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (
    "1.2.840.113549.1.9.3",
    "1.2.840.113549.1.9.4",
    "1.2.840.113549.1.9.5",
)
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
_DIGESTS = {
    algorithms.RSA_SHA256: ("sha256", algorithms.SHA256),
    algorithms.ECDSA_SHA256: ("sha256", algorithms.SHA256),
    algorithms.ECDSA_SHA384: ("sha384", "2.16.840.1.101.3.4.2.2"),
}


class NotSigned(ValueError):
    """These bytes are not a valid signature over the document; ``cause`` says why."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the signature does not hold: {cause}")
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature that holds. Whether its signer is trusted is ``verify``'s word."""

    signer: CertificateFacts
    certificates: tuple[CertificateFacts, ...]
    """All certificates that came along, the signer's included."""
    document: bytes
    signed_at: datetime | None
    """The moment the signer claims; nobody vouches for it."""


def cms_sign(
    document: bytes,
    *,
    certificate: bytes,
    chain: Sequence[bytes],
    sign: Sign,
    signed_at: datetime | None = None,
    detached: bool = True,
) -> bytes:
    """SignedData over a document, DER, with the signer's certificate and its chain."""
    signer = read_certificate(certificate)
    algorithm = algorithms.algorithm_of(signer.public_key)
    digest_name, digest_oid = _DIGESTS[algorithm]
    digest = der.sequence(der.oid(digest_oid))
    attributes = [
        _attribute(_CONTENT_TYPE, der.oid(_DATA)),
        _attribute(
            _MESSAGE_DIGEST,
            der.octet_string(hashlib.new(digest_name, document).digest()),
        ),
        _attribute(_SIGNING_CERTIFICATE, _signing_certificate(certificate)),
    ]
    if signed_at is not None:
        attributes.append(_attribute(_SIGNING_TIME, der.x509_time(signed_at)))
    signed = der.set_of(*attributes)
    signer_info = der.sequence(
        der.integer(1),
        der.sequence(signer.issuer, der.integer(signer.serial)),
        digest,
        b"\xa0" + signed[1:],
        algorithms.identifier(algorithm),
        der.octet_string(sign(signed)),
    )
    content = b"" if detached else der.explicit(0, der.octet_string(document))
    certificates = sorted({certificate, *chain})
    signed_data = der.sequence(
        der.integer(1),
        der.set_of(digest),
        der.sequence(der.oid(_DATA), content),
        der.tlv(0xA0, *certificates),
        der.set_of(signer_info),
    )
    return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, signed_data))


def _attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.set_of(value))


def _signing_certificate(certificate: bytes) -> bytes:
    """SigningCertificateV2 with the default hash, SHA-256."""
    identity = der.sequence(der.octet_string(hashlib.sha256(certificate).digest()))
    return der.sequence(der.sequence(identity))


def cms_verify(signed: bytes, document: bytes | None = None) -> tuple[Signature, ...]:
    """Every signature in a SignedData; raises ``NotSigned`` unless all of them hold.

    *document* is needed where the content is detached, and must equal the content
    where it is not.
    """
    try:
        return _verify(signed, document)
    except NotSigned:
        raise
    except NotACertificate as error:
        raise NotSigned("a certificate in it cannot be read") from error
    except (*UNREADABLE, RecursionError) as error:
        raise NotSigned("unreadable") from error


def _verify(signed: bytes, document: bytes | None) -> tuple[Signature, ...]:
    wrapper = asn1_cms.ContentInfo.load(signed, strict=True)
    if wrapper["content_type"].dotted != _SIGNED_DATA:
        raise NotSigned("not SignedData")
    data = wrapper["content"]
    inside = data["encap_content_info"]["content"].native
    if inside is None and document is None:
        raise NotSigned("the document is missing")
    if inside is not None and document is not None and inside != document:
        raise NotSigned("another document is inside")
    content = document if inside is None else inside
    if not isinstance(content, bytes):
        raise NotSigned("the content is not octets")
    certificates = tuple(
        read_certificate(choice.chosen.dump())
        for choice in data["certificates"]
        if isinstance(choice.chosen, asn1_x509.Certificate)
    )
    content_type = data["encap_content_info"]["content_type"].dotted
    infos = list(data["signer_infos"])
    if not infos:
        raise NotSigned("nobody signed")
    return tuple(_one(info, certificates, content, content_type) for info in infos)


def _one(
    info: asn1_cms.SignerInfo,
    certificates: tuple[CertificateFacts, ...],
    content: bytes,
    content_type: str,
) -> Signature:
    signer = _signer(info["sid"], certificates)
    algorithm = _algorithm(info, signer)
    digest_name, digest_oid = _DIGESTS[algorithm]
    if info["digest_algorithm"]["algorithm"].dotted != digest_oid:
        raise NotSigned("digest and signature algorithm do not belong together")
    if isinstance(info["signed_attrs"], asn1_core.Void):
        signed_part, moment = content, None
    else:
        attributes = _attributes(info["signed_attrs"])
        expected = hashlib.new(digest_name, content).digest()
        if attributes.get(_MESSAGE_DIGEST) != der.octet_string(expected):
            raise NotSigned("the document was changed")
        if attributes.get(_CONTENT_TYPE) != der.oid(content_type):
            raise NotSigned("the content type was changed")
        bound = attributes.get(_SIGNING_CERTIFICATE)
        if bound is not None and not _binds(bound, signer):
            raise NotSigned("another certificate is bound to the signature")
        moment = _moment(attributes.get(_SIGNING_TIME))
        signed_part = info["signed_attrs"].untag().dump()
    if not algorithms.verify(
        signer.public_key,
        algorithm,
        signature=info["signature"].native,
        data=signed_part,
    ):
        raise NotSigned("the signature does not fit")
    return Signature(
        signer=signer, certificates=certificates, document=content, signed_at=moment
    )


def _signer(
    sid: asn1_cms.SignerIdentifier, certificates: tuple[CertificateFacts, ...]
) -> CertificateFacts:
    for one in certificates:
        if sid.name == "issuer_and_serial_number":
            chosen = sid.chosen
            named = chosen["serial_number"].native, chosen["issuer"].dump()
            if named == (one.serial, one.issuer):
                return one
        elif sid.chosen.native == one.key_identifier:
            return one
    raise NotSigned("the signer's certificate is missing")


def _algorithm(info: asn1_cms.SignerInfo, signer: CertificateFacts) -> str:
    """The algorithm of this signature, which must be the one the key calls for."""
    named = info["signature_algorithm"]["algorithm"].dotted
    wanted = algorithms.algorithm_of(signer.public_key)
    if named == wanted or (wanted == algorithms.RSA_SHA256 and named == algorithms.RSA):
        return wanted
    raise NotSigned("an algorithm that is not accepted")


def _attributes(signed: asn1_cms.CMSAttributes) -> dict[str, bytes]:
    """Single-valued signed attributes by OID, values in DER."""
    found: dict[str, bytes] = {}
    for attribute in signed:
        oid = attribute["type"].dotted
        values = list(attribute["values"])
        if oid in found or len(values) != 1:
            raise NotSigned("an attribute is repeated")
        found[oid] = values[0].dump()
    return found


def _binds(value: bytes, signer: CertificateFacts) -> bool:
    """Whether a SigningCertificateV2 names the signer's certificate first."""
    first = der.read(value).children()[0].children()[0].children()
    name = "sha256"
    if first[0].tag == der.SEQUENCE:
        oid = first.pop(0).children()[0].encoded
        name = {der.oid(known): name for name, known in _DIGESTS.values()}.get(oid, "")
        if not name:
            raise NotSigned("a digest that is not accepted")
    digest = hashlib.new(name, signer.encoded).digest()
    return first[0].expect(der.OCTET_STRING).content == digest


def _moment(value: bytes | None) -> datetime | None:
    if value is None:
        return None
    moment = asn1_cms.Time.load(value, strict=True).native
    if not isinstance(moment, datetime):
        raise NotSigned("a signing time that is none")
    return moment.astimezone(UTC)
