"""A box that is served: pages, API, status services and the card reader.

What only a server needs is imported when it is needed, so that the other commands
start quickly.
"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING

import structlog

from mynabox.adapters.cards import CardFileDamaged
from mynabox.adapters.pcsc import PcscError, PcscMissing, Readers
from mynabox.adapters.trays import CardSilent, TraceFile
from mynabox.lifecycle.outgoing import Outgoing
from mynabox.reader.daemon import ReaderDaemon
from mynabox.reader.server import SocketTrouble
from mynabox.terminal.connection import Connection
from mynabox.wiring.home import BoxTrouble, Home, only_server

if TYPE_CHECKING:
    from fastapi import FastAPI

CHORES_SECONDS = 5.0
"""How often a served box looks for letters to send and lists that have run out."""

CARD_SECONDS = 3.0
"""How long to wait for a card that was just laid in the reader."""

_BACKLOG = 128

_log = structlog.get_logger("mynabox")


CARD_FAILURES = (PcscError, CardFileDamaged, CardSilent)
"""What can go wrong between a program and a card, besides its removal."""


class NoPcsc(Exception):
    """There is no way to the card over PC/SC on this machine."""


def make_app(home: Home) -> "FastAPI":
    """Everything that is served over HTTP."""
    from mynabox.api.app import create_api
    from mynabox.api.limit import ReadToTheEnd
    from mynabox.api.platform import create_platform
    from mynabox.api.status import create_status
    from mynabox.web.app import create_pages

    app = create_pages(home.box)
    app.include_router(create_status(home.box))
    app.include_router(create_platform(home.box))
    app.mount("/api/v1", create_api(home.box))
    app.add_middleware(ReadToTheEnd)
    return app


@contextmanager
def reader_daemon(home: Home, *, quiet: bool = False) -> Iterator[ReaderDaemon]:
    """The box's card readers, visible to PC/SC programs while the block runs.

    ``quiet``  for a process whose log is not ours: nothing is told to it
    """
    if home.socket.parent != home.path.resolve():
        others = home.settings.reader_access == "everyone"
        home.socket.parent.mkdir(mode=0o711 if others else 0o700, exist_ok=True)
    home.trace.unlink(missing_ok=True)
    trace = TraceFile(home.trace) if home.settings.trace else None
    daemon = ReaderDaemon(
        home.in_readers(trace),
        home.socket,
        access=home.settings.reader_access,
        log=None if quiet else _log,
    )
    try:
        daemon.start()
    except SocketTrouble as trouble:
        raise BoxTrouble(str(trouble)) from trouble
    try:
        yield daemon
    finally:
        daemon.stop()
        if trace is not None:
            trace.close()


def reader_names(home: Home) -> tuple[str, ...]:
    """What programs call the readers of this box."""
    return ReaderDaemon(home.cards, home.socket).reader_names


def is_served(home: Home) -> bool:
    """Whether the readers of this box can be reached now."""
    with socket.socket(socket.AF_UNIX) as door:
        return door.connect_ex(str(home.socket)) == 0


def over_pcsc(reader: str = "") -> Connection:
    """The card in the first reader that PC/SC shows and whose name has ``reader`` in
    it; raises :class:`NoPcsc`."""
    try:
        readers = Readers()
    except PcscMissing as missing:
        raise NoPcsc(str(missing)) from missing
    except PcscError as silent:
        raise NoPcsc(
            f"no PC/SC service answers ({silent.name}); for the card of a served box "
            'name it with --home, or first run: eval "$(mynabox reader env)"'
        ) from silent
    try:
        every = readers.names()
        names = [name for name in every if reader in name]
        if not names:
            raise NoPcsc(
                f"no reader is called {reader!r}; there are: {', '.join(every)}"
                if every
                else "there is no card reader"
            )
        if not readers.wait_for_card(names[0], seconds=CARD_SECONDS):
            raise NoPcsc(f"no card is in the reader {names[0]}")
        return _WithContext(readers.connect(names[0]), readers)
    except PcscError as error:
        readers.close()
        raise NoPcsc(str(error)) from error
    except NoPcsc:
        readers.close()
        raise


class _WithContext:
    """A connection that takes its PC/SC context along when it is closed."""

    def __init__(self, connection: Connection, readers: Readers) -> None:
        self._connection = connection
        self._readers = readers

    @property
    def atr(self) -> bytes:
        return self._connection.atr

    def transmit(self, command: bytes) -> bytes:
        return self._connection.transmit(command)

    def reset(self, *, cold: bool = False) -> None:
        self._connection.reset(cold=cold)

    def close(self) -> None:
        self._connection.close()
        self._readers.close()


def serve(
    home: Home, *, announce: Callable[[str], None], with_ocsp: bool = False
) -> None:
    """Serve until stopped (Ctrl-C or SIGTERM); raises ``BoxTrouble``.

    ``announce``   is told, line by line, where everything is once it is there
    ``with_ocsp``  have the OCSP process run beside it
    """
    import uvicorn

    settings = home.settings
    with only_server(home), _stopped_by_sigterm():
        listener = _listen(settings.host, settings.port)
        address = f"http://{settings.host}:{listener.getsockname()[1]}"
        home = replace(
            home, box=replace(home.box, site=replace(home.box.site, address=address))
        )
        try:
            with (
                reader_daemon(home) as daemon,
                _chores(home),
                _key_pool(home),
                _beside(home, announce) if with_ocsp else nullcontext(),
            ):
                server = uvicorn.Server(
                    uvicorn.Config(
                        make_app(home),
                        log_level="warning",
                        access_log=False,
                        server_header=False,
                        timeout_graceful_shutdown=3,
                    )
                )
                announce(f"Pages, API (/api/v1), OCSP and CRLs: {address}")
                announce(_who_may(home))
                announce(f"Card reader: {daemon.socket_path}")
                announce(f'  eval "$(mynabox reader env --home {home.path})"')
                announce("Stop with Ctrl-C.")
                with suppress(KeyboardInterrupt):
                    server.run(sockets=[listener])
        finally:
            listener.close()


def _beside(
    home: Home, announce: Callable[[str], None]
) -> AbstractContextManager[None]:
    from mynabox.wiring.beside import ocsp_beside

    return ocsp_beside(
        home,
        announce=lambda said: announce(f"{said} (a process of its own)"),
        report=_log.warning,
    )


def _who_may(home: Home) -> str:
    if home.box.site.authority == "open":
        return "Authority: open - whoever reaches this box may do everything"
    return "Authority: required - staff sign in ('mynabox staff add')"


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """SIGTERM stops the block as Ctrl-C does, so that everything is put away: uvicorn
    would raise the signal anew at its end, and the process be gone on the spot."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio would do so for sockets it makes itself; connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        # From here on whoever connects waits for the server instead of being refused.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise BoxTrouble(
            f"cannot serve on {host}:{port} ({error.strerror}): "
            "choose another with --port"
        ) from error
    return listener


