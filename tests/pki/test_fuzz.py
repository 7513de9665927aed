"""Mutated bytes into every parser of the house: refusals, never exceptions.

The tests run a short campaign; ``python tests/pki/test_fuzz.py 1000000`` a long one.
"""

import base64
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from mynabox.law.municipality import municipality
from mynabox.lifecycle.certificate import CertificateKind, StopReason
from mynabox.pki import der
from mynabox.pki.algorithms import Sign
from mynabox.pki.certificate import Authority, ca_certificate, signature_certificate
from mynabox.pki.cms import NotSigned, cms_sign, cms_verify
from mynabox.pki.crl import Revocation, revocation_list
from mynabox.pki.evidence import CrlEvidence, OcspEvidence
from mynabox.pki.holder import BirthDate, Holder
from mynabox.pki.ocsp import Good, Responder, issuer_hashes, respond
from mynabox.pki.ocsp_request import request_of_path
from mynabox.pki.profile import specimen
from mynabox.pki.reading import NotACertificate, read_certificate
from mynabox.pki.verify import Anchor, verify

NOW = datetime(2026, 3, 1, 6, 7, 8, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


def draws(seed: int) -> Iterator[int]:
    """An endless, repeatable stream of 32-bit numbers."""
    for block in count():
        octets = hashlib.shake_256(f"{seed} {block}".encode()).digest(4096)
        for at in range(0, 4096, 4):
            yield int.from_bytes(octets[at : at + 4], "big")


def mutate(whole: bytes, draw: Iterator[int]) -> bytes:
    """One to three changes: an octet, a cut, a doubled or dropped stretch."""
    octets = bytearray(whole)
    for _ in range(1 + next(draw) % 3):
        if not octets:
            break
        at, size = next(draw) % len(octets), 1 + next(draw) % 16
        match next(draw) % 6:
            case 0 | 1:
                octets[at] = next(draw) % 256
            case 2:
                octets[at] = (0x00, 0x7F, 0x80, 0xFF, 0x30, 0xA0)[next(draw) % 6]
            case 3:
                del octets[at : at + size]
            case 4:
                octets[at:at] = octets[at : at + size]
            case _:
                del octets[at:]
    return bytes(octets)


class Campaign:
    """The specimens, and one function per parser that must survive them."""

    def __init__(self) -> None:
        public, self.sign = key("signature-ca")
        ca = ca_certificate(
            specimen(), CertificateKind.SIGNATURE, public_key=public, sign=self.sign,
            serial=1, issued=NOW - timedelta(days=30),
        )  # fmt: skip
        authority = Authority(
            kind=CertificateKind.SIGNATURE, certificate=ca, sign=self.sign
        )
        self.anchors = (Anchor(CertificateKind.SIGNATURE, ca),)
        self.leaf = signature_certificate(
            specimen(),
            authority,
            public_key=key("holder-signature")[0],
            serial=77,
            issued=NOW - timedelta(days=3),
            last_day=(NOW + timedelta(days=900)).date(),
            common_name="20260226000000000011322100AB",
            municipality=municipality("132217"),
            holder=Holder(
                name="見本　花子",
                born=BirthDate(1990, 5, 1),
                sex="2",
                address="東京都清瀬市観布子南１－１",
            ),
        )
        self.responder = Responder(
            issuer="signature", authority=ca, certificate=ca, sign=self.sign
        )
        name, issuer_key = issuer_hashes(ca, "sha256")
        one = der.sequence(
            der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null()),
            der.octet_string(name),
            der.octet_string(issuer_key),
            der.integer(77),
        )
        nonce = der.sequence(
            der.oid("1.3.6.1.5.5.7.48.1.2"),
            der.octet_string(der.octet_string(bytes(range(32)))),
        )
        request = der.sequence(
            der.sequence(
                der.sequence(der.sequence(one)), der.explicit(2, der.sequence(nonce))
            )
        )
        stops = [Revocation(n, NOW, StopReason.SUPERSEDED) for n in (5, 78, 1000)]
        listed = revocation_list(
            authority, stops, number=1, this_update=NOW,
            next_update=NOW + timedelta(days=1), profile=specimen(),
            partition=municipality("132217"),
        )  # fmt: skip
        signed = cms_sign(
            b"document", certificate=self.leaf, chain=[ca],
            sign=key("holder-signature")[1], signed_at=NOW, detached=False,
        )  # fmt: skip
        self.parsers: Mapping[str, tuple[bytes, Callable[[bytes], bool]]] = {
            "ocsp request": (request, self.request),
            "ocsp path": (base64.b64encode(request), self.path),
            "ocsp response": (self.answer(request), self.response),
            "crl": (listed, self.crl),
            "certificate": (self.leaf, self.certificate),
            "cms": (signed, self.cms),
        }

    def answer(self, request: bytes) -> bytes:
        return respond(
            request,
            find=lambda issuer, serial: Good(),
            responders=(self.responder,),
            produced_at=NOW,
            this_update=NOW,
            next_update=NOW + timedelta(minutes=15),
        )

    def request(self, octets: bytes) -> bool:
        return self.answer(octets)[:2] != b"\x30\x03"

    def path(self, octets: bytes) -> bool:
        try:
            return self.request(request_of_path(octets.decode("latin-1")))
        except der.MalformedDer:
            return False

    def response(self, octets: bytes) -> bool:
        return self._verify(self.leaf, OcspEvidence(response=octets))

    def crl(self, octets: bytes) -> bool:
        return self._verify(self.leaf, CrlEvidence(encoded=octets))

    def certificate(self, octets: bytes) -> bool:
        return self._verify(octets, CrlEvidence(encoded=self.parsers["crl"][0]))

    def _verify(self, leaf: bytes, one: OcspEvidence | CrlEvidence) -> bool:
        return verify(
            leaf,
            anchors=self.anchors,
            kind=CertificateKind.SIGNATURE,
            at=NOW,
            evidence=(one,),
        ).good

    def cms(self, octets: bytes) -> bool:
        try:
            return bool(cms_verify(octets))
        except NotSigned:
            return False

    def run(self, parser: str, rounds: int, seed: int) -> int:
        """Feed a parser *rounds* mutations; how many were still accepted."""
        whole, survive = self.parsers[parser]
        draw = draws(seed)
        return sum(survive(mutate(whole, draw)) for _ in range(rounds))


