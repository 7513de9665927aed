"""What several use cases do at the counter with a card's chip.

Each chip has an issuer key of its own, derived from a secret of the box; nothing
but that key opens the way to its files, keys and PINs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.ports import Box
from mynabox.terminal.issuer import IssuerSession

CHIP_FILES: dict[str, tuple[str, int]] = {
    "signature-certificate": ("jpki", 0x01),
    "signature-authority": ("jpki", 0x02),
    "authentication-certificate": ("jpki", 0x0A),
    "authentication-authority": ("jpki", 0x0B),
}
"""Names under which files of a chip travel: application and short file id."""

KEY_FILES: dict[CertificateKind, int] = {
    CertificateKind.AUTHENTICATION: 0x17,
    CertificateKind.SIGNATURE: 0x1A,
}


def issuer_key(serial: str, box: Box) -> bytes:
    """The key that opens the chip of this card to its issuer."""
    return box.vault.derive("card-issuer", serial.encode())


@contextmanager
def issuer_session(serial: str, box: Box) -> Iterator[IssuerSession]:
    """The chip at the counter, opened with its issuer key."""
    connection = box.cards.connect(serial)
    try:
        session = IssuerSession(
            connection,
            key=issuer_key(serial, box),
            serial=serial,
            random=box.random,
        )
        session.authenticate()
        yield session
    finally:
        connection.close()


def write_chip_file(serial: str, *, name: str, content: bytes, box: Box) -> None:
    """Replace one file of the chip; writing the same again changes nothing."""
    application, file = CHIP_FILES[name]
    with issuer_session(serial, box) as session:
        session.write_file(application, file, content)


def generate_keys(
    serial: str, kinds: tuple[CertificateKind, ...], box: Box
) -> dict[CertificateKind, bytes]:
    """Have the chip make new key pairs; the public halves as SPKI in DER."""
    with issuer_session(serial, box) as session:
        return {kind: session.generate_key("jpki", KEY_FILES[kind]) for kind in kinds}
