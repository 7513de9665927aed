"""A server of the OCSP process in a thread, and clients that speak to its socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from mynabox.adapters.clock import MachineClock
from mynabox.responder.answers import Answers
from mynabox.responder.server import Limits, Server
from mynabox.usecases.status_desk import StatusDesk
from tests.ocsp_requests import request_about
from tests.usecases.conftest import at, stages
from tests.usecases.places import Place

__all__ = ["Client", "Responding", "at", "responding", "stages"]

ISSUER = "signature-01"


class Client:
    """One connection, read to the end of an answer at a time."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, *, head_only: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and content of the next answer."""
        head = self._until(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        status = int(first.split(" ")[1])
        if head_only or status in (100, 304):
            return status, headers, b""
        return status, headers, self._take(int(headers["content-length"]))

    def ended(self) -> bool:
        """Whether the server has closed the connection and sent no more."""
        try:
            return not self._rest and self.sock.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.sock.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(mark)
        return head

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._more()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError("the connection was closed")
        self._rest += data


@dataclass
class Responding:
    """A box at the stage *active*, and the server in front of it."""

    place: Place
    port: int
    errors: list[Exception]
    server: Server
    clients: ExitStack

    @property
    def serial(self) -> int:
        return next(
            one.serial for one in self.place.certificates if one.issuer == ISSUER
        )

    def client(self) -> Client:
        client = Client(self.port)
        self.clients.callback(client.close)
        return client

    def request(self, *serials: int, **how: object) -> bytes:
        wanted = serials or (self.serial,)
        return request_about(*wanted, issuer=ISSUER, box=self.place.box, **how)  # type: ignore[arg-type]

    def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        """A connection for one question."""
        client = self.client()
        client.send(data)
        found = client.answer()
        client.close()
        return found


def posted(body: bytes, *, path: str = "/ocsp", more: str = "") -> bytes:
    """A POST as usual."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


Respond = Callable[..., Responding]


@contextmanager
def responding_in(
    place: Place, *, limits: Limits | None = None, nonces: int = 1000
) -> Iterator[Responding]:
    """The server in a thread, ended when the block ends."""
    errors: list[Exception] = []
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    with place.home.store.watch() as watch, ExitStack() as clients:
        desk = StatusDesk(place.box, watch)
        answers = Answers(
            desk, date=MachineClock(), report=errors.append, nonces=nonces
        )
        server = Server(listener, answers, limits=limits)
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, name="responder", daemon=True)
        thread.start()
        try:
            yield Responding(place, port, errors, server, clients)
        finally:
            server.stop()
            thread.join(timeout=20)
            assert not thread.is_alive()
            assert errors == []


@pytest.fixture
def responding(at: Callable[[str], Place]) -> Iterator[Responding]:
    """With the usual limits."""
    with responding_in(at("active").on("2026-07-01")) as found:
        yield found
