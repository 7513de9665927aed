"""Makes the fonts of the papers from web-font slices of the npm registry.

    npm ci --prefix tools/fonts
    .venv/bin/python tools/fonts/build.py

The slices (OFL-1.1, pinned by package-lock.json) each hold a few hundred
characters. This joins them into whole TrueType fonts under names of our own:

- ``Mynabox Sans JP`` regular and bold: every character of Noto Sans JP with its
  ideographic variants (IVS, cmap format 14), and what Noto Sans JP lacks of Greek,
  Roman numerals and Latin letters from the sister fonts of the same drawing;
- ``Mynabox Sans Thai`` and ``Mynabox Sans Devanagari``: whole, with their shaping;
- ``Mynabox Sans KR``, ``SC``, ``TC``: the characters of everyday writing (the
  syllables of KS X 1001, the first levels of GB 2312 and Big5) and whatever else the
  wording of the papers (``src/mynabox/papers/wording``) uses.

Kerning and alternates of the Japanese font are left out: so a line is as wide as
the sum of its advances, which is how the papers measure. The same input makes the
same bytes.
"""

import argparse
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

ROOT = Path(__file__).resolve().parents[2]
MODULES = Path(__file__).resolve().parent / "node_modules"
WORDING = ROOT / "src/mynabox/papers/wording"
TARGET = ROOT / "src/mynabox/papers/fonts"

WEIGHTS = {400: "Regular", 700: "Bold"}
MADE = 3_786_912_000  # 2024-01-01 in seconds since 1904: a constant, not a clock
COPYRIGHT = {
    "noto": "(c) 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name"
    " 'Source'. Portions (c) 2010-2024 Adobe, with Reserved Font Name 'Source'.",
    "project": "Copyright 2022 The Noto Project Authors (https://github.com/notofonts)",
}
LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1."
LICENCE_URL = "https://openfontlicense.org"
VARIATION_SELECTORS = range(0xE0100, 0xE01F0)


@dataclass(frozen=True, slots=True)
class Slice:
    """One web-font file: a part of the characters of a face."""

    path: Path
    font: TTFont

    @property
    def characters(self) -> dict[int, str]:
        """Code point to glyph name."""
        return self.font.getBestCmap() or {}

    @property
    def variants(self) -> Iterator[tuple[int, int, str | None]]:
        """(selector, base, glyph name or None where the base glyph serves)."""
        for table in self.font["cmap"].tables:
            if table.format == 14:
                for selector, pairs in sorted(table.uvsDict.items()):
                    for base, name in sorted(pairs, key=lambda pair: pair[0]):
                        yield selector, base, name


