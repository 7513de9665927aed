"""How plain the background of a picture is, and how sharp the picture.

Two measures of ours, in numbers whose limits stand in ``photo_limits.toml``. They
advise a clerk; the law names the fault (R042, R043), not how to measure it.
"""

import tomllib
from functools import cache
from importlib.resources import files

from PIL import Image, ImageChops, ImageFilter, ImageStat

_MEASURED_HEIGHT = 480


@cache
def limits() -> dict[str, float]:
    """The limits of ``photo_limits.toml`` by name."""
    text = files("mynabox.papers").joinpath("photo_limits.toml").read_text("utf-8")
    return {name: entry["is"] for name, entry in tomllib.loads(text).items()}


def background_spread(image: Image.Image) -> float:
    """Distance of four fifths of the border from the border's middle colour.

    The border is the top strip and the upper half of both sides: below them are
    the shoulders. A fifth of it may be hair.
    """
    small = image.resize((280, 360), Image.Resampling.BOX)
    border = Image.new("L", small.size, 0)
    for box in ((0, 0, 280, 24), (0, 24, 24, 170), (256, 24, 280, 170)):
        border.paste(255, box)
    middle = tuple(ImageStat.Stat(small, border).median)
    away = ImageChops.difference(small, Image.new("RGB", small.size, middle))
    red, green, blue = away.split()
    widest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    counts = widest.histogram(border)
    wanted = sum(counts) * 4 / 5
    return float(next(n for n in range(256) if sum(counts[: n + 1]) >= wanted))


def sharpness(grey: Image.Image) -> float:
    """Share of the contrast between neighbours that a further blur takes away.

    A sharp picture loses most of it, a smeared one hardly any; what the picture
    shows matters little (after Crete-Roffet et al., 2007). Measured at about the
    size at which the card is printed, so that a large picture is not judged by
    detail nobody will see.
    """
    width = round(grey.width * _MEASURED_HEIGHT / grey.height)
    width = min(max(width, 16), 4 * _MEASURED_HEIGHT)
    seen = grey.resize((width, _MEASURED_HEIGHT), Image.Resampling.LANCZOS)
    smeared = seen.filter(ImageFilter.BoxBlur(4))
    kept = []
    for dx, dy in ((1, 0), (0, 1)):
        before = ImageChops.difference(seen, ImageChops.offset(seen, dx, dy))
        after = ImageChops.difference(smeared, ImageChops.offset(smeared, dx, dy))
        inner = (dx, dy, seen.width, seen.height)
        lost = ImageChops.subtract(before, after).crop(inner)
        total = ImageStat.Stat(before.crop(inner)).sum[0]
        kept.append(ImageStat.Stat(lost).sum[0] / total if total else 0.0)
    return min(kept)
