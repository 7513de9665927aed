"""A small public-key infrastructure with fixed specimen keys."""

import base64
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from mynabox.law.municipality import municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.algorithms import Sign
from mynabox.pki.certificate import (
    Authority,
    authentication_certificate,
    ca_certificate,
    responder_certificate,
    signature_certificate,
)
from mynabox.pki.holder import BirthDate, Holder
from mynabox.pki.names import JST
from mynabox.pki.ocsp import Responder
from mynabox.pki.profile import Addresses, specimen
from mynabox.pki.verify import Anchor

CA_ISSUED = datetime(2023, 7, 16, 9, 50, 27, tzinfo=JST)
ISSUED = datetime(2025, 10, 27, 10, 30, 15, tzinfo=JST)
LAST_DAY = date(2030, 2, 17)


@pytest.fixture(scope="session")
def keys() -> Mapping[str, tuple[bytes, Sign]]:
    """Public key (DER) and signing function of every specimen key, by file name."""
    found: dict[str, tuple[bytes, Sign]] = {}
    for path in sorted((Path(__file__).parent / "data").glob("*.key")):
        private = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        public = private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        found[path.stem] = public, _signer(private)
    return found


def _signer(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Sign:
    if isinstance(private, rsa.RSAPrivateKey):
        return lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return lambda data: private.sign(data, ec.ECDSA(hashes.SHA384()))


@pytest.fixture(scope="session")
def signature_ca(keys: Mapping[str, tuple[bytes, Sign]]) -> Authority:
    return _ca(keys, "signature-ca", CertificateKind.SIGNATURE, 108816929)


@pytest.fixture(scope="session")
def authentication_ca(keys: Mapping[str, tuple[bytes, Sign]]) -> Authority:
    return _ca(keys, "authentication-ca", CertificateKind.AUTHENTICATION, 114393094)


@pytest.fixture(scope="session")
def next_signature_ca(keys: Mapping[str, tuple[bytes, Sign]]) -> Authority:
    """The next generation: the same name, another key."""
    return _ca(keys, "signature-ca-next", CertificateKind.SIGNATURE, 208816929)


def _ca(
    keys: Mapping[str, tuple[bytes, Sign]], key: str, kind: CertificateKind, serial: int
) -> Authority:
    public, sign = keys[key]
    encoded = ca_certificate(
        specimen(), kind, public_key=public, sign=sign, serial=serial, issued=CA_ISSUED
    )
    return Authority(kind=kind, certificate=encoded, sign=sign)


@pytest.fixture(scope="session")
def anchors(
    signature_ca: Authority, authentication_ca: Authority, next_signature_ca: Authority
) -> tuple[Anchor, ...]:
    return tuple(
        Anchor(ca.kind, ca.certificate)
        for ca in (next_signature_ca, signature_ca, authentication_ca)
    )


@pytest.fixture(scope="session")
def responders(
    signature_ca: Authority,
    authentication_ca: Authority,
    keys: Mapping[str, tuple[bytes, Sign]],
) -> tuple[Responder, ...]:
    """The signature responder by key, the authentication responder by name."""
    found = []
    for ca in (signature_ca, authentication_ca):
        public, sign = keys[f"{ca.kind.value}-responder"]
        encoded = responder_certificate(
            specimen(),
            ca,
            public_key=public,
            serial=7,
            issued=ISSUED,
            until=ISSUED + timedelta(days=5 * 365),
        )
        found.append(
            Responder(
                issuer=ca.kind.value,
                authority=ca.certificate,
                certificate=encoded,
                sign=sign,
                by_name=ca.kind is CertificateKind.AUTHENTICATION,
            )
        )
    return tuple(found)


@pytest.fixture(scope="session")
def holder() -> Holder:
    """The published vector of a test card."""
    return Holder(
        name="黒桐　幹也",
        born=BirthDate(1980, 2, 17),
        sex="1",
        address="東京都清瀬市観布子南１２－７－２０２",
    )


Issue = Callable[..., bytes]


@pytest.fixture(scope="session")
def issue_signature(
    signature_ca: Authority, keys: Mapping[str, tuple[bytes, Sign]], holder: Holder
) -> Issue:
    """Issues a signature certificate; keyword arguments change the default one."""

    def issue(**changes: object) -> bytes:
        values: dict[str, object] = {
            "public_key": keys["holder-signature"][0],
            "serial": 20_000_001,
            "issued": ISSUED,
            "last_day": LAST_DAY,
            "common_name": "2025102710301500001132210001",
            "municipality": municipality("132217"),
            "holder": holder,
        } | changes
        profile = values.pop("profile", specimen())
        authority = values.pop("authority", signature_ca)
        return signature_certificate(profile, authority, **values)  # type: ignore[arg-type]

    return issue


@pytest.fixture(scope="session")
def issue_authentication(
    authentication_ca: Authority, keys: Mapping[str, tuple[bytes, Sign]]
) -> Issue:
    """Issues an authentication certificate; keyword arguments change the default."""

    def issue(**changes: object) -> bytes:
        values: dict[str, object] = {
            "public_key": keys["holder-authentication"][0],
            "serial": 20_000_002,
            "issued": ISSUED,
            "last_day": LAST_DAY,
            "common_name": "2025102710301500002132210001",
            "municipality": municipality("132217"),
        } | changes
        profile = values.pop("profile", specimen())
        authority = values.pop("authority", authentication_ca)
        return authentication_certificate(profile, authority, **values)  # type: ignore[arg-type]

    return issue


@pytest.fixture(scope="session")
def addresses() -> Addresses:
    return Addresses(base="http://127.0.0.1:8780")


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Runs an outside program; gives what it printed, on both streams."""

    def execute(*words: str | Path, status: int | None = 0, into: bytes = b"") -> str:
        done = subprocess.run(
            [str(word) for word in words], input=into, capture_output=True, timeout=60
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert status is None or done.returncode == status, said
        return said

    return execute


@pytest.fixture
def pem(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a certificate or list as PEM for programs that want a file."""

    def write(encoded: bytes, label: str = "CERTIFICATE") -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pem"
        body = base64.encodebytes(encoded).decode("ascii")
        path.write_text(f"-----BEGIN {label}-----\n{body}-----END {label}-----\n")
        return path

    return write


@pytest.fixture(scope="session")
def machine_now(run: Callable[..., str]) -> datetime:
    """The machine's clock, for outside programs that read no other."""
    return datetime.fromtimestamp(int(run("date", "+%s")), UTC)
