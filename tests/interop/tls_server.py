"""A service on TLS 1.2 that lets in whoever has a good certificate of the authority.

``python tls_server.py OWN.pem CA.pem RESPONDER``; RESPONDER is where the authority's
OCSP is: an ``http`` address, or the folder of a box in this place. Writes its port,
then serves until it is ended. The certificate is judged by OpenSSL as a person would
do it on the command line: signature of the answer, its age, and what it says.
"""

import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

from mynabox.settings import Settings
from mynabox.usecases.status import answer_ocsp
from mynabox.wiring import open_home

Responder = Callable[[bytes], bytes]


def by_http(address: str) -> Responder:
    def ask(request: bytes) -> bytes:
        posted = Request(
            address,
            data=request,
            headers={"Content-Type": "application/ocsp-request"},
        )
        with urlopen(posted, timeout=20) as answer:
            return bytes(answer.read())

    return ask


def by_box(folder: str) -> Responder:
    home = open_home(Settings(home=Path(folder)))
    return lambda request: answer_ocsp(request, home.box).answer.encoded


def judged(certificate: bytes, authority: str, ask: Responder) -> str:
    """What OCSP says of a certificate, as ``openssl ocsp`` puts it."""
    with tempfile.TemporaryDirectory(prefix="mynabox-") as folder:
        place = Path(folder)
        leaf = place / "leaf.pem"
        leaf.write_text(ssl.DER_cert_to_PEM_cert(certificate))
        about = ("-issuer", authority, "-cert", str(leaf))
        subprocess.run(
            ["openssl", "ocsp", *about, "-reqout", str(place / "request")],
            check=True,
            capture_output=True,
        )
        (place / "response").write_bytes(ask((place / "request").read_bytes()))
        said = subprocess.run(
            [
                *("openssl", "ocsp", "-respin", str(place / "response"), *about),
                *("-reqin", str(place / "request"), "-no_nonce"),
                *("-CAfile", authority),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        whole = said.stdout + said.stderr
        if said.returncode != 0 or "Response verify OK" not in whole:
            return "no answer to trust: " + " ".join(whole.split())
        lines = [line.strip() for line in said.stdout.splitlines()]
        state = lines[0].removeprefix(f"{leaf}: ")
        reason = [line for line in lines if line.startswith("Reason:")]
        return " ".join([state, *reason])


def main(own: str, authority: str, responder: str) -> None:
    ask = by_http(responder) if responder.startswith("http") else by_box(responder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(own)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            connection, _ = listener.accept()
            connection.settimeout(20)
            try:
                with context.wrap_socket(connection, server_side=True) as client:
                    certificate = client.getpeercert(binary_form=True)
                    assert certificate is not None
                    state = judged(certificate, authority, ask)
                    word = "welcome" if state == "good" else "go away"
                    client.sendall(f"{word}: {state}\n".encode())
                    client.unwrap()
            except OSError as error:
                sys.stderr.write(f"{type(error).__name__}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
