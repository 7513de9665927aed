"""The socket and one thread per client.

A client's thread is the only one to read and to write its connection; others reach it
by its wake-up descriptor. So answers and notices never mix, and a client that does not
read holds up nobody but itself. Only a client that waits for a change can be told
something unasked: for any other, its thread listens to the connection alone.
"""

import fcntl
import os
import select
import socket
import stat
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from mynabox.reader.codes import Wait
from mynabox.reader.messages import Request
from mynabox.reader.place import Log
from mynabox.reader.protocol import Decoder, Malformed
from mynabox.reader.session import Desk, Session

Access = Literal["owner", "everyone"]
"""Who may use the readers: the user who runs the daemon, or every local user."""

MAX_CLIENTS: Final = 200
LONGEST_PATH: Final = 107
"""Bytes of a socket's path that libpcsclite and the kernel can take."""
_MODES: Final = {"owner": 0o600, "everyone": 0o666}
_LISTING_PATIENCE: Final = 200  # milliseconds
"""How long a notice is kept from a 4:6 client that has yet to ask for the states."""
_CHUNK: Final = 1 << 14


class SocketTrouble(OSError):
    """The daemon cannot listen at ``path``; the text says why and what to do."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(text)
        self.path = path


class SocketPathTooLong(SocketTrouble):
    """The path does not fit a socket address."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"{path} is {len(os.fsencode(path))} bytes long; a socket's path may have "
            f"{LONGEST_PATH}: choose a shorter home for the box",
        )