@contextmanager
def _chores(home: Home) -> Iterator[None]:
    """Letters go out and lists stay fresh while the block runs."""
    stop = threading.Event()

    def work() -> None:
        while True:
            try:
                _do_chores(home, stop)
            except Exception:
                _log.exception("a chore failed and will be tried again")
            if stop.wait(CHORES_SECONDS):
                return

    thread = threading.Thread(target=work, name="chores", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _key_pool(home: Home) -> Iterator[None]:
    """Keys for chips are made ahead while the block runs, if the box has a pool."""
    if home.pool is None:
        yield
        return
    home.pool.clean()
    with home.pool.filled():
        yield


def _undelivered(outgoing: Outgoing, error: Exception) -> None:
    _log.warning(
        "something could not be delivered and will be tried again",
        id=outgoing.id,
        carrier=outgoing.carrier.value,
        error=type(error).__name__,
    )


def _do_chores(home: Home, stop: threading.Event) -> None:
    from mynabox.usecases.box_duties import do_duties
    from mynabox.usecases.deliver import deliver
    from mynabox.usecases.roll_over import keep_generations
    from mynabox.usecases.status import current_list

    do_duties(home.box, stop=stop.is_set)
    deliver(home.box, trouble=_undelivered)
    keep_generations(home.box)
    at = home.clock.now()
    with home.box.store.look() as work:
        living = [
            known.name
            for known in work.statuses.authorities()
            if known.not_before <= at <= known.not_after
        ]
    for issuer in living:
        current_list(issuer, home.box)


@contextmanager
def web_server(home: Home) -> Iterator[str]:
    """Pages, API and status services in a thread of this process, on a free port of
    the loopback interface; their base address."""
    import uvicorn

    listener = _listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    home = replace(
        home, box=replace(home.box, site=replace(home.box.site, address=address))
    )
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(home),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True
    )
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