class Face:
    """A font in the making: glyphs gathered by character."""

    def __init__(self) -> None:
        self.glyphs: dict[str, Glyph] = {}
        self.metrics: dict[str, tuple[int, int]] = {}
        self.characters: dict[int, str] = {}
        self.variants: dict[tuple[int, int], str | None] = {}
        self._drawn: dict[bytes, str] = {}
        notdef = TTGlyphPen(None)
        outer = [(50, 0), (50, 700), (450, 700), (450, 0)]
        inner = [(90, 40), (410, 40), (410, 660), (90, 660)]
        for corners in (outer, inner):
            notdef.moveTo(corners[0])
            for corner in corners[1:]:
                notdef.lineTo(corner)
            notdef.closePath()
        self._keep(".notdef", notdef.glyph(), (500, 50))

    def _keep(self, name: str, glyph: Glyph, metric: tuple[int, int]) -> None:
        self.glyphs[name] = glyph
        self.metrics[name] = metric

    def add(
        self,
        part: Slice,
        *,
        wanted: Iterable[int] | None = None,
        scale: float = 1.0,
        with_variants: bool = False,
    ) -> None:
        """Takes the characters that are wanted and not yet here."""
        mapping = part.characters
        chosen = set(mapping) if wanted is None else set(mapping) & set(wanted)
        for code in sorted(chosen - set(self.characters)):
            self.characters[code] = self._take(part, mapping[code], code, "", scale)
        if not with_variants:
            return
        for selector, base, name in part.variants:
            if (selector, base) in self.variants or base not in self.characters:
                continue
            kept = None
            if name is not None and mapping.get(base) != name:
                suffix = f".{selector:05X}"
                kept = self._take(part, name, base, suffix, scale)
                if kept == self.characters[base]:
                    kept = None
            self.variants[selector, base] = kept

    def _take(
        self, part: Slice, name: str, code: int, suffix: str, scale: float
    ) -> str:
        table = part.font["glyf"]
        advance, bearing = part.font["hmtx"][name]
        pen = TTGlyphPen(None)
        recording = DecomposingRecordingPen(part.font.getGlyphSet())
        part.font.getGlyphSet()[name].draw(recording)
        recording.replay(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
        glyph = pen.glyph()
        metric = (round(advance * scale), round(bearing * scale))
        print_of_glyph = repr((metric, glyph.compile(table))).encode()
        if suffix and print_of_glyph in self._drawn:
            return self._drawn[print_of_glyph]
        ours = f"u{code:04X}{suffix}"
        self._drawn.setdefault(print_of_glyph, ours)
        self._keep(ours, glyph, metric)
        return ours

    def build(self, *, family: str, weight: int, copyright_line: str) -> TTFont:
        """The finished font."""
        style = WEIGHTS[weight]
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(sorted(self.glyphs, key=lambda n: (n != ".notdef", n)))
        builder.setupCharacterMap(
            self.characters,
            uvs=[
                (base, vs, name) for (vs, base), name in sorted(self.variants.items())
            ],
        )
        builder.setupGlyf(self.glyphs)
        builder.setupHorizontalMetrics(self.metrics)
        builder.setupHorizontalHeader(ascent=1160, descent=-288)
        builder.setupOS2(
            sTypoAscender=880,
            sTypoDescender=-120,
            sTypoLineGap=0,
            usWinAscent=1160,
            usWinDescent=288,
            usWeightClass=weight,
            fsSelection=0x20 if weight >= 700 else 0x40,
            fsType=0,
            sxHeight=543,
            sCapHeight=733,
        )
        builder.setupPost(keepGlyphNames=False)
        builder.setupMaxp()
        font = builder.font
        if weight >= 700:
            font["head"].macStyle = 1
        named(font, family=family, style=style, copyright_line=copyright_line)
        return font


def named(font: TTFont, *, family: str, style: str, copyright_line: str) -> None:
    """Writes our own name table and a constant date."""
    table = FontBuilder(font=font)
    table.setupNameTable(
        {
            "copyright": copyright_line,
            "familyName": family,
            "styleName": style,
            "uniqueFontIdentifier": f"1.000;{family.replace(' ', '')}-{style}",
            "fullName": f"{family} {style}",
            "version": "Version 1.000",
            "psName": f"{family.replace(' ', '')}-{style}",
            "licenseDescription": LICENCE,
            "licenseInfoURL": LICENCE_URL,
        },
        mac=False,
    )
    font["head"].created = font["head"].modified = MADE
    font.recalcTimestamp = False


def slices(modules: Path, package: str, weight: int) -> list[Slice]:
    """All slices of a face: Latin first, then the numbered ones."""
    files = (modules / "@fontsource" / package / "files").glob(
        f"{package}-*-{weight}-normal.woff"
    )

    def rank(path: Path) -> tuple[int, int, str]:
        word = path.name.removeprefix(f"{package}-").split("-")[0]
        return (1, int(word), "") if word.isdecimal() else (0, 0, path.name)

    ordered = sorted(files, key=rank)
    if not ordered:
        raise SystemExit(f"{package}: no slices below {modules}; run npm ci first")
    return [Slice(path, TTFont(path)) for path in ordered]


def x_height(parts: list[Slice]) -> int:
    """Height of the letter x, to bring two Latin drawings to one size."""
    for part in parts:
        name = part.characters.get(ord("x"))
        if name:
            return int(part.font["glyf"][name].yMax)
    raise SystemExit("no letter x in the slices")


def japanese(modules: Path, weight: int) -> Face:
    """Every character of the Japanese font and what addresses need beside it."""
    face = Face()
    own = slices(modules, "noto-sans-jp", weight)
    for part in own:
        face.add(part, with_variants=True)
    # Greek and Roman numerals as full-width forms, from the sister faces.
    signs = [*range(0x391, 0x3CA), *range(0x2160, 0x217C), 0x2252]
    for package in ("noto-sans-sc", "noto-sans-kr"):
        for part in slices(modules, package, weight):
            face.add(part, wanted=signs)
    latin = slices(modules, "source-sans-3", weight)
    scale = x_height(own) / x_height(latin)
    for part in latin:
        letters = [c for c in part.characters if 0x100 <= c < 0x250]
        face.add(part, wanted=letters, scale=scale)
    return face


def worded(language: str) -> set[int]:
    """Characters that the papers' wording uses in one language."""
    found: set[int] = set()
    for path in sorted(WORDING.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).values():
            found.update(map(ord, entry.get(language, "")))
    return {code for code in found if code > 0x7F}


EVERYDAY = {
    "ko": ("euc_kr", range(0xB0, 0xC9), range(0xA1, 0xFF)),
    "zh-Hans": ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
    "zh-Hant": ("big5", range(0xA4, 0xC7), range(0x40, 0xFF)),
}
"""Encoding and rows of the characters that a language writes every day."""


def everyday(language: str) -> set[int]:
    """Those characters, with the full-width punctuation of China."""
    encoding, rows, cells = EVERYDAY[language]
    found = set(map(ord, "，。、：；？！（）《》「」…·～"))
    for row in rows:
        for cell in cells:
            text = bytes((row, cell)).decode(encoding, errors="ignore")
            if len(text) == 1 and ord(text) > 0x7F:
                found.add(ord(text))
    return found


def whole(modules: Path, package: str, script: str, family: str) -> TTFont:
    """A small script's font as it is, with its shaping tables, renamed."""
    path = modules / f"@fontsource/{package}/files/{package}-{script}-400-normal.woff"
    font = TTFont(path)
    font.flavor = None
    for tag in ("STAT", "gasp"):
        if tag in font:
            del font[tag]
    named(font, family=family, style="Regular", copyright_line=COPYRIGHT["project"])
    return font


def main() -> int:
    """Builds all fonts into the package."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--modules", type=Path, default=MODULES)
    parser.add_argument("--target", type=Path, default=TARGET)
    given = parser.parse_args()
    given.target.mkdir(parents=True, exist_ok=True)

    def save(font: TTFont, name: str) -> None:
        path = given.target / name
        font.save(path)
        print(f"{path.name:36} {path.stat().st_size:>10,} bytes")

    for weight, style in WEIGHTS.items():
        face = japanese(given.modules, weight)
        built = face.build(
            family="Mynabox Sans JP", weight=weight, copyright_line=COPYRIGHT["noto"]
        )
        save(built, f"MynaboxSansJP-{style}.ttf")
    save(
        whole(given.modules, "noto-sans-thai", "thai", "Mynabox Sans Thai"),
        "MynaboxSansThai-Regular.ttf",
    )
    save(
        whole(
            given.modules,
            "noto-sans-devanagari",
            "devanagari",
            "Mynabox Sans Devanagari",
        ),
        "MynaboxSansDevanagari-Regular.ttf",
    )
    for language, package, short in (
        ("ko", "noto-sans-kr", "KR"),
        ("zh-Hans", "noto-sans-sc", "SC"),
        ("zh-Hant", "noto-sans-tc", "TC"),
    ):
        face = Face()
        for part in slices(given.modules, package, 400):
            face.add(part, wanted=everyday(language) | worded(language))
        lacking = worded(language) - set(face.characters)
        if lacking:
            raise SystemExit(f"{package} lacks {''.join(map(chr, sorted(lacking)))}")
        built = face.build(
            family=f"Mynabox Sans {short}",
            weight=400,
            copyright_line=COPYRIGHT["noto"],
        )
        save(built, f"MynaboxSans{short}-Regular.ttf")
    licence = given.modules / "@fontsource/noto-sans-jp/LICENSE"
    text = licence.read_text(encoding="utf-8")
    body = text[text.index("This Font Software is licensed") :]
    notices = "\n".join(COPYRIGHT.values())
    (given.target / "OFL.txt").write_text(f"{notices}\n\n{body}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
