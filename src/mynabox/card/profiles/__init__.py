"""The kinds of card there are, as data.

A name, once in images, stands for the same card for ever: whoever changes what a kind
is gives it a new number at the end.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mynabox.card.profile import AtrObject, Profile, TokenInfo
from mynabox.card.profiles import production
from mynabox.card.profiles.answers_to_reset import ATRS
from mynabox.card.profiles.card_face import CARD_FACE
from mynabox.card.profiles.card_record import CARD_RECORD, CARD_RECORD_1, JUKI
from mynabox.card.profiles.input_support import INPUT_SUPPORT, INPUT_SUPPORT_1
from mynabox.card.profiles.jpki import (
    IPHONE_JPKI,
    JPKI,
    JUKI_CARD_JPKI,
    PHONE_JPKI,
)
from mynabox.iso7816 import SW

_TOKEN = TokenInfo(
    label="JPKIAPICCTOKEN2",
    manufacturer="MYNABOX VIRTUAL CARD",
    model="MYNABOX1",
    hardware="03",
    firmware="01",
)

FIRST = Profile(
    name="card-1",
    atr=ATRS["contact-jukicard"].value,
    applications=(CARD_RECORD_1, JUKI, INPUT_SUPPORT_1, JPKI),
    default_aid=bytes.fromhex("A0000001510000"),
    token=_TOKEN,
    token_file=("jpki", 0x0006),
    objects=frozenset((0x0042, 0x0066, 0x00F0, 0x00F2, 0x00F7, 0x00F8, 0x7F21)),
    serial_object=0x0045,
    atr_object=0x5F51,
    production=production.NOW,
)
"""What the first images of this program are: no card face, no secure messaging."""

CARD = replace(
    FIRST,
    name="card-2",
    applications=(CARD_RECORD, JUKI, CARD_FACE, INPUT_SUPPORT, JPKI),
)
"""The card, all five applications: contact ATR of the OpenSC table (T=1)."""

_CONTACTLESS = replace(
    CARD,
    name="card-2-contactless",
    atr=ATRS["contactless-e0b3"].value,
    contact_atr=ATRS["contact-jukicard"].value,
)

_OF_2015 = replace(
    CARD,
    name="card-2015-1",
    atr=ATRS["contactless-4b51-a"].value,
    contact_atr=ATRS["contact-73c6-a"].value,
    atr_object_in=AtrObject.APPLICATION,
    production=production.OF_2015,
)

_OF_2023 = replace(
    CARD,
    name="card-2023-1",
    atr=ATRS["contactless-41e0"].value,
    contact_atr=ATRS["contact-4200-a"].value,
    atr_object_in=AtrObject.ANYWHERE,
    production=production.OF_2023,
)

_ANDROID = replace(
    CARD,
    name="phone-android-1",
    atr=ATRS["contactless-e0b3"].value,
    applications=(PHONE_JPKI,),
    token=replace(_TOKEN, label="JPKIAPGPSETOKEN"),
    objects=frozenset(),
    several_records=False,
)
"""The token in an Android telephone (スマホ用電子証明書)."""

_IPHONE = replace(
    _ANDROID,
    name="phone-iphone-1",
    applications=(IPHONE_JPKI,),
    token=replace(_TOKEN, label="JPKIAPIOSTOKEN"),
)

_JUKI_CARD = replace(
    CARD,
    name="juki-card-1",
    applications=(JUKI, JUKI_CARD_JPKI),
    token=replace(_TOKEN, label="JPKIAPICCTOKEN", hardware="01"),
    objects=frozenset((0x00F2,)),
)
"""The former card (住基カード), by what clients tell it by: its token's label."""

_COMING = replace(
    CARD,
    name="card-coming",
    production=production.COMING,
    future="the commands of the coming card, with P-384 keys, are public nowhere",
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            FIRST,
            CARD,
            _CONTACTLESS,
            _OF_2015,
            _OF_2023,
            _ANDROID,
            _IPHONE,
            _JUKI_CARD,
            replace(CARD, name="card-2-first-command", first_command_fails=True),
            replace(CARD, name="card-2-reset-clears", warm_reset_clears=True),
            replace(CARD, name="card-2-locked-6983", locked=SW.METHOD_BLOCKED),
            replace(CARD, name="card-2-single-records", several_records=False),
            _COMING,
        )
    }
)
"""Profiles by the name an image carries."""
