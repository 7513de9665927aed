"""Bent certificates and lists are read without a word on stderr."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

DAY, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
FIRST = """
import sys, warnings
from pathlib import Path
from mynabox.cli.card_use import _summary
from mynabox.pki.evidence import _checked_list
from mynabox.pki.reading import read_certificate
certificate, crl = (Path(name).read_bytes() for name in sys.argv[1:])
"""
READS = {
    "a certificate": "print(read_certificate(certificate).serial)",
    "a list": "print(_checked_list(crl, read_certificate(certificate)).number)",
    "what is on a card": "print(_summary(certificate)['issuance_number'])",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and a list, signed and well, whose country has three letters."""
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.warns(UserWarning, match="length"):
        country = x509.NameAttribute(NameOID.COUNTRY_NAME, "JPN", _validate=False)
    name = x509.Name([country])
    points = [x509.DirectoryName(name)]
    there = x509.DistributionPoint(points, None, None, None)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(DAY)
        .not_valid_after(LATER)
        .add_extension(x509.CRLDistributionPoints([there]), critical=False)
        .sign(key, SHA256())
    )
    scope = x509.IssuingDistributionPoint(
        full_name=points,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name)
        .last_update(DAY)
        .next_update(LATER)
        .add_extension(x509.CRLNumber(7), critical=False)
        .add_extension(scope, critical=True)
        .sign(key, SHA256())
    )
    folder = tmp_path_factory.mktemp("bent")
    made = folder / "certificate", folder / "crl"
    made[0].write_bytes(certificate.public_bytes(Encoding.DER))
    made[1].write_bytes(crl.public_bytes(Encoding.DER))
    return made


def run(script: str, files: tuple[Path, Path]) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", FIRST + script, *files],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("read", READS)
def test_nothing_is_said_of_what_came_from_outside(
    files: tuple[Path, Path], read: str
) -> None:
    assert run(READS[read], files) == ("7\n", "")


def test_other_warnings_are_still_told(files: tuple[Path, Path]) -> None:
    """be they of this program or of whoever uses the library"""
    script = (
        "warnings.warn('of a user')\n"
        "from cryptography.x509 import load_der_x509_certificate as load\n"
        "load(certificate).subject\n"
    )
    said = run(script, files)[1]
    assert "UserWarning: of a user" in said
    assert "UserWarning: Attribute's length" in said
