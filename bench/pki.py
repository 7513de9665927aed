"""The authority beside its peers: OCSP answers, lists, certificates.

    python -m bench.pki [--rounds 5] [--entries 1000000]

Ours and the peer take turns in one run; what is compared are medians per second of
processor time (of children too, for the peer that is a program). Every answer is
read back and checked, not just counted. Figures are kept in
``bench/results/pki.json``.
"""

import argparse
import json
import os
import platform
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509 import ocsp

from mynabox.law.days import JST
from mynabox.lifecycle.application import Application, ApplicationState, Channel
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.resident import ResidenceStatus, Resident, Sex
from mynabox.pki.der import read
from mynabox.pki.reading import read_certificate
from mynabox.pki.text import pem
from mynabox.ports import written
from mynabox.settings import Settings
from mynabox.usecases.certify import certify
from mynabox.usecases.open_box import open_box
from mynabox.usecases.status import answer_ocsp, publish_list
from mynabox.wiring import Home, open_home

RESULTS = Path(__file__).parent / "results" / "pki.json"
ROUNDS, ENTRIES, ANSWERS, CERTIFICATES, TOWN = 5, 1_000_000, 300, 200, "082201"
START = datetime(2026, 11, 20, 10, tzinfo=JST)
Row = tuple[str, str, str, float, str]


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of this process and its children for a piece of work."""
    before = _processor()
    work()
    return _processor() - before


def _processor() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def alternating(
    rounds: int, ours: Callable[[], object], peer: Callable[[], object]
) -> tuple[list[float], list[float]]:
    """Seconds of each round, ours and the peer's taking turns to begin."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for which in order:
            found[which].append(spent((ours, peer)[which]))
    return found


class Bench:
    """A box with a million stopped certificates, and people to issue to."""

    def __init__(self, folder: Path, entries: int) -> None:
        self.folder = folder
        self.entries = entries
        self.home = open_home(Settings(home=folder / "box"), create=True)
        self.home.clock.set(START)
        open_box(self.home.box)
        self.people = list(self._people(CERTIFICATES * (ROUNDS + 2) + 1))
        self._stop_many()

    def _people(self, count: int) -> Iterator[tuple[Resident, Card]]:
        """Specimen people who hold a card without certificates."""
        with self.home.box.store.work() as work:
            for number in range(count):
                resident = Resident(
                    id=f"res-{number:07d}",
                    record_code=f"{number:011d}",
                    municipality=TOWN,
                    name="見本　太郎",
                    kana=None,
                    roman=None,
                    alias=None,
                    born=date(1990, 3, 31),
                    sex=Sex.MALE,
                    address="茨城県つくば市箱の内一丁目１番地１",
                    nationality="JPN",
                    residence_status=ResidenceStatus.JAPANESE,
                    stay_until=None,
                    registered=START.date(),
                )
                application = Application(
                    id=f"app-{number:07d}",
                    resident=resident.id,
                    municipality=TOWN,
                    application_id=f"{number:023d}",
                    channel=Channel.COUNTER,
                    email="",
                    link_hash="",
                    opened=START,
                    received=START,
                    state=ApplicationState.PRODUCED,
                )
                card = Card(
                    serial=f"{number:016d}",
                    resident=resident.id,
                    municipality=TOWN,
                    application=application.id,
                    security_code="0000",
                    issued=START.date(),
                    expires=date(2036, 3, 31),
                    since=START,
                    state=CardState.ACTIVE,
                )
                work.residents.add(resident)
                work.applications.add(application)
                work.cards.add(card)
                yield resident, card

    def _stop_many(self) -> None:
        """Revoked certificates straight into the table: their content is not read."""
        resident, card = self.people.pop()
        reasons = ("superseded", "affiliationChanged", "cessationOfOperation")
        made = written(START)
        with sqlite3.connect(self.home.path / "box.db") as db:
            db.execute("PRAGMA synchronous = OFF")
            db.executemany(
                "INSERT INTO certificates (serial, kind, issuer, card, nth, resident,"
                " municipality, not_before, not_after, der, state, stopped, reason,"
                " recorded) VALUES (?, 'signature', 'signature-01', ?, ?, ?, ?, ?, ?,"
                " x'', 'revoked', ?, ?, ?)",
                (
                    (
                        *(10**9 + number, card.serial, number, resident.id),
                        *(f"{number % 1741:06d}", made, made),
                        *(_stopped(number), reasons[number % 3], _stopped(number)),
                    )
                    for number in range(self.entries)
                ),
            )
        db.close()
        with self.home.box.store.work() as work:
            work.certificates.skip_to(10**10)

    def close(self) -> None:
        self.home.close()


