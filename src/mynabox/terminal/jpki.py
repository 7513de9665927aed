"""A session with a card's JPKI application: certificates, PINs, signatures."""

from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256, Hash

from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import CardNonsense

AID = bytes.fromhex("D392F000260100000001")
_TOKEN_INFO = 0x0006
_PRESENCE = 0x0008
_PRESENT = 0x8F
_SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


class Kind(StrEnum):
    """Which of the two certificates, with its key and its PIN."""

    SIGNATURE = "signature"
    """署名用: opened by the password of 6 to 16 letters and digits."""
    AUTHENTICATION = "authentication"
    """利用者証明用: opened by the PIN of four digits."""


@dataclass(frozen=True, slots=True)
class _Files:
    certificate: int
    ca: int
    key: int
    pin: int


_FILES = {
    Kind.SIGNATURE: _Files(certificate=0x01, ca=0x02, key=0x1A, pin=0x1B),
    Kind.AUTHENTICATION: _Files(certificate=0x0A, ca=0x0B, key=0x17, pin=0x18),
}


@dataclass(frozen=True, slots=True)
class Token:
    """The token information of EF 0006, padding taken off."""

    label: str
    manufacturer: str
    model: str
    serial: str


class JpkiSession:
    """Selects the application on opening; raises ApplicationMissing without it.

    PINs are sent as they are given: putting the signature password into capitals is
    the business of whoever asked for it. One that is empty or longer than 16 bytes is
    a ValueError, and costs no try.
    """

    def __init__(self, connection: Connection) -> None:
        self._card = Dialogue(connection)
        self._card.select_application(AID)

    def token(self) -> Token:
        """What the card says it is; ``label`` is JPKIAPICCTOKEN2 on a card."""
        raw = self._card.read(_TOKEN_INFO)
        if len(raw) < 96:
            raise CardNonsense(f"token information of {len(raw)} bytes")
        fields = (raw[0:32], raw[32:64], raw[64:80], raw[80:96])
        return Token(
            *(each.decode("ascii", "replace").rstrip(" \0") for each in fields)
        )

    def certificate(self, kind: Kind) -> bytes:
        """The holder's certificate, DER; the signature one needs its password first.

        Raises PinRequired, or NothingThere where none was issued.
        """
        return self._card.read_object(_FILES[kind].certificate)

    def ca_certificate(self, kind: Kind) -> bytes:
        """The issuing CA's certificate, DER, as the card carries it."""
        return self._card.read_object(_FILES[kind].ca)

    def has_certificate(self, kind: Kind) -> bool:
        """Whether a certificate is on the card; asks for no PIN (EF 0008)."""
        presence = self._card.read(_PRESENCE)
        if len(presence) < 2:
            raise CardNonsense(f"presence file of {len(presence)} bytes")
        return presence[0 if kind is Kind.SIGNATURE else 1] == _PRESENT

    def tries_left(self, kind: Kind) -> int:
        """Tries left of a PIN (0: locked or never set); asking costs none."""
        return self._card.tries_left(_FILES[kind].pin)

    def verify(self, kind: Kind, pin: str, *, last_try: bool = False) -> None:
        """Present a PIN. Raises WrongPin, PinLocked, or LastTry before the last."""
        self._card.verify(_FILES[kind].pin, pin.encode(), last_try=last_try)

    def change_pin(
        self, kind: Kind, *, old: str, new: str, last_try: bool = False
    ) -> None:
        """Present the old PIN and set a new one; CardError 6A80 for a bad form."""
        self.verify(kind, old, last_try=last_try)
        self._card.change(_FILES[kind].pin, 0x00, 0x24, 0x01, new.encode())

    def sign_digest_info(self, kind: Kind, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over a DigestInfo of any hash; PinRequired before verify."""
        return self._card.sign(_FILES[kind].key, digest_info)

    def sign(self, kind: Kind, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over ``data``; hashed here, not on the card."""
        digest = Hash(SHA256())
        digest.update(data)
        return self.sign_digest_info(kind, _SHA256_DIGEST_INFO + digest.finalize())
