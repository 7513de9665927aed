"""The letters a signature certificate can hold, and what stands in for others.

The certificate's name and address keep to JIS X 0208 and JIS X 0212; any other
character is replaced by a substitute (代替文字) and flagged. The register's string
itself is never normalised: only the copy for the certificate is made here.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

GETA = "〓"
"""Stands for a character that nobody found a substitute for: the printer's mark
for a missing sort, itself in JIS X 0208."""

_VARIATION = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_HALF_WIDTH_MARKS = {"ﾞ": "゛", "ﾟ": "゜"}
_OWN_ROWS = (range(0x81, 0x85), range(0x88, 0xA0), range(0xE0, 0xEB))
"""Lead octets of code page 932 that hold JIS X 0208 itself (rows 1-8 and 16-84);
the others hold makers' extensions."""


class Substituted(NamedTuple):
    """A text as certificates hold it, with one flag digit per character of it."""

    text: str
    flags: str


def in_repertoire(character: str) -> bool:
    """Whether JIS X 0208 or JIS X 0212 has this character, full-width.

    Both customary readings of JIS X 0208 count (``－`` U+FF0D as well as ``−``
    U+2212): certificates of test cards write the former.
    """
    try:
        octets = character.encode("euc_jp")
    except UnicodeEncodeError:
        octets = b""
    if len(octets) == 3 or (len(octets) == 2 and octets[0] != 0x8E):
        return True
    try:
        octets = character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return len(octets) == 2 and any(octets[0] in rows for rows in _OWN_ROWS)


def substitutable(text: str) -> frozenset[str]:
    """The characters of *text* that a certificate cannot write, as *text* has them."""
    return frozenset(unit for unit in _units(text) if _one(unit, {})[1] == "1")


def substitute(text: str, chosen: Mapping[str, str] | None = None) -> Substituted:
    """The form of *text* for a certificate, and which of its characters stand in.

    *chosen* holds what the resident asked for beforehand, by character as the
    register writes it (with its variation selector, if it has one): another
    character, or kana. Next come the table of substitutes, the plainer characters
    that Unicode derives a character from, and at last ``〓``. Half-width letters
    become full-width ones without a flag: the JIS character is the same.

    Raises ``ValueError`` for a chosen substitute that no certificate can hold.
    """
    wishes = chosen or {}
    if wishes:
        _check(wishes.values())
    plain = text.translate(_PLAIN)
    if _OTHER not in plain:
        return Substituted(plain, "0" * len(plain))
    letters: list[str] = []
    flags: list[str] = []
    for unit in _units(text):
        replacement, flag = _one(unit, wishes)
        letters.append(replacement)
        flags.append(flag * len(replacement))
    return Substituted("".join(letters), "".join(flags))


def _check(wishes: Iterable[str]) -> None:
    for wish in wishes:
        if not wish or not all(in_repertoire(one) for one in wish):
            raise ValueError("a chosen substitute must itself be in JIS X 0208 or 0212")


class _Plain(dict[int, str]):
    """The full-width form of every character that certificates write as it is and that
    attaches to no other; ``_OTHER`` for all others. Filled as it is asked."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        wide = _widen(character)
        stands = len(wide) == 1 and in_repertoire(wide) and not _attaches(character)
        found = self[code] = wide if stands else _OTHER
        return found


_OTHER = "\0"
_PLAIN = _Plain()


def _one(unit: str, wishes: Mapping[str, str]) -> tuple[str, str]:
    wide = unit if len(unit) > 1 else _widen(unit)
    if len(wide) == 1 and in_repertoire(wide):
        return wide, "0"
    if wish := wishes.get(unit):
        return wish, "1"
    if len(unit) > 1:
        composed = unicodedata.normalize("NFC", unit)
        if len(composed) == 1 and in_repertoire(composed):
            return composed, "0"
        return _plainer(composed[0], wishes), "1"
    return _plainer(wide, wishes), "1"


def _plainer(character: str, wishes: Mapping[str, str]) -> str:
    """A substitute for one character: by table, else by Unicode's decompositions."""
    for _ in range(8):
        wide = _widen(character)
        if in_repertoire(wide):
            return wide
        if known := wishes.get(character) or _table().get(wide):
            return known
        parts = unicodedata.decomposition(character).split()
        if parts and parts[0].startswith("<"):
            parts = parts[1:] if len(parts) == 2 else []
        if not parts:
            return GETA
        character = chr(int(parts[0], 16))
    return GETA


def _widen(character: str) -> str:
    code = ord(character)
    if code == 0x20:
        return "\u3000"
    if 0x21 <= code <= 0x7E:
        return chr(code + 0xFEE0)
    if 0xFF61 <= code <= 0xFF9F:
        mark = _HALF_WIDTH_MARKS.get(character)
        return mark or unicodedata.normalize("NFKC", character)
    return character


def _units(text: str) -> Iterator[str]:
    """Characters as a reader sees them: a base with its marks and selectors."""
    unit = ""
    for character in text:
        if unit and _attaches(character):
            unit += character
            continue
        if unit:
            yield unit
        unit = character
    if unit:
        yield unit


def _attaches(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me") or any(
        ord(character) in rows for rows in _VARIATION
    )


@cache
def _table() -> Mapping[str, str]:
    source = files("mynabox.pki") / "data" / "substitutes.csv"
    with source.open(encoding="utf-8") as file:
        return {row["character"]: row["substitute"] for row in csv.DictReader(file)}
