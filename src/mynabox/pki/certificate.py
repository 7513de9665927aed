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
from mynabox.pki import extensions as ext
from mynabox.pki.algorithms import Sign
from mynabox.pki.guard import refuse_genuine, refuse_official_name
from mynabox.pki.holder import Holder, alternative_name
from mynabox.pki.names import Name
from mynabox.pki.profile import Profile, ca_last_day, end_of_day
from mynabox.pki.reading import CertificateFacts, read_certificate
from mynabox.pki.template import Template, check_serial, template_of

_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"


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
            ext.key_usage(ext.CERT_SIGN, ext.CRL_SIGN),
            ext.extension(
                ext.SUBJECT_ALT,
                der.sequence(profile.ca_alternative_name(kind).general()),
            ),
            ext.extension(ext.BASIC, der.sequence(der.boolean(True)), critical=True),
            ext.crl_points(name.general()),
            ext.subject_key(public_key),
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
            ext.key_usage(ext.DIGITAL_SIGNATURE),
            ext.extended(OCSP_SIGNING),
            ext.extension(_NO_CHECK, der.null()),
            ext.authority_key(authority.facts.public_key),
            ext.subject_key(public_key),
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
    return template(profile, authority, municipality).issue(
        authority.sign,
        public_key=public_key,
        serial=serial,
        issued=issued,
        last_day=last_day,
        common_name=common_name,
        alternative_name=alternative_name(holder),
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
    return template(profile, authority, municipality).issue(
        authority.sign,
        public_key=public_key,
        serial=serial,
        issued=issued,
        last_day=last_day,
        common_name=common_name,
    )


def template(
    profile: Profile, authority: Authority, municipality: Municipality
) -> Template:
    """All that certificates of one CA generation in one municipality have in common,
    kept for the next time."""
    return template_of(
        profile,
        authority.kind,
        authority.certificate,
        authority.name or authority.kind.value,
        municipality,
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
    check_serial(serial)
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
