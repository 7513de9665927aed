"""``mynabox serve --ocsp``: the OCSP process comes, is kept, and goes with the server."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from urllib.error import URLError
from urllib.request import Request, urlopen

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.usecases.show import list_authorities
from tests.boxes import NOW, PROGRAM, box_in, run
from tests.ocsp_requests import request_about

PATIENCE = 60.0


def until(holds: Callable[[], bool]) -> None:
    """Ask until it is so."""
    end = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < end
        Event().wait(0.05)


@dataclass(frozen=True)
class Served:
    popen: subprocess.Popen[str]
    address: str
    request: bytes

    def answers(self) -> bool:
        """Whether there is a proper answer; nobody there is none."""
        asked = Request(
            self.address, self.request, {"content-type": "application/ocsp-request"}
        )
        try:
            with urlopen(asked, timeout=20) as answer:
                return bytes(answer.read())[:1] == b"\x30"
        except (URLError, ConnectionError, TimeoutError):
            return False

    def child(self) -> int | None:
        """The OCSP process among the server's children."""
        me = self.popen.pid
        for children in Path(f"/proc/{me}/task").glob("*/children"):
            for child in children.read_text().split():
                try:
                    words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"--beside" in words:
                    return int(child)
        return None


def gone(pid: int) -> bool:
    """Whether there is no such process, or nothing of it but its end."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    with box_in(folder, at=NOW) as home:
        issuer = next(
            one
            for one in list_authorities(home.box)
            if one.kind is CertificateKind.SIGNATURE
        )
        request = request_about(1, issuer=issuer.name, box=home.box)
    popen = subprocess.Popen(
        [PROGRAM, "serve", "--ocsp", "--port", "0", "--home", folder],
        env={**os.environ, "MYNABOX_OCSP_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert popen.stdout is not None
    assert popen.stderr is not None
    try:
        said = [popen.stdout.readline() for _ in range(6)]
        found = re.search(r"OCSP: (http://127\.0\.0\.1:\d+/ocsp) \(", "".join(said))
        assert found, "".join(said)
        yield Served(popen, found[1], request)
    finally:
        popen.kill()
        popen.wait()
        popen.stdout.close()
        popen.stderr.close()


def test_it_comes_and_goes_with_the_server(tmp_path: Path) -> None:
    with served(tmp_path / "box") as box:
        assert box.answers()
        child = box.child()
        assert child is not None
        box.popen.send_signal(signal.SIGTERM)
        assert box.popen.wait(PATIENCE) == 0
        assert gone(child)
        assert not box.answers()
        assert box.popen.stderr is not None
        assert "started again" not in box.popen.stderr.read()


def test_it_is_started_again_and_outlives_no_server(tmp_path: Path) -> None:
    """on the same port; and kill -9 of the server leaves nothing behind"""
    with served(tmp_path / "box") as box:
        first = box.child()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: box.child() not in (first, None))
        until(box.answers)
        second = box.child()
        assert second is not None
        box.popen.kill()
        until(lambda: gone(second))
        assert not box.answers()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """nothing is served, and it is said why"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ("serve", "--ocsp", "--port", "0", "--home", tmp_path / "box")
        done = run(PROGRAM, *words, expect=2, env={"MYNABOX_OCSP_PORT": str(port)})
    assert f"cannot answer on 127.0.0.1:{port}" in done.stderr
    assert "did not come up" in done.stderr
