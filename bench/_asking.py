"""Who asks: OCSP clients that read and check every answer.

    python -m bench._asking FOLDER PORT SECONDS

As a program it asks without a pause, so that a server has something to do besides.
"""

import mmap
import socket
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ocsp

CONNECTIONS = 16
Asked = tuple[bytes, int, int]
"""A request, the certificate it is about, and its place in the table of stops."""


class Judge:
    """Reads answers: whose they are, what they say, who signed them. One that was read
    before, octet by octet, is known."""

    def __init__(self, authority: bytes) -> None:
        self._authority = x509.load_der_x509_certificate(authority)
        self._known: dict[bytes, tuple[int, bool]] = {}
        self._delegates: dict[bytes, RSAPublicKey] = {}

    def read(self, encoded: bytes) -> tuple[int, bool]:
        """The certificate's number, and whether it has been stopped."""
        found = self._known.get(encoded)
        if found is None:
            if len(self._known) > 20_000:
                self._known.clear()
            found = self._known[encoded] = self._judged(encoded)
        return found

    def _judged(self, encoded: bytes) -> tuple[int, bool]:
        answer = ocsp.load_der_ocsp_response(encoded)
        assert answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        delegate = answer.certificates[0]
        key = self._delegates.get(delegate.signature)
        if key is None:
            delegate.verify_directly_issued_by(self._authority)
            found = delegate.public_key()
            assert isinstance(found, RSAPublicKey)
            key = self._delegates[delegate.signature] = found
        assert answer.signature_hash_algorithm is not None
        key.verify(
            answer.signature,
            answer.tbs_response_bytes,
            padding.PKCS1v15(),
            answer.signature_hash_algorithm,
        )
        assert answer.certificate_status is not ocsp.OCSPCertStatus.UNKNOWN
        stopped = answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
        return answer.serial_number, stopped


def post(body: bytes, *, close: bool) -> bytes:
    """A request as clients send it."""
    end = "Connection: close\r\n" if close else ""
    head = (
        "POST /ocsp HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/ocsp-request\r\n"
        f"Content-Length: {len(body)}\r\n{end}\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """The same without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def answered(sock: socket.socket) -> bytes:
    """The content of the next answer, which must be a good one."""
    data = sock.recv(65536)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(sock)
    assert data[8:13] == b" 200 ", data[:100]
    head = data[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:  # HTTP/1.0: to the end
        while chunk := sock.recv(65536):
            data += chunk
        return data[end + 4 :]
    whole = end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
    while len(data) < whole:
        data += _more(sock)
    return data[end + 4 : whole]


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    assert data, "the connection was closed"
    return data


def connect(port: int) -> socket.socket:
    """A connection to a server of this machine."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def ask_on(
    port: int,
    asked: Iterator[Asked],
    check: Callable[[bytes, Asked, bool], object],
    *,
    seconds: float,
    keep: bool,
    stops: bytes | mmap.mmap = b"",
) -> int:
    """Ask by sixteen connections until the time is over; how many were answered.

    ``check``  is given each answer, its question, and whether the certificate had been
               stopped before it was asked for
    """
    end, count = time.monotonic() + seconds, 0
    socks = [connect(port) for _ in range(CONNECTIONS)] if keep else []
    while time.monotonic() < end:
        if not keep:
            socks = [connect(port) for _ in range(CONNECTIONS)]
        sent = []
        for sock in socks:
            one = next(asked)
            sent.append((one, bool(stops[one[2]]) if stops else False))
            sock.sendall(one[0])
        for sock, (one, before) in zip(socks, sent, strict=True):
            check(answered(sock), one, before)
            if not keep:
                sock.close()
        count += len(sent)
    for sock in socks:
        sock.close()
    return count


def requests_in(folder: Path, *, close: bool = False) -> list[Asked]:
    """What is asked for, as it lies in a folder: a number and a request in each file."""
    found = []
    for place, line in enumerate((folder / "requests").read_text().splitlines()):
        serial, body = line.split()
        found.append((post(bytes.fromhex(body), close=close), int(serial), place))
    return found


def stops_in(folder: Path) -> mmap.mmap:
    """A table that several processes see: an octet for each request, 1 as soon as the
    stop of its certificate has returned."""
    with (folder / "stops").open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def checking(judge: Judge, stopped: set[int]) -> Callable[[bytes, Asked, bool], None]:
    """Every answer is about what was asked, and never good after a stop."""

    def check(encoded: bytes, one: Asked, before: bool) -> None:
        serial, is_stopped = judge.read(encoded)
        assert serial == one[1], "an answer to another question"
        assert is_stopped or not (before or serial in stopped), "good after its stop"

    return check


def main() -> int:
    folder, port, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    check = checking(Judge((folder / "ca.der").read_bytes()), set())
    asked = cycle(requests_in(folder))
    stops = stops_in(folder)
    ask_on(port, asked, check, seconds=seconds, keep=True, stops=stops)
    return 0


if __name__ == "__main__":
    sys.exit(main())
