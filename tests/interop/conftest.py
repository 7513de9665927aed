"""A personalised card in the box's own reader, for unmodified outside programs."""

import base64
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mynabox.adapters.cards import CardFiles
from mynabox.adapters.randomness import SystemRandom
from mynabox.card import make_rsa_key
from mynabox.law.municipality import municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.certificate import (
    Authority,
    authentication_certificate,
    ca_certificate,
    signature_certificate,
)
from mynabox.pki.holder import BirthDate, Holder
from mynabox.pki.names import JST
from mynabox.pki.profile import specimen
from mynabox.terminal.card_record import CardRecord
from mynabox.terminal.input_support import Attributes, attributes_file, number_file
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
from tests.interop.readers import BOX, Reader, program, serving

SERIAL = "9000330000000025"
FILES_KEY = bytes(range(32))
ISSUER_KEY = bytes(range(32, 64))
ISSUED = datetime(2025, 10, 27, 10, 30, 15, tzinfo=JST)
LAST_DAY = date(2030, 2, 17)
PINS = {
    CardSecret.AUTHENTICATION: "1234",
    CardSecret.SIGNATURE: "ABC123",
    CardSecret.JUKI: "5678",
    CardSecret.INPUT_SUPPORT: "2468",
    CardSecret.NUMBER_A: "123456789018",
    CardSecret.NUMBER_B: "55021720302285",
}
TRIES = {
    "authentication": 3,
    "signature": 5,
    "juki": 3,
    "input_support": 3,
    "number_a": 10,
    "number_b": 10,
}


@dataclass(frozen=True)
class Issued:
    """The files of a personalised card, and what was written into it."""

    home: Path
    certificates: dict[str, bytes]


def _authority(kind: CertificateKind, serial: int) -> Authority:
    key = make_rsa_key()

    def sign(data: bytes) -> bytes:
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    public = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    encoded = ca_certificate(
        specimen(), kind, public_key=public, sign=sign, serial=serial, issued=ISSUED
    )
    return Authority(kind=kind, certificate=encoded, sign=sign)


def _personalise(session: IssuerSession) -> dict[str, bytes]:
    """What a counter writes into a blank card; the certificates, by name."""
    jpki = CardApplication.JPKI
    town = municipality("132217")
    signature_ca = _authority(CertificateKind.SIGNATURE, 11)
    authentication_ca = _authority(CertificateKind.AUTHENTICATION, 12)
    certificates = {
        "authentication": authentication_certificate(
            specimen(),
            authentication_ca,
            public_key=session.generate_key(jpki, 0x17),
            serial=20_000_002,
            issued=ISSUED,
            last_day=LAST_DAY,
            common_name="2025102710301500002132210001",
            municipality=town,
        ),
        "signature": signature_certificate(
            specimen(),
            signature_ca,
            public_key=session.generate_key(jpki, 0x1A),
            serial=20_000_001,
            issued=ISSUED,
            last_day=LAST_DAY,
            common_name="2025102710301500001132210001",
            municipality=town,
            holder=Holder(
                name="見本　花子",
                born=BirthDate(1980, 2, 17),
                sex="2",
                address="東京都清瀬市見本町１－１",
            ),
        ),
        "authentication CA": authentication_ca.certificate,
        "signature CA": signature_ca.certificate,
    }
    for fid, name in (
        (0x01, "signature"),
        (0x02, "signature CA"),
        (0x0A, "authentication"),
        (0x0B, "authentication CA"),
    ):
        session.write_file(jpki, fid, certificates[name])
    text = CardApplication.INPUT_SUPPORT
    session.write_file(text, 0x01, number_file(PINS[CardSecret.NUMBER_A]))
    attributes = Attributes(
        name="見本\u3000花子",
        address="東京都清瀬市見本町１－１",
        birth="19800217",
        sex="2",
    )
    session.write_file(text, 0x02, attributes_file(attributes))
    record = CardRecord(
        serial="900033000000002", municipality="13221", expiry="20300217"
    )
    session.write_records(CardApplication.CARD_RECORD, 0x01, [record.encode()])
    session.set_expiry(LAST_DAY)
    for secret, value in PINS.items():
        session.set_pin(secret, value)
    return certificates


@pytest.fixture(scope="session")
def original() -> Iterator[Issued]:
    """A card issued once; tests work on copies of its file."""
    with tempfile.TemporaryDirectory(prefix="mynabox-") as folder:
        home = Path(folder)
        cards = CardFiles(home, key=FILES_KEY, random=SystemRandom())
        cards.make(SERIAL, issuer_key=ISSUER_KEY, tries=TRIES, issuer_tries=10)
        connection = cards.connect(SERIAL)
        session = IssuerSession(
            connection, key=ISSUER_KEY, serial=SERIAL, random=SystemRandom()
        )
        certificates = _personalise(session)
        connection.close()
        cards.insert(SERIAL)
        yield Issued(home, certificates)


@pytest.fixture
def issued(original: Issued) -> Iterator[Issued]:
    """A card of this test's own, in the reader."""
    with tempfile.TemporaryDirectory(prefix="mynabox-") as folder:
        home = Path(folder)
        shutil.copytree(original.home, home, dirs_exist_ok=True)
        home.chmod(0o711)
        yield Issued(home, original.certificates)


@pytest.fixture
def reader(issued: Issued, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """The reader with the card in it: the box's own, or the one asked for by
    ``both_roads``."""
    with serving(getattr(request, "param", BOX), issued.home, FILES_KEY) as reader:
        yield reader


@pytest.fixture
def opensc(reader: Reader) -> Callable[..., str]:
    """Runs a program of OpenSC; gives what it says, and expects its success."""

    def run(name: str, *words: str, status: int | None = 0, into: bytes = b"") -> str:
        done = reader.run(program(name, "opensc"), *words, into=into)
        assert status is None or done.status == status, done.text
        return done.text

    return run


@pytest.fixture
def module() -> str:
    """OpenSC's PKCS#11 library."""
    found = sorted(Path("/usr/lib").glob("*/opensc-pkcs11.so"))
    if not found:
        pytest.fail("opensc-pkcs11.so is missing: apt-get install opensc-pkcs11")
    return str(found[0])


@pytest.fixture
def openssl(reader: Reader) -> Callable[..., str]:
    """Runs OpenSSL in the folder in which the programs write."""

    def run(*words: str, status: int = 0) -> str:
        done = reader.run(program("openssl", "openssl"), *words)
        assert done.status == status, done.text
        return done.text

    return run


@pytest.fixture
def tool() -> Callable[[str, str], str]:
    """Where a program is; fails, naming its Debian package, without it."""
    return program


@pytest.fixture
def from_pem() -> Callable[[str], bytes]:
    """The DER inside the one PEM block of a text."""

    def read(text: str) -> bytes:
        blocks = re.findall(r"-----BEGIN [A-Z ]+-----(.+?)-----END", text, re.DOTALL)
        assert len(blocks) == 1, text
        return base64.b64decode(blocks[0])

    return read