class SocketInUse(SocketTrouble):
    """Another daemon answers on this path, or it is no socket at all."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, f"{path}: {why}")


class _Gone(Exception):
    """The client closed its connection."""


class _Client:
    """One connection and its thread."""

    def __init__(
        self, connection: socket.socket, desk: Desk, *, patience: float, log: Log
    ) -> None:
        pid, user, _ = struct.unpack(
            "=iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        )
        timeout = struct.pack("@ll", int(patience), int(patience % 1 * 1_000_000))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
        self.pid: int = pid
        self.user: int = user
        self._connection = connection
        self._patience = patience
        self._log = log
        self._signal = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._closing = threading.Lock()
        self._session = Session(desk, wake=self.wake, user=user)
        self._decoder = Decoder()
        self._room = memoryview(bytearray(_CHUNK))
        self._events = select.poll()
        self._events.register(connection, select.POLLIN | select.POLLRDHUP)
        self._events.register(self._signal, select.POLLIN)
        self.thread = threading.Thread(
            target=self._run, name=f"reader client {pid}", daemon=True
        )

    def wake(self) -> None:
        """Make the thread look up from its connection; from any thread."""
        with self._closing:
            if self._signal >= 0:
                os.eventfd_write(self._signal, 1)

    def hang_up(self) -> None:
        """End the connection; from any thread."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _run(self) -> None:
        try:
            self._serve()
        except _Gone:
            pass
        except Malformed as error:
            self._log.warning("client dropped", pid=self.pid, why=str(error))
        except OSError as error:
            self._log.warning("client dropped", pid=self.pid, why=type(error).__name__)
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Close what the client had open."""
        self._session.close()
        with self._closing:
            os.close(self._signal)
            self._signal = -1
        self._connection.close()

    def _serve(self) -> None:
        connection, decoder, session = self._connection, self._decoder, self._session
        while True:
            request = decoder.next()
            if request is not None:
                answer = self._settled(request)
                if answer:
                    connection.sendall(answer)
            elif session.waiting and not decoder.unfinished:
                self._listen()
            else:  # libpcsclite sends a request in two or three pieces
                self._receive()
                continue
            if session.waiting and (notice := session.notice()):
                connection.sendall(notice)

    def _listen(self) -> None:
        """Until the client asks for something or is to be told something."""
        own, session = self._connection.fileno(), self._session
        ready = self._events.poll(_LISTING_PATIENCE if session.listing else None)
        if not ready:
            session.listing = False
        for descriptor, _ in ready:
            if descriptor == own:
                self._receive()
            else:
                os.eventfd_read(self._signal)

    def _receive(self) -> None:
        """What the client sends, or nothing if it is silent and owes nothing."""
        try:
            size = self._connection.recv_into(self._room)
        except BlockingIOError:
            if self._decoder.unfinished:
                raise Malformed("a request was begun and not ended") from None
            return
        if not size:
            raise _Gone
        self._decoder.feed(self._room[:size])

    def _settled(self, request: Request) -> bytes:
        """The answer, waited for while another client holds the reader."""
        deadline: float | None = None
        while True:
            try:
                return self._session.answer(request)
            except Wait as wait:
                if wait.patience is None:
                    self._sleep(None)
                    continue
                now = time.monotonic()
                deadline = deadline or now + wait.patience
                if now >= deadline:
                    return self._session.give_up(request)
                self._sleep(deadline - now)

    def _sleep(self, seconds: float | None) -> None:
        """Until woken, out of time, or the client is gone."""
        events = select.poll()
        events.register(self._connection, select.POLLRDHUP)
        events.register(self._signal, select.POLLIN)
        limit = None if seconds is None else max(1, round(seconds * 1000))
        for descriptor, _ in events.poll(limit):
            if descriptor != self._signal:
                raise _Gone
            os.eventfd_read(self._signal)


class Server:
    """Listens at ``path`` until closed.

    ``patience`` is how many seconds a request may stay half written and an answer
    unread before its client is dropped.
    """

    def __init__(
        self, desk: Desk, path: Path, *, access: Access, patience: float, log: Log
    ) -> None:
        if len(os.fsencode(path)) > LONGEST_PATH:
            raise SocketPathTooLong(path)
        self._desk = desk
        self._path = path
        self._patience = patience
        self._log = log
        self._clients: set[_Client] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._listener = _listen(path, _MODES[access])
        self._inode = path.stat().st_ino
        self._thread = threading.Thread(
            target=self._accept, name="reader listener", daemon=True
        )
        self._thread.start()

    @property
    def clients(self) -> int:
        """Open connections."""
        with self._lock:
            self._clients = {c for c in self._clients if c.thread.is_alive()}
            return len(self._clients)

    def close(self) -> None:
        """Take no more clients, hang up on those there are, remove the socket."""
        with self._lock:
            self._closed = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            self._log.warning("listener", why=type(error).__name__)
        self._thread.join()
        self._listener.close()
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.hang_up()
        for client in clients:
            client.thread.join()
        try:
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
        except FileNotFoundError:
            return

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if self._closed:
                    return
                self._log.warning("no new client", why=type(error).__name__)
                time.sleep(0.1)
                continue
            if self.clients >= MAX_CLIENTS:
                self._log.warning("too many clients", limit=MAX_CLIENTS)
                connection.close()
                continue
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        try:
            client = _Client(
                connection, self._desk, patience=self._patience, log=self._log
            )
        except OSError as error:
            self._log.warning("no new client", why=type(error).__name__)
            connection.close()
            return
        with self._lock:
            try:
                client.thread.start()
            except RuntimeError as error:
                self._log.warning("no new client", why=type(error).__name__)
                client.let_go()
            else:
                self._clients.add(client)


def _listen(path: Path, mode: int) -> socket.socket:
    """A listening socket at ``path``, in place of one that a killed daemon left."""
    with _alone_in(path.parent):
        if path.exists() or path.is_symlink():
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise SocketInUse(path, "there is something that is no socket")
            if _answers(path):
                raise SocketInUse(path, "another daemon serves cards here")
            path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(os.fspath(path))
            path.chmod(mode)
            listener.listen(MAX_CLIENTS)
        except BaseException:
            listener.close()
            raise
        return listener


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
        return True


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Be the only one to start a daemon in ``folder``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
