"""What a card's chip holds as pictures: the face's texts drawn, and the photograph.

Texts are black on white in one bit per dot, drawn from the fonts of the papers with
variants of characters and all; a text that these lack is refused, never drawn as an
empty box. The digits are of the size that has been seen on a genuine card, the sizes
of name, address and photograph are a choice of ours.
"""

import io
from functools import cache
from math import ceil
from typing import Final

from PIL import Image, ImageDraw, ImageFont, features

from mynabox.papers import glyphs
from mynabox.papers.fit import LINE_HEIGHT, MM_PER_POINT, DoesNotFit, Fitted, fit
from mynabox.papers.typesetting import PaperFailed

DIGIT_WIDTH: Final = 6
DIGIT_HEIGHT: Final = 12
TEXT_WIDTH: Final = 432
TEXT_HEIGHT: Final = 60
TALLEST: Final = 180
"""Dots; a text that needs more than the usual height gets up to this."""
PHOTO_SIZE: Final = (240, 300)
PHOTO_RATE: Final = 16
"""Times smaller than its dots; leaves about four and a half kilobytes."""

_DIGIT_SIZE = 10
_LARGEST, _SMALLEST = 24, 14
_WHAT = "chip picture"


def digits_png(digits: str) -> bytes:
    """Digits side by side, 6 dots by 12 each: 72x12 for a number, 24x12 for a code."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("only digits are drawn so")
    image = Image.new("1", (DIGIT_WIDTH * len(digits), DIGIT_HEIGHT), 1)
    draw = ImageDraw.Draw(image)
    for place, digit in enumerate(digits):
        middle = (place * DIGIT_WIDTH + DIGIT_WIDTH / 2, DIGIT_HEIGHT / 2)
        draw.text(middle, digit, fill=0, font=_font(_DIGIT_SIZE), anchor="mm")
    return _png(image)


def text_png(text: str, *, what: str) -> bytes:
    """A name or an address, in as many lines as it needs.

    Raises ``NoGlyph``, or ``DoesNotFit`` naming ``what``.
    """
    height, fitted = _fitted(text, what)
    size = int(fitted.size)
    image = Image.new("1", (TEXT_WIDTH, height), 1)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(fitted.lines):
        at = (0, round((number + 0.5) * LINE_HEIGHT * size))
        draw.text(at, line, fill=0, font=_font(size), anchor="lm", language="ja")
    return _png(image)


def photo_jp2(jpeg: bytes) -> bytes:
    """The photograph as the chip has it: JPEG 2000 in grey.

    Takes the picture as ``photo.prepare`` makes it. Raises ``PaperFailed`` where
    Pillow has been built without OpenJPEG.
    """
    if not features.check("jpg_2000"):
        raise PaperFailed(_WHAT, "Pillow has been built without OpenJPEG")
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        grey = picture.convert("L").resize(PHOTO_SIZE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(
        out,
        format="JPEG2000",
        irreversible=True,
        quality_mode="rates",
        quality_layers=[PHOTO_RATE],
    )
    return out.getvalue()


def _fitted(text: str, what: str) -> tuple[int, Fitted]:
    """The text in dots: a dot here is what a point is on paper."""
    width = TEXT_WIDTH * MM_PER_POINT
    for height, largest in ((TEXT_HEIGHT, _LARGEST), (TALLEST, _SMALLEST)):
        try:
            found = fit(
                text,
                what=what,
                width=width,
                height=height * MM_PER_POINT,
                largest=largest,
                smallest=_SMALLEST,
            )
        except DoesNotFit:
            continue
        lines = ceil(len(found.lines) * LINE_HEIGHT * found.size)
        return max(TEXT_HEIGHT, lines), found
    raise DoesNotFit(what)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    if not features.check("raqm"):
        raise PaperFailed(_WHAT, "Pillow has been built without Raqm")
    name = f"{glyphs.JAPANESE.replace(' ', '')}-Regular.ttf"
    path = glyphs.fonts_folder() / name
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, format="PNG", optimize=True)
    return out.getvalue()
