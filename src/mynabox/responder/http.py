"""HTTP/1.1 requests as they come in (RFC 9112): bytes in, messages out.

Anybody may connect, so the reader is strict and bounded: what is ambiguous, too long
or not HTTP ends in :class:`Bad`, and nothing else is ever raised.
"""

import re
from dataclasses import dataclass, replace

from mynabox.pki.ocsp_request import LONGEST_REQUEST

LONGEST_HEAD = 96 * 1024
"""Bytes of a request line with its headers: a path may hold a whole OCSP request."""
_LONGEST_HEADERS = 16 * 1024
_MOST_HEADERS = 100
_LONGEST_CHUNK_LINE = 256
_LONGEST_CODED = 8 * LONGEST_REQUEST
"""Bytes of a chunked body as it comes: chunks may be small, but not all of them."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_REQUEST_LINE = re.compile(
    rb"(" + _TOKEN + rb"{1,32}) ([\x21-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)"
)
_NAME = re.compile(_TOKEN + rb"+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_AUTHORITY = re.compile(rb"https?://[^/?#]*", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\x20-\x7e\t\x80-\xff]*)?")
_END = b"\r\n\r\n"


class Bad(Exception):
    """A request that cannot be read; ``status`` is what its sender is told."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Message:
    """A whole request.

    ``path``    of the target as it came, without its query
    ``close``   the connection ends with its answer
    ``wanted``  tags of answers that the sender has (If-None-Match)
    """

    method: bytes
    path: bytes
    body: bytes
    content_type: bytes
    wanted: bytes
    close: bool


@dataclass(frozen=True, slots=True)
class _Head:
    method: bytes
    path: bytes
    content_type: bytes
    wanted: bytes
    close: bool
    length: int
    chunked: bool
    patient: bool


class Reader:
    """The requests of one connection, out of whatever pieces they come in."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._head: _Head | None = None
        self._body = bytearray()
        self._coded = 0
        self._trailer = False

    @property
    def empty(self) -> bool:
        """Whether no part of a request is waiting for its rest."""
        return not self._buffer and self._head is None

    @property
    def waiting(self) -> int:
        """Bytes that were fed and not read yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """More bytes of the connection."""
        self._buffer += data

    def wants_continue(self) -> bool:
        """Whether the sender waits to be told to go on with its body; once."""
        head = self._head
        if head is None or not head.patient or self._buffer or self._coded:
            return False
        self._head = replace(head, patient=False)
        return True

    def next(self) -> Message | None:
        """The next whole request, if there is one; raises :class:`Bad`."""
        if self._head is None:
            self._head = self._next_head()
            if self._head is None:
                return None
        head = self._head
        body = self._chunks() if head.chunked else self._counted(head.length)
        if body is None:
            return None
        self._head = None
        return Message(
            head.method, head.path, body, head.content_type, head.wanted, head.close
        )

    def _next_head(self) -> _Head | None:
        buffer = self._buffer
        while buffer.startswith(b"\r\n"):
            del buffer[:2]
        end = buffer.find(_END, max(0, self._searched - 3))
        if end < 0:
            self._searched = len(buffer)
            if len(buffer) > LONGEST_HEAD:
                raise Bad(431 if b"\r\n" in buffer else 414)
            return None
        self._searched = 0
        lines = bytes(buffer[:end])
        del buffer[: end + 4]
        if end > LONGEST_HEAD:
            raise Bad(431)
        return _read_head(lines)

    def _counted(self, length: int) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < length:
            return None
        body = bytes(buffer[:length])
        del buffer[:length]
        return body

    def _chunks(self) -> bytes | None:
        buffer = self._buffer
        while True:
            end = buffer.find(b"\r\n")
            if end < 0:
                if len(buffer) > _LONGEST_CHUNK_LINE:
                    raise Bad(400)
                return None
            if end > _LONGEST_CHUNK_LINE:
                raise Bad(400)
            if self._trailer:
                line = bytes(buffer[:end])
                self._take(end + 2)
                if not line:
                    body, self._body = bytes(self._body), bytearray()
                    self._coded, self._trailer = 0, False
                    return body
                _field(line)
                continue
            found = _CHUNK_SIZE.fullmatch(bytes(buffer[:end]))
            if found is None:
                raise Bad(400)
            size = int(found[1], 16)
            if len(self._body) + size > LONGEST_REQUEST:
                raise Bad(413)
            if size == 0:
                self._take(end + 2)
                self._trailer = True
                continue
            start = end + 2
            if len(buffer) < start + size + 2:
                return None
            if buffer[start + size : start + size + 2] != b"\r\n":
                raise Bad(400)
            self._body += buffer[start : start + size]
            self._take(start + size + 2)

    def _take(self, count: int) -> None:
        del self._buffer[:count]
        self._coded += count
        if self._coded > _LONGEST_CODED:
            raise Bad(413)


def _read_head(text: bytes) -> _Head:
    first, *lines = text.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None or line[3] != b"1" or len(lines) > _MOST_HEADERS:
        raise Bad(400)
    if len(text) - len(first) > _LONGEST_HEADERS:
        raise Bad(431)
    old = line[4] == b"0"
    headers = _headers(lines)
    if not old and b"host" not in headers:
        raise Bad(400)
    length, chunked = _framing(headers, old=old)
    expected = headers.get(b"expect", b"").lower()
    if expected not in (b"", b"100-continue"):
        raise Bad(417)
    connection = {
        word.strip().lower() for word in headers.get(b"connection", b"").split(b",")
    }
    target = line[2]
    if found := _AUTHORITY.match(target):
        target = target[found.end() :]
    return _Head(
        method=line[1],
        path=target.partition(b"?")[0],
        content_type=headers.get(b"content-type", b""),
        wanted=headers.get(b"if-none-match", b""),
        close=b"keep-alive" not in connection if old else b"close" in connection,
        length=length,
        chunked=chunked,
        patient=bool(expected) and not old and (chunked or length > 0),
    )


def _headers(lines: list[bytes]) -> dict[bytes, bytes]:
    """Headers by their names in small letters; repeated ones become a list, but for
    those that can have one value only."""
    headers: dict[bytes, bytes] = {}
    for one in lines:
        name, value = _field(one)
        before = headers.get(name)
        if before is None:
            headers[name] = value
        elif name in (b"host", b"content-length", b"transfer-encoding"):
            raise Bad(400)
        else:
            headers[name] = before + b", " + value
    return headers


def _field(line: bytes) -> tuple[bytes, bytes]:
    """Name in small letters, and value, of a header's line."""
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
        raise Bad(400)
    return name.lower(), value.strip(b" \t")


def _framing(headers: dict[bytes, bytes], *, old: bool) -> tuple[int, bool]:
    """Length of the body, or that it comes in chunks. Two opinions about that are how
    requests are smuggled, so they are refused."""
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if coding is not None:
        if length is not None or old or coding.lower() != b"chunked":
            raise Bad(400)
        return 0, True
    if length is None:
        return 0, False
    if not (length.isdigit() and length.isascii()) or len(length) > 18:
        raise Bad(400)
    if int(length) > LONGEST_REQUEST:
        raise Bad(413)
    return int(length), False