def _stopped(number: int) -> str:
    return written(START - timedelta(seconds=20 + 7 * number % 150_000_000))


def raw_sign(key: RSAPrivateKey, data: bytes) -> bytes:
    """The floor under everything signed: PKCS #1 v1.5 over SHA-256."""
    return key.sign(data, padding.PKCS1v15(), SHA256())


def _loaded(home: Home, label: str) -> RSAPrivateKey:
    """The very key that the box signs with."""
    home.box.signer.sign(label, b"")
    found = home.keys._private[label]
    assert isinstance(found, RSAPrivateKey)
    return found


def measure_ocsp(bench: Bench, rounds: int) -> Row:
    """Answers signed one by one for stopped certificates, beside bare signatures."""
    home = bench.home
    with home.box.store.look() as work:
        authority = next(
            one for one in work.statuses.authorities() if one.name == "signature-01"
        )
    facts = x509.load_der_x509_certificate(authority.der)
    requests = [
        _asked(facts, 10**9 + number % bench.entries) for number in range(ANSWERS)
    ]
    answers: list[bytes] = []

    def ours() -> None:
        answers[:] = [answer_ocsp(one, home.box).answer.encoded for one in requests]

    ours()
    for encoded in answers:
        read_back = ocsp.load_der_ocsp_response(encoded)
        assert read_back.certificate_status is ocsp.OCSPCertStatus.REVOKED
        signer = read_back.certificates[0].public_key()
        assert isinstance(signer, RSAPublicKey)
        signer.verify(
            read_back.signature,
            read_back.tbs_response_bytes,
            padding.PKCS1v15(),
            SHA256(),
        )
    with home.box.store.look() as work:
        (responder,) = work.statuses.responders("signature-01")
    key = _loaded(home, responder.key)
    data = ocsp.load_der_ocsp_response(answers[0]).tbs_response_bytes

    def peer() -> None:
        for _ in requests:
            raw_sign(key, data)

    mine, theirs = alternating(rounds, ours, peer)
    return _row(
        "OCSP answers signed on the fly",
        ANSWERS,
        mine,
        theirs,
        "bare RSA-2048 signatures",
        ">= 0.80",
    )


def _asked(authority: x509.Certificate, serial: int) -> bytes:
    from mynabox.pki.ocsp import issuer_hashes

    name, key = issuer_hashes(authority.public_bytes(Encoding.DER), "sha256")
    return (
        ocsp.OCSPRequestBuilder()
        .add_certificate_by_hash(name, key, serial, SHA256())
        .build()
        .public_bytes(Encoding.DER)
    )


def measure_list(bench: Bench, rounds: int) -> Row:
    """One list of everything, from the store to DER, beside ``openssl ca -gencrl``."""
    home, folder = bench.home, bench.folder
    made: list[bytes] = []

    def ours() -> None:
        made[:] = [publish_list("signature-01", home.box).der]

    conf = _openssl_authority(bench)
    out = folder / "peer.crl"
    command = ("openssl", "ca", "-gencrl", "-config", str(conf), "-out", str(out))

    def peer() -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    ours()
    peer()
    for encoded in (made[0], _from_pem(out)):
        entries = read(encoded).children()[0].children()[5].children()
        assert len(entries) == bench.entries
        serials = {entry.children()[0].as_integer() for entry in entries}
        assert serials == set(range(10**9, 10**9 + bench.entries))
    mine, theirs = alternating(rounds, ours, peer)
    return _row(
        f"CRL of {bench.entries:,} entries",
        1,
        mine,
        theirs,
        "openssl ca -gencrl",
        ">= 20",
    )


def measure_part(bench: Bench, rounds: int) -> Row:
    """One municipality's list; its peer is 5 ms."""
    home = bench.home
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