def key(name: str) -> tuple[bytes, Sign]:
    private = load_pem_private_key((DATA / f"{name}.key").read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    public = private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return public, lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA256())


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return Campaign()


PARSERS = ("ocsp request", "ocsp path", "ocsp response", "crl", "certificate", "cms")


@pytest.mark.parametrize("parser", PARSERS)
def test_specimens_are_accepted_whole(parser: str, campaign: Campaign) -> None:
    whole, accepted = campaign.parsers[parser]
    assert accepted(whole)


@pytest.mark.parametrize("parser", PARSERS)
def test_mutations_never_raise(parser: str, campaign: Campaign) -> None:
    accepted = campaign.run(parser, 1_500, seed=1)
    if parser in ("crl", "certificate"):
        assert accepted < 100
    assert accepted < 1_500


def test_what_the_parser_warns_of_is_refused(campaign: Campaign) -> None:
    """a name in an extension with a country of more than two letters: with warnings as
    errors it came through as an exception"""
    unit, country = bytes.fromhex("060355040b"), bytes.fromhex("0603550406")
    bent = campaign.leaf.replace(unit, country)
    assert bent != campaign.leaf
    with pytest.raises(NotACertificate):
        read_certificate(bent)


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    for name in PARSERS:
        accepted = Campaign().run(name, rounds, seed)
        sys.stdout.write(f"{name}: {rounds} mutations, {accepted} accepted\n")
