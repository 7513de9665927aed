"""A body that is far too long is answered, and whoever sent it reads the answer."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.site import served_site

TEN_MEGABYTES = b"0" * 10_000_000


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_site(tmp_path_factory.mktemp("long") / "box") as (_, address):
        yield address


def said(base: str, head: str, body: bytes, *, chunked: bool) -> bytes:
    """What is answered to somebody who sends all before reading anything."""
    host, _, port = base.removeprefix("http://").partition(":")
    length = f"Content-Length: {len(body)}"
    if chunked:
        length = "Transfer-Encoding: chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    with closing(socket.create_connection((host, int(port)), timeout=30)) as line:
        line.sendall(
            f"{head}\r\nHost: {host}\r\nConnection: close\r\n{length}\r\n\r\n".encode()
        )
        line.sendall(body)
        return line.recv(12)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /ocsp HTTP/1.1\r\nContent-Type: application/ocsp-request", b"413"),
        ("POST /ocsp HTTP/1.1\r\nContent-Type: text/plain", b"415"),
        ("POST /api/v1/residents HTTP/1.1\r\nContent-Type: application/json", b"413"),
        ("POST /api/v1/relying/certificates HTTP/1.1", b"413"),
        ("POST /platform/verify/login HTTP/1.1", b"413"),
        ("POST /nowhere HTTP/1.1", b"404"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes(base: str, head: str, status: bytes, chunked: bool) -> None:
    assert said(base, head, TEN_MEGABYTES, chunked=chunked) == b"HTTP/1.1 " + status
