"""Connections of the OCSP process: one thread, one epoll, no framework.

In every round the requests that have arrived are taken in first, then the answers
look once at what has changed, then everybody is answered. So a look serves many, and
still nobody is answered from before their question. What takes a signature waits in a
lane of its own, which is worked on for a few milliseconds at a time.
"""

import errno
import os
import resource
import select
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from threading import RLock

from mynabox.responder.answers import Answers, Signing
from mynabox.responder.http import Bad, Message, Reader

_CHUNK = 64 * 1024
_AT_ONCE = 64
"""Connections taken in one round."""
_TICK_SECONDS = 0.5
_SPARE_FILES = 32
"""Descriptors that are kept for everything but connections."""
_LONGEST_UNREAD = 256 * 1024
"""Bytes that may wait behind a request that is being answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is borne of one client, and of all of them. Seconds, bytes, counts.

    ``connections``  at a time; the one longest without a whole request goes first
    ``idle``         between requests
    ``request``      from its first byte to its last
    ``stalled``      for a client that does not read its answer
    ``parting``      for one that still sends when it was refused
    ``unheard``      bytes thrown away meanwhile
    ``waiting``      requests for a signature; more are told to try later
    ``slice``        of signing before others get their turn
    ``ending``       for what is under way when the server is stopped
    """

    connections: int = 2000
    idle: float = 30.0
    request: float = 10.0
    stalled: float = 10.0
    parting: float = 5.0
    unheard: int = 32 * 1024 * 1024
    waiting: int = 1000
    slice: float = 0.005
    ending: float = 3.0


class _State(Enum):
    IDLE = auto()
    READING = auto()
    WAITING = auto()
    WRITING = auto()
    PARTING = auto()
    GONE = auto()


_MAY_GO = (_State.IDLE, _State.READING, _State.PARTING)


class _Client:
    """One connection. ``since``: when it came into its present state."""

    __slots__ = (
        "close", "events", "fd", "known", "out", "reader", "since", "sock", "state",
        "unheard",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, since: float) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.since = since
        self.state = _State.IDLE
        self.reader: Reader | None = None
        self.out = b""
        self.close = False
        self.known = False
        """Whether the epoll knows it; a client of one request need not be told it."""
        self.events = 0
        self.unheard = 0


