"""A box served by its own process, asked by unmodified programs."""

import base64
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.text import pem
from mynabox.settings import Settings
from mynabox.usecases.show import list_authorities, list_cards, show_resident
from mynabox.wiring import Home, open_home
from tests.boxes import PROGRAM, Served, run, served, tool

pytestmark = pytest.mark.interop

HOLDER = "31415926530"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """A box whose story is told, served, and a folder for programs to write into."""

    home: Home
    served: Served
    folder: Path

    def get(self, path: str) -> bytes:
        with urlopen(f"{self.served.address}{path}", timeout=20) as answer:
            return bytes(answer.read())

    def certificates(self) -> dict[str, Path]:
        """The holder's certificates as PEM, ``<kind>-<state>``."""
        found = {}
        shown = show_resident(HOLDER, self.home.box)
        for one in shown.cards[-1].certificates:
            path = self.folder / f"{one.kind.value}-{one.state.value}.pem"
            path.write_text(pem("CERTIFICATE", one.der))
            found[path.stem] = path
        return found

    def authority(self, kind: CertificateKind) -> Path:
        path = self.folder / f"ca-{kind.value}.pem"
        path.write_bytes(self.get(f"/ca/{kind.value}-01.pem"))
        assert path.read_text() == next(
            pem("CERTIFICATE", one.der)
            for one in list_authorities(self.home.box)
            if one.kind is kind
        )
        return path

    def seen(self, *command: str) -> str:
        """What a program says that sees the box's reader."""
        done = subprocess.run(
            command,
            env=os.environ | {"PCSCLITE_CSOCK_NAME": self.served.socket},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("told")
    run(PROGRAM, "demo", "--exit", "--quiet", "--home", folder / "box")
    home = open_home(Settings(home=folder / "box"))
    try:
        with served(folder / "box") as there:
            yield Told(home, there, folder)
    finally:
        home.close()


STATES = [
    ("signature-active", "good"),
    ("authentication-active", "good"),
    ("signature-revoked", "revoked"),
    ("authentication-revoked", "revoked"),
]


@pytest.mark.parametrize(("name", "answer"), STATES)
def test_openssl_asks_the_responder(told: Told, name: str, answer: str) -> None:
    """by POST, as its ``-url`` does; the answer verifies under the CA"""
    openssl = tool("openssl", "openssl")
    kind = CertificateKind(name.partition("-")[0])
    ca, leaf = told.authority(kind), told.certificates()[name]
    done = run(
        *(openssl, "ocsp", "-url", f"{told.served.address}/ocsp"),
        *("-issuer", ca, "-CAfile", ca, "-cert", leaf),
    )
    said = done.stdout + done.stderr
    assert "Response verify OK" in said
    assert f"{name}.pem: {answer}" in said, said


@pytest.mark.parametrize(("name", "answer"), STATES)
def test_the_responder_answers_get(told: Told, name: str, answer: str) -> None:
    """RFC 6960 appendix A.1: the request in the path; OpenSSL reads the answer"""
    openssl = tool("openssl", "openssl")
    kind = CertificateKind(name.partition("-")[0])
    ca, leaf = told.authority(kind), told.certificates()[name]
    about = ("-issuer", ca, "-cert", leaf, "-no_nonce")
    request, response = told.folder / "get.req", told.folder / "get.resp"
    run(openssl, "ocsp", *about, "-reqout", request)
    path = quote(base64.b64encode(request.read_bytes()).decode(), safe="")
    response.write_bytes(told.get(f"/ocsp/{path}"))
    done = run(openssl, "ocsp", "-respin", response, *about, "-CAfile", ca)
    said = done.stdout + done.stderr
    assert "Response verify OK" in said
    assert f"{name}.pem: {answer}" in said, said


@pytest.mark.parametrize("kind", CertificateKind)
def test_openssl_checks_with_the_list(told: Told, kind: CertificateKind) -> None:
    """downloaded like a browser would; the new certificate passes, the old does not"""
    openssl = tool("openssl", "openssl")
    ca, crl = told.authority(kind), told.folder / f"{kind.value}.crl"
    crl.write_bytes(told.get(f"/crl/{kind.value}-01.crl"))
    certificates = told.certificates()
    for state, status, words in (
        ("active", 0, ": OK"),
        ("revoked", 2, "certificate revoked"),
    ):
        done = run(
            *(openssl, "verify", "-crl_check", "-CRLfile", crl, "-CAfile", ca),
            certificates[f"{kind.value}-{state}"],
            expect=status,
        )
        assert words in done.stdout + done.stderr


def test_a_card_moves_while_the_box_is_served(told: Told) -> None:
    """put in and taken out by another process: the reader shows it within a second"""
    opensc = tool("opensc-tool", "opensc")
    (card,) = list_cards(told.home.box)

    def shows(present: bool) -> float:
        began = time.monotonic()
        while time.monotonic() < began + 10:
            there = bool(
                re.search(r"^0\s+Yes", told.seen(opensc, "--list-readers"), re.M)
            )
            if there is present:
                return time.monotonic() - began
        raise AssertionError(told.seen(opensc, "--list-readers"))

    box = told.home.path
    for command, present in (
        (("eject",), False),
        (("insert", card.serial), True),
        (("eject",), False),
        (("insert", card.serial), True),
    ):
        run(PROGRAM, "card", *command, "--home", box)
        assert shows(present) < 1.0
    assert "JPKI" in told.seen(opensc, "--name").upper()


def blocks(section: str) -> list[str]:
    """The ``sh`` blocks under a heading of the README."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"^## {section}.*?$(.*?)(?=^## )", text, re.M | re.S)
    assert found is not None, f"the README has no section '{section}'"
    return re.findall(r"^```sh\n(.*?)^```", found[1], re.M | re.S)


def test_the_first_signature_of_the_readme(told: Told, tmp_path: Path) -> None:
    """the very lines of the README, in order, in a shell of a newcomer: the signature
    verifies, the certificate is good, and after the call to the hotline on hold"""
    for name, package in (
        ("bash", "bash"),
        ("curl", "curl"),
        ("openssl", "openssl"),
        ("opensc-tool", "opensc"),
        ("pkcs11-tool", "opensc"),
    ):
        tool(name, package)
    (tmp_path / ".venv").symlink_to(PROGRAM.parents[1])
    (tmp_path / "box").symlink_to(told.home.path)
    signing, *losing = blocks("Your first signature")
    assert len(losing) == 1
    script = "\n".join(
        [
            "set -eu -o pipefail",
            "exec 2>&1",
            signing,
            losing[0].replace("http://127.0.0.1:8780", told.served.address),
        ]
    )
    began = time.monotonic()
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"MYNABOX_HOME": "box"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout
    assert done.returncode == 0, said
    assert "Verified OK" in said
    verdicts = re.findall(r"^card\.pem: (\w+)$", said, re.M)
    assert verdicts == ["good", "revoked"]
    assert "Reason: certificateHold" in said
    assert time.monotonic() - began < 60


def test_the_line_that_points_programs_to_the_reader(told: Told) -> None:
    """``mynabox reader env``, evaluated by a shell that knows nothing else"""
    shell = (
        f'eval "$({shlex.quote(str(PROGRAM))} reader env '
        f'--home {shlex.quote(str(told.home.path))})"; printf %s "$PCSCLITE_CSOCK_NAME"'
    )
    said = run("sh", "-c", shell)
    assert said.stdout == told.served.socket
