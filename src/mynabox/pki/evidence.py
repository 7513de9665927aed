"""Status evidence as a relying party reads it: one OCSP response, or one list.

Evidence speaks only if it is of this certificate, signed by its CA or by a responder
that CA delegated, and fresh at the moment it is looked at. Anything else is
``Silent`` with a cause, and a silent witness never counts as "good" (fail closed).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.pki import algorithms
from mynabox.pki.certificate import OCSP_SIGNING
from mynabox.pki.ocsp import issuer_hashes
from mynabox.pki.reading import (
    UNREADABLE,
    CertificateFacts,
    NotACertificate,
    read_certificate,
    without_remarks,
)

without_remarks(__name__)

SKEW = timedelta(minutes=5)
"""How far ahead of ours a signer's clock may run; staleness gets no such grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspEvidence:
    """An OCSP response in DER, and the nonce that was sent for it, if any."""

    response: bytes
    nonce: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlEvidence:
    """A revocation list in DER, whole or of one municipality; with the delta list
    that adds to it, if there is one."""

    encoded: bytes
    delta: bytes | None = None


Evidence = OcspEvidence | CrlEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when, and until when, a witness speaks."""

    this_update: datetime
    next_update: datetime


@dataclass(frozen=True, slots=True)
class SaysGood:
    """Issued and not stopped, as of this window."""

    window: Window


@dataclass(frozen=True, slots=True)
class SaysStopped:
    """Revoked or held since ``at``; ``reason`` as RFC 5280 names it."""

    window: Window
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Silent:
    """No statement; ``cause`` is a stable code for programs."""

    cause: str


Statement = SaysGood | SaysStopped | Silent


def hear(
    evidence: Evidence,
    *,
    certificate: CertificateFacts,
    authority: CertificateFacts,
    at: datetime,
) -> Statement:
    """What *evidence* says of *certificate*, looked at at the moment *at*."""
    try:
        if isinstance(evidence, OcspEvidence):
            return _hear_ocsp(evidence, certificate, authority, at)
        return _hear_crl(evidence, certificate, authority, at)
    except UNREADABLE:
        return Silent("unreadable")


def _fresh(
    this_update: datetime, next_update: datetime | None, at: datetime
) -> Window | Silent:
    if next_update is None:
        return Silent("without_next_update")
    if this_update > at + SKEW:
        return Silent("from_the_future")
    if at > next_update:
        return Silent("stale")
    return Window(this_update=this_update, next_update=next_update)


def _hear_ocsp(
    evidence: OcspEvidence,
    certificate: CertificateFacts,
    authority: CertificateFacts,
    at: datetime,
) -> Statement:
    response = ocsp.load_der_ocsp_response(evidence.response)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return Silent(f"responder_{response.response_status.name.lower()}")
    signer = _responder_key(response, authority, at)
    if signer is None or not algorithms.verify(
        signer,
        response.signature_algorithm_oid.dotted_string,
        signature=response.signature,
        data=response.tbs_response_bytes,
    ):
        return Silent("not_from_this_ca")
    if evidence.nonce is not None and _nonce(response) != evidence.nonce:
        return Silent("nonce_missing_or_different")
    if response.produced_at_utc > at + SKEW:
        return Silent("from_the_future")
    for single in response.responses:
        if not _is_about(single, certificate, authority):
            continue
        window = _fresh(single.this_update_utc, single.next_update_utc, at)
        if isinstance(window, Silent):
            return window
        match single.certificate_status:
            case ocsp.OCSPCertStatus.GOOD:
                return SaysGood(window)
            case ocsp.OCSPCertStatus.REVOKED if single.revocation_time_utc:
                reason = single.revocation_reason or x509.ReasonFlags.unspecified
                return SaysStopped(window, single.revocation_time_utc, reason.value)
        return Silent("never_issued")
    return Silent("about_another_certificate")


def _is_about(
    single: ocsp.OCSPSingleResponse,
    certificate: CertificateFacts,
    authority: CertificateFacts,
) -> bool:
    hashes = issuer_hashes(authority.encoded, single.hash_algorithm.name)
    return single.serial_number == certificate.serial and hashes == (
        single.issuer_name_hash,
        single.issuer_key_hash,
    )


def _nonce(response: ocsp.OCSPResponse) -> bytes | None:
    for extension in response.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            return extension.value.nonce
    return None


def _responder_key(
    response: ocsp.OCSPResponse, authority: CertificateFacts, at: datetime
) -> bytes | None:
    """The key that may have signed: the CA's own, or a delegate's (RFC 6960 4.2.2.2)."""
    if _identifies(response, authority):
        return authority.public_key
    for given in response.certificates:
        try:
            delegate = read_certificate(given.public_bytes(Encoding.DER))
        except NotACertificate:
            continue
        if (
            _identifies(response, delegate)
            and delegate.issuer == authority.subject
            and delegate.issued_with(authority.public_key)
            and OCSP_SIGNING in (delegate.extended_key_usage or ())
            and "digitalSignature" in (delegate.key_usage or {"digitalSignature"})
            and delegate.no_check
            and not delegate.not_understood
            and delegate.not_before <= at <= delegate.not_after
        ):
            return delegate.public_key
    return None


def _identifies(response: ocsp.OCSPResponse, signer: CertificateFacts) -> bool:
    if response.responder_key_hash is not None:
        key = algorithms.key_identifier(signer.public_key)
        return response.responder_key_hash == key
    name = response.responder_name
    return name is not None and name.public_bytes() == signer.subject


@dataclass(frozen=True, slots=True)
class _List:
    parsed: x509.CertificateRevocationList
    points: frozenset[x509.Name | str] | None
    """Names of the partition; None for a list of all certificates."""
    number: int | None
    base: int | None
    """Number of the list that this one adds to; None for one that is whole."""


@lru_cache(maxsize=8)
def _checked_list(encoded: bytes, authority: CertificateFacts) -> _List | str:
    """A list whose issuer, signature and extensions hold, or the cause they do not."""
    parsed = x509.load_der_x509_crl(encoded)
    if parsed.issuer.public_bytes() != authority.subject or not algorithms.verify(
        authority.public_key,
        parsed.signature_algorithm_oid.dotted_string,
        signature=parsed.signature,
        data=parsed.tbs_certlist_bytes,
    ):
        return "not_from_this_ca"
    points = number = base = None
    for extension in parsed.extensions:
        value = extension.value
        if isinstance(value, x509.CRLNumber):
            number = value.crl_number
        elif isinstance(value, x509.DeltaCRLIndicator):
            base = value.crl_number
        elif isinstance(value, x509.IssuingDistributionPoint):
            if (
                value.only_contains_ca_certs
                or value.only_contains_attribute_certs
                or value.only_some_reasons
                or value.indirect_crl
                or value.full_name is None
            ):
                return "of_another_scope"
            points = frozenset(
                name.value
                for name in value.full_name
                if isinstance(name, x509.DirectoryName | x509.UniformResourceIdentifier)
            )
        elif extension.critical:
            return "critical_extension"
    return _List(parsed, points, number, base)


def _hear_crl(
    evidence: CrlEvidence,
    certificate: CertificateFacts,
    authority: CertificateFacts,
    at: datetime,
) -> Statement:
    found = _checked_list(evidence.encoded, authority)
    if isinstance(found, str):
        return Silent(found)
    if found.base is not None:
        return Silent("delta_without_base")
    if evidence.delta is None:
        return _hear_list(found, certificate, at)
    newer = _checked_list(evidence.delta, authority)
    if isinstance(newer, str):
        return Silent(newer)
    if not _adds_to(newer, found):
        return Silent("delta_of_another_base")
    of_base = _hear_list(found, certificate, at)
    of_delta = _hear_list(newer, certificate, at)
    if isinstance(of_base, Silent):
        return of_base
    if isinstance(of_base, SaysStopped) and not isinstance(of_delta, SaysStopped):
        return of_base
    return of_delta


def _adds_to(delta: _List, base: _List) -> bool:
    """Whether the two are of one scope and nothing lies between them (RFC 5280
    section 5.2.4: the base at hand may be newer than the one the delta names)."""
    if delta.base is None or base.number is None or delta.number is None:
        return False
    return delta.points == base.points and delta.base <= base.number < delta.number


def _hear_list(found: _List, certificate: CertificateFacts, at: datetime) -> Statement:
    """What one list by itself says."""
    if found.points is not None and not found.points & set(
        certificate.distribution_points
    ):
        return Silent("of_another_partition")
    window = _fresh(found.parsed.last_update_utc, found.parsed.next_update_utc, at)
    if isinstance(window, Silent):
        return window
    entry = found.parsed.get_revoked_certificate_by_serial_number(certificate.serial)
    if entry is None:
        return SaysGood(window)
    reason = x509.ReasonFlags.unspecified
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason
        elif extension.critical:
            return Silent("critical_extension")
    return SaysStopped(window, entry.revocation_date_utc, reason.value)
