"""The OCSP responder (RFC 6960, nonces as RFC 9654): request DER in, answer DER out.

It looks up nothing by itself: ``find`` is asked for every serial number. Answers
are signed by a delegated responder whose certificate travels with them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import new as new_digest

from mynabox.lifecycle.certificate import StopReason
from mynabox.pki import algorithms, der
from mynabox.pki.algorithms import Sign
from mynabox.pki.crl import REASON_CODES
from mynabox.pki.der import MalformedDer
from mynabox.pki.ocsp_request import NONCE, CertificateId, parse_request
from mynabox.pki.profile import number
from mynabox.pki.reading import read_certificate

CONTENT_TYPE_REQUEST = "application/ocsp-request"
CONTENT_TYPE_RESPONSE = "application/ocsp-response"

MALFORMED_REQUEST = bytes.fromhex("30030a0101")
INTERNAL_ERROR = bytes.fromhex("30030a0102")
TRY_LATER = bytes.fromhex("30030a0103")
UNAUTHORIZED = bytes.fromhex("30030a0106")
"""The unsigned answers: a status and nothing else."""

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_DIGESTS = {
    der.oid("1.3.14.3.2.26"): "sha1",
    der.oid("2.16.840.1.101.3.4.2.1"): "sha256",
    der.oid("2.16.840.1.101.3.4.2.2"): "sha384",
    der.oid("2.16.840.1.101.3.4.2.3"): "sha512",
}
_ISSUABLE = range(1, 2**63)
"""Serial numbers a box can have issued; ``find`` is not troubled with others, which
no database column could hold."""
_NONCE_ECHOED = range(1, 33)
"""Lengths we echo; RFC 9654 lets a responder answer longer ones without a nonce."""


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


class StatusUnavailable(Exception):
    """Raised by a ``find`` that cannot answer now; the client is told tryLater."""


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


Find = Callable[[str, int], CertificateStatus]


@dataclass(frozen=True, slots=True)
class Answer:
    """An OCSP response, and whether others asking the same may be given it too."""

    encoded: bytes
    cacheable: bool


def respond(
    request: bytes,
    *,
    find: Find,
    responders: Sequence[Responder],
    produced_at: datetime,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """The OCSPResponse for a request; never raises for anything in *request*."""
    return answer(
        request,
        find=find,
        responders=responders,
        produced_at=produced_at,
        this_update=this_update,
        next_update=next_update,
    ).encoded


def answer(
    request: bytes,
    *,
    find: Find,
    responders: Sequence[Responder],
    produced_at: datetime,
    this_update: datetime,
    next_update: datetime,
) -> Answer:
    """As ``respond``, with whether the answer may be kept for other askers.

    All ids of one request must be of the same CA generation, since one delegated
    responder signs for one CA; anything else, and any CA that is not ours, is
    *unauthorized*. A responder whose own certificate has run out gives
    *internalError*, a ``find`` that raises ``StatusUnavailable`` *tryLater*.
    """
    try:
        asked = parse_request(request)
    except MalformedDer:
        return Answer(MALFORMED_REQUEST, cacheable=False)
    chosen = {_responder_for(one, responders) for one in asked.ids}
    if len(chosen) != 1 or (index := chosen.pop()) is None:
        return Answer(UNAUTHORIZED, cacheable=False)
    responder = responders[index]
    own = read_certificate(responder.certificate)
    if not own.not_before <= produced_at <= own.not_after:
        return Answer(INTERNAL_ERROR, cacheable=False)
    window = der.generalized_time(this_update) + der.explicit(
        0, der.generalized_time(next_update)
    )
    try:
        singles = [
            der.sequence(one.encoded, _status(_found(one, responder, find)), window)
            for one in asked.ids
        ]
    except StatusUnavailable:
        return Answer(TRY_LATER, cacheable=False)
    echoed = asked.nonce if len(asked.nonce or b"") in _NONCE_ECHOED else None
    return Answer(
        _signed(responder, singles, produced_at=produced_at, nonce=echoed),
        cacheable=asked.nonce is None,
    )


def _found(asked: CertificateId, responder: Responder, find: Find) -> CertificateStatus:
    if asked.serial not in _ISSUABLE:
        return Unknown()
    return find(responder.issuer, asked.serial)


def _responder_for(asked: CertificateId, responders: Sequence[Responder]) -> int | None:
    digest = _DIGESTS.get(asked.digest)
    if digest is None:
        return None
    wanted = asked.issuer_name_hash, asked.issuer_key_hash
    for index, responder in enumerate(responders):
        if issuer_hashes(responder.authority, digest) == wanted:
            return index
    return None


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


def _status(status: CertificateStatus) -> bytes:
    match status:
        case Good():
            return der.implicit(0, b"")
        case Unknown():
            return der.implicit(2, b"")
        case Revoked(at, reason):
            moment = der.generalized_time(at)
            if reason is StopReason.UNSPECIFIED:
                return der.explicit(1, moment)
            code = der.explicit(0, der.enumerated(REASON_CODES[reason]))
            return der.explicit(1, moment, code)


def _signed(
    responder: Responder,
    singles: Sequence[bytes],
    *,
    produced_at: datetime,
    nonce: bytes | None,
) -> bytes:
    own = read_certificate(responder.certificate)
    if responder.by_name:
        identity = der.explicit(1, own.subject)
    else:
        key = algorithms.key_identifier(own.public_key)
        identity = der.explicit(2, der.octet_string(key))
    extensions = b""
    if nonce is not None:
        value = der.octet_string(der.octet_string(nonce))
        extension = der.sequence(der.oid(NONCE), value)
        extensions = der.explicit(1, der.sequence(extension))
    signed_part = der.sequence(
        identity,
        der.generalized_time(produced_at),
        der.sequence(*singles),
        extensions,
    )
    basic = der.sequence(
        signed_part,
        algorithms.identifier(algorithms.algorithm_of(own.public_key)),
        der.bit_string(responder.sign(signed_part)),
        der.explicit(0, der.sequence(responder.certificate)),
    )
    return der.sequence(
        der.enumerated(0),
        der.explicit(0, der.sequence(der.oid(_BASIC), der.octet_string(basic))),
    )


def window(moment: datetime) -> tuple[datetime, datetime]:
    """thisUpdate and nextUpdate of an answer given at *moment*.

    The service renews its responder's data on a grid of 15 minutes; an answer is of
    the grid point passed last and holds until the next one.
    """
    step = timedelta(minutes=number("ocsp_minutes"))
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + (moment - midnight) // step * step
    return start, start + step


def caching_headers(
    given: Answer, *, at: datetime, this_update: datetime, next_update: datetime
) -> dict[str, str]:
    """HTTP headers of a GET answer (RFC 9919, which replaced RFC 5019)."""
    headers = {"Content-Type": CONTENT_TYPE_RESPONSE}
    left = int((next_update - at).total_seconds())
    if not given.cacheable or left <= 0:
        return headers | {"Cache-Control": "no-store"}
    tag = new_digest("sha256", given.encoded).hexdigest()[:32]
    return headers | {
        "Cache-Control": f"max-age={left}, public, no-transform, must-revalidate",
        "Last-Modified": http_date(this_update),
        "Expires": http_date(next_update),
        "ETag": f'"{tag}"',
    }


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it (RFC 9110 section 5.6.7), whatever the locale."""
    utc = der.utc(moment)
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[utc.weekday()]
    month = (
        "Jan", "Feb", "Mar", "Apr", "May", "Jun",
        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    )[utc.month - 1]  # fmt: skip
    return f"{weekday}, {utc:%d} {month} {utc.year:04d} {utc:%H:%M:%S} GMT"
