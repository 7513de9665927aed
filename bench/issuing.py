"""Certificates with their rows and journal, beside bare signatures of the same key.

    python -m bench.issuing [--rounds 5]

Every certificate is read back and its signature checked. Figures are kept in
``bench/results/issuing.json``.
"""

import sys
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    generate_private_key,
)
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
from bench._boxes import START, TOWNS, measured_box, people
from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.lifecycle.journal import Entry
from mynabox.pki.reading import read_certificate
from mynabox.usecases.certify import Order, certify_all, written_items
from mynabox.usecases.produce_card import TOGETHER
from mynabox.wiring import Home

CERTIFICATES = 2000
Kinds = tuple[CertificateKind, ...]


def measure_issue(
    home: Home, rounds: int, *, first: int, together: int, kinds: Kinds, towns: int
) -> Row:
    """Certificates with their rows, their way into the chip and a journal row for each
    card, beside bare signatures of the issuing key.

    ``first``     number of the first person to hold one
    ``together``  cards whose certificates are issued in one transaction
    ``towns``     municipalities of their holders: one, as ``card produce`` makes them,
                  or mixed
    """
    cards = CERTIFICATES // len(kinds)
    spki = (
        generate_private_key(65537, 2048)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    keys = dict.fromkeys(kinds, spki)
    holders = iter(list(people(home, cards * (rounds + 1), first=first, towns=towns)))
    issued: list[Certificate] = []

    def ours() -> None:
        for _ in range(cards // together):
            orders = [
                Order(
                    resident=resident,
                    card=card,
                    keys=keys,
                    items=written_items(resident, {}),
                )
                for resident, card in islice(holders, together)
            ]
            with home.box.store.work() as work:
                done = certify_all(work, home.box, orders, at=START)
                work.journal.write_all(
                    [
                        Entry(
                            municipality=order.card.municipality,
                            at=START,
                            actor="production",
                            action="produce_card",
                            subjects=(
                                order.resident.id,
                                order.card.application,
                                order.card.serial,
                                *(f"cert-{one.serial}" for one in made),
                            ),
                            facts={"expires": order.card.expires.isoformat()},
                        )
                        for order, made in zip(orders, done, strict=True)
                    ]
                )
            issued.extend(one for made in done for one in made)

    ours()
    assert len(issued) == cards * len(kinds)
    parts: list[tuple[RSAPrivateKey, bytes]] = []
    with home.box.store.look() as work:
        for one in issued:
            assert work.certificates.find(one.serial) == one
            key = key_of(home, one.issuer)
            facts = read_certificate(one.der)
            assert facts.issued_with(_public(key))
            parts.append((key, facts.signed_part))

    def peer() -> None:
        for key, signed_part in parts:
            bare_signature(key, signed_part)

    mine, theirs = alternating(rounds, ours, peer)
    every = " and ".join(kind.value for kind in kinds)
    return row(
        f"{every}, {together} cards of {towns} town{'s'[: towns > 1]}",
        len(parts),
        mine,
        theirs,
        "bare RSA-2048 signatures",
        ">= 0.85" if together > 1 else "-",
    )


def _public(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def run(rounds: int = ROUNDS) -> list[Row]:
    """All measurements, kept as JSON."""
    with measured_box() as home:
        rows = [
            measure_issue(
                home, rounds, first=first, together=together, kinds=kinds, towns=towns
            )
            for first, together, kinds, towns in (
                (0, TOGETHER, tuple(CertificateKind), 1),
                (10**6, TOGETHER, tuple(CertificateKind), len(TOWNS)),
                (2 * 10**6, TOGETHER, (CertificateKind.SIGNATURE,), 1),
                (3 * 10**6, 1, tuple(CertificateKind), 1),
            )
        ]
    return keep("issuing", rows, rounds=rounds)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS))
