"""A session with the input-support application, and the files it holds.

The builders are for whoever personalises a card; the session reads any card's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from mynabox.iso7816.tlv import TlvError, encode_ber, parse_ber, read_ber
from mynabox.terminal.card_verifiable import CvCertificate, read_public_key
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import CardNonsense
from mynabox.terminal.secure import SecureDialogue
from mynabox.terminal.signed_files import with_offsets

AID = bytes.fromhex("D3921000310001010408")
NUMBER_FILE = 0x01
ATTRIBUTES_FILE = 0x02
DIGESTS_FILE = 0x03
CERTIFICATE_FILE = 0x04
INFORMATION_FILE = 0x05
TRANSPORT_FILE = 0x06
CARD_KEY_FILE = 0x07
FILLER_FILE = 0x08
TRANSPORT_KEY_FILE = 0x10
"""The key file SET SESSION KEY works with on our cards; on others, unknown."""
PIN_FILE = 0x11
NUMBER_A_FILE = 0x14
NUMBER_B_FILE = 0x15
KEY_FILE = 0x13

_NUMBER = 0xFF10
_ATTRIBUTES = 0xFF20
_OFFSETS, _NAME, _ADDRESS, _BIRTH, _SEX = 0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25
_NUMBER_FILE_BYTES = 17


@dataclass(frozen=True, slots=True)
class Attributes:
    """The four basic data (基本4情報) as the card holds them.

    ``name`` has U+3000 between its parts; ``birth`` is YYYYMMDD; ``sex`` is 1 male,
    2 female, 9 not applicable, 0 not known (JIS X 0303).
    """

    name: str = field(repr=False)
    address: str = field(repr=False)
    birth: str = field(repr=False)
    sex: str = field(repr=False)


class InputSupportSession:
    """Selects the application on opening; raises ApplicationMissing without it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._card = Dialogue(connection)
        self._card.select_application(AID)

    def hide(self, random: Callable[[int], bytes]) -> None:
        """From now on, let nobody on the line read along (secure messaging).

        The PIN has been presented before, in clear: nothing else opens this. What is
        presented and read afterwards is encrypted. ``random`` must never repeat itself.
        """
        raw = self._card.read_object(TRANSPORT_FILE)
        try:
            found, _ = read_ber(raw)
        except TlvError as error:
            raise CardNonsense(f"transport key: {error}") from None
        key = read_public_key(found.value)
        self._card = SecureDialogue(self._connection, transport_key=key, random=random)

    def tries_left(self) -> int:
        """Tries left of the four-digit PIN; asking costs none."""
        return self._card.tries_left(PIN_FILE)

    def number_a_tries_left(self) -> int:
        """Tries left of number A in this application; asking costs none."""
        return self._card.tries_left(NUMBER_A_FILE)

    def number_b_tries_left(self) -> int:
        """Tries left of number B in this application; asking costs none."""
        return self._card.tries_left(NUMBER_B_FILE)

    def verify(self, pin: str, *, last_try: bool = False) -> None:
        """Present the PIN: opens the number and the attributes."""
        self._card.verify(PIN_FILE, pin.encode(), last_try=last_try)

    def verify_number_a(self, number: str, *, last_try: bool = False) -> None:
        """Present verification number A: opens the number, not the attributes."""
        self._card.verify(NUMBER_A_FILE, number.encode(), last_try=last_try)

    def verify_number_b(self, number: str, *, last_try: bool = False) -> None:
        """Present verification number B: opens the attributes, not the number."""
        self._card.verify(NUMBER_B_FILE, number.encode(), last_try=last_try)

    def change_pin(self, *, old: str, new: str, last_try: bool = False) -> None:
        """Present the old PIN and set a new one; CardError 6A80 for a bad form."""
        self.verify(old, last_try=last_try)
        self._card.change(PIN_FILE, 0x00, 0x24, 0x01, new.encode())

    def number(self) -> str:
        """The twelve digits of the Individual Number: handle as such."""
        try:
            found, _ = read_ber(self.number_file())
        except TlvError as error:
            raise CardNonsense(f"number file: {error}") from None
        digits = found.value
        if found.tag != _NUMBER or len(digits) != 12 or not digits.isdigit():
            raise CardNonsense("number file: not twelve digits")
        return digits.decode("ascii")

    def attributes(self) -> Attributes:
        """Name, address, birth and sex."""
        raw = self.attributes_file()
        try:
            whole, _ = read_ber(raw)
            if whole.tag != _ATTRIBUTES:
                raise CardNonsense("attributes file: another tag")
            parts = {each.tag: each.value for each in parse_ber(whole.value)}
            return Attributes(
                name=parts[_NAME].decode(),
                address=parts[_ADDRESS].decode(),
                birth=parts[_BIRTH].decode("ascii"),
                sex=parts[_SEX].decode("ascii"),
            )
        except (TlvError, KeyError, UnicodeDecodeError) as error:
            raise CardNonsense(f"attributes file: {type(error).__name__}") from None

    def number_file(self) -> bytes:
        """EF 0001 with its filler, which is what its digest covers."""
        return self._card.read(NUMBER_FILE)

    def attributes_file(self) -> bytes:
        """EF 0002."""
        return self._card.read_object(ATTRIBUTES_FILE)

    def digests_file(self) -> bytes:
        """EF 0003: digests of number and attributes, signed."""
        return self._card.read_object(DIGESTS_FILE)

    def certificate(self) -> CvCertificate:
        """EF 0004: the certificate of who signed them; free to read."""
        return CvCertificate.decode(self._card.read_object(CERTIFICATE_FILE))

    def card_key_file(self) -> bytes:
        """EF 0007: the card's own key, signed."""
        return self._card.read_object(CARD_KEY_FILE)

    def sign_challenge(self, digest_info: bytes) -> bytes:
        """The card's own key signs a DigestInfo: no PIN, proves the card is genuine."""
        return self._card.sign(None, digest_info)


def number_file(number: str) -> bytes:
    """EF 0001: the number and two bytes of filler, 17 bytes in all."""
    if len(number) != 12 or not (number.isascii() and number.isdigit()):
        raise ValueError("an Individual Number has twelve ASCII digits")
    content = encode_ber(_NUMBER, number.encode("ascii"))
    return content.ljust(_NUMBER_FILE_BYTES, b"\xff")


def attributes_file(attributes: Attributes, *, long_form: bool = False) -> bytes:
    """EF 0002: a table of where each part starts in the file, then the parts.

    Offsets point at the tags. ``long_form`` writes the outer length on two bytes
    behind ``82``, as reported of cards issued since about 2023.
    """
    parts = [
        encode_ber(_NAME, attributes.name.encode()),
        encode_ber(_ADDRESS, attributes.address.encode()),
        encode_ber(_BIRTH, attributes.birth.encode("ascii")),
        encode_ber(_SEX, attributes.sex.encode("ascii")),
    ]
    return with_offsets(
        _ATTRIBUTES, _OFFSETS, parts, length_bytes=2 if long_form else None
    )


def attributes_signed(file: bytes) -> bytes:
    """Of EF 0002, what its digest in EF 0003 covers: all behind the table."""
    whole, _ = read_ber(file)
    _, behind = read_ber(whole.value)
    return whole.value[behind:]
