"""Revocation lists from the store to signed DER, beside ``openssl ca -gencrl``.

    python -m bench.crl [--rounds 5] [--entries 1000000]

Both lists are read back entry by entry. Figures are kept in
``bench/results/crl.json``.
"""

import sqlite3
import statistics
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bench._beside import ROUNDS, Row, alternating, keep, program, row, spent
from bench._boxes import (
    ENTRIES,
    FIRST,
    START,
    measured_box,
    stop_many,
    stop_more,
    stopped,
)
from mynabox.pki.der import read
from mynabox.pki.reading import read_certificate
from mynabox.pki.text import pem
from mynabox.usecases.status import publish_list
from mynabox.wiring import Home

FRESH = (1_000, 10_000)
"""How many certificates stop between one list and the next."""
PEER = "openssl ca -gencrl"


def measure_list(home: Home, rounds: int, entries: int) -> list[Row]:
    """One list of everything, from the store to DER, beside ``openssl ca -gencrl``:
    with nothing new, and after some certificates stopped in every municipality."""
    folder = home.path.parent
    made: list[bytes] = []

    def ours() -> None:
        made[:] = [publish_list("signature-01", home.box).der]

    conf = _openssl_authority(home, entries)
    out = folder / "peer.crl"
    command = ("openssl", "ca", "-gencrl", "-config", str(conf), "-out", str(out))

    def peer() -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    ours()
    peer()
    for encoded in (made[0], _from_pem(out)):
        listed = read(encoded).children()[0].children()[5].children()
        assert len(listed) == entries
        serials = {entry.children()[0].as_integer() for entry in listed}
        assert serials == set(range(FIRST, FIRST + entries))
    mine, theirs = alternating(rounds, ours, peer)
    found = [row(f"CRL of {entries:,} entries", 1, mine, theirs, PEER, ">= 20")]
    for fresh in FRESH:
        mine, theirs = [], []
        for _ in range(rounds):
            _stop_fresh(home, range(entries, entries + fresh))
            entries += fresh
            mine.append(spent(ours))
            theirs.append(spent(peer))
        assert len(x509.load_der_x509_crl(made[0])) == entries
        assert len(x509.load_der_x509_crl(_from_pem(out))) == entries
        what = f"the same, {fresh:,} stopped since the last"
        found.append(row(what, 1, mine, theirs, PEER, "-"))
    return found


def _stop_fresh(home: Home, numbers: range) -> None:
    """More stops, in the box and in the peer's text."""
    with sqlite3.connect(home.path / "box.db") as db:
        ((card, resident),) = db.execute("SELECT serial, resident FROM cards LIMIT 1")
    db.close()
    stop_more(home, card, resident, numbers)
    _index(home, numbers)


def measure_part(home: Home, rounds: int) -> Row:
    """One municipality's list; its peer is 5 ms."""
    code = "011002"
    with sqlite3.connect(home.path / "box.db") as db:
        db.execute(
            "UPDATE certificates SET municipality = ? WHERE municipality = '000500'",
            (code,),
        )
    db.close()
    publish_list("signature-01", home.box, municipality=code)
    mine = [
        spent(lambda: publish_list("signature-01", home.box, municipality=code))
        for _ in range(rounds * 3)
    ]
    seconds = statistics.median(mine)
    listed = publish_list("signature-01", home.box, municipality=code).der
    count = len(x509.load_der_x509_crl(listed))
    return (
        f"CRL of one municipality, {count:,} entries",
        f"{seconds * 1000:.1f} ms",
        "5 ms",
        0.005 / seconds,
        "under 5 ms",
    )


def _openssl_authority(home: Home, entries: int) -> Path:
    """The same entries in OpenSSL's own text database, with a key of the same kind."""
    folder = home.path.parent
    key = generate_private_key(65537, 2048)
    (folder / "ca.key").write_bytes(
        key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
    )
    with home.box.store.look() as work:
        authority = work.statuses.authorities()
        subject = read_certificate(next(iter(authority)).der)
    name = x509.load_der_x509_certificate(subject.encoded).subject
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .sign(key, SHA256())
    )
    (folder / "ca.pem").write_text(
        pem("CERTIFICATE", certificate.public_bytes(Encoding.DER))
    )
    (folder / "number").write_text("01\n")
    _index(home, range(entries))
    conf = folder / "openssl.cnf"
    conf.write_text(
        "[ca]\ndefault_ca = box\n[box]\ndatabase = index.txt\ncrlnumber = number\n"
        "certificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\n"
        "default_crl_days = 1\ncrl_extensions = crl\n[crl]\n"
        "authorityKeyIdentifier = keyid:always\n"
    )
    (folder / "index.txt.attr").write_text("unique_subject = no\n")
    return conf


def _index(home: Home, numbers: range) -> None:
    """The stops of these numbers in OpenSSL's text."""
    with (home.path.parent / "index.txt").open("a") as index:
        for number in numbers:
            at = datetime.fromisoformat(stopped(number)) - timedelta(hours=9)
            index.write(
                f"R\t360401000000Z\t{at:%y%m%d%H%M%S}Z,superseded\t"
                f"{FIRST + number:X}\tunknown\t/CN={number}\n"
            )


def _from_pem(path: Path) -> bytes:
    return x509.load_pem_x509_crl(path.read_bytes()).public_bytes(Encoding.DER)


def run(rounds: int = ROUNDS, entries: int = ENTRIES) -> list[Row]:
    """All measurements, kept as JSON."""
    with measured_box() as home:
        stop_many(home, entries)
        rows = [*measure_list(home, rounds, entries), measure_part(home, rounds)]
    return keep("crl", rows, rounds=rounds, entries=entries)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS, entries=ENTRIES))
