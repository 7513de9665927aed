"""A session with the card-face verification application, and what it answers.

What is read here is what the card says. Whether an authority said so, and whether the
card itself is there, is for :mod:`mynabox.terminal.genuineness`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from mynabox.iso7816.tlv import Tlv, TlvError, read_ber
from mynabox.terminal.card_verifiable import CvCertificate
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import CardNonsense

AID = bytes.fromhex("D3921000310001010402")

AGE_FILE = 0x01
FACE_FILE = 0x02
INFORMATION_FILE = 0x03
CERTIFICATE_FILE = 0x04
NUMBER_PICTURE_FILE = 0x05
FILLER_FILE = 0x06
KEY_FILE = 0x1A


class Opener(Enum):
    """What is printed on a card and opens it; the value is the secret's file."""

    BIRTH = 0x11
    """生年月日: six digits; opens the age record alone."""
    NUMBER_B = 0x12
    """照合番号B: fourteen digits; opens the face."""
    NUMBER_A = 0x13
    """照合番号A: the Individual Number; opens the face and the number's picture."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A record as it was read: its parts by tag, and the bytes of each as written."""

    parts: dict[int, bytes] = field(repr=False)
    written: dict[int, bytes] = field(repr=False)

    def value(self, tag: int) -> bytes:
        """One part; raises CardNonsense without it."""
        try:
            return self.parts[tag]
        except KeyError:
            raise CardNonsense(f"a record without tag {tag:04X}") from None

    def text(self, tag: int) -> str:
        """One part in ASCII."""
        try:
            return self.value(tag).decode("ascii")
        except UnicodeDecodeError:
            raise CardNonsense(f"tag {tag:04X} is not ASCII") from None

    def covered(self, *tags: int) -> bytes:
        """Some parts as they were written, tags and lengths included."""
        for tag in tags:
            self.value(tag)
        return b"".join(self.written[tag] for tag in tags)


@dataclass(frozen=True, slots=True)
class FaceInformation:
    """EF 0003: free to read and signed by nobody."""

    version: bytes
    municipality: str
    """Five digits (全国地方公共団体コード without its check digit)."""


class CardFaceSession:
    """Selects the application on opening; raises ApplicationMissing without it.

    What is presented here travels in clear: this application has no secure messaging.
    """

    def __init__(self, connection: Connection) -> None:
        self._card = Dialogue(connection)
        self._card.select_application(AID)

    def tries_left(self, opener: Opener) -> int:
        """Tries left; asking costs none."""
        return self._card.tries_left(opener.value)

    def verify(self, opener: Opener, digits: str, *, last_try: bool = False) -> None:
        """Present what is printed. Raises WrongPin, PinLocked, or LastTry."""
        self._card.verify(opener.value, digits.encode(), last_try=last_try)

    def age_record(self) -> Signed:
        """DF11 the birth date, DF12 the card's key, DF13 the signature."""
        return read_signed(self._card.read_object(AGE_FILE), 0xFF10)

    def face_record(self) -> Signed:
        """DF22 to DF2A; raises CardNonsense if its table of offsets is wrong."""
        return read_signed(self._card.read_object(FACE_FILE), 0xFF20, table=0xDF21)

    def number_record(self) -> Signed:
        """DF41 the number's picture, DF42 the card's key, DF43 the signature."""
        return read_signed(self._card.read_object(NUMBER_PICTURE_FILE), 0xFF40)

    def information(self) -> FaceInformation:
        """Version and municipality."""
        found = read_signed(self._card.read_object(INFORMATION_FILE), 0xFF30)
        return FaceInformation(found.value(0xDF31), found.text(0xDF34))

    def certificate(self) -> CvCertificate:
        """The certificate of who signed the records."""
        return CvCertificate.decode(self._card.read_object(CERTIFICATE_FILE))

    def sign_challenge(self, digest_info: bytes) -> bytes:
        """The card's own key signs a DigestInfo: nothing needs to be presented."""
        return self._card.sign(None, digest_info)


def read_signed(raw: bytes, tag: int, *, table: int | None = None) -> Signed:
    """A template of distinct parts, each two bytes of tag; raises CardNonsense.

    With a ``table`` the first part is one of offsets, which must be right.
    """
    try:
        whole, end = read_ber(raw)
        if whole.tag != tag:
            raise CardNonsense(f"a record of tag {whole.tag:X}, not {tag:X}")
        start = end - len(whole.value)
        found = _positions(raw[:end], start)
    except TlvError as error:
        raise CardNonsense(f"record {tag:X}: {error}") from None
    if table is not None:
        if not found or found[0][0].tag != table:
            raise CardNonsense(f"record {tag:X} without its table")
        _check_table(found[0][0].value, [at for _, at, _ in found[1:]])
        found = found[1:]
    parts = {each.tag: each.value for each, _, _ in found}
    if len(parts) != len(found):
        raise CardNonsense(f"record {tag:X} says a thing twice")
    return Signed(parts, {each.tag: raw[at:to] for each, at, to in found})


def _positions(raw: bytes, at: int) -> list[tuple[Tlv, int, int]]:
    found = []
    while at < len(raw):
        part, to = read_ber(raw, at)
        found.append((part, at, to))
        at = to
    return found


def _check_table(table: bytes, starts: Sequence[int]) -> None:
    told = [int.from_bytes(table[at : at + 2]) for at in range(0, len(table), 2)]
    if told != list(starts):
        raise CardNonsense("a table of offsets that leads elsewhere")