def _openssl_authority(bench: Bench) -> Path:
    """The same entries in OpenSSL's own text database, with a key of the same kind."""
    folder = bench.folder
    key = generate_private_key(65537, 2048)
    (folder / "ca.key").write_bytes(
        key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
    )
    with bench.home.box.store.look() as work:
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
    with (folder / "index.txt").open("w") as index:
        for number in range(bench.entries):
            stopped = datetime.fromisoformat(_stopped(number)) - timedelta(hours=9)
            index.write(
                f"R\t360401000000Z\t{stopped:%y%m%d%H%M%S}Z,superseded\t"
                f"{10**9 + number:X}\tunknown\t/CN={number}\n"
            )
    conf = folder / "openssl.cnf"
    conf.write_text(
        "[ca]\ndefault_ca = box\n[box]\ndatabase = index.txt\ncrlnumber = number\n"
        "certificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\n"
        "default_crl_days = 1\ncrl_extensions = crl\n[crl]\n"
        "authorityKeyIdentifier = keyid:always\n"
    )
    (folder / "index.txt.attr").write_text("unique_subject = no\n")
    return conf


def _from_pem(path: Path) -> bytes:
    return x509.load_pem_x509_crl(path.read_bytes()).public_bytes(Encoding.DER)


def measure_issue(bench: Bench, rounds: int) -> Row:
    """Certificates with their rows, chip files and a journal row, one transaction
    each, beside bare signatures of the issuing key."""
    home = bench.home
    spki = (
        generate_private_key(65537, 2048)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    people = iter(bench.people)
    issued: list[Certificate] = []

    def ours() -> None:
        for _ in range(CERTIFICATES):
            resident, card = next(people)
            with home.box.store.work() as work:
                (one,) = certify(
                    work,
                    home.box,
                    resident=resident,
                    card=card,
                    keys={CertificateKind.SIGNATURE: spki},
                    at=START,
                )
                work.journal.write(
                    Entry(
                        municipality=card.municipality,
                        at=START,
                        actor="bench",
                        action="certify",
                        subjects=(resident.id, card.serial, f"cert-{one.serial}"),
                        facts={},
                    )
                )
            issued.append(one)

    key = _loaded(home, "signature-01")
    ours()
    with home.box.store.look() as work:
        for one in issued:
            assert work.certificates.find(one.serial) == one
    facts = read_certificate(issued[0].der)

    def peer() -> None:
        for _ in range(CERTIFICATES):
            raw_sign(key, facts.signed_part)

    mine, theirs = alternating(rounds, ours, peer)
    public = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    assert all(read_certificate(one.der).issued_with(public) for one in issued)
    return _row(
        "certificates with rows and journal",
        CERTIFICATES,
        mine,
        theirs,
        "bare RSA-2048 signatures",
        ">= 0.85",
    )


def _row(
    what: str,
    count: int,
    mine: list[float],
    theirs: list[float],
    peer: str,
    target: str,
) -> Row:
    ours, other = statistics.median(mine), statistics.median(theirs)
    return (
        what,
        f"{count / ours:,.1f}/CPU-s",
        f"{peer} {count / other:,.1f}/CPU-s",
        other / ours,
        target,
    )


def run(rounds: int = ROUNDS, entries: int = ENTRIES) -> list[Row]:
    """All measurements, kept as JSON."""
    with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as folder:
        bench = Bench(Path(folder), entries)
        try:
            rows = [
                measure(bench, rounds)
                for measure in (
                    measure_ocsp,
                    measure_issue,
                    measure_list,
                    measure_part,
                )
            ]
        finally:
            bench.close()
    figures: dict[str, Any] = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "openssl": subprocess.run(
            ["openssl", "version"], capture_output=True, text=True, check=True
        ).stdout.strip(),
        "rounds": rounds,
        "entries": entries,
        "figures": [
            dict(zip(("what", "ours", "peer", "ratio", "target"), row, strict=True))
            for row in rows
        ],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return rows


def main() -> int:
    """As a program of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    asked = parser.parse_args()
    for what, ours, peer, ratio, target in run(asked.rounds, asked.entries):
        print(f"{what:44} {ours:>16} {peer:>44} {ratio:>8.2f}   {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
