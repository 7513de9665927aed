"""Which characters the fonts of the papers can draw, and how wide they are.

The typesetter draws an empty box for a character it lacks and says nothing. So
every text is held against the fonts first, and refused with ``NoGlyph``.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

JAPANESE: Final = "Mynabox Sans JP"

FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "ko": ("Mynabox Sans KR", JAPANESE),
    "ne": (JAPANESE, "Mynabox Sans Devanagari"),
    "th": (JAPANESE, "Mynabox Sans Thai"),
    "zh-Hans": ("Mynabox Sans SC", JAPANESE),
    "zh-Hant": ("Mynabox Sans TC", JAPANESE),
}
"""Families for a language in the order in which they are asked; others use JP."""

_SHAPED = {"Mynabox Sans Thai", "Mynabox Sans Devanagari"}
_JOINERS = "\u200c\u200d"


class NoGlyph(ValueError):
    """A text holds ``characters`` that the fonts of the papers cannot draw.

    A character with a variation selector (IVS) counts as one. Nothing is drawn.
    """

    def __init__(self, characters: tuple[str, ...]) -> None:
        listed = ", ".join(
            f"{text} ({' '.join(f'U+{ord(c):04X}' for c in text)})"
            if text.isprintable()
            else " ".join(f"U+{ord(c):04X}" for c in text)
            for text in characters
        )
        super().__init__(f"no glyph for {listed}")
        self.characters = characters


@dataclass(frozen=True, slots=True)
class Face:
    """The character tables of one font file."""

    characters: dict[int, str]
    variants: dict[tuple[int, int], str | None]
    advances: dict[str, int]
    em: int

    def draws(self, cluster: str) -> bool:
        """Whether this face draws one base character with what hangs on it."""
        if len(cluster) == 1:
            return ord(cluster) in self.characters and not _unseen(cluster)
        base, mark = cluster[0], cluster[1]
        if len(cluster) == 2 and _selects(mark):
            return (ord(base), ord(mark)) in self.variants
        composed = unicodedata.normalize("NFC", cluster)
        return len(composed) == 1 and ord(composed) in self.characters

    def advance(self, cluster: str) -> float:
        """Width of a drawable cluster in em."""
        if len(cluster) == 2 and _selects(cluster[1]):
            variant = self.variants[ord(cluster[0]), ord(cluster[1])]
            if variant is not None:
                return self.advances[variant] / self.em
            cluster = cluster[0]
        if len(cluster) > 1:
            cluster = unicodedata.normalize("NFC", cluster)
        return self.advances[self.characters[ord(cluster)]] / self.em


def fonts_folder() -> Path:
    """The folder of the font files that ship with the package."""
    return Path(str(files("mynabox.papers") / "fonts"))


@cache
def face(family: str, *, bold: bool = False) -> Face:
    """The tables of a family's font file, read once."""
    style = "Bold" if bold else "Regular"
    path = fonts_folder() / f"{family.replace(' ', '')}-{style}.ttf"
    with TTFont(path, lazy=True) as font:
        variants = {
            (base, selector): glyph
            for table in font["cmap"].tables
            if table.format == 14
            for selector, pairs in table.uvsDict.items()
            for base, glyph in pairs
        }
        return Face(
            characters=dict(font.getBestCmap()),
            variants=variants,
            advances={name: metric[0] for name, metric in font["hmtx"].metrics.items()},
            em=font["head"].unitsPerEm,
        )


def clusters(text: str) -> Iterator[str]:
    """The text in base characters, each with its selector or combining marks."""
    held = ""
    for character in text:
        if held and _attaches(character):
            held += character
            continue
        if held:
            yield held
        held = character
    if held:
        yield held


def missing(text: str, *, language: str = "ja") -> tuple[str, ...]:
    """The clusters of ``text`` that no font for ``language`` draws, once each."""
    return tuple(
        cluster
        for cluster in dict.fromkeys(clusters(text))
        if not (_known if len(cluster) <= _SHORT else _drawn)(cluster, language)
    )


def _drawn(cluster: str, language: str) -> bool:
    """Whether a font for ``language`` draws a cluster."""
    families = FAMILIES.get(language, (JAPANESE,))
    if any(face(name).draws(cluster) for name in families if name not in _SHAPED):
        return True
    return any(
        all(ord(c) in face(name).characters or c in _JOINERS for c in cluster)
        for name in families
        if name in _SHAPED
    )


_known = lru_cache(maxsize=1 << 14)(_drawn)
"""Kept, for letters return; but not what somebody piles marks upon."""
_SHORT = 8


def check(*texts: str, language: str = "ja") -> None:
    """Raises ``NoGlyph`` if a text cannot be drawn in full."""
    found = missing("\u0020".join(texts), language=language)
    if found:
        raise NoGlyph(found)


def width(text: str, *, bold: bool = False) -> float:
    """Width of a line in em: the sum of the advances, since nothing is kerned.

    The text must have passed ``check``.
    """
    japanese = face(JAPANESE, bold=bold)
    return sum(japanese.advance(cluster) for cluster in clusters(text))


@lru_cache(maxsize=1 << 14)
def _attaches(character: str) -> bool:
    """Whether it belongs to the base character before it."""
    return _selects(character) or _hangs(character)


def _selects(character: str) -> bool:
    return (
        "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    )


def _hangs(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me")


def _unseen(character: str) -> bool:
    """Marks with nothing to hang on, and signs that draw nothing (soft hyphen)."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf", "Cc")
