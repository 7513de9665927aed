"""OCSP, CRLs and CA certificates over HTTP, as relying parties expect them.

RFC 6960 Appendix A.1 (OCSP over HTTP), RFC 5019 sections 5 and 6 (GET and caching),
RFC 5280 section 4.2.1.13 (one DER CRL behind a URL).
"""

import ssl
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.der import MalformedDer
from mynabox.pki.ocsp import caching_headers, has_already
from mynabox.pki.ocsp_request import LONGEST_REQUEST, request_of_path
from mynabox.ports import Box
from mynabox.usecases.status import (
    StatusAnswer,
    answer_ocsp,
    current_delta,
    current_list,
)

_Municipality = Annotated[str, Path(pattern=r"^[0-9]{6}$")]
_Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


def create_status(box: Box) -> APIRouter:
    """The status services, at the paths that certificates name."""
    router = APIRouter(include_in_schema=False)
    told_at = partial(router.api_route, methods=["GET", "HEAD"])

    @router.post("/ocsp")
    @router.post("/ocsp/{kind}")
    async def asked(request: Request, kind: CertificateKind | None = None) -> Response:
        """One responder speaks for both CAs, so ``kind`` may be left out."""
        media_type = request.headers.get("content-type", "").partition(";")[0]
        if media_type.strip().lower() != "application/ocsp-request":
            raise HTTPException(415)
        encoded = await _body(request)
        answer = await run_in_threadpool(answer_ocsp, encoded, box)
        return Response(answer.answer.encoded, media_type="application/ocsp-response")

    @told_at("/ocsp/{rest:path}")
    def asked_by_get(request: Request, rest: str) -> Response:
        """The request in base64 is the rest of the path, whose slashes and doubled
        slashes are part of it: it is read from the path as it came."""
        answer = answer_ocsp(_from_path(request), box)
        return _cached(answer, request, now=box.clock.now())

    @told_at("/crl/delta/{ca}.crl")
    def whole_delta(request: Request, ca: _Name) -> Response:
        """What has stopped since the list that holds was made."""
        return _list(ca, None, request, box, delta=True)

    @told_at("/crl/delta/{ca}/{municipality}.crl")
    def part_delta(
        request: Request, ca: _Name, municipality: _Municipality
    ) -> Response:
        return _part(ca, municipality, request, box, delta=True)

    @told_at("/crl/{ca}.crl")
    def whole_list(request: Request, ca: _Name) -> Response:
        """``ca`` is a hierarchy (its newest generation) or a generation's name."""
        return _list(ca, None, request, box)

    @told_at("/crl/{ca}/{municipality}.crl")
    def part_list(request: Request, ca: _Name, municipality: _Municipality) -> Response:
        """The part of one municipality, as the certificates' distribution point."""
        return _part(ca, municipality, request, box)

    @told_at("/ca/{name}.cer")
    def authority_der(name: _Name) -> Response:
        return Response(_authority(name, box).der, media_type="application/pkix-cert")

    @told_at("/ca/{name}.pem")
    def authority_pem(name: _Name) -> Response:
        pem = ssl.DER_cert_to_PEM_cert(_authority(name, box).der)
        return Response(pem, media_type="application/x-pem-file")

    return router


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_REQUEST:
            raise HTTPException(413)
    return bytes(body)


def _from_path(request: Request) -> bytes:
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    asked = raw.partition(b"?")[0].partition(b"/ocsp/")[2]
    if len(asked) > LONGEST_REQUEST:
        raise HTTPException(414)
    try:
        return request_of_path(asked.decode("latin-1"))
    except MalformedDer:
        return b""


def _cached(answer: StatusAnswer, request: Request, *, now: datetime) -> Response:
    headers = caching_headers(
        answer.answer,
        at=now,
        this_update=answer.this_update,
        next_update=answer.next_update,
        ask_again=answer.ask_again,
    )
    if has_already(request.headers.get("if-none-match", ""), answer.answer):
        del headers["Content-Type"]
        return Response(status_code=304, headers=headers)
    return Response(answer.answer.encoded, headers=headers)


def _part(
    ca: str, municipality: str, request: Request, box: Box, *, delta: bool = False
) -> Response:
    """Only for municipalities of this box: others' lists would be made for nothing."""
    with box.store.look() as work:
        if municipality not in set(work.journal.municipalities()):
            raise HTTPException(404)
    return _list(ca, municipality, request, box, delta=delta)


def _list(
    ca: str,
    municipality: str | None,
    request: Request,
    box: Box,
    *,
    delta: bool = False,
) -> Response:
    issuer = _authority(ca, box).name
    make = current_delta if delta else current_list
    found = make(issuer, box, municipality=municipality)
    return _fresh(
        found.der,
        request,
        media_type="application/pkix-crl",
        since=found.this_update,
        until=found.next_update,
        now=box.clock.now(),
    )


def _fresh(
    content: bytes,
    request: Request,
    *,
    media_type: str,
    since: datetime,
    until: datetime,
    now: datetime,
) -> Response:
    """An answer that caches may keep until ``until`` by the box's clock.

    How long that is goes out as a span (``max-age``), because the box's clock may
    be years away from the caches'.
    """
    tag = f'"{sha256(content).hexdigest()}"'
    headers = {
        "cache-control": (
            f"public, max-age={max(0, int((until - now).total_seconds()))}, "
            "no-transform, must-revalidate"
        ),
        "etag": tag,
        "last-modified": format_datetime(since.astimezone(UTC), usegmt=True),
        "expires": format_datetime(until.astimezone(UTC), usegmt=True),
    }
    wanted = request.headers.get("if-none-match", "")
    if tag in (part.strip() for part in wanted.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _authority(name: str, box: Box) -> Authority:
    """The generation of this name, or the newest of the hierarchy of this name."""
    with box.store.look() as work:
        found = [
            authority
            for authority in work.statuses.authorities()
            if name in (authority.name, authority.kind.value)
        ]
    if not found:
        raise HTTPException(404)
    return max(found, key=lambda authority: authority.generation)
