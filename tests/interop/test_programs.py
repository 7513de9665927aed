"""GnuTLS, OpenSSH, OpenSSL's engine and NSS, as Debian ships them, use the card by
OpenSC's PKCS#11 library: by the box's reader and by the system's pcscd."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.interop.readers import Done, Reader, both_roads, program

pytestmark = [pytest.mark.interop, both_roads]

PIN, PASSWORD = "1234", "ABC123"
AUTHENTICATION = "JPKI (User Authentication PIN)"
SIGNATURE = "JPKI (Digital Signature PIN)"
TOKENS = [(AUTHENTICATION, "01", PIN), (SIGNATURE, "02", PASSWORD)]

Run = Callable[..., str]


def address(token: str, **more: str) -> str:
    """A PKCS#11 URI (RFC 7512)."""
    parts = {"token": quote(token), **more}
    return "pkcs11:" + ";".join(f"{key}={value}" for key, value in parts.items())


@pytest.fixture
def letter(reader: Reader) -> Path:
    path = reader.work / "letter"
    path.write_text("拝啓 これは見本です。\n")
    return path


# -- GnuTLS -----------------------------------------------------------------------


@pytest.fixture
def p11tool(reader: Reader, module: str) -> Callable[..., Done]:
    def run(*words: str) -> Done:
        return reader.run(
            program("p11tool", "gnutls-bin"), "--provider", module, *words
        )

    return run


@pytest.mark.parametrize(
    ("token", "pin", "objects"),
    [
        (
            AUTHENTICATION,
            PIN,
            [
                "User Authentication Key",
                "User Authentication Public Key",
                "User Authentication Certificate",
                "User Authentication Certificate CA",
                "Digital Signature Certificate CA",
            ],
        ),
        (
            SIGNATURE,
            PASSWORD,
            [
                "Digital Signature Key",
                "Digital Signature Public Key",
                "Digital Signature Certificate",
            ],
        ),
    ],
)
def test_gnutls_lists_the_card(
    p11tool: Callable[..., Done], token: str, pin: str, objects: list[str]
) -> None:
    listed = p11tool("--list-all", "--login", "--set-pin", pin, address(token))
    assert listed.status == 0, listed.text
    labels = [
        line.split(": ", 1)[1]
        for line in listed.text.splitlines()
        if line.startswith("\tLabel: ")
    ]
    assert sorted(set(labels)) == sorted(objects)


@pytest.mark.parametrize(("token", "key", "pin"), TOKENS)
def test_gnutls_signs(
    p11tool: Callable[..., Done], token: str, key: str, pin: str
) -> None:
    private = address(token, id=f"%{key}", type="private")
    signed = p11tool("--test-sign", "--login", "--set-pin", pin, private)
    assert signed.status == 0, signed.text
    assert "Verifying against public key in the token... ok" in signed.text


def test_gnutls_and_a_wrong_pin(p11tool: Callable[..., Done]) -> None:
    private = address(AUTHENTICATION, id="%01", type="private")
    refused = p11tool("--test-sign", "--login", "--set-pin", "9999", private)
    assert refused.status != 0
    assert "... ok" not in refused.text


# -- OpenSSH ----------------------------------------------------------------------


