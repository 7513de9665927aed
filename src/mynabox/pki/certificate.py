"""Issuing: CA, OCSP responder and the two certificates of a card.

Values in, DER out. The private key is behind ``sign``; the signature algorithm is
the one the issuer's public key calls for. Extensions stand in the order of the
published certificates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from mynabox.law.municipality import Municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import algorithms, der
from mynabox.pki.algorithms import Sign
from mynabox.pki.crl_entry import MAX_SERIAL_OCTETS
from mynabox.pki.guard import refuse_genuine, refuse_official_name
from mynabox.pki.holder import Holder, alternative_name
from mynabox.pki.names import Name, authentication_subject, signature_subject
from mynabox.pki.profile import Profile, ca_last_day, end_of_day
from mynabox.pki.reading import CertificateFacts, read_certificate

_KEY_USAGE, _SUBJECT_ALT, _ISSUER_ALT, _BASIC = (
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.19",
)
_CRL_POINTS, _POLICIES, _AUTHORITY_KEY, _EXTENDED, _SUBJECT_KEY = (
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.35",
    "2.5.29.37",
    "2.5.29.14",
)
_AUTHORITY_ACCESS, _OCSP_ACCESS = "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1"
_CPS_QUALIFIER = "1.3.6.1.5.5.7.2.1"
_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
_DIGITAL_SIGNATURE, _NON_REPUDIATION, _CERT_SIGN, _CRL_SIGN = 0, 1, 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One generation of one CA: its certificate, and a way to sign with its key.

    ``name``  what addresses call it; its kind where nothing else is known
    """

    kind: CertificateKind
    certificate: bytes
    sign: Sign
    name: str | None = None

    @property
    def facts(self) -> CertificateFacts:
        """The CA certificate, read."""
        return read_certificate(self.certificate)

    @property
    def algorithm(self) -> str:
        """The algorithm of this CA's signatures."""
        return algorithms.algorithm_of(self.facts.public_key)


def ca_certificate(
    profile: Profile,
    kind: CertificateKind,
    *,
    public_key: bytes,
    sign: Sign,
    serial: int,
    issued: datetime,
) -> bytes:
    """A self-signed CA certificate, valid to the eve of its tenth year (or as long as
    the profile says).

    No authority key identifier, policies or AIA, as the genuine ones. Raises
    ``Genuine`` where the profile's names are the official ones.
    """
    name = profile.ca_name(kind)
    refuse_official_name(name)
    encoded = _signed(
        algorithm=algorithms.algorithm_of(public_key),
        sign=sign,
        serial=serial,
        issuer=name.encode(),
        subject=name.encode(),
        issued=issued,
        until=end_of_day(ca_last_day(issued, years=profile.ca_years)),
        public_key=public_key,
        extensions=(
            _key_usage(_CERT_SIGN, _CRL_SIGN),
            _extension(
                _SUBJECT_ALT, der.sequence(profile.ca_alternative_name(kind).general())
            ),
            _extension(_BASIC, der.sequence(der.boolean(True)), critical=True),
            _crl_points(name.general()),
            _subject_key(public_key),
        ),
    )
    refuse_genuine(read_certificate(encoded))
    return encoded


def responder_certificate(
    profile: Profile,
    authority: Authority,
    *,
    public_key: bytes,
    serial: int,
    issued: datetime,
    until: datetime,
) -> bytes:
    """A delegated OCSP responder's certificate (RFC 6960 section 4.2.2.2).

    It is not checked for revocation itself, so its life is meant to be short.
    """
    return _issue(
        authority,
        serial=serial,
        subject=profile.responder_name(authority.kind),
        issued=issued,
        until=until,
        public_key=public_key,
        extensions=(
            _key_usage(_DIGITAL_SIGNATURE),
            _extension(_EXTENDED, der.sequence(der.oid(OCSP_SIGNING))),
            _extension(_NO_CHECK, der.null()),
            _authority_key(authority),
            _subject_key(public_key),
        ),
    )


def signature_certificate(
    profile: Profile,
    authority: Authority,
    *,
    public_key: bytes,
    serial: int,
    issued: datetime,
    last_day: date,
    common_name: str,
    municipality: Municipality,
    holder: Holder,
) -> bytes:
    """A signature certificate (署名用電子証明書), good to the end of *last_day*."""
    _of_kind(authority, CertificateKind.SIGNATURE)
    return _issue(
        authority,
        serial=serial,
        subject=signature_subject(common_name, municipality),
        issued=issued,
        until=end_of_day(last_day),
        public_key=public_key,
        extensions=(
            _key_usage(_DIGITAL_SIGNATURE, _NON_REPUDIATION),
            _extension(_SUBJECT_ALT, alternative_name(holder)),
            *_common_extensions(profile, authority, municipality, public_key),
        ),
    )


