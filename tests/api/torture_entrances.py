"""Bent requests at every entrance that takes DER from strangers:
``python -m tests.api.torture_entrances COUNT [SEED]``.

The site is called in this process, as its server calls it. Every answer must be one that
the entrance is known to give (never a 5xx), come within ``LONGEST``, and the memory of
the process must not grow with the number of requests.
"""

import asyncio
import json
import sys
import tempfile
import time
from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.verifier import Right
from mynabox.sandbox.scenarios import stage
from mynabox.terminal.jpki import Kind
from mynabox.usecases.register_verifier import RegisterVerifier, register_verifier
from mynabox.usecases.show import show_card
from mynabox.wiring import Home, make_app
from tests.boxes import NOW, box_in
from tests.pki.test_fuzz import draws, mutate
from tests.relying import Holder, plain_pdf

LONGEST = 5.0
"""Seconds that an answer may take, on however busy a machine."""
GROWTH = 24 * 1024
"""KiB by which the process may grow after a tenth of the requests."""
Application = Callable[..., Awaitable[None]]
Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entrance:
    """What is bent, how it is put into a request, and which answers it may get.

    ``whole``    the request's DER, right
    ``method``   and the rest: the line and headers of the request
    ``in_path``  the DER travels in the path, in base64, instead of the body
    ``member``   the DER travels in this member of a JSON object, in base64url, beside
                 ``others``; ``key`` comes along as a bearer token
    """

    whole: bytes
    path: str
    answers: frozenset[int]
    method: str = "POST"
    media_type: str = ""
    in_path: bool = False
    member: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(slots=True)
class Found:
    """What a campaign saw: answers by status, the slowest, the memory."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    slowest: float = 0.0
    grown: int = 0


def entrances(home: Home) -> Mapping[str, Entrance]:
    """The entrances of a box with one card, with specimens that are let in."""
    card = stage("fresh", home.box)
    certificate = show_card(card.serial, home.box).certificates[0]
    with home.box.store.look() as work:
        issuer = next(
            authority.der
            for authority in work.statuses.authorities()
            if authority.name == certificate.issuer
        )
    leaf, ca = map(x509.load_der_x509_certificate, (certificate.der, issuer))
    plain = ocsp.OCSPRequestBuilder().add_certificate(leaf, ca, SHA1()).build()
    nonce = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(leaf, ca, SHA256())
        .add_extension(x509.OCSPNonce(bytes(range(32))), critical=False)
        .build()
    )
    told = frozenset({200})
    return {
        "ocsp": Entrance(
            nonce.public_bytes(Encoding.DER),
            "/ocsp",
            told,
            media_type="application/ocsp-request",
        ),
        "ocsp by path": Entrance(
            plain.public_bytes(Encoding.DER),
            "/ocsp/",
            told | {404, 405},
            method="GET",
            in_path=True,
        ),
        **verifiers_entrances(home, Holder(home, card.serial)),
    }


def verifiers_entrances(home: Home, holder: Holder) -> Mapping[str, Entrance]:
    """What a registered verifier may send: certificates, CMS, PDF."""
    said = RegisterVerifier(
        name="bender",
        purpose="bent requests",
        rights=frozenset(Right),
        per_minute=limits().verifier_calls_most,
    )
    key = register_verifier(said, home.box).key
    told = frozenset({200, 422, 429})

    def entrance(what: str, whole: bytes, member: str, **others: str) -> Entrance:
        return Entrance(
            whole,
            f"/api/v1/relying/{what}",
            told,
            media_type="application/json",
            member=member,
            others=others,
            key=key,
        )

    use = Kind.AUTHENTICATION
    certificate = holder.certificate(use)
    return {
        "certificate": entrance("certificates", certificate, "certificate", use=use),
        "cms": entrance(
            "signatures/cms", holder.sign_cms(b"x"), "signed", document="eA"
        ),
        "pdf": entrance("signatures/pdf", holder.sign_pdf(plain_pdf()), "document"),
    }


async def ask(app: Application, entrance: Entrance, bent: bytes) -> tuple[int, bytes]:
    """Status and body of the answer."""
    path, body = entrance.path.encode(), bent
    if entrance.member:
        octets = urlsafe_b64encode(bent).decode().rstrip("=")
        body = json.dumps({entrance.member: octets, **entrance.others}).encode()
    if entrance.in_path:
        path, body = path + quote_from_bytes(b64encode(bent), safe="").encode(), b""
    headers = [(b"host", b"127.0.0.1:8780")]
    if entrance.key:
        headers.append((b"authorization", f"Bearer {entrance.key}".encode()))
    if entrance.media_type:
        headers.append((b"content-type", entrance.media_type.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": entrance.method,
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8780),
    }
    status, answer = 0, bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            answer.extend(message.get("body", b""))

    await asyncio.wait_for(app(scope, receive, send), LONGEST)
    return status, bytes(answer)


def resident_kib() -> int:
    """Memory of this process that lies in RAM."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("the kernel tells no VmRSS")


async def campaign(
    home: Home, known: Mapping[str, Entrance], count: int, seed: int
) -> Found:
    """``count`` bent requests, the entrances in turn; raises ``AssertionError``."""
    app, found, draw = make_app(home), Found(), draws(seed)
    for name, entrance in known.items():
        status, _ = await ask(app, entrance, entrance.whole)
        assert status == 200, (name, status)
    names, after = list(known), 0
    for turn in range(count):
        if turn == count // 10:
            after = resident_kib()
        name = names[turn % len(names)]
        bent = mutate(known[name].whole, draw)
        started = time.monotonic()
        status, answer = await ask(app, known[name], bent)
        found.slowest = max(found.slowest, time.monotonic() - started)
        assert status in known[name].answers, (name, status, bent.hex(), answer)
        found.answers[name, status] += 1
    found.grown = resident_kib() - after
    assert found.grown < GROWTH, f"grown by {found.grown} KiB"
    return found


def torture(count: int, seed: int = 1) -> Found:
    """A campaign in a box of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="mynabox-entrances-") as folder,
        box_in(Path(folder) / "box", at=NOW) as home,
    ):
        return asyncio.run(campaign(home, entrances(home), count, seed))


if __name__ == "__main__":
    done = torture(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    told = ", ".join(
        f"{name} {status}: {times}"
        for (name, status), times in sorted(done.answers.items())
    )
    sys.stdout.write(
        f"{sum(done.answers.values())} requests, no 5xx; slowest {done.slowest:.2f} s, "
        f"grown by {done.grown} KiB. {told}\n"
    )
