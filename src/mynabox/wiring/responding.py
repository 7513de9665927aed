"""The OCSP process of a box: the same store and keys, and nothing but answers."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from mynabox.adapters.clock import BoxClock, MachineClock
from mynabox.responder.answers import NONCES_A_SECOND, Answers
from mynabox.responder.server import Server
from mynabox.usecases.status_desk import MOST_KEPT, StatusDesk
from mynabox.wiring.home import BoxTrouble, Home

_HOST = "127.0.0.1"
_BACKLOG = 1024
_CLOCK_SECONDS = 0.005
"""After which a clock that another process has turned is noticed."""


def respond(
    home: Home,
    *,
    announce: Callable[[str], None],
    port: int | None = None,
    nonces: int = NONCES_A_SECOND,
    most_kept: int = MOST_KEPT,
    beside: bool = False,
) -> None:
    """Answer OCSP requests on the loopback interface until stopped (Ctrl-C, SIGTERM);
    raises ``BoxTrouble``.

    ``nonces``     answers with a nonce that are signed in a second
    ``most_kept``  signed answers that are kept at a time
    ``beside``     another process keeps this one, and it ends when its standard input
                   does
    """
    clock = BoxClock(home.clock_file, look_every=_CLOCK_SECONDS)
    box = replace(home.box, clock=clock)
    listener = _listen(home.settings.ocsp_port if port is None else port)
    with listener, home.store.watch() as watch:
        answers = Answers(
            StatusDesk(box, watch, most_kept=most_kept),
            date=MachineClock(),
            report=_report,
            nonces=nonces,
        )
        server = Server(listener, answers)
        with _stopping(server):
            announce(f"OCSP: http://{_HOST}:{listener.getsockname()[1]}/ocsp")
            if beside:
                threading.Thread(
                    target=_until_input_ends, args=(server.stop,), daemon=True
                ).start()
            else:
                announce("Stop with Ctrl-C.")
            server.run()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise BoxTrouble(
            f"cannot answer on {_HOST}:{port} ({error.strerror}): "
            "choose another with --port"
        ) from error
    return listener


@contextmanager
def _stopping(server: Server) -> Iterator[None]:
    """Both signals end the server in an orderly way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    before = {
        which: signal.signal(which, stop) for which in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def _until_input_ends(stop: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    stop()


def _report(error: Exception) -> None:
    """Tell an operator what kind of thing went wrong; never with what was in it."""
    sys.stderr.write(f"an answer could not be made ({type(error).__name__})\n")
