"""The card-face verification application (券面事項確認AP).

Three secrets, all printed on the card, open three amounts: the birth date the age
record, number B the face, number A the face and the picture of the number.
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
from mynabox.iso7816 import SW

_BIRTH, _NUMBER_B, _NUMBER_A = 0x0011, 0x0012, 0x0013
_BOTH = opened_by(_NUMBER_A, _NUMBER_B)
_KEY = 0x001A
"""Told by the author of myna-card: the key that signs without P2 naming one."""

CARD_FACE = Application(
    name="card-face",
    aid=bytes.fromhex("D3921000310001010402"),
    files=(
        Transparent(0x0001, opened_by(_BIRTH), private=True),  # age record
        Transparent(0x0002, _BOTH, private=True),  # the face
        Transparent(0x0003, FREE),  # version, municipality
        Transparent(0x0004, FREE),  # the signer's certificate
        Transparent(0x0005, opened_by(_NUMBER_A), private=True),  # number, drawn
        Transparent(0x0006, _BOTH),
        SecretFile(_BIRTH, Secret.BIRTH, digits(6), ChangedBy.ISSUER_ONLY),
        SecretFile(_NUMBER_B, Secret.NUMBER_B, digits(14), ChangedBy.ISSUER_ONLY),
        SecretFile(_NUMBER_A, Secret.NUMBER_A, digits(12), ChangedBy.ISSUER_ONLY),
        KeyFile(_KEY, FREE),
        Sealed(0x001C),
        Sealed(0x001E),
    ),
    default_key=_KEY,
    refusals={(0x80, 0xAE): SW.SESSION_KEY_REFUSED},
)
