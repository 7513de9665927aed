"""OCSP answers as bytes (RFC 6960 section 4.2): what is said, put together and signed.

Most of an answer is the same for every question: the responder's name, the algorithm,
the certificate that travels along. That part is made once for each responder; only
the signature itself costs anything after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import new as new_digest

from mynabox.lifecycle.certificate import StopReason
from mynabox.pki import algorithms, der
from mynabox.pki.algorithms import Sign
from mynabox.pki.crl import REASON_CODES
from mynabox.pki.ocsp_request import NONCE
from mynabox.pki.reading import read_certificate

CONTENT_TYPE_REQUEST = "application/ocsp-request"
CONTENT_TYPE_RESPONSE = "application/ocsp-response"

MALFORMED_REQUEST = bytes.fromhex("30030a0101")
INTERNAL_ERROR = bytes.fromhex("30030a0102")
TRY_LATER = bytes.fromhex("30030a0103")
UNAUTHORIZED = bytes.fromhex("30030a0106")
"""The unsigned answers: a status and nothing else."""

_BASIC = der.oid("1.3.6.1.5.5.7.48.1.1")
_NONCE = der.oid(NONCE)
_SUCCESSFUL = der.enumerated(0)
_GOOD, _UNKNOWN = der.implicit(0, b""), der.implicit(2, b"")


@dataclass(frozen=True, slots=True)
class Good:
    """Issued, and neither revoked nor on hold. (Expiry is not OCSP's business.)"""


@dataclass(frozen=True, slots=True)
class Revoked:
    """Stopped at a moment, for a reason; a hold is reason certificateHold."""

    at: datetime
    reason: StopReason


@dataclass(frozen=True, slots=True)
class Unknown:
    """This serial number was never issued."""


CertificateStatus = Good | Revoked | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Who answers for one generation of one CA."""

    issuer: str
    """How ``find`` is told which CA is meant."""
    authority: bytes
    """The CA certificate in DER."""
    certificate: bytes
    """The delegated responder's certificate in DER."""
    sign: Sign
    by_name: bool = False
    """Identify the responder by its name instead of its key's hash."""

    def valid_at(self, moment: datetime) -> bool:
        """Whether its own certificate holds at a moment."""
        form = _form(self.certificate, self.by_name)
        return form.not_before <= moment <= form.not_after


@dataclass(frozen=True, slots=True)
class _Form:
    """The parts of an answer that depend on nothing but its responder."""

    identity: bytes
    algorithm: bytes
    certificates: bytes
    not_before: datetime
    not_after: datetime


@lru_cache(maxsize=64)
def _form(certificate: bytes, by_name: bool) -> _Form:
    own = read_certificate(certificate)
    if by_name:
        identity = der.explicit(1, own.subject)
    else:
        key = algorithms.key_identifier(own.public_key)
        identity = der.explicit(2, der.octet_string(key))
    return _Form(
        identity,
        algorithms.identifier(algorithms.algorithm_of(own.public_key)),
        der.explicit(0, der.sequence(certificate)),
        own.not_before,
        own.not_after,
    )


def told(
    identifier: bytes,
    status: CertificateStatus,
    *,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """SingleResponse: what is so of the certificate with this CertID."""
    return der.sequence(
        identifier,
        _status(status),
        der.generalized_time(this_update),
        der.explicit(0, der.generalized_time(next_update)),
    )


def _status(status: CertificateStatus) -> bytes:
    match status:
        case Good():
            return _GOOD
        case Unknown():
            return _UNKNOWN
        case Revoked(at, reason):
            moment = der.generalized_time(at)
            if reason is StopReason.UNSPECIFIED:
                return der.explicit(1, moment)
            code = der.explicit(0, der.enumerated(REASON_CODES[reason]))
            return der.explicit(1, moment, code)


def signed(
    responder: Responder,
    singles: Sequence[bytes],
    *,
    produced_at: datetime,
    nonce: bytes | None = None,
) -> bytes:
    """The whole OCSPResponse over SingleResponses of :func:`told`."""
    form = _form(responder.certificate, responder.by_name)
    extensions = b""
    if nonce is not None:
        value = der.octet_string(der.octet_string(nonce))
        extensions = der.explicit(1, der.sequence(der.sequence(der.oid(NONCE), value)))
    signed_part = der.sequence(
        form.identity,
        der.generalized_time(produced_at),
        der.sequence(*singles),
        extensions,
    )
    basic = der.sequence(
        signed_part,
        form.algorithm,
        der.bit_string(responder.sign(signed_part)),
        form.certificates,
    )
    return der.sequence(
        _SUCCESSFUL, der.explicit(0, der.sequence(_BASIC, der.octet_string(basic)))
    )


@lru_cache(maxsize=256)
def issuer_hashes(authority: bytes, digest: str) -> tuple[bytes, bytes]:
    """Hashes of a CA's name and key as a CertID has them; *digest* as in hashlib."""
    facts = read_certificate(authority)
    return (
        new_digest(digest, facts.subject, usedforsecurity=False).digest(),
        new_digest(
            digest, algorithms.key_bits(facts.public_key), usedforsecurity=False
        ).digest(),
    )
