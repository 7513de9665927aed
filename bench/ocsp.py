"""OCSP answers signed one by one, beside bare signatures.

    python -m bench.ocsp [--rounds 5] [--entries 1000000]

Every answer is read back and checked. Figures are kept in ``bench/results/ocsp.json``.
"""

import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
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
from bench._boxes import ENTRIES, FIRST, measured_box, stop_many
from mynabox.pki.ocsp import issuer_hashes
from mynabox.usecases.status import answer_ocsp
from mynabox.wiring import Home

ANSWERS = 300


def measure_ocsp(home: Home, rounds: int, entries: int) -> Row:
    """Answers signed one by one for stopped certificates, beside bare signatures."""
    with home.box.store.look() as work:
        authority = next(
            one for one in work.statuses.authorities() if one.name == "signature-01"
        )
    facts = x509.load_der_x509_certificate(authority.der)
    requests = [_asked(facts, FIRST + number % entries) for number in range(ANSWERS)]
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


def _asked(authority: x509.Certificate, serial: int) -> bytes:
    name, key = issuer_hashes(authority.public_bytes(Encoding.DER), "sha256")
    return (
        ocsp.OCSPRequestBuilder()
        .add_certificate_by_hash(name, key, serial, SHA256())
        .build()
        .public_bytes(Encoding.DER)
    )


def run(rounds: int = ROUNDS, entries: int = ENTRIES) -> list[Row]:
    """All measurements, kept as JSON."""
    with measured_box() as home:
        stop_many(home, entries)
        rows = [measure_ocsp(home, rounds, entries)]
    return keep("ocsp", rows, rounds=rounds, entries=entries)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, rounds=ROUNDS, entries=ENTRIES))
