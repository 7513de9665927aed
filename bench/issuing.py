"""Certificates with their rows and journal, beside bare signatures of the same key.

    python -m bench.issuing [--rounds 5]

Every certificate is read back and its signature checked. Figures are kept in
``bench/results/issuing.json``.
"""

import sys

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

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
from bench._boxes import START, measured_box, people
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.journal import Entry
from mynabox.pki.reading import read_certificate
from mynabox.usecases.certify import certify
from mynabox.wiring import Home

CERTIFICATES = 200


def measure_issue(home: Home, rounds: int) -> Row:
    """Certificates with their rows, chip files and a journal row, one transaction
    each, beside bare signatures of the issuing key."""
    spki = (
        generate_private_key(65537, 2048)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    holders = iter(list(people(home, CERTIFICATES * (rounds + 1))))
    issued: list[Certificate] = []

    def ours() -> None:
        for _ in range(CERTIFICATES):
            resident, card = next(holders)
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

    key = key_of(home, "signature-01")
    ours()
    with home.box.store.look() as work:
        for one in issued:
            assert work.certificates.find(one.serial) == one
    facts = read_certificate(issued[0].der)

    def peer() -> None:
        for _ in range(CERTIFICATES):
            bare_signature(key, facts.signed_part)

    mine, theirs = alternating(rounds, ours, peer)
    public = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    assert all(read_certificate(one.der).issued_with(public) for one in issued)
    return row(
        "certificates with rows and journal",
        CERTIFICATES,
        mine,
        theirs,
        "bare RSA-2048 signatures",
        ">= 0.85",
    )


def run(rounds: int = ROUNDS) -> list[Row]:
    """All measurements, kept as JSON."""
    with measured_box() as home:
        rows = [measure_issue(home, rounds)]
    return keep("issuing", rows, rounds=rounds)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS))