def authentication_certificate(
    profile: Profile,
    authority: Authority,
    *,
    public_key: bytes,
    serial: int,
    issued: datetime,
    last_day: date,
    common_name: str,
    municipality: Municipality,
) -> bytes:
    """A user authentication certificate (利用者証明用電子証明書): no personal data.

    The municipality is only written as the revocation list's partition.
    """
    _of_kind(authority, CertificateKind.AUTHENTICATION)
    client_auth = _extension(_EXTENDED, der.sequence(der.oid(CLIENT_AUTH)))
    return _issue(
        authority,
        serial=serial,
        subject=authentication_subject(common_name),
        issued=issued,
        until=end_of_day(last_day),
        public_key=public_key,
        extensions=(
            _key_usage(_DIGITAL_SIGNATURE),
            *((client_auth,) if profile.client_auth else ()),
            *_common_extensions(profile, authority, municipality, public_key),
        ),
    )


def _of_kind(authority: Authority, kind: CertificateKind) -> None:
    if authority.kind is not kind:
        raise ValueError(f"the {authority.kind} CA issues no {kind} certificate")


def _issue(
    authority: Authority,
    *,
    serial: int,
    subject: Name,
    issued: datetime,
    until: datetime,
    public_key: bytes,
    extensions: Iterable[bytes],
) -> bytes:
    if serial <= 0 or serial.bit_length() // 8 + 1 > MAX_SERIAL_OCTETS:
        raise ValueError("a serial number is a positive integer of at most 20 octets")
    if issued > until:
        raise ValueError("a certificate cannot end before it is issued")
    if not authority.facts.not_before <= issued <= authority.facts.not_after:
        raise ValueError("the CA certificate is not valid at the moment of issue")
    algorithms.algorithm_of(public_key)
    return _signed(
        algorithm=authority.algorithm,
        sign=authority.sign,
        serial=serial,
        issuer=authority.facts.subject,
        subject=subject.encode(),
        issued=issued,
        until=until,
        public_key=public_key,
        extensions=extensions,
    )


def _signed(
    *,
    algorithm: str,
    sign: Sign,
    serial: int,
    issuer: bytes,
    subject: bytes,
    issued: datetime,
    until: datetime,
    public_key: bytes,
    extensions: Iterable[bytes],
) -> bytes:
    identifier = algorithms.identifier(algorithm)
    signed_part = der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(serial),
        identifier,
        issuer,
        der.sequence(der.x509_time(issued), der.x509_time(until)),
        subject,
        public_key,
        der.explicit(3, der.sequence(*extensions)),
    )
    return der.sequence(signed_part, identifier, der.bit_string(sign(signed_part)))


def _common_extensions(
    profile: Profile,
    authority: Authority,
    municipality: Municipality,
    public_key: bytes,
) -> list[bytes]:
    """Policies, issuer name, revocation list, keys: the same for both kinds."""
    kind = authority.kind
    points = [profile.partition(kind, municipality).general()]
    policy = der.sequence(
        der.oid(profile.policy(kind)),
        der.sequence(
            der.sequence(
                der.oid(_CPS_QUALIFIER),
                der.tlv(der.IA5_STRING, profile.cps.encode("ascii")),
            )
        ),
    )
    access = []
    if profile.addresses is not None:
        points.append(
            _uri(profile.addresses.crl(authority.name or kind.value, municipality))
        )
        ocsp = der.sequence(der.oid(_OCSP_ACCESS), _uri(profile.addresses.ocsp()))
        access.append(_extension(_AUTHORITY_ACCESS, der.sequence(ocsp)))
    return [
        _extension(_POLICIES, der.sequence(policy), critical=True),
        _extension(
            _ISSUER_ALT, der.sequence(profile.issuer_alternative_name().general())
        ),
        _crl_points(*points),
        *access,
        _authority_key(authority),
        _subject_key(public_key),
    ]


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = der.boolean(True) if critical else b""
    return der.sequence(der.oid(oid), flag, der.octet_string(value))


def _key_usage(*bits: int) -> bytes:
    return _extension(_KEY_USAGE, der.named_bits(*bits), critical=True)


def _crl_points(*names: bytes) -> bytes:
    """One DistributionPoint per name, each a fullName."""
    return _extension(
        _CRL_POINTS,
        der.sequence(
            *(der.sequence(der.explicit(0, der.explicit(0, name))) for name in names)
        ),
    )


def _uri(address: str) -> bytes:
    return der.implicit(6, address.encode("ascii"))


def _authority_key(authority: Authority) -> bytes:
    key = algorithms.key_identifier(authority.facts.public_key)
    return _extension(_AUTHORITY_KEY, der.sequence(der.implicit(0, key)))


def _subject_key(public_key: bytes) -> bytes:
    key = algorithms.key_identifier(public_key)
    return _extension(_SUBJECT_KEY, der.octet_string(key))
