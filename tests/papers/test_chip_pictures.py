"""The pictures in a chip: their form, and that what they show is what was meant."""

import io

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw

from mynabox.papers import glyphs
from mynabox.papers.chip_pictures import (
    PHOTO_SIZE,
    TALLEST,
    TEXT_HEIGHT,
    TEXT_WIDTH,
    digits_png,
    photo_jp2,
    text_png,
)
from mynabox.papers.fit import DoesNotFit
from mynabox.papers.glyphs import NoGlyph


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def drawn(text: str) -> Image.Image:
    return opened(text_png(text, what="name"))


def cell(image: Image.Image, place: int) -> bytes:
    return image.crop((place * 6, 0, place * 6 + 6, 12)).tobytes()


@pytest.mark.parametrize(
    ("digits", "size"), [("123456789018", (72, 12)), ("2285", (24, 12))]
)
def test_digits_are_of_the_size_seen(digits: str, size: tuple[int, int]) -> None:
    png = digits_png(digits)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png[24:26] == b"\x01\x00"  # one bit, grey
    assert opened(png).size == size


def test_digits_can_be_told_apart_and_read_back() -> None:
    known = {cell(opened(digits_png(digit)), 0): digit for digit in "0123456789"}
    assert len(known) == 10
    picture = opened(digits_png("908172635445"))
    assert "".join(known[cell(picture, at)] for at in range(12)) == "908172635445"


@pytest.mark.parametrize("text", ["", "12A4", "１２"])
def test_only_digits_are_drawn_as_digits(text: str) -> None:
    with pytest.raises(ValueError, match=r"digits|width"):
        digits_png(text)


def test_a_name_is_one_bit_black_on_white() -> None:
    png = text_png("見本\u3000花子", what="name")
    assert png[24:26] == b"\x01\x00"
    image = opened(png)
    assert image.size == (TEXT_WIDTH, TEXT_HEIGHT)
    dark = image.convert("L").histogram()[0]
    assert 300 < dark < TEXT_WIDTH * TEXT_HEIGHT / 4


def outline(character: str, selector: str = "") -> Image.Image:
    """A character drawn from the font's outlines by another program than FreeType."""
    folder = glyphs.fonts_folder()
    with TTFont(folder / "MynaboxSansJP-Regular.ttf") as font:
        name = font.getBestCmap()[ord(character)]
        if selector:
            table = next(t for t in font["cmap"].tables if t.format == 14)
            found = dict(table.uvsDict[ord(selector)])[ord(character)]
            name = found or name
        pen = DecomposingRecordingPen(font.getGlyphSet())
        font.getGlyphSet()[name].draw(pen)
        scale = 96 / font["head"].unitsPerEm
    image = Image.new("L", (104, 120), 255)
    loops: list[list[tuple[float, float]]] = []
    for what, points in pen.value:
        if what == "moveTo":
            loops.append([])
        for point in points:
            if point is not None:
                loops[-1].append((point[0] * scale + 4, 96 - point[1] * scale))
    for loop in loops:
        part = Image.new("1", image.size, 0)
        ImageDraw.Draw(part).polygon(loop, fill=1)
        image = ImageChops.logical_xor(image.convert("1"), part).convert("L")
    return ImageChops.invert(image)


def likeness(one: Image.Image, two: Image.Image) -> float:
    """How far two characters overlap, both brought to one size: 0 to 1."""

    def dark(image: Image.Image) -> Image.Image:
        inverted = ImageChops.invert(image.convert("L"))
        box = inverted.getbbox()
        return inverted.crop(box).resize((48, 48)).point(lambda v: 255 * (v > 96))

    a, b = dark(one).convert("1"), dark(two).convert("1")
    both = ImageChops.logical_and(a, b).convert("L").histogram()[255]
    either = ImageChops.logical_or(a, b).convert("L").histogram()[255]
    return both / either


@pytest.mark.parametrize(
    ("text", "not_this"),
    [("𠮷", "占"), ("渡", "度"), ("髙", "喬"), ("﨑", "碕")],
)
def test_a_rare_character_is_that_character(text: str, not_this: str) -> None:
    picture = drawn(text)
    right = likeness(picture, invert(outline(text)))
    wrong = likeness(picture, invert(outline(not_this)))
    assert right > 0.5
    assert right > wrong + 0.1


def invert(image: Image.Image) -> Image.Image:
    return ImageChops.invert(image)


def test_a_variant_is_drawn_as_that_variant() -> None:
    """辻 with one dot and with two, which a register keeps apart (IVS)."""
    plain, variant = drawn("辻"), drawn("辻\U000e0100")
    assert plain.tobytes() != variant.tobytes()
    one, other = outline("辻"), outline("辻", "\U000e0100")
    assert one.tobytes() != other.tobytes()
    as_meant = likeness(variant, invert(other))
    assert as_meant > likeness(variant, invert(one))


@pytest.mark.parametrize("text", ["\U0002ebf0", "葛\U000e01ef", "\ue000"])
def test_what_the_fonts_lack_is_refused(text: str) -> None:
    with pytest.raises(NoGlyph):
        text_png(f"見本{text}", what="name")


def test_a_long_address_gets_more_lines_and_no_end_is_lost() -> None:
    address = "茨城県つくば市研究学園一丁目１番地１" * 6
    picture = opened(text_png(address, what="address"))
    assert picture.width == TEXT_WIDTH
    assert TEXT_HEIGHT < picture.height <= TALLEST
    dark = ImageChops.invert(picture.convert("L")).getbbox()
    assert dark is not None
    assert dark[3] <= picture.height
    shorter = opened(text_png(address[:-1], what="address"))
    assert shorter.tobytes() != picture.tobytes()
    with pytest.raises(DoesNotFit) as refusal:
        text_png("長" * 400, what="address")
    assert refusal.value.what == "address"


def test_the_photograph_is_jpeg_2000_in_grey() -> None:
    portrait = io.BytesIO()
    Image.radial_gradient("L").resize((520, 650)).convert("RGB").save(portrait, "JPEG")
    raw = photo_jp2(portrait.getvalue())
    assert raw[:12] == bytes.fromhex("0000000C6A5020200D0A870A")
    assert len(raw) < 6000
    picture = opened(raw)
    assert (picture.format, picture.mode, picture.size) == ("JPEG2000", "L", PHOTO_SIZE)
    wanted = Image.open(portrait).convert("L").resize(PHOTO_SIZE)
    differences = ImageChops.difference(picture, wanted).histogram()
    assert sum(differences[24:]) < 0.02 * PHOTO_SIZE[0] * PHOTO_SIZE[1]
