"""The kinds of card there are, as data."""

from collections.abc import Mapping
from types import MappingProxyType

from mynabox.card.layout import Profile, TokenInfo
from mynabox.card.profiles.card_record import CARD_RECORD, JUKI
from mynabox.card.profiles.input_support import INPUT_SUPPORT
from mynabox.card.profiles.jpki import JPKI

CARD = Profile(
    name="card-1",
    atr=bytes.fromhex("3BE000FF8131FE4514"),
    applications=(CARD_RECORD, JUKI, INPUT_SUPPORT, JPKI),
    default_aid=bytes.fromhex("A0000001510000"),
    token=TokenInfo(
        label="JPKIAPICCTOKEN2",
        manufacturer="MYNABOX VIRTUAL CARD",
        model="MYNABOX1",
        hardware="03",
        firmware="01",
    ),
    token_file=("jpki", 0x0006),
    objects=frozenset((0x0042, 0x0066, 0x00F0, 0x00F2, 0x00F7, 0x00F8, 0x7F21)),
    serial_object=0x0045,
    atr_object=0x5F51,
)
"""The card: contact ATR of the OpenSC table (T=1), four applications."""

PROFILES: Mapping[str, Profile] = MappingProxyType({CARD.name: CARD})
"""Profiles by the name an image carries. A name, once in images, stays as it is."""
