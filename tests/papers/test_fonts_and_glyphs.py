"""The fonts that ship, and the refusal of what they cannot draw."""

import hashlib
import tomllib
from pathlib import Path

import pytest
import typst
from fontTools.ttLib import TTFont

from mynabox.papers import glyphs
from mynabox.papers.wording import LANGUAGES

FOLDER = glyphs.fonts_folder()
FILES = sorted(FOLDER.glob("*.ttf"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fonts_carry_our_name_and_their_licence(path: Path) -> None:
    with TTFont(path) as font:
        names = {entry.nameID: entry.toUnicode() for entry in font["name"].names}
    for which in (1, 3, 4, 6):
        assert "Mynabox" in names[which]
        assert "Noto" not in names[which]
        assert "Source" not in names[which]
    assert "Open Font License" in names[13]
    assert names[14].startswith("https://openfontlicense.org")


def test_the_licence_lies_beside_the_fonts() -> None:
    text = (FOLDER / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "Reserved Font Name 'Source'" in text


def test_the_fonts_stay_small_enough_to_ship() -> None:
    sizes = {path.stem: path.stat().st_size for path in FILES}
    both = sizes["MynaboxSansJP-Regular"] + sizes["MynaboxSansJP-Bold"]
    assert both < 12_000_000
    assert sum(sizes.values()) < 16_000_000


def test_both_weights_draw_the_same_characters() -> None:
    regular, bold = (
        glyphs.face(glyphs.JAPANESE, bold=heavy) for heavy in (False, True)
    )
    assert set(regular.characters) == set(bold.characters)
    assert set(regular.variants) == set(bold.variants)


def test_the_typesetter_finds_the_families_by_name() -> None:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(FOLDER)],
    )
    wanted = {name for families in glyphs.FAMILIES.values() for name in families}
    assert set(fonts.families()) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "髙﨑𠮷濵邉邊齋神栁桒槗曻",
        "箱田 太郎　ハコダ",
        "グランドハイツⅡ・Ⅲ号棟〒①㈱",
        "NGUYỄN THỊ HỘP São João ñ ç ğ ş ő ł",
        "葛\U000e0100城",
        "か\u3099 e\u0301",
    ],
)
def test_names_and_addresses_of_japan_are_drawn(text: str) -> None:
    glyphs.check(text)
    assert glyphs.width(text) > 0


def test_every_kanji_of_jis_levels_one_and_two_is_there() -> None:
    kanji = []
    for row in range(0xB0, 0xF5):
        for cell in range(0xA1, 0xFF):
            try:
                kanji.append(bytes((row, cell)).decode("euc_jp"))
            except UnicodeDecodeError:
                continue
    assert len(kanji) == 6355
    assert glyphs.missing("".join(kanji)) == ()


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("箱田😀", ("😀",)),
        ("葛\U000e0101城", ("葛\U000e0101",)),
        ("か\u309a", ("か\u309a",)),
        ("한글", ("한", "글")),
        ("ไทย", ("ไ", "ท", "ย")),
        ("a\tb\nc", ("\t", "\n")),
        ("\u200b\u202e\u00ad", ("\u200b", "\u202e", "\u00ad")),
        ("\u0301", ("\u0301",)),
        ("\ue000", ("\ue000",)),
    ],
)
def test_what_cannot_be_drawn_is_named(text: str, characters: tuple[str, ...]) -> None:
    with pytest.raises(glyphs.NoGlyph) as refusal:
        glyphs.check(text)
    assert refusal.value.characters == characters
    assert f"U+{ord(characters[0][-1]):04X}" in str(refusal.value)


def test_a_second_language_brings_its_own_font() -> None:
    assert glyphs.missing("ที่อยู่ 12", language="th") == ()
    assert glyphs.missing("क्षेत्र", language="ne") == ()
    assert glyphs.missing("ไทย", language="ne") == ("ไ", "ท", "ย")


def test_a_variant_is_another_drawing() -> None:
    japanese = glyphs.face(glyphs.JAPANESE)
    drawn = [glyph for glyph in japanese.variants.values() if glyph is not None]
    assert len(drawn) > 300
    with TTFont(FOLDER / "MynaboxSansJP-Regular.ttf") as font:
        table = font["glyf"]
        plain = table[japanese.characters[ord("葛")]].compile(table)
        variant = japanese.variants[ord("葛"), 0xE0100]
        assert variant is not None
        shapes = {
            hashlib.sha256(plain).digest(),
            hashlib.sha256(table[variant].compile(table)).digest(),
        }
    assert len(shapes) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_worded_text_can_be_drawn(language: str) -> None:
    for path in (FOLDER.parent / "wording").glob("*.toml"):
        for entry in tomllib.loads(path.read_text("utf-8")).values():
            glyphs.check(entry.get(language, ""), language=language)
