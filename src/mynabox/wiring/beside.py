"""The OCSP process that a served box keeps beside itself (``mynabox serve --ocsp``)."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mynabox.wiring.home import BoxTrouble, Home

_SAYS = "OCSP: "
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 30.0
_LIVED = 60.0
"""Seconds after which a process that ends had come up well."""
_PATIENCE = 10.0


@contextmanager
def ocsp_beside(
    home: Home, *, announce: Callable[[str], None], report: Callable[[str], None]
) -> Iterator[None]:
    """Have ``mynabox ocsp serve`` run within the block, on the port of the settings.

    A process that dies is reported and started again on the same port, at once and,
    where that does not help, after longer and longer pauses. It ends with the block,
    and by itself when this process is gone, however that came. Raises ``BoxTrouble``
    if it does not come up at first.
    """
    keeper = _Keeper(home, report)
    announce(keeper.start())
    try:
        yield
    finally:
        keeper.stop()


class _Keeper:
    """Starts the process, waits for its end, and starts it again."""

    def __init__(self, home: Home, report: Callable[[str], None]) -> None:
        self._home = home
        self._report = report
        self._port = home.settings.ocsp_port
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(
            target=self._keep, name="ocsp-keeper", daemon=True
        )

    def start(self) -> str:
        """Have it up for the first time; what it says of itself."""
        said = self._begin()
        if said is None:
            raise BoxTrouble("the OCSP process did not come up: it has said why")
        self._port = int(said.rpartition(":")[2].partition("/")[0])
        self._thread.start()
        return said

    def stop(self) -> None:
        """End it, kindly at first."""
        self._stopping.set()
        with self._starting:
            process = self._process
        if process is not None:
            _end(process)
        self._thread.join(_PATIENCE)

    def _begin(self) -> str | None:
        """The line in which it says where it answers; none if it came to nothing."""
        environment = os.environ | _settings(self._home)
        with self._starting:
            if self._stopping.is_set():
                return None
            process = self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mynabox", "ocsp", "serve", "--beside"),
                    *("--home", str(self._home.path), "--port", str(self._port)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
                # Ctrl-C on the terminal is for whoever serves, who ends this one.
                start_new_session=True,
            )
        assert process.stdout is not None
        said = process.stdout.readline().rstrip()
        if said.startswith(_SAYS):
            return said
        _end(process)
        return None

    def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            since = time.monotonic()
            assert self._process is not None
            status = self._process.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - since > _LIVED:
                pause = _FIRST_PAUSE
            self._report(f"the OCSP process ended ({status}) and is started again")
            _end(self._process)
            while self._begin() is None:
                if self._stopping.wait(pause):
                    return
                pause = min(2 * pause, _LONGEST_PAUSE)


def _settings(home: Home) -> dict[str, str]:
    """What the command line may have changed of what the environment says."""
    site = home.box.site
    given = {
        "host": home.settings.host,
        "port": site.address.rpartition(":")[2],
        "with_uri": str(site.with_uri),
        "production_shape": str(site.production_shape),
        "next_card": str(site.next_card),
        "status_mode": site.status_mode,
        "database": home.settings.database,
    }
    return {
        f"MYNABOX_{name.upper()}": value
        for name, value in given.items()
        if value is not None
    }


def _end(process: subprocess.Popen[str]) -> None:
    """It ends when its standard input does; a process that cannot is killed."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
