"""Draws the specimen portraits: geometric faces of nobody.

    .venv/bin/python tools/portrait/draw.py

Every portrait is 1000 x 1286 pixels, 45:35 like the paper photograph (R041), front
view, bare head, plain background (R042), saved as an RGB JPEG between the bounds of
R045. Shapes and colours only: no likeness, no photograph, no model.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 1000, 1286
_FINER = 2

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What tells one drawn face from another."""

    name: str
    skin: Colour
    hair: Colour
    clothes: Colour
    background: Colour
    hair_cut: str
    glasses: bool = False


PEOPLE = (
    Person(
        name="portrait-1",
        skin=(240, 203, 170),
        hair=(52, 43, 40),
        clothes=(46, 92, 110),
        background=(226, 235, 240),
        hair_cut="short",
    ),
    Person(
        name="portrait-2",
        skin=(226, 178, 140),
        hair=(74, 48, 36),
        clothes=(150, 74, 86),
        background=(238, 236, 230),
        hair_cut="long",
    ),
    Person(
        name="portrait-3",
        skin=(176, 124, 90),
        hair=(34, 30, 32),
        clothes=(84, 106, 62),
        background=(232, 238, 233),
        hair_cut="short",
        glasses=True,
    ),
    Person(
        name="portrait-4",
        skin=(244, 212, 186),
        hair=(176, 176, 180),
        clothes=(92, 82, 128),
        background=(235, 235, 241),
        hair_cut="bob",
    ),
)


def _darker(colour: Colour, by: float) -> Colour:
    red, green, blue = (int(part * (1 - by)) for part in colour)
    return red, green, blue


class _Easel:
    """Draws in pixels of the finished picture on a finer canvas."""

    def __init__(self, background: Colour) -> None:
        size = (WIDTH * _FINER, HEIGHT * _FINER)
        self.image = Image.new("RGB", size, background)
        self._draw = ImageDraw.Draw(self.image)

    def oval(
        self, x: float, y: float, rx: float, ry: float, fill: Colour, **also: object
    ) -> None:
        box = [(x - rx), (y - ry), (x + rx), (y + ry)]
        self._draw.ellipse([v * _FINER for v in box], fill=fill, **also)

    def slab(
        self, x: float, y: float, w: float, h: float, r: float, fill: Colour
    ) -> None:
        box = [v * _FINER for v in (x, y, x + w, y + h)]
        self._draw.rounded_rectangle(box, radius=r * _FINER, fill=fill)

    def curve(
        self, box: tuple[float, ...], a: float, b: float, fill: Colour, w: float
    ) -> None:
        scaled = [v * _FINER for v in box]
        self._draw.arc(scaled, a, b, fill=fill, width=round(w * _FINER))

    def cap(self, box: tuple[float, ...], a: float, b: float, fill: Colour) -> None:
        self._draw.chord([v * _FINER for v in box], a, b, fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: Colour) -> None:
        self._draw.polygon([(x * _FINER, y * _FINER) for x, y in points], fill=fill)


def portrait(person: Person) -> Image.Image:
    """The face of one person."""
    easel = _Easel(person.background)
    middle, chin = WIDTH / 2, 800.0
    shade = _darker(person.skin, 0.12)
    line = _darker(person.skin, 0.55)
    if person.hair_cut == "long":
        easel.slab(middle - 292, 330, 584, 640, 230, person.hair)
    elif person.hair_cut == "bob":
        easel.slab(middle - 290, 320, 580, 470, 200, person.hair)
    # Shoulders, collar, neck.
    easel.slab(middle - 410, 990, 820, 500, 190, person.clothes)
    easel.slab(middle - 110, 760, 220, 300, 90, shade)
    easel.shape(
        [(middle - 150, 985), (middle, 1130), (middle + 150, 985), (middle, 1040)],
        _darker(person.clothes, 0.35),
    )
    # Hair behind, ears, head, hair over the forehead.
    easel.oval(middle, 548, 264, 288, person.hair)
    for side in (-1, 1):
        easel.oval(middle + side * 246, 600, 36, 62, shade)
    if person.hair_cut != "short":
        for side in (-1, 1):
            easel.oval(middle + side * 236, 610, 54, 150, person.hair)
    easel.oval(middle, 590, 240, 270, person.skin)
    easel.cap((middle - 264, 260, middle + 264, 836), 207, 333, person.hair)
    easel.oval(middle - 46, 398, 156, 42, person.hair)
    # Brows, eyes, nose, mouth, cheeks.
    for side in (-1, 1):
        x = middle + side * 96
        easel.slab(x - 52, 494, 104, 15, 7, person.hair)
        easel.oval(x, 570, 44, 28, (252, 252, 250))
        easel.oval(x, 570, 25, 26, (70, 52, 42))
        easel.oval(x, 570, 12, 13, (20, 18, 18))
        easel.oval(x + 8, 562, 5, 5, (255, 255, 255))
        easel.curve((x - 46, 540, x + 46, 606), 190, 350, line, 6)
        easel.oval(x + side * 44, 668, 44, 26, _blush(person.skin))
        if person.glasses:
            easel.curve((x - 72, 512, x + 72, 632), 0, 360, (40, 44, 52), 8)
    if person.glasses:
        easel.slab(middle - 26, 562, 52, 8, 3, (40, 44, 52))
    easel.curve((middle - 30, 606, middle + 30, 672), 25, 155, line, 7)
    easel.curve((middle - 80, 640, middle + 80, chin - 52), 35, 145, (168, 74, 70), 12)
    return easel.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _blush(skin: Colour) -> Colour:
    red, green, blue = skin
    return min(255, red + 4), int(green * 0.9), int(blue * 0.9)


def _grained(image: Image.Image) -> Image.Image:
    """A fine, repeatable grain, as a camera leaves it."""
    state = 20_261_120
    grain = bytearray()
    for _ in range((WIDTH // 2) * (HEIGHT // 2)):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        grain.append(118 + (state >> 16) % 21)
    small = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), bytes(grain))
    full = small.resize(image.size, Image.Resampling.BICUBIC)
    layer = full.filter(ImageFilter.GaussianBlur(0.6)).point(lambda v: v)
    grey = Image.merge("RGB", (layer, layer, layer))
    return Image.blend(image, grey, 0.06)


def main() -> int:
    """Writes every portrait, and the first one into the package as well."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--photos", type=Path, default=ROOT / "examples/photos")
    parser.add_argument(
        "--package", type=Path, default=ROOT / "src/mynabox/sandbox/data"
    )
    given = parser.parse_args()
    for place, person in enumerate(PEOPLE):
        image = _grained(portrait(person))
        targets = [given.photos / f"{person.name}.jpg"]
        if place == 0:
            targets.append(given.package / "portrait.jpg")
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            image.save(target, "JPEG", quality=92, optimize=True, subsampling=0)
            print(f"{target.name:18} {target.stat().st_size:>8,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
