"""OCSP beside its peers: answers signed one by one, and answers served by the thousand.

    python -m bench.ocsp [--rounds 5] [--entries 1000000]

Signing: beside bare signatures of the same key. Serving: ``mynabox ocsp serve`` with a
million certificates, of which one in fifty is revoked and more are as it goes, beside
``openssl ocsp`` with the same certificates and key, and nginx with a file of the same
size; in a network of their own. Every answer is read and checked. Figures are kept in
``bench/results/ocsp.json``.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509 import ocsp

from bench._beside import (
    ROUNDS,
    Row,
    alternating,
    bare_signature,
    keep,
    key_of,
    program,
    row,
)
from bench._boxes import ENTRIES, FIRST
from mynabox.pki.ocsp import issuer_hashes
from mynabox.pki.ocsp_request import parse_request
from mynabox.pki.text import pem
from mynabox.ports import written
from mynabox.settings import Settings
from mynabox.usecases.open_box import open_box
from mynabox.usecases.status import answer_ocsp
from mynabox.usecases.status_desk import StatusDesk
from mynabox.wiring import Home, open_home

ROOT = Path(__file__).parents[1]
ANSWERS, ASKED, FEW, ONE_IN = 300, 2000, 1000, 50
ISSUER = "signature-01"


def run(rounds: int = ROUNDS, entries: int = ENTRIES) -> list[Row]:
    """All measurements, kept as JSON."""
    with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as place:
        folder = Path(place)
        home = box_in(folder / "box", entries)
        try:
            rows = [measure_signing(home, rounds)]
            write_questions(home, folder, entries)
            write_peers(home, folder, entries)
        finally:
            home.close()
        (folder / "few").mkdir()
        few = box_in(folder / "few" / "box", FEW)
        try:
            write_questions(few, folder / "few", FEW)
        finally:
            few.close()
        served, raw = measure_serving(folder, rounds, entries)
    return keep("ocsp", rows + served, rounds=rounds, entries=entries, raw=raw)


def box_in(folder: Path, entries: int) -> Home:
    """A box with so many certificates straight in the table, of which one in fifty is
    revoked. Their contents are not read."""
    home = open_home(Settings(home=folder), create=True)
    open_box(home.box)
    issued = written(home.clock.now() - timedelta(days=30))
    ends = written(home.clock.now() + timedelta(days=1000))
    with sqlite3.connect(home.path / "box.db") as db:
        db.execute("PRAGMA synchronous = OFF")
        db.executemany(
            "INSERT INTO certificates (serial, kind, issuer, card, nth, resident,"
            " municipality, not_before, not_after, der, state, stopped, reason,"
            " recorded) VALUES (?, 'signature', 'signature-01', ?, 1, 'res-1', ?, ?, ?,"
            " zeroblob(1104), ?, ?, ?, ?)",
            (
                (
                    *(FIRST + number, f"{number:016d}", f"{number % 1741:06d}"),
                    *(issued, ends),
                    *(
                        ("active", None, None, None)
                        if number % ONE_IN
                        else ("revoked", issued, "superseded", issued)
                    ),
                )
                for number in range(entries)
            ),
        )
    db.close()
    with home.box.store.work() as work:
        work.certificates.skip_to(10 * FIRST)
    return home


def numbers_asked(entries: int) -> list[int]:
    """Certificates that are asked for, spread over all; one in fifty is revoked, as
    among all."""
    step = max(1, entries // ASKED // ONE_IN * ONE_IN + 1)
    return [number * step % entries for number in range(min(ASKED, entries))]


def request_about(authority: bytes, serial: int, *, nonce: bytes = b"") -> bytes:
    name, key = issuer_hashes(authority, "sha256")
    made = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        name, key, serial, SHA256()
    )
    if nonce:
        made = made.add_extension(x509.OCSPNonce(nonce), critical=False)
    return made.build().public_bytes(Encoding.DER)


def authority_of(home: Home) -> bytes:
    with home.box.store.look() as work:
        return next(
            one.der for one in work.statuses.authorities() if one.name == ISSUER
        )


def measure_signing(home: Home, rounds: int) -> Row:
    """Answers with nonces, each read, looked up, put together and signed for itself,
    beside bare signatures."""
    authority = authority_of(home)
    requests = [
        request_about(
            authority, FIRST + number * ONE_IN, nonce=number.to_bytes(16, "big")
        )
        for number in range(ANSWERS)
    ]
    answers: list[bytes] = []
    with home.store.watch() as watch:
        desk = StatusDesk(home.box, watch)

        def ours() -> None:
            answers.clear()
            for request in requests:
                desk.look_up()
                given = desk.answer(parse_request(request)).given
                answers.append(given.answer.encoded)

        ours()
        for number, encoded in enumerate(answers):
            _check(encoded, FIRST + number * ONE_IN, number.to_bytes(16, "big"))
        with home.box.store.look() as work:
            (responder,) = work.statuses.responders(ISSUER)
        key = key_of(home, responder.key)
        data = ocsp.load_der_ocsp_response(answers[0]).tbs_response_bytes

        def peer() -> None:
            for _ in requests:
                bare_signature(key, data)

        mine, theirs = alternating(rounds, ours, peer)
    return row(
        "OCSP answers signed on the fly",
        ANSWERS,
        mine,
        theirs,
        "bare RSA-2048 signatures",
        ">= 0.80",
    )


def _check(encoded: bytes, serial: int, nonce: bytes) -> None:
    read_back = ocsp.load_der_ocsp_response(encoded)
    assert read_back.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert read_back.serial_number == serial
    found = read_back.extensions.get_extension_for_class(x509.OCSPNonce)
    assert found.value.nonce == nonce
    signer = read_back.certificates[0].public_key()
    assert isinstance(signer, RSAPublicKey)
    signer.verify(
        read_back.signature,
        read_back.tbs_response_bytes,
        padding.PKCS1v15(),
        SHA256(),
    )


def write_questions(home: Home, folder: Path, entries: int) -> None:
    """Requests, and the table in which stops are noted."""
    authority = authority_of(home)
    (folder / "ca.der").write_bytes(authority)
    asked = [FIRST + number for number in numbers_asked(entries)]
    (folder / "requests").write_text(
        "".join(f"{one} {request_about(authority, one).hex()}\n" for one in asked)
    )
    (folder / "stops").write_bytes(bytes((one - FIRST) % ONE_IN == 0 for one in asked))


def write_peers(home: Home, folder: Path, entries: int) -> None:
    """The same certificates for ``openssl ocsp``, with the same key; nginx's file."""
    authority = authority_of(home)
    answer = answer_ocsp(request_about(authority, FIRST), home.box).answer.encoded
    with home.box.store.look() as work:
        (responder,) = work.statuses.responders(ISSUER)
    (folder / "ca.pem").write_text(pem("CERTIFICATE", authority))
    (folder / "responder.pem").write_text(pem("CERTIFICATE", responder.der))
    (folder / "responder.key").write_bytes(
        key_of(home, responder.key).private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
    )
    (folder / "index.txt").write_text("".join(_index(home, entries)))
    (folder / "index.txt.attr").write_text("unique_subject = no\n")
    (folder / "www").mkdir()
    (folder / "www" / "answer.der").write_bytes(answer)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder))
    (folder / "nginx").symlink_to(nginx())


