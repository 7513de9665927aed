"""The card-face input-support application (券面事項入力補助AP).

Number A opens the number and not the attributes, number B the attributes and not the
number; the PIN opens both. Its secure messaging (80 AE) is not part of this chip.
"""

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

_PIN, _NUMBER_A, _NUMBER_B = 0x0011, 0x0014, 0x0015
_ANY = opened_by(_PIN, _NUMBER_A, _NUMBER_B)

INPUT_SUPPORT = Application(
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
