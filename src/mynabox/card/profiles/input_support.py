"""The card-face input-support application (券面事項入力補助AP).

Number A opens the number and not the attributes, number B the attributes and not the
number; the PIN opens both, and alone opens secure messaging.
"""

from dataclasses import replace

from mynabox.card.layout import (
    FREE,
    Application,
    ChangedBy,
    KeyFile,
    Sealed,
    Secret,
    SecretFile,
    Transparent,
    digits,
    opened_by,
)
from mynabox.card.profile import Confidence, Fact

_PIN, _NUMBER_A, _NUMBER_B = 0x0011, 0x0014, 0x0015
_ANY = opened_by(_PIN, _NUMBER_A, _NUMBER_B)

TRANSPORT_KEY = Fact(
    0x0010,
    "jsapdu lists 0010, 001C and 001E as internal files of unknown use; which of them"
    " holds the private half of EF 0006, nobody says",
    Confidence.LOW,
)
"""The key file SET SESSION KEY works with."""

INPUT_SUPPORT_1 = Application(
    name="input-support",
    aid=bytes.fromhex("D3921000310001010408"),
    files=(
        Transparent(0x0001, opened_by(_PIN, _NUMBER_A), private=True),  # the number
        Transparent(0x0002, opened_by(_PIN, _NUMBER_B), private=True),  # attributes
        Transparent(0x0003, _ANY, private=True),  # digests of both, signed
        Transparent(0x0004, FREE),  # the signer's certificate
        Transparent(0x0005, FREE),  # version and key names
        Transparent(0x0006, _ANY),  # transport key
        Transparent(0x0007, _ANY),  # the card's own key, certified
        Transparent(0x0008, FREE),
        SecretFile(
            _PIN, Secret.INPUT_SUPPORT, digits(4), ChangedBy.CHANGE_REFERENCE_DATA
        ),
        Sealed(0x0012, locked=True),
        KeyFile(0x0013, FREE),
        SecretFile(_NUMBER_A, Secret.NUMBER_A, digits(12), ChangedBy.ISSUER_ONLY),
        SecretFile(_NUMBER_B, Secret.NUMBER_B, digits(14), ChangedBy.ISSUER_ONLY),
    ),
    default_key=0x0013,
)
"""As the first images of this program have it: without secure messaging."""

INPUT_SUPPORT = replace(
    INPUT_SUPPORT_1,
    files=(
        *INPUT_SUPPORT_1.files,
        KeyFile(TRANSPORT_KEY.value, opened_by(_PIN), signs=False),
        Sealed(0x001C),
        Sealed(0x001E),
    ),
    transport_key=TRANSPORT_KEY.value,
)
