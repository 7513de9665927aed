"""Certificates as they are read: every fact the house asks of one, in one value."""

import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import AuthorityInformationAccessOID

from mynabox.pki import algorithms, der

UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    AttributeError,
    NotImplementedError,
    UnsupportedAlgorithm,
    UserWarning,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the parsing libraries raise for bytes that are not what they should be.

Warnings (cryptography's are of this kind) are among them for programs that run with
warnings as errors.
"""


def without_remarks(module: str) -> None:
    """Keep to itself what cryptography finds odd (a country of three letters) in what
    this module reads: it comes from outside, and whoever runs the program has not
    written it. Warnings of all other modules stay."""
    warnings.filterwarnings(
        "ignore", category=UserWarning, module=rf"{re.escape(module)}\Z"
    )


without_remarks(__name__)

_UNDERSTOOD = frozenset(
    {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.CertificatePolicies.oid,
        x509.ExtendedKeyUsage.oid,
    }
)
"""Extensions whose meaning is enforced, and which may therefore be critical."""

_PERSONAL = "1.2.392.200149.8.5.5."


class NotACertificate(ValueError):
    """These bytes are no X.509 certificate that can be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CertificateFacts:
    """One certificate taken apart; names and keys stay in the DER they came in.

    Its ``repr`` tells the serial number and nothing of the holder.
    """

    encoded: bytes
    signed_part: bytes
    signature: bytes
    signature_algorithm: str
    serial: int
    issuer: bytes
    subject: bytes
    public_key: bytes
    not_before: datetime
    not_after: datetime
    is_ca: bool
    key_usage: frozenset[str] | None
    """Names as RFC 5280 writes them; None where the extension is absent."""
    extended_key_usage: frozenset[str] | None
    policies: frozenset[str]
    key_identifier: bytes | None
    authority_key_identifier: bytes | None
    distribution_points: tuple[x509.Name | str, ...]
    ocsp_addresses: tuple[str, ...]
    no_check: bool
    """id-pkix-ocsp-nocheck: this responder's own status need not be asked."""
    personal: tuple[tuple[int, str], ...]
    """The otherNames of a signature certificate: (last arc, text) in their order."""
    not_understood: frozenset[str]
    """OIDs of critical extensions that nobody here enforces."""

    def __repr__(self) -> str:
        return f"CertificateFacts(serial={self.serial})"

    def issued_with(self, public_key: bytes) -> bool:
        """Whether this certificate was signed with the private half of a key."""
        return algorithms.verify(
            public_key,
            self.signature_algorithm,
            signature=self.signature,
            data=self.signed_part,
        )

    @property
    def four_items(self) -> dict[int, str]:
        """Name 1, its flags 2, sex 3, birth date 4, address 5, its flags 6."""
        return dict(self.personal)


@lru_cache(maxsize=4096)
def read_certificate(encoded: bytes) -> CertificateFacts:
    """Read DER; raises ``NotACertificate`` and nothing else for any bytes."""
    try:
        return _read(encoded)
    except UNREADABLE as error:
        raise NotACertificate("not a certificate that can be read") from error


def _read(encoded: bytes) -> CertificateFacts:
    outside = der.read(encoded).children()
    inside = outside[0].children()
    if inside[1].as_integer() <= 0:
        raise NotACertificate("a serial number is a positive integer")
    certificate = x509.load_der_x509_certificate(encoded)
    if certificate.version is not x509.Version.v3:
        raise NotACertificate("not a version 3 certificate")
    if inside[2].encoded != outside[1].encoded:
        raise NotACertificate("two different signature algorithms")
    found = {extension.oid: extension for extension in certificate.extensions}
    values = {oid: extension.value for oid, extension in found.items()}
    return CertificateFacts(
        encoded=encoded,
        signed_part=outside[0].encoded,
        signature=certificate.signature,
        signature_algorithm=certificate.signature_algorithm_oid.dotted_string,
        serial=certificate.serial_number,
        issuer=inside[3].encoded,
        subject=inside[5].encoded,
        public_key=inside[6].encoded,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        is_ca=_is_ca(values.get(x509.BasicConstraints.oid)),
        key_usage=_key_usage(values.get(x509.KeyUsage.oid)),
        extended_key_usage=_extended(values.get(x509.ExtendedKeyUsage.oid)),
        policies=_policies(values.get(x509.CertificatePolicies.oid)),
        key_identifier=_digest(values.get(x509.SubjectKeyIdentifier.oid)),
        authority_key_identifier=_authority(
            values.get(x509.AuthorityKeyIdentifier.oid)
        ),
        distribution_points=_points(values.get(x509.CRLDistributionPoints.oid)),
        ocsp_addresses=_ocsp(values.get(x509.AuthorityInformationAccess.oid)),
        no_check=x509.OCSPNoCheck.oid in values,
        personal=_personal(values.get(x509.SubjectAlternativeName.oid)),
        not_understood=frozenset(
            oid.dotted_string
            for oid, extension in found.items()
            if extension.critical and oid not in _UNDERSTOOD
        ),
    )


def _is_ca(value: x509.ExtensionType | None) -> bool:
    return isinstance(value, x509.BasicConstraints) and value.ca


def _key_usage(value: x509.ExtensionType | None) -> frozenset[str] | None:
    if not isinstance(value, x509.KeyUsage):
        return None
    bits = {
        "digitalSignature": value.digital_signature,
        "nonRepudiation": value.content_commitment,
        "keyEncipherment": value.key_encipherment,
        "dataEncipherment": value.data_encipherment,
        "keyAgreement": value.key_agreement,
        "keyCertSign": value.key_cert_sign,
        "cRLSign": value.crl_sign,
    }
    return frozenset(name for name, is_set in bits.items() if is_set)


def _extended(value: x509.ExtensionType | None) -> frozenset[str] | None:
    if not isinstance(value, x509.ExtendedKeyUsage):
        return None
    return frozenset(oid.dotted_string for oid in value)


def _policies(value: x509.ExtensionType | None) -> frozenset[str]:
    if not isinstance(value, x509.CertificatePolicies):
        return frozenset()
    return frozenset(one.policy_identifier.dotted_string for one in value)


def _digest(value: x509.ExtensionType | None) -> bytes | None:
    return value.digest if isinstance(value, x509.SubjectKeyIdentifier) else None


def _authority(value: x509.ExtensionType | None) -> bytes | None:
    if isinstance(value, x509.AuthorityKeyIdentifier):
        return value.key_identifier
    return None


def _points(value: x509.ExtensionType | None) -> tuple[x509.Name | str, ...]:
    if not isinstance(value, x509.CRLDistributionPoints):
        return ()
    return tuple(
        name.value
        for point in value
        for name in point.full_name or ()
        if isinstance(name, x509.DirectoryName | x509.UniformResourceIdentifier)
    )


def _ocsp(value: x509.ExtensionType | None) -> tuple[str, ...]:
    if not isinstance(value, x509.AuthorityInformationAccess):
        return ()
    return tuple(
        one.access_location.value
        for one in value
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )


def _personal(value: x509.ExtensionType | None) -> tuple[tuple[int, str], ...]:
    if not isinstance(value, x509.SubjectAlternativeName):
        return ()
    found = []
    for name in value:
        if isinstance(name, x509.OtherName):
            dotted = name.type_id.dotted_string
            if dotted.startswith(_PERSONAL):
                content = der.read(name.value).expect(der.UTF8_STRING).content
                found.append((int(dotted.removeprefix(_PERSONAL)), content.decode()))
    return tuple(found)
