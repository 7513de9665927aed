"""The picture of the holder (顔写真): what it is, and what goes on the card.

``inspect`` states facts about the bytes that were sent; what the law asks of a
picture (R040-R047) is decided by the rulebook. ``concerns`` names what a clerk
should look at, by limits of our own (``photo_limits.toml``). ``prepare`` makes the
picture that is printed. Nothing here recognises a face, a hat or sunglasses: a
person decides that (R042-R044).
"""

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from PIL import Image, ImageCms, ImageOps

from mynabox.law.photo import photo_on_card
from mynabox.papers.jpeg import BrokenJpeg, looks_like_jpeg, outline
from mynabox.papers.photo_look import background_spread, limits, sharpness

_READ_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
_COLOURS = {"RGB": "rgb", "L": "mono", "1": "mono"}
_PRINT_PPI = 600
_TENTHS_PER_INCH = 254

_ORIENTATION, _EXIF_FOLDER, _TAKEN = 0x0112, 0x8769, 0x9003


class PhotoTrouble(StrEnum):
    """Why bytes cannot be taken as a picture at all."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    TRUNCATED = "truncated"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_SCANS = "too_many_scans"
    CMYK = "cmyk"
    ANIMATED = "animated"
    POLYGLOT = "polyglot"


class PhotoUnusable(ValueError):
    """The bytes are refused: ``trouble`` says why, ``found`` what was there."""

    def __init__(self, trouble: PhotoTrouble, found: str = "") -> None:
        super().__init__(f"{trouble}: {found}" if found else str(trouble))
        self.trouble = trouble
        self.found = found


class Concern(StrEnum):
    """What a clerk should look at before the picture is accepted."""

    BACKGROUND_NOT_PLAIN = "background_not_plain"
    NOT_SHARP = "not_sharp"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """What a picture is, read from its bytes alone.

    ``format``   as the bytes say ("JPEG", "PNG" ...), whatever the file was called
    ``width``, ``height``  pixels as the picture is looked at (EXIF turn applied)
    ``mode``     "rgb", "mono" (black and white), or another name of Pillow's in small
    ``size``     bytes
    ``orientation``  the EXIF turn that was applied, 1 (none) to 8
    ``taken``    the day that EXIF claims; a hint, since anyone can write it
    ``trailing`` bytes behind the end of the picture (many telephones add some)
    ``background_spread``  0 (one colour) to 255; see ``photo_limits.toml``
    ``sharpness``  0 (smeared) to 1
    """

    format: str
    width: int
    height: int
    mode: str
    size: int
    orientation: int
    taken: date | None
    trailing: int
    background_spread: float
    sharpness: float

    @property
    def ratio(self) -> float:
        """Height over width."""
        return self.height / self.width


def inspect(data: bytes) -> PhotoFacts:
    """States what ``data`` is. Raises ``PhotoUnusable``."""
    image, trailing = _opened(data)
    orientation = _orientation(image)
    taken = _taken(image)
    upright = _upright(image)
    grey = upright.convert("L")
    return PhotoFacts(
        format="JPEG" if image.format == "MPO" else str(image.format),
        width=upright.width,
        height=upright.height,
        mode=_COLOURS.get(image.mode, image.mode.lower()),
        size=len(data),
        orientation=orientation,
        taken=taken,
        trailing=trailing,
        background_spread=background_spread(upright.convert("RGB")),
        sharpness=sharpness(grey),
    )


def concerns(facts: PhotoFacts) -> tuple[Concern, ...]:
    """What to look at; empty when nothing stands out."""
    found = []
    if facts.background_spread > limits()["background_spread"]:
        found.append(Concern.BACKGROUND_NOT_PLAIN)
    if facts.sharpness < limits()["sharpness"]:
        found.append(Concern.NOT_SHARP)
    return tuple(found)


def prepare(data: bytes) -> bytes:
    """The picture for the card: a JPEG of its size there (R046) at 600 ppi.

    Without metadata, turned upright, brought to sRGB, cropped evenly at the sides or
    a little more at the bottom than at the top. Raises ``PhotoUnusable``.
    """
    image, _ = _opened(data)
    profile = image.info.get("icc_profile")
    upright = _upright(image)
    colours = _srgb(upright, profile)
    width, height = photo_on_card().value
    dots = _PRINT_PPI / _TENTHS_PER_INCH
    printed = ImageOps.fit(
        colours,
        (round(width * dots), round(height * dots)),
        method=Image.Resampling.LANCZOS,
        centering=(0.5, 0.4),
    )
    clean = Image.frombytes("RGB", printed.size, printed.tobytes())
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=90, optimize=True, dpi=(_PRINT_PPI, _PRINT_PPI))
    return out.getvalue()


def _opened(data: bytes) -> tuple[Image.Image, int]:
    """The decoded first frame and the count of bytes behind its end."""
    if not data:
        raise PhotoUnusable(PhotoTrouble.EMPTY)
    if b"%PDF-" in data[:1024]:
        raise PhotoUnusable(PhotoTrouble.POLYGLOT, "PDF")
    trailing = _checked_jpeg(data) if looks_like_jpeg(data) else 0
    try:
        image = Image.open(io.BytesIO(data), formats=_READ_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PhotoUnusable(PhotoTrouble.TOO_MANY_PIXELS) from bomb
    except Exception as broken:  # a decoder raises nearly anything at hostile bytes
        raise PhotoUnusable(PhotoTrouble.NOT_AN_IMAGE) from broken
    _within_pixels(*image.size)
    if image.mode == "CMYK":
        raise PhotoUnusable(PhotoTrouble.CMYK)
    try:
        frames = int(getattr(image, "n_frames", 1))
        image.load()
    except Exception as broken:
        raise PhotoUnusable(PhotoTrouble.TRUNCATED, str(image.format)) from broken
    # Telephones put a preview behind the picture (MPO): not an animation.
    if image.format != "MPO" and frames > 1:
        raise PhotoUnusable(PhotoTrouble.ANIMATED, str(image.format))
    return image, trailing


def _checked_jpeg(data: bytes) -> int:
    """Refuses what must not reach a decoder; returns the count of trailing bytes."""
    try:
        found = outline(data)
    except BrokenJpeg as broken:
        trouble = PhotoTrouble.TRUNCATED if broken.at else PhotoTrouble.NOT_AN_IMAGE
        raise PhotoUnusable(trouble, f"byte {broken.at}") from broken
    _within_pixels(found.width, found.height)
    if found.scans > limits()["most_scans"]:
        raise PhotoUnusable(PhotoTrouble.TOO_MANY_SCANS, str(found.scans))
    if found.components == 4:
        raise PhotoUnusable(PhotoTrouble.CMYK)
    if found.end is None:
        raise PhotoUnusable(PhotoTrouble.TRUNCATED, f"byte {len(data)}")
    behind = data[found.end :]
    for segment in (*found.metadata, behind):
        lowered = segment.lower()
        for sign in (b"<script", b"<html", b"<?php", b"<!doctype"):
            if sign in lowered:
                raise PhotoUnusable(PhotoTrouble.POLYGLOT, sign.decode("ascii"))
    if behind and zipfile.is_zipfile(io.BytesIO(behind)):
        raise PhotoUnusable(PhotoTrouble.POLYGLOT, "ZIP")
    for sign in (b"%PDF-", b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"MZ"):
        if behind.startswith(sign):
            raise PhotoUnusable(PhotoTrouble.POLYGLOT, sign[:4].decode("latin-1"))
    return len(behind)


def _within_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise PhotoUnusable(PhotoTrouble.NOT_AN_IMAGE, f"{width} x {height}")
    if width * height > limits()["most_pixels"]:
        raise PhotoUnusable(PhotoTrouble.TOO_MANY_PIXELS, f"{width} x {height}")


def _orientation(image: Image.Image) -> int:
    try:
        turn = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # whatever EXIF is broken by, there is no turn then
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _taken(image: Image.Image) -> date | None:
    """The day of DateTimeOriginal ("2026:05:01 12:00:00"), if it is one."""
    try:
        written = image.getexif().get_ifd(_EXIF_FOLDER).get(_TAKEN)
        year, month, day = str(written).split()[0].split(":")
        return date(int(year), int(month), int(day))
    except Exception:  # no such day, or EXIF that nobody can read
        return None


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB; a damaged or foreign profile is left out of account."""
    if profile and image.mode == "RGB":
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image
        return image if converted is None else converted
    if image.mode in ("RGBA", "LA", "PA", "P"):
        alpha = image.convert("RGBA")
        paper = Image.new("RGBA", alpha.size, "white")
        paper.alpha_composite(alpha)
        return paper.convert("RGB")
    return image.convert("RGB")
