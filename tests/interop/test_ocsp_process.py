"""``mynabox ocsp serve``: a process of its own, asked by unmodified programs while
others work in the same box."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from urllib.request import Request, urlopen

import pytest

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.pki.text import pem
from mynabox.settings import Settings
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import list_authorities, show_resident
from mynabox.wiring import Home, open_home
from tests.boxes import PROGRAM, box_in, run, tool, walk
from tests.ocsp_requests import request_about, told_of

pytestmark = pytest.mark.interop

HOLDER = "31415926530"
HANDED_OVER = 8
"""The step of the story after which the card is in use."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box whose story is told up to a card in use."""
    folder = tmp_path_factory.mktemp("told") / "box"
    with box_in(folder) as home:
        walk(home, until=HANDED_OVER)
        home.clock.follow()
    return folder


@dataclass(frozen=True)
class Process:
    """The process, and the box that it answers for."""

    home: Home
    address: str
    popen: subprocess.Popen[str]
    folder: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2].partition("/")[0])

    @property
    def resident(self) -> str:
        return show_resident(HOLDER, self.home.box).resident.id

    def lose(self) -> None:
        """The holder calls the hotline, in this process."""
        report_lost(self.resident, self.home.box)

    def certificate(self, kind: CertificateKind) -> Certificate:
        shown = show_resident(HOLDER, self.home.box)
        return next(one for one in shown.cards[-1].certificates if one.kind is kind)

    def asked(self, one: Certificate) -> list[str]:
        """What it says of a certificate."""
        body = request_about(one.serial, issuer=one.issuer, box=self.home.box)
        request = Request(
            self.address, body, {"content-type": "application/ocsp-request"}
        )
        with urlopen(request, timeout=20) as answer:
            return told_of(answer.read())

    def file(self, name: str, certificate: bytes) -> Path:
        path = self.folder / f"{name}.pem"
        path.write_text(pem("CERTIFICATE", certificate))
        return path

    def authority(self, one: Certificate) -> Path:
        known = list_authorities(self.home.box)
        der = next(each.der for each in known if each.name == one.issuer)
        return self.file(one.issuer, der)


@contextmanager
def started(home: Home, folder: Path, *options: str) -> Iterator[Process]:
    """The process on a free port, killed for sure when the block ends."""
    popen = subprocess.Popen(
        [PROGRAM, "ocsp", "serve", "--home", home.path, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert popen.stdout is not None
    try:
        said = popen.stdout.readline()
        found = re.fullmatch(r"OCSP: (http://127\.0\.0\.1:\d+/ocsp)\n", said)
        assert found, said + popen.stdout.read()
        assert popen.stdout.readline() == "Stop with Ctrl-C.\n"
        yield Process(home, found[1], popen, folder)
    finally:
        popen.kill()
        popen.wait()
        popen.stdout.close()


@pytest.fixture
def home(told: Path, tmp_path: Path) -> Iterator[Home]:
    """The test's own copy of the box."""
    copytree(told, tmp_path / "box")
    opened = open_home(Settings(home=tmp_path / "box"))
    yield opened
    opened.close()


@pytest.fixture
def process(home: Home, tmp_path: Path) -> Iterator[Process]:
    with started(home, tmp_path) as found:
        yield found


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("how", [("-sha1",), ("-sha256",), ("-no_nonce",)])
def test_openssl(process: Process, kind: CertificateKind, how: tuple[str, ...]) -> None:
    """with and without a nonce; good, and held as soon as the hotline has said so"""
    tool("openssl", "openssl")
    one = process.certificate(kind)
    issuer = process.authority(one)
    leaf = process.file("leaf", one.der)
    digest = [part for part in how if part.startswith("-sha")]
    rest = [part for part in how if part not in digest]

    def ask() -> str:
        done = run(
            "openssl", "ocsp", *digest, "-issuer", issuer, "-cert", leaf, *rest,
            "-url", process.address, "-CAfile", issuer,
        )  # fmt: skip
        assert "Response verify OK" in done.stderr
        assert "WARNING" not in done.stdout + done.stderr
        return done.stdout

    assert "leaf.pem: good" in ask()
    process.lose()
    assert "Reason: certificateHold" in ask()


def test_gnutls(process: Process) -> None:
    tool("ocsptool", "gnutls-bin")
    one = process.certificate(CertificateKind.SIGNATURE)
    issuer, leaf = process.authority(one), process.file("leaf", one.der)

    def ask() -> str:
        done = run(
            "ocsptool", f"--ask={process.address}", "--load-issuer", issuer,
            "--load-cert", leaf, "--load-trust", issuer, expect=None,
        )  # fmt: skip
        assert "Verifying OCSP Response: Success" in done.stdout + done.stderr
        return done.stdout

    assert "Certificate Status: good" in ask()
    process.lose()
    assert "Certificate Status: revoked" in ask()


def test_another_process_of_the_box(process: Process) -> None:
    """what the command line records is known to the next who asks"""
    one = process.certificate(CertificateKind.SIGNATURE)
    assert process.asked(one) == ["good"]
    run(PROGRAM, "clock", "advance", "1d", "--home", process.home.path)
    assert process.asked(one) == ["good"]
    with subprocess.Popen(
        [PROGRAM, "serve", "--home", process.home.path, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        try:
            address = served.stdout.readline().split()[-1]
            lost = f"{address}/api/v1/residents/{process.resident}/lost"
            with urlopen(Request(lost, b""), timeout=20) as answer:
                assert answer.status < 300
            assert process.asked(one) == ["certificateHold"]
        finally:
            served.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopped_in_an_orderly_way(process: Process, how: signal.Signals) -> None:
    """status 0, nothing more said, the port free again"""
    one = process.certificate(CertificateKind.SIGNATURE)
    with socket.create_connection(("127.0.0.1", process.port), timeout=20) as idle:
        assert process.asked(one) == ["good"]
        process.popen.send_signal(how)
        assert process.popen.wait(timeout=20) == 0
        idle.settimeout(20)
        assert idle.recv(1) == b""
    assert process.popen.stdout is not None
    assert process.popen.stdout.read() == ""
    with socket.create_server(("127.0.0.1", process.port)):
        pass


def test_killed_and_started_again(home: Home, tmp_path: Path) -> None:
    """kill -9 in the middle of its work loses nothing: nothing was only in it"""
    with started(home, tmp_path) as first:
        one = first.certificate(CertificateKind.SIGNATURE)
        assert first.asked(one) == ["good"]
        first.lose()
        first.popen.kill()
        first.popen.wait()
        with started(home, tmp_path, "--most-kept", "2") as second:
            assert second.asked(one) == ["certificateHold"]


def test_two_of_them(home: Home, tmp_path: Path) -> None:
    """side by side, each knowing the same"""
    with started(home, tmp_path) as first, started(home, tmp_path) as second:
        one = first.certificate(CertificateKind.SIGNATURE)
        assert first.asked(one) == second.asked(one) == ["good"]
        first.lose()
        assert first.asked(one) == second.asked(one) == ["certificateHold"]


def test_a_port_that_is_taken(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(
            PROGRAM, "ocsp", "serve", "--home", home.path, "--port", port, expect=2
        )
    assert f"cannot answer on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
