"""The two applications that share the juki PIN (住民基本台帳用暗証番号).

The common application (共通カードAP) holds the record of serial, municipality and
expiry; what the juki application (住基AP) holds besides its key name is public nowhere.
Each has its own copy of the PIN with its own tries.
"""

from dataclasses import replace

from mynabox.card.layout import (
    FREE,
    Application,
    ChangedBy,
    KeyFile,
    Records,
    Sealed,
    Secret,
    SecretFile,
    digits,
)
from mynabox.iso7816 import SW

_PIN = SecretFile(0x001C, Secret.JUKI, digits(4), ChangedBy.CHANGE_KEY)

CARD_RECORD_1 = Application(
    name="card-record",
    aid=bytes.fromhex("D3921000310001010100"),
    files=(
        Records(0x0001, FREE),  # serial 15, municipality 5, expiry 8
        Records(0x0002, FREE),  # the key's name
        KeyFile(0x0019, FREE, signs=False, answers=True),
        _PIN,
    ),
    refusals={(0x80, 0xAE): SW.SESSION_KEY_REFUSED},
)
"""As the first images of this program have it."""

CARD_RECORD = replace(CARD_RECORD_1, files=(*CARD_RECORD_1.files, Sealed(0x001E)))

JUKI = Application(
    name="juki",
    aid=bytes.fromhex("D3921000310001010401"),
    files=(Records(0x0002, FREE), _PIN),
    refusals={(0x80, 0xAE): SW.SECURITY_NOT_SATISFIED},
)
