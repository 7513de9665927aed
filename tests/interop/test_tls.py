"""TLS 1.2 with the authentication certificate of a card, against a service that asks
OCSP: OpenSSL's client, its engine, OpenSC, PC/SC; the box of a demo behind it all."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.text import pem
from mynabox.settings import Settings
from mynabox.usecases.report_lost import report_lost
from mynabox.usecases.show import list_authorities, show_resident
from mynabox.wiring import open_home
from tests.boxes import PROGRAM, run, served
from tests.interop.readers import (
    BOX,
    HERE,
    ROADS,
    Done,
    Reader,
    SystemReader,
    program,
    started,
)

pytestmark = pytest.mark.interop

HOLDER = "31415926530"
TOKEN = "JPKI (User Authentication PIN)"
PIN = "1234"


@dataclass(frozen=True)
class Service:
    """A service that runs, and the card of somebody who calls it."""

    box: Path
    reader: Reader
    port: int
    configuration: Path

    def call(self, *, pin: str | None = PIN) -> Done:
        """Call it with the card, or without any certificate (no ``pin``)."""
        words = [
            *("s_client", "-connect", f"127.0.0.1:{self.port}", "-tls1_2"),
            *("-CAfile", "own.pem", "-verify_return_error", "-ign_eof"),
        ]
        if pin is not None:
            key = f"pkcs11:token={quote(TOKEN)};id=%01;type=private;pin-value={pin}"
            words += [
                *("-engine", "pkcs11", "-keyform", "engine", "-key", key),
                *("-cert", "leaf.pem", "-sigalgs", "RSA+SHA256"),
            ]
        return self.reader.run(
            program("openssl", "openssl"),
            *words,
            plainly=False,
            OPENSSL_CONF=str(self.configuration),
        )


@pytest.fixture(scope="module")
def demo_box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls") / "box"
    run(PROGRAM, "demo", "--exit", "--quiet", "--home", folder)
    return folder


@pytest.fixture(params=ROADS)
def service(
    request: pytest.FixtureRequest, demo_box: Path, tmp_path: Path, module: str
) -> Iterator[Service]:
    box = tmp_path / "box"
    shutil.copytree(demo_box, box)
    with ExitStack() as opened:
        if request.param == BOX:
            there = opened.enter_context(served(box))
            reader, responder = Reader(box), f"{there.address}/ocsp"
            reader.socket = Path(there.socket)
            opened.callback(shutil.rmtree, reader.work)
        else:
            words = (str(PROGRAM), "reader", "vpcd", "--home", str(box))
            reader = opened.enter_context(started(SystemReader(box, *words)))
            responder = str(box)
        work = reader.work
        home = open_home(Settings(home=box))
        try:
            for known in list_authorities(home.box):
                if known.kind is CertificateKind.AUTHENTICATION:
                    (work / "ca.pem").write_text(pem("CERTIFICATE", known.der))
        finally:
            home.close()
        own_certificate(work)
        (work / "openssl.cnf").write_text(
            "openssl_conf = all\n[all]\nengines = engines\n[engines]\npkcs11 = ours\n"
            f"[ours]\nengine_id = pkcs11\nMODULE_PATH = {module}\ninit = 0\n"
        )
        read = reader.run(
            *(program("pkcs15-tool", "opensc"), "--read-certificate", "1"),
            *("--output", "leaf.pem"),
            plainly=False,
        )
        assert read.status == 0, read.text
        server = subprocess.Popen(
            reader.words(
                *(sys.executable, str(HERE / "tls_server.py")),
                *("own.pem", "ca.pem", responder),
                plainly=False,
            ),
            cwd=work,
            stdout=subprocess.PIPE,
            text=True,
        )
        opened.callback(end, server)
        assert server.stdout is not None
        port = int(server.stdout.readline())
        yield Service(box, reader, port, work / "openssl.cnf")


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(20)
    assert process.stdout is not None
    process.stdout.close()


def own_certificate(work: Path) -> None:
    """The service's own key and certificate, which its clients trust."""
    run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256"),
        *("-subj", "/CN=localhost", "-days", "2"),
        *("-keyout", work / "own.key", "-out", work / "own.crt"),
    )
    whole = (work / "own.key").read_text() + (work / "own.crt").read_text()
    (work / "own.pem").write_text(whole)


def test_a_card_opens_the_door_until_it_is_lost(service: Service) -> None:
    """in with the right PIN; not with a wrong one, nor without a certificate; and
    after the suspension by telephone the same card is told to go away"""
    first = service.call()
    assert first.text.count("welcome: good") == 1, first.text

    refused = service.call(pin="9999")
    assert refused.status != 0
    assert "welcome" not in refused.text
    nobody = service.call(pin=None)
    assert nobody.status != 0
    assert "welcome" not in nobody.text
    assert "welcome: good" in service.call().text

    home = open_home(Settings(home=service.box))
    try:
        report_lost(show_resident(HOLDER, home.box).resident.id, home.box)
    finally:
        home.close()
    after = service.call()
    assert "go away: revoked Reason: certificateHold" in after.text
    assert "welcome" not in after.text