def _index(home: Home, entries: int) -> Iterator[str]:
    now = home.clock.now().astimezone(UTC)
    ends = f"{now + timedelta(days=1000):%y%m%d%H%M%S}Z"
    stopped = f"{now - timedelta(days=30):%y%m%d%H%M%S}Z,superseded"
    for number in range(entries):
        serial = f"{FIRST + number:X}"
        serial = serial if len(serial) % 2 == 0 else f"0{serial}"
        if number % ONE_IN:
            yield f"V\t{ends}\t\t{serial}\tunknown\t/CN={number}\n"
        else:
            yield f"R\t{ends}\t{stopped}\t{serial}\tunknown\t/CN={number}\n"


_NGINX = """\
worker_processes 1;
daemon off;
user root;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  default_type application/ocsp-response;
  client_body_temp_path {folder}/t1;
  proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4;
  scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:8783; root {folder}/www; }}
}}
"""


def nginx() -> Path:
    """Where it lies: installed, or unpacked by tools/debian-packages."""
    unpacked = ROOT / ".tools" / "nginx" / "usr" / "sbin" / "nginx"
    found = unpacked if unpacked.exists() else shutil.which("nginx", path=_SYSTEM)
    assert found, "nginx is not on this machine: make bench (as root) fetches it"
    return Path(found)


_SYSTEM = f"/usr/sbin:/sbin:{os.environ.get('PATH', '')}"


def measure_serving(
    folder: Path, rounds: int, entries: int
) -> tuple[list[Row], dict[str, object]]:
    """Rows of what :mod:`bench._serving` finds, and its medians round by round."""
    if os.getuid() != 0:
        print("NOT MEASURED here: answers served (a network of their own needs root)")
        return [], {}
    done = subprocess.run(
        [
            "unshare",
            "--net",
            sys.executable,
            "-m",
            "bench._serving",
            folder,
            str(rounds),
        ],
        check=True,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    found = json.loads(done.stdout)
    rows = [
        _served("without keep-alive", found["ours"], "openssl ocsp", found["openssl"], ">= 6"),
        _served("with keep-alive", found["ours keeping"], "openssl ocsp", found["openssl"], ">= 10"),
        _served("with keep-alive", found["ours keeping"], "nginx, a file", found["nginx"], ">= 0.80"),
    ]  # fmt: skip
    half, most = found["refused"]
    rows.append(
        (
            "OCSP: a hold's return to *revoked*, p99",
            f"{most:.2f} ms",
            f"50 ms (half of them {half:.2f})",
            50 / most,
            "under 50 ms",
        )
    )
    for name, count in (("few", FEW), ("many", entries)):
        seconds, spent, first, later = found[name]
        rows.append(
            (
                f"OCSP: start among {count:,} certificates",
                f"{seconds:.2f} s",
                f"1 s ({spent:.2f} CPU-s, {first:.0f} MiB, {later:.0f} later)",
                1 / seconds,
                "under 1 s",
            )
        )
    return rows, found["rounds"]


def _served(how: str, mine: float, peer: str, theirs: float, target: str) -> Row:
    return (
        f"OCSP answers {how}",
        f"{mine:,.0f}/CPU-s",
        f"{peer} {theirs:,.0f}/CPU-s",
        mine / theirs,
        target,
    )


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS, entries=ENTRIES))