class Server:
    """Serves a listening socket until it is stopped."""

    def __init__(
        self, listener: socket.socket, answers: Answers, *, limits: Limits | None = None
    ) -> None:
        self._listener = listener
        self._answers = answers
        self._limits = limits or Limits()
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _SPARE_FILES
        self._most = max(1, min(self._limits.connections, files))
        self._clients: dict[int, _Client] = {}
        self._lane: deque[tuple[_Client, Signing]] = deque()
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._now = self._swept = time.monotonic()
        self._end: float | None = None
        self._ended = False
        self._ending = RLock()
        """A signal handler may come in between in the same thread."""
        listener.setblocking(False)
        # Handed on to every connection.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def stop(self) -> None:
        """Have :meth:`run` finish what is under way and end; from any thread or signal
        handler."""
        with self._ending:
            if not self._ended:
                os.eventfd_write(self._wake, 1)

    def run(self) -> None:
        """Serve until stopped; closes everything but the answers."""
        door, wake = self._listener.fileno(), self._wake
        self._answers.look_up()
        self._epoll.register(door, select.EPOLLIN)
        self._epoll.register(wake, select.EPOLLIN)
        try:
            while not self._over():
                arrived: list[tuple[_Client, bytes]] = []
                wait = 0.0 if self._lane else _TICK_SECONDS
                for fd, event in self._epoll.poll(wait):
                    client = self._clients.get(fd)
                    if client is not None:
                        self._take(client, event, arrived)
                    elif fd == door:
                        self._accept(arrived)
                    elif fd == wake:
                        self._begin_to_end(door)
                self._now = time.monotonic()
                if arrived:
                    self._answer(arrived)
                if self._lane:
                    self._sign_for_a_while()
                if self._now - self._swept > _TICK_SECONDS:
                    self._sweep()
        finally:
            for client in list(self._clients.values()):
                self._drop(client)
            self._epoll.close()
            self._listener.close()
            with self._ending:
                self._ended = True
                os.close(self._wake)

    def _over(self) -> bool:
        if self._end is None:
            return False
        return not self._clients or time.monotonic() > self._end

    def _begin_to_end(self, door: int) -> None:
        os.eventfd_read(self._wake)
        if self._end is None:
            self._end = time.monotonic() + self._limits.ending
            self._epoll.unregister(door)
            self._listener.close()
            for client in list(self._clients.values()):
                client.close = True
                if client.state in (_State.IDLE, _State.PARTING):
                    self._drop(client)

    # What comes in.

    def _accept(self, arrived: list[tuple[_Client, bytes]]) -> None:
        for _ in range(_AT_ONCE):
            try:
                sock, _address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS):
                    self._make_room()
                    return
                continue  # it went away before we came
            if len(self._clients) >= self._most and not self._make_room():
                sock.close()
                continue
            client = _Client(sock, self._now)
            self._clients[client.fd] = client
            self._take(client, select.EPOLLIN, arrived)

    def _make_room(self) -> bool:
        """Drop the client that has gone longest without a whole request."""
        idle = [one for one in self._clients.values() if one.state in _MAY_GO]
        if not idle:
            return False
        self._drop(min(idle, key=lambda one: one.since))
        return True

    def _take(
        self, client: _Client, event: int, arrived: list[tuple[_Client, bytes]]
    ) -> None:
        """Read what is there, or write on."""
        if event & select.EPOLLOUT:
            self._write(client)
            return
        try:
            data = client.sock.recv(_CHUNK, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self._listen(client, select.EPOLLIN)
            return
        except OSError:
            data = b""
        if not data:
            if client.state in (_State.WAITING, _State.WRITING):
                client.close = True  # it has said all it wanted and still listens
                self._listen(client, client.events & ~select.EPOLLIN)
            else:
                self._drop(client)
        elif client.state is _State.PARTING:
            client.unheard += len(data)
            if client.unheard > self._limits.unheard:
                self._drop(client)
        else:
            arrived.append((client, data))

    def _answer(self, arrived: list[tuple[_Client, bytes]]) -> None:
        answers, now = self._answers, self._now
        answers.look_up()
        for client, data in arrived:
            if client.state is _State.IDLE:
                found = answers.again(data)
                if found is not None:
                    client.since = now
                    self._send(client, found[0], close=found[1])
                    continue
            if client.state is not _State.GONE:
                self._read(client, data)

    def _read(self, client: _Client, data: bytes) -> None:
        reader = client.reader
        if reader is None:
            reader = client.reader = Reader()
        raw = data if client.state is _State.IDLE else None
        reader.feed(data)
        if client.state in (_State.WAITING, _State.WRITING):
            if reader.waiting > _LONGEST_UNREAD:
                self._listen(client, client.events & ~select.EPOLLIN)
            return
        if client.state is _State.IDLE:
            client.state, client.since = _State.READING, self._now
        self._next(client, raw)

    def _next(self, client: _Client, raw: bytes | None = None) -> None:
        """Answer the requests that are whole, in their order."""
        reader = client.reader
        while reader is not None and client.state is _State.READING:
            try:
                message = reader.next()
            except Bad as bad:
                self._refuse(client, bad.status)
                return
            if message is None:
                if reader.empty:
                    client.state, client.since = _State.IDLE, self._now
                    if client.close:
                        self._drop(client)
                        return
                elif reader.wants_continue():
                    with suppress(OSError):
                        client.sock.send(
                            b"HTTP/1.1 100 Continue\r\n\r\n", socket.MSG_DONTWAIT
                        )
                self._listen(client, select.EPOLLIN)
                return
            self._ask(client, message, raw if reader.empty else None)
            raw = None

    def _ask(self, client: _Client, message: Message, raw: bytes | None) -> None:
        close = message.close or client.close
        given = self._answers.ask(message, raw)
        if isinstance(given, bytes):
            self._send(client, given, close=close)
        elif len(self._lane) >= self._limits.waiting:
            self._send(client, self._answers.later(given), close=close)
        else:
            client.state, client.since = _State.WAITING, self._now
            self._lane.append((client, given))
            self._listen(client, select.EPOLLIN)

    def _sign_for_a_while(self) -> None:
        self._answers.look_up()
        until = time.monotonic() + self._limits.slice
        while self._lane:
            client, wanted = self._lane.popleft()
            if client.state is not _State.WAITING:
                continue  # it has gone
            close = wanted.message.close or client.close
            client.state, client.since = _State.READING, self._now
            self._send(client, self._answers.sign(wanted), close=close)
            if client.state is _State.READING:
                self._next(client)
            if time.monotonic() > until:
                return

    # What goes out.

    def _send(self, client: _Client, answer: bytes, *, close: bool) -> None:
        """Send an answer; the connection ends with it if ``close``."""
        client.close = close
        try:
            sent = client.sock.send(answer, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        if sent < len(answer):
            client.out, client.since = answer[sent:], self._now
            client.state = _State.WRITING
            self._listen(client, select.EPOLLOUT)
        elif close:
            self._drop(client)
        elif not client.known:
            self._listen(client, select.EPOLLIN)

    def _write(self, client: _Client) -> None:
        try:
            sent = client.sock.send(client.out, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)
            return
        client.out = client.out[sent:]
        if sent:
            client.since = self._now
        if client.out:
            return
        if client.close:
            self._drop(client)
            return
        client.state = _State.READING
        # The pipelined rest was taken in before this round's look.
        self._answers.look_up()
        self._next(client)

    def _refuse(self, client: _Client, status: int) -> None:
        """Tell what was wrong and part, hearing the rest out: were the connection
        closed on unread bytes, the answer would be lost with it."""
        self._send(client, self._answers.refusal(status), close=False)
        if client.state is _State.WRITING:
            client.close = True
            return
        if client.state is _State.GONE:
            return
        with suppress(OSError):
            client.sock.shutdown(socket.SHUT_WR)
        client.state, client.since, client.reader = _State.PARTING, self._now, None
        self._listen(client, select.EPOLLIN)

    # Who is there.

    def _listen(self, client: _Client, events: int) -> None:
        if client.state is _State.GONE or (client.known and client.events == events):
            return
        if client.known:
            self._epoll.modify(client.fd, events)
        else:
            self._epoll.register(client.fd, events)
        client.known, client.events = True, events

    def _drop(self, client: _Client) -> None:
        if client.state is not _State.GONE:
            client.state = _State.GONE
            del self._clients[client.fd]
            client.sock.close()  # which takes it out of the epoll as well

    def _sweep(self) -> None:
        """Part with those who let others wait."""
        self._swept = now = self._now
        limits = self._limits
        patience = {
            _State.IDLE: limits.idle,
            _State.READING: limits.request,
            _State.WRITING: limits.stalled,
            _State.PARTING: limits.parting,
        }
        for client in list(self._clients.values()):
            allowed = patience.get(client.state)
            if allowed is None or now - client.since <= allowed:
                continue
            if client.state is _State.READING:
                self._refuse(client, 408)
            else:
                self._drop(client)
