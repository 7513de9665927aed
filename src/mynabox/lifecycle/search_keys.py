"""Under which words a person of the register is found (検索キー).

Names stay in the register byte for byte; what is normalised are these keys alone, and
in the same way what somebody looks for. So ｶﾀｶﾅ finds カタカナ and かたかな, 高橋 finds
髙橋, and ONO finds ŌNO, OHNO and OONO. A key may find too many, never too few.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from mynabox.lifecycle.resident import FormerRecord, Resident


class KeyKind(StrEnum):
    """What a key was made of."""

    NAME = "name"
    """Name, kana, Roman name or alias of today."""
    FORMER = "former"
    """One of these as it was once."""
    ADDRESS = "address"


_VARIANTS = str.maketrans(
    "髙﨑濵濱邊邉齋齊斉澤櫻廣嶋嶌瀨濹國學會與髮龍彌壽惠德榮眞圓寬藏莊"
    "寳寶曾條冨𠮷舘栁槗渕鐵辯龜檜籔鄕鄉噓驒ヶヵ",
    "高崎浜浜辺辺斎斎斎沢桜広島島瀬濯国学会与髪竜弥寿恵徳栄真円寛蔵荘"
    "宝宝曽条富吉館柳橋淵鉄弁亀桧薮郷郷嘘騨ケカ",
)
"""Forms of one character that people mix up; both sides of a search are mapped."""


_ACCENTED = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_AS_KEYS_HAVE_IT: dict[int, int] = {
    **{code: ord(unicodedata.normalize("NFKD", chr(code))[0]) for code in _ACCENTED},
    **_TO_HIRAGANA,
    **{form: _TO_HIRAGANA.get(plain, plain) for form, plain in _VARIANTS.items()},
}
_SILENT = re.compile(r"[^\w\s]|_", re.UNICODE)
_LONG_VOWELS = (
    (re.compile(r"oh(?![aeiouy])"), "o"),
    (re.compile(r"o[ou]+"), "o"),
    (re.compile(r"uu+"), "u"),
)
_HAS_LONG = re.compile(r"o[ouh]|uu")
LONGEST_KEY = 60


def normalised(text: str) -> str:
    """A text as keys have it: one width, one alphabet of kana, no accents, no signs;
    words are apart by one space."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_AS_KEYS_HAVE_IT)
    parts = text.split()
    if not "".join(parts).isalnum():
        parts = _SILENT.sub("", text).split()
    return " ".join(parts)


def words(text: str) -> tuple[str, ...]:
    """The words of a name that are looked for, each as its key begins."""
    return tuple(dict.fromkeys(_word(part) for part in normalised(text).split()))


def address_words(text: str) -> str:
    """An address as its key begins."""
    return _word(normalised(text).replace(" ", ""))


def name_keys(*names: str | None) -> frozenset[str]:
    """Every key of some names: their words, and each name in one piece."""
    found: set[str] = set()
    for name in names:
        if name:
            parts = normalised(name).split()
            found.update(_word(part) for part in parts)
            found.add(_word("".join(parts)))
    return frozenset(found - {""})


def keys_of(person: Resident) -> frozenset[tuple[KeyKind, str]]:
    """Under which keys a person is found today."""
    names = name_keys(person.name, person.kana, person.roman, person.alias)
    address = address_words(person.address)
    found = {(KeyKind.NAME, key) for key in names}
    if address:
        found.add((KeyKind.ADDRESS, address))
    return frozenset(found)


def every_key(
    person: Resident, former: Iterable[FormerRecord]
) -> frozenset[tuple[KeyKind, str]]:
    """Under which keys a person is found, those of former names included."""
    once: set[str] = set()
    for past in (one.record for one in former):
        once |= name_keys(past.name, past.kana, past.roman, past.alias)
    return keys_of(person) | {(KeyKind.FORMER, key) for key in once}


def _word(text: str) -> str:
    if text.isascii() and _HAS_LONG.search(text):
        for pattern, short in _LONG_VOWELS:
            text = pattern.sub(short, text)
    return text[:LONGEST_KEY]
