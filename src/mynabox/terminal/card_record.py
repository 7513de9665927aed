"""Sessions with the two applications under the juki PIN, and the card's record.

The same four digits (住民基本台帳用暗証番号) are on the card twice, in the common and in
the juki application, each with its own tries: change both, or they part.
"""

from dataclasses import dataclass

from mynabox.iso7816.tlv import Tlv, TlvError, encode_simple, parse_simple
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import CardNonsense

COMMON_AID = bytes.fromhex("D3921000310001010100")
JUKI_AID = bytes.fromhex("D3921000310001010401")
RECORD_FILE = 0x01
PIN_FILE = 0x1C

_TAG = 0x01
_WIDTHS = (15, 5, 8)


@dataclass(frozen=True, slots=True)
class CardRecord:
    """What the common application says of the card, all digits."""

    serial: str
    """15 digits."""
    municipality: str
    """5 digits (全国地方公共団体コード without its check digit)."""
    expiry: str
    """YYYYMMDD."""

    def encode(self) -> bytes:
        """The record as the file holds it; ValueError for a field of another width."""
        fields = (self.serial, self.municipality, self.expiry)
        for value, width in zip(fields, _WIDTHS, strict=True):
            if len(value) != width or not (value.isascii() and value.isdigit()):
                raise ValueError(f"a field of {width} ASCII digits is not one")
        return encode_simple([Tlv(_TAG, "".join(fields).encode("ascii"))])

    @classmethod
    def decode(cls, raw: bytes) -> "CardRecord":
        """Read a record; raises CardNonsense."""
        try:
            values = {each.tag: each.value for each in parse_simple(raw)}
            digits = values[_TAG].decode("ascii")
        except (TlvError, KeyError, UnicodeDecodeError) as error:
            raise CardNonsense(f"card record: {type(error).__name__}") from None
        if len(digits) != sum(_WIDTHS):
            raise CardNonsense(f"card record of {len(digits)} characters")
        return cls(digits[:15], digits[15:20], digits[20:])


class JukiPinSession:
    """One of the two applications: JUKI_AID or COMMON_AID. Selected on opening."""

    def __init__(self, connection: Connection, aid: bytes) -> None:
        self._card = Dialogue(connection)
        self._card.select_application(aid)

    def tries_left(self) -> int:
        """Tries left of this copy of the PIN; asking costs none."""
        return self._card.tries_left(PIN_FILE)

    def verify(self, pin: str, *, last_try: bool = False) -> None:
        """Present the PIN to this copy."""
        self._card.verify(PIN_FILE, pin.encode(), last_try=last_try)

    def change_pin(self, *, old: str, new: str, last_try: bool = False) -> None:
        """Present the old PIN and set a new one, in this copy (CHANGE KEY)."""
        self.verify(old, last_try=last_try)
        self._card.change(PIN_FILE, 0x80, 0x32, 0x00, new.encode())


def read_card_record(connection: Connection) -> CardRecord:
    """The record of the common application; free to read."""
    card = Dialogue(connection)
    card.select_application(COMMON_AID)
    return CardRecord.decode(card.read_record(RECORD_FILE, 1))


def change_juki_pin(
    connection: Connection, *, old: str, new: str, last_try: bool = False
) -> None:
    """Change both copies; the old PIN is checked in both before either is changed."""
    for aid in (COMMON_AID, JUKI_AID):
        JukiPinSession(connection, aid).verify(old, last_try=last_try)
    for aid in (COMMON_AID, JUKI_AID):
        session = JukiPinSession(connection, aid)
        session.change_pin(old=old, new=new, last_try=last_try)
