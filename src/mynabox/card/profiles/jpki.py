"""The public personal authentication application (公的個人認証AP), complete.

A telephone carries it too, as a token of its own with keys of its own; a card of the
former resident register (住基カード) had it with the signature side alone.
"""

from dataclasses import replace

from mynabox.card.layout import (
    FREE,
    PASSWORD,
    Access,
    Application,
    ChangedBy,
    KeyFile,
    Presence,
    Sealed,
    Secret,
    SecretFile,
    Transparent,
    digits,
    opened_by,
)
from mynabox.iso7816 import SW

JPKI = Application(
    name="jpki",
    aid=bytes.fromhex("D392F000260100000001"),
    files=(
        Transparent(0x0001, opened_by(0x001B), private=True),  # signature certificate
        Transparent(0x0002, FREE),  # its CA's
        Sealed(0x0005),
        Transparent(0x0006, FREE),  # token information
        Presence(
            0x0008,
            FREE,
            of=(0x0001, 0x000A),
            present=0x8F,
            absent=0x80,
            tail=b"\x00",
        ),
        Sealed(0x0009),
        Transparent(0x000A, FREE),  # authentication certificate
        Transparent(0x000B, FREE),  # its CA's
        Sealed(0x0010),
        Sealed(0x0016),
        KeyFile(0x0017, opened_by(0x0018)),
        SecretFile(
            0x0018, Secret.AUTHENTICATION, digits(4), ChangedBy.CHANGE_REFERENCE_DATA
        ),
        Sealed(0x0019),
        KeyFile(0x001A, opened_by(0x001B)),
        SecretFile(0x001B, Secret.SIGNATURE, PASSWORD, ChangedBy.CHANGE_REFERENCE_DATA),
        Sealed(0x001C),
        Sealed(0x001E),
    ),
    refusals={
        (0x80, 0xAE): SW.SECURITY_NOT_SATISFIED,
        (0x80, 0xFC): SW.WRONG_LENGTH,
    },
)

_AUTHENTICATION_CERTIFICATE, _AUTHENTICATION_PIN = 0x000A, 0x0018
_LAST_COMMAND = (0x80, 0xFC)


def _with_closed_certificate(access: Access) -> Application:
    return replace(
        JPKI,
        files=tuple(
            replace(file, read=access, private=True)
            if isinstance(file, Transparent) and file.fid == _AUTHENTICATION_CERTIFICATE
            else file
            for file in JPKI.files
        ),
    )


PHONE_JPKI = _with_closed_certificate(opened_by(_AUTHENTICATION_PIN))
"""On a telephone the authentication certificate asks for its PIN (seen: myna)."""

IPHONE_JPKI = replace(
    PHONE_JPKI,
    refusals={**PHONE_JPKI.refusals, _LAST_COMMAND: SW.OK},
)
"""An iPhone is told that the last command was sent: 80 FC 00 00 (seen: myna-card)."""

_OLD_FILES = (0x0001, 0x0002, 0x0006, 0x001A, 0x001B)

JUKI_CARD_JPKI = replace(
    JPKI, files=tuple(file for file in JPKI.files if file.fid in _OLD_FILES)
)
"""The former card: a signature certificate and nothing to authenticate with."""
