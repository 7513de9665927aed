"""The OCSP responder (RFC 6960, nonces as RFC 9654): request DER in, answer DER out.

It looks up nothing by itself: ``find`` is asked for every serial number. Answers
are signed by a delegated responder whose certificate travels with them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from mynabox.pki import der
from mynabox.pki.der import MalformedDer
from mynabox.pki.ocsp_request import CertificateId, Request, parse_request
from mynabox.pki.ocsp_response import (
    CONTENT_TYPE_REQUEST,
    CONTENT_TYPE_RESPONSE,
    INTERNAL_ERROR,
    MALFORMED_REQUEST,
    TRY_LATER,
    UNAUTHORIZED,
    CertificateStatus,
    Good,
    Responder,
    Revoked,
    Unknown,
    issuer_hashes,
    signed,
    told,
)
from mynabox.pki.profile import number

__all__ = [
    "CONTENT_TYPE_REQUEST",
    "CONTENT_TYPE_RESPONSE",
    "INTERNAL_ERROR",
    "MALFORMED_REQUEST",
    "TRY_LATER",
    "UNAUTHORIZED",
    "Answer",
    "CertificateStatus",
    "Find",
    "Good",
    "Responder",
    "Revoked",
    "StatusUnavailable",
    "Unknown",
    "answer",
    "answer_asked",
    "caching_headers",
    "has_already",
    "http_date",
    "issuer_hashes",
    "respond",
    "responder_for",
    "window",
]

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

Find = Callable[[str, int], CertificateStatus]


class StatusUnavailable(Exception):
    """Raised by a ``find`` that cannot answer now; the client is told tryLater."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An OCSP response, and whether others asking the same may be given it too."""

    encoded: bytes
    cacheable: bool
    this_update: datetime | None = None
    """The latest ``thisUpdate`` in it; None in an answer without statuses."""


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
    *unauthorized*. A certificate that was revoked after ``this_update`` is told with
    the moment of its revocation in its place. A responder whose own certificate has run out gives
    *internalError*, a ``find`` that raises ``StatusUnavailable`` *tryLater*.
    """
    try:
        asked = parse_request(request)
    except MalformedDer:
        return Answer(MALFORMED_REQUEST, cacheable=False)
    responder = responder_for(asked, responders)
    if responder is None:
        return Answer(UNAUTHORIZED, cacheable=False)
    return answer_asked(
        asked,
        responder,
        find=find,
        produced_at=produced_at,
        this_update=this_update,
        next_update=next_update,
    )


def answer_asked(
    asked: Request,
    responder: Responder,
    *,
    find: Find,
    produced_at: datetime,
    this_update: datetime,
    next_update: datetime,
) -> Answer:
    """As ``answer``, of a request that was read, by the responder that speaks for
    its certificates."""
    if not responder.valid_at(produced_at):
        return Answer(INTERNAL_ERROR, cacheable=False)
    singles, latest = [], this_update
    try:
        for one in asked.ids:
            status = _found(one, responder, find)
            since = known_since(status, this_update)
            latest = max(latest, since)
            singles.append(
                told(one.encoded, status, this_update=since, next_update=next_update)
            )
    except StatusUnavailable:
        return Answer(TRY_LATER, cacheable=False)
    echoed = asked.nonce if len(asked.nonce or b"") in _NONCE_ECHOED else None
    return Answer(
        signed(responder, singles, produced_at=produced_at, nonce=echoed),
        cacheable=asked.nonce is None,
        this_update=latest,
    )


def known_since(status: CertificateStatus, this_update: datetime) -> datetime:
    """``thisUpdate`` of one certificate's status: of a stop later than that of the
    other answers, its own moment."""
    if isinstance(status, Revoked):
        return max(this_update, status.at)
    return this_update


def _found(asked: CertificateId, responder: Responder, find: Find) -> CertificateStatus:
    if asked.serial not in _ISSUABLE:
        return Unknown()
    return find(responder.issuer, asked.serial)


def responder_for(asked: Request, responders: Sequence[Responder]) -> Responder | None:
    """Who speaks for every certificate of a request; None if that is not one of them."""
    indexes = {_index(one, responders) for one in asked.ids}
    if len(indexes) != 1 or (index := indexes.pop()) is None:
        return None
    return responders[index]


def _index(asked: CertificateId, responders: Sequence[Responder]) -> int | None:
    digest = _DIGESTS.get(asked.digest)
    if digest is None:
        return None
    wanted = asked.issuer_name_hash, asked.issuer_key_hash
    for index, responder in enumerate(responders):
        if issuer_hashes(responder.authority, digest) == wanted:
            return index
    return None


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
    given: Answer,
    *,
    at: datetime,
    this_update: datetime,
    next_update: datetime,
    ask_again: bool = False,
) -> dict[str, str]:
    """HTTP headers of a GET answer (RFC 9919, which replaced RFC 5019).

    ``ask_again``  whoever keeps it has to ask each time whether it is still so
    """
    headers = {"Content-Type": CONTENT_TYPE_RESPONSE}
    left = int((next_update - at).total_seconds())
    if not given.cacheable or left <= 0:
        return headers | {"Cache-Control": "no-store"}
    left = 0 if ask_again else left
    return headers | {
        "Cache-Control": f"max-age={left}, public, no-transform, must-revalidate",
        "Last-Modified": http_date(this_update),
        "Expires": http_date(next_update),
        "ETag": _tag(given),
    }


def has_already(wanted: str, given: Answer) -> bool:
    """Whether who asked has this answer already, by the tags of If-None-Match."""
    tags = {one.strip().removeprefix("W/") for one in wanted.split(",")}
    return given.cacheable and (_tag(given) in tags or "*" in tags)


def _tag(given: Answer) -> str:
    return f'"{sha256(given.encoded).hexdigest()[:32]}"'


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it (RFC 9110 section 5.6.7), whatever the locale."""
    utc = der.utc(moment)
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[utc.weekday()]
    month = (
        "Jan", "Feb", "Mar", "Apr", "May", "Jun",
        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    )[utc.month - 1]  # fmt: skip
    return f"{weekday}, {utc:%d} {month} {utc.year:04d} {utc:%H:%M:%S} GMT"
