"""A verifier, and a holder with the virtual card, as tests play them."""

import io
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import x509
from fastapi.testclient import TestClient
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from mynabox.pki.cms import cms_sign
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.log_in import to_sign
from mynabox.usecases.show import list_authorities
from mynabox.wiring import Home
from tests.site import API

ORIGIN = "https://bank.example"
EVERY_RIGHT = ["signature", "authentication", "linking", "attributes"]


def text(octets: bytes) -> str:
    """Octets as they travel."""
    return urlsafe_b64encode(octets).decode().rstrip("=")


@dataclass(frozen=True)
class Holder:
    """Somebody with their card in a reader of their own."""

    home: Home
    serial: str

    @contextmanager
    def card(self, kind: Kind) -> Iterator[JpkiSession]:
        with closing(self.home.cards.connect(self.serial)) as connection:
            session = JpkiSession(connection)
            session.verify(kind, SPECIMEN_PINS[kind.value].characters, last_try=True)
            yield session

    def certificate(self, kind: Kind) -> bytes:
        with self.card(kind) as session:
            return session.certificate(kind)

    def sign(self, kind: Kind, data: bytes) -> bytes:
        with self.card(kind) as session:
            return session.sign(kind, data)

    def sign_cms(self, document: bytes, *, at: datetime | None = None) -> bytes:
        with self.card(Kind.SIGNATURE) as session:
            return cms_sign(
                document,
                certificate=session.certificate(Kind.SIGNATURE),
                chain=[],
                sign=lambda data: session.sign(Kind.SIGNATURE, data),
                signed_at=at,
            )

    def sign_pdf(self, document: bytes) -> bytes:
        """As pyHanko signs with any key that stays elsewhere."""
        with self.card(Kind.SIGNATURE) as session:
            signer = _CardSigner(session, _roots(self.home))
            target = io.BytesIO()
            signers.sign_pdf(
                IncrementalPdfFileWriter(io.BytesIO(document)),
                signers.PdfSignatureMetadata(
                    field_name="Holder",
                    md_algorithm="sha256",
                    subfilter=fields.SigSeedSubFilter.PADES,
                ),
                signer=signer,
                output=target,
            )
            return target.getvalue()


class _CardSigner(signers.Signer):  # type: ignore[misc]
    """pyHanko's idea of a key, answered by the virtual card."""

    def __init__(self, session: JpkiSession, roots: list[bytes]) -> None:
        store = SimpleCertificateStore()
        store.register_multiple([x509.Certificate.load(root) for root in roots])
        super().__init__(
            signing_cert=x509.Certificate.load(session.certificate(Kind.SIGNATURE)),
            cert_registry=store,
            embed_roots=False,
        )
        self._session = session

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        assert digest_algorithm == "sha256"
        return b"\0" * 256 if dry_run else self._session.sign(Kind.SIGNATURE, data)


def _roots(home: Home) -> list[bytes]:
    return [one.der for one in list_authorities(home.box)]


def plain_pdf(colour: str = "0 0 1") -> bytes:
    """A page with a square on it."""
    writer = PdfFileWriter(stream_xrefs=False)
    drawing = StreamObject(stream_data=f"q {colour} rg 50 50 100 100 re f Q".encode())
    writer.insert_page(
        PageObject(contents=writer.add_object(drawing), media_box=(0, 0, 200, 200))
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@dataclass(frozen=True)
class Bank:
    """A registered verifier."""

    client: TestClient
    key: str = field(repr=False)
    name: str = "bank"

    def ask(self, path: str, **body: Any) -> Any:
        return self.client.post(
            f"{API}/relying/{path}",
            json=body,
            headers={"authorization": f"Bearer {self.key}"},
        )

    def log_in(self, holder: Holder, *, at: str = ORIGIN, says: str = ORIGIN) -> Any:
        """The whole log-in: ``at`` is where the holder sees themselves."""
        asked = self.ask("challenges", origin=says).json()
        challenge = urlsafe_b64decode(asked["challenge"] + "==")
        return self.ask(
            "log-ins",
            challenge=asked["challenge"],
            origin=says,
            certificate=text(holder.certificate(Kind.AUTHENTICATION)),
            signature=text(
                holder.sign(Kind.AUTHENTICATION, to_sign(at, challenge[:32]))
            ),
        )

    def check(self, certificate: bytes, use: Kind, **how: Any) -> Any:
        return self.ask(
            "certificates", certificate=text(certificate), use=use.value, **how
        ).json()


def registered(
    client: TestClient, name: str = "bank", rights: list[str] | None = None, **more: Any
) -> Bank:
    """A verifier that an operator has registered over HTTP."""
    said = {
        "name": name,
        "purpose": "opening accounts",
        "origins": [ORIGIN],
        "rights": EVERY_RIGHT if rights is None else rights,
        **more,
    }
    answer = client.post(f"{API}/verifiers", json=said)
    assert answer.status_code == 201, answer.text
    return Bank(client, answer.json()["key"], name)


def resident_token(client: TestClient, holder: Holder) -> str:
    """The token of a session that the holder opened with the card."""
    asked = client.post(f"{API}/resident-session/challenge").json()
    challenge = urlsafe_b64decode(asked["challenge"] + "==")[:32]
    answer = client.post(
        f"{API}/resident-session",
        json={
            "challenge": asked["challenge"],
            "certificate": text(holder.certificate(Kind.AUTHENTICATION)),
            "signature": text(
                holder.sign(Kind.AUTHENTICATION, asked["prefix"].encode() + challenge)
            ),
        },
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])