@pytest.fixture
def agent(reader: Reader, module: str) -> Iterator[str]:
    """The socket of an ssh-agent that may use OpenSC's library."""
    path = reader.work / "agent"
    words = reader.words(
        program("ssh-agent", "openssh-client"), "-D", "-a", str(path), "-P", module
    )
    running = subprocess.Popen(
        words,
        env=reader.environment,
        cwd=reader.work,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < end, "ssh-agent does not start"
        time.sleep(0.01)
    yield str(path)
    running.send_signal(signal.SIGTERM)
    running.wait(20)


@pytest.fixture
def ssh(reader: Reader, agent: str) -> Callable[..., Done]:
    """Runs a program of OpenSSH; ``pin`` is what a person would type."""

    def run(name: str, *words: str, pin: str = "", into: bytes = b"") -> Done:
        answer = reader.work / "answer"
        answer.write_text(f"#!/bin/sh\necho '{pin}'\n")
        answer.chmod(0o755)
        return reader.run(
            program(name, "openssh-client"),
            *words,
            into=into,
            SSH_AUTH_SOCK=agent,
            SSH_ASKPASS=str(answer),
            SSH_ASKPASS_REQUIRE="force",
        )

    return run


def test_ssh_signs_with_the_card(
    ssh: Callable[..., Done], reader: Reader, module: str, letter: Path
) -> None:
    """The authentication key as a key of ssh: an agent that was told the PIN signs a
    letter, the public key judges it, and a card taken out signs nothing."""
    added = ssh("ssh-add", "-s", module, pin=PIN)
    assert added.status == 0, added.text
    listed = ssh("ssh-add", "-L").text.splitlines()
    own = next(key for key in listed if "User Authentication Public Key" in key)
    (reader.work / "own.pub").write_text(own + "\n")
    (reader.work / "allowed").write_text(f"hanako {own}\n")
    sign = ("-Y", "sign", "-n", "file", "-f", "own.pub", "letter")
    assert ssh("ssh-keygen", *sign).status == 0
    whose = ("-f", "allowed", "-I", "hanako", "-s", "letter.sig")
    judge = ("-Y", "verify", "-n", "file", *whose)
    good = ssh("ssh-keygen", *judge, into=letter.read_bytes())
    assert good.status == 0, good.text
    assert 'Good "file" signature for hanako' in good.text
    assert ssh("ssh-keygen", *judge, into=b"another letter\n").status != 0

    (reader.home / "tray" / "0").unlink()
    end = time.monotonic() + 10
    while True:
        (reader.work / "letter.sig").unlink(missing_ok=True)
        if ssh("ssh-keygen", *sign).status != 0:
            break
        assert time.monotonic() < end, "a card that is not there signs"
    assert not (reader.work / "letter.sig").exists()


def test_ssh_and_a_wrong_pin(ssh: Callable[..., Done], module: str) -> None:
    assert ssh("ssh-add", "-s", module, pin="9999").status != 0
    assert "no identities" in ssh("ssh-add", "-L").text


# -- OpenSSL's engine ---------------------------------------------------------------


@pytest.fixture
def engine(reader: Reader, module: str) -> Callable[..., Done]:
    """Runs OpenSSL with its PKCS#11 engine."""
    configuration = reader.work / "openssl.cnf"
    configuration.write_text(
        "openssl_conf = all\n[all]\nengines = engines\n[engines]\npkcs11 = ours\n"
        f"[ours]\nengine_id = pkcs11\nMODULE_PATH = {module}\ninit = 0\n"
    )

    def run(*words: str) -> Done:
        return reader.run(
            program("openssl", "openssl"), *words, OPENSSL_CONF=str(configuration)
        )

    assert "[ available ]" in run("engine", "-t", "pkcs11").text, (
        "the engine is missing: apt-get install libengine-pkcs11-openssl"
    )
    return run


@pytest.mark.parametrize(("pin", "signs"), [(PIN, True), ("9999", False)])
def test_openssl_signs_by_its_engine(
    engine: Callable[..., Done],
    openssl: Run,
    reader: Reader,
    issued: Any,
    letter: Path,
    pin: str,
    signs: bool,
) -> None:
    key = address(AUTHENTICATION, id="%01", type="private", **{"pin-value": pin})
    done = engine(
        *("dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine"),
        *("-sign", key, "-out", "signature", letter.name),
    )
    assert (done.status == 0) is signs, done.text
    if signs:
        public_key(reader, issued, openssl)
        judge = ("dgst", "-sha256", "-verify", "public", "-signature", "signature")
        assert "Verified OK" in openssl(*judge, letter.name)
        letter.write_text("拝啓 これは偽物です。\n")
        assert "Verified OK" not in openssl(*judge, letter.name, status=1)


def public_key(reader: Reader, issued: Any, openssl: Run) -> None:
    (reader.work / "certificate").write_bytes(issued.certificates["authentication"])
    openssl("x509", "-in", "certificate", "-pubkey", "-noout", "-out", "public")


# -- NSS ----------------------------------------------------------------------------


@pytest.fixture
def nss(reader: Reader, module: str) -> Run:
    """Runs a program of NSS on a database that knows OpenSC's library."""
    database = f"sql:{reader.work}"
    secrets = reader.work / "secrets"
    secrets.write_text(f"{AUTHENTICATION}:{PIN}\n{SIGNATURE}:{PASSWORD}\n")

    def run(name: str, *words: str) -> str:
        done = reader.run(program(name, "libnss3-tools"), "-d", database, *words)
        assert done.status == 0, done.text
        return done.text

    run("certutil", "-N", "--empty-password")
    done = reader.run(
        program("modutil", "libnss3-tools"),
        *("-dbdir", database, "-add", "jpki", "-libfile", module, "-force"),
    )
    assert done.status == 0, done.text
    return run


def test_nss_sees_certificates_and_keys(nss: Run, reader: Reader) -> None:
    secrets = ("-f", str(reader.work / "secrets"))
    listed = dict(
        line.rsplit(maxsplit=1)
        for line in nss("certutil", "-L", "-h", "all", *secrets).splitlines()
        if line.startswith("JPKI") and line.rstrip().endswith("u,u,u")
    )
    assert sorted(name.strip() for name in listed) == [
        f"{SIGNATURE}:Digital Signature Certificate",
        f"{AUTHENTICATION}:User Authentication Certificate",
    ]
    for token, key, _ in TOKENS:
        text = nss("certutil", "-K", "-h", token, *secrets)
        (line,) = [line for line in text.splitlines() if line.startswith("<")]
        assert line.split()[2:4] == ["rsa", key]
