"""OCSP over HTTP (RFC 6960 appendix A, RFC 9111, RFC 9919): messages in, bytes out.

The same answers and headers as the box's own pages give, sooner.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.der import MalformedDer
from mynabox.pki.ocsp import (
    CONTENT_TYPE_REQUEST,
    CONTENT_TYPE_RESPONSE,
    INTERNAL_ERROR,
    MALFORMED_REQUEST,
    TRY_LATER,
    caching_headers,
    has_already,
    http_date,
)
from mynabox.pki.ocsp_request import (
    LONGEST_REQUEST,
    Request,
    parse_request,
    request_of_path,
)
from mynabox.ports import Clock
from mynabox.responder.http import Message
from mynabox.usecases.status_desk import Kept, StatusDesk, key_of

NONCES_A_SECOND = 1000
"""Answers with a nonce, which are signed for one asker alone: a quarter of what one
core can sign, so that the others are never kept from theirs."""
_LONGEST_KNOWN = 2048
"""Bytes of a request that is recognised as a whole when it comes again."""
_MOST_KNOWN = 32_768

_PATHS = frozenset(
    (b"/ocsp", *(f"/ocsp/{kind.value}".encode() for kind in CertificateKind))
)
_SAID = {
    304: b"Not Modified",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    413: b"Content Too Large",
    414: b"URI Too Long",
    415: b"Unsupported Media Type",
    417: b"Expectation Failed",
    431: b"Request Header Fields Too Large",
}
_NOT_KEPT = b"cache-control: no-store\r\n"
_OCSP = f"content-type: {CONTENT_TYPE_RESPONSE}\r\n".encode()


@dataclass(slots=True, eq=False)
class _Known:
    """A request that came before, byte by byte, and the answer it was given."""

    key: bytes
    kept: Kept
    by_get: bool
    close: bool


@dataclass(frozen=True, slots=True)
class Signing:
    """A request that needs a signature, which may have to wait for its turn."""

    message: Message
    asked: Request
    raw: bytes | None


class Answers:
    """What a desk says, as HTTP. For one thread.

    ``date``    tells what time it is outside the box, for the header of that name
    ``report``  is told of what should not have happened
    """

    def __init__(
        self,
        desk: StatusDesk,
        *,
        date: Clock,
        report: Callable[[Exception], object],
        nonces: int = NONCES_A_SECOND,
    ) -> None:
        self._desk = desk
        self._date = date
        self._report = report
        self._nonces = self._left = float(nonces)
        self._filled = time.monotonic()
        self._known: dict[bytes, _Known] = {}
        self._dated_until = 0.0
        self._start = self._ending = b""

    def look_up(self) -> None:
        """See what has changed; the requests answered after this came before it."""
        self._desk.look_up()
        now = time.monotonic()
        if now >= self._dated_until:
            date = self._date.now()
            self._dated_until = now + 1 - date.microsecond / 1_000_000
            line = f"date: {http_date(date)}\r\n".encode()
            self._start = b"HTTP/1.1 200 OK\r\n" + line
            self._ending = self._start + b"connection: close\r\n"

    def again(self, raw: bytes) -> tuple[bytes, bool] | None:
        """The answer to these very bytes, if they came before and it still holds, and
        whether the connection ends with it."""
        known = self._known.get(raw)
        if known is None:
            return None
        kept = known.kept
        if not self._desk.holds(kept):
            found = self._desk.kept(known.key)
            if found is None:
                return None
            known.kept = kept = found
        start = self._ending if known.close else self._start
        if known.by_get:
            return start + self._got(kept), known.close
        return start + _posted(kept), known.close

    def ask(self, message: Message, raw: bytes | None) -> bytes | Signing:
        """The answer to a message, or the signing that it takes. ``raw`` are its
        bytes, if it came in one piece."""
        if message.method in (b"GET", b"HEAD"):
            if not message.path.startswith(b"/ocsp/"):
                return self.refusal(405 if message.path in _PATHS else 404, message)
            encoded = message.path[len(b"/ocsp/") :]
            if len(encoded) > LONGEST_REQUEST:
                return self.refusal(414, message)
            try:
                body = request_of_path(encoded.decode("latin-1"))
            except MalformedDer:
                body = b""
        else:
            if message.path not in _PATHS:
                return self.refusal(404, message)
            if message.method != b"POST":
                return self.refusal(405, message)
            media_type = message.content_type.partition(b";")[0].strip().lower()
            if media_type != CONTENT_TYPE_REQUEST.encode():
                return self.refusal(415, message)
            body = message.body
        try:
            asked = parse_request(body)
        except MalformedDer:
            return self._unsigned(MALFORMED_REQUEST, message)
        if asked.nonce is not None:
            if not self._may_sign():
                return self._unsigned(TRY_LATER, message)
            return Signing(message, asked, None)
        kept = self._desk.kept(key_of(asked))
        if kept is None:
            return Signing(message, asked, raw)
        return self._given(kept, message, key_of(asked), raw)

    def sign(self, wanted: Signing) -> bytes:
        """The answer that had to wait for its turn."""
        key = key_of(wanted.asked)
        kept = self._desk.kept(key) if wanted.asked.nonce is None else None
        if kept is None:
            try:
                kept = self._desk.answer(wanted.asked)
            except Exception as error:
                self._report(error)
                return self._unsigned(INTERNAL_ERROR, wanted.message)
        return self._given(kept, wanted.message, key, wanted.raw)

    def later(self, wanted: Signing) -> bytes:
        """What is said when too many wait already."""
        return self._unsigned(TRY_LATER, wanted.message)

    def refusal(self, status: int, message: Message | None = None) -> bytes:
        """An answer of HTTP alone; without a message, it ends the connection."""
        said = _SAID[status]
        allow = b"allow: GET, HEAD, POST\r\n" if status == 405 else b""
        return b"HTTP/1.1 %d %b\r\n%b%b%bcontent-length: %d\r\n\r\n%b" % (
            status,
            said,
            self._start.partition(b"\r\n")[2],
            allow,
            b"connection: close\r\n" if message is None or message.close else b"",
            *((0, b"") if message and message.method == b"HEAD" else (len(said), said)),
        )

    def _may_sign(self) -> bool:
        now = time.monotonic()
        self._left = min(self._nonces, self._left + (now - self._filled) * self._nonces)
        self._filled = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def _unsigned(self, encoded: bytes, message: Message) -> bytes:
        start = self._ending if message.close else self._start
        return _sent(start + _post_headers(len(encoded)) + encoded, message)

    def _given(
        self, kept: Kept, message: Message, key: bytes, raw: bytes | None
    ) -> bytes:
        by_get = message.method in (b"GET", b"HEAD")
        answer = kept.given.answer
        if by_get and has_already(message.wanted.decode("latin-1"), answer):
            return self._not_modified(kept, message)
        if (
            raw is not None
            and answer.cacheable
            and not message.wanted
            and len(raw) <= _LONGEST_KNOWN
            and message.method != b"HEAD"
        ):
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[raw] = _Known(key, kept, by_get, message.close)
        start = self._ending if message.close else self._start
        return _sent(start + (self._got(kept) if by_get else _posted(kept)), message)

    def _got(self, kept: Kept) -> bytes:
        """How long others may keep it changes with every second."""
        second = self._desk.now.replace(microsecond=0)
        if kept.told != second:
            encoded = kept.given.answer.encoded
            kept.told = second
            kept.headers = self._headers(kept) + _length(len(encoded))
        return kept.headers + kept.given.answer.encoded

    def _headers(self, kept: Kept) -> bytes:
        headers = caching_headers(
            kept.given.answer,
            at=self._desk.now,
            this_update=kept.given.this_update,
            next_update=kept.given.next_update,
            ask_again=kept.given.ask_again,
        )
        return "".join(
            f"{name.lower()}: {value}\r\n" for name, value in headers.items()
        ).encode()

    def _not_modified(self, kept: Kept, message: Message) -> bytes:
        headers = self._headers(kept).replace(_OCSP, b"")
        close = b"connection: close\r\n" if message.close else b""
        date = self._start.partition(b"\r\n")[2]
        return b"HTTP/1.1 304 Not Modified\r\n" + date + close + headers + b"\r\n"


def _sent(answer: bytes, message: Message) -> bytes:
    """All of an answer, or its head for whoever asked for no more."""
    if message.method != b"HEAD":
        return answer
    return answer[: answer.index(b"\r\n\r\n") + 4]


def _posted(kept: Kept) -> bytes:
    encoded = kept.given.answer.encoded
    return _post_headers(len(encoded)) + encoded


@lru_cache(maxsize=1024)
def _post_headers(length: int) -> bytes:
    return _OCSP + _NOT_KEPT + _length(length)


def _length(length: int) -> bytes:
    return b"content-length: %d\r\n\r\n" % length
