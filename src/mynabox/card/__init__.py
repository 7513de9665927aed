"""The virtual chip (docs/card.md): bytes in, bytes out; knows no law and no world."""

from mynabox.card.chip import Chip, make_rsa_key
from mynabox.card.image import ImageDamaged, blank_image
from mynabox.card.layout import Secret
from mynabox.card.memory import Memory, MemoryFailed
from mynabox.card.profile import (
    AtrObject,
    BirthYear,
    Confidence,
    Fact,
    KeyType,
    Production,
    Profile,
)
from mynabox.card.profiles import CARD, PROFILES

__all__ = [
    "CARD",
    "PROFILES",
    "AtrObject",
    "BirthYear",
    "Chip",
    "Confidence",
    "Fact",
    "ImageDamaged",
    "KeyType",
    "Memory",
    "MemoryFailed",
    "Production",
    "Profile",
    "Secret",
    "blank_image",
    "make_rsa_key",
]
