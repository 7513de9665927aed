"""What is said about a picture, what is refused, and what is printed of it."""

import io
import struct
import tomllib
import zipfile
import zlib
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from mynabox.law.photo import photo as law_of_photos
from mynabox.papers.jpeg import BrokenJpeg, outline
from mynabox.papers.photo import (
    Concern,
    PhotoTrouble,
    PhotoUnusable,
    concerns,
    inspect,
    prepare,
)
from mynabox.papers.photo_look import limits

PHOTOS = sorted((Path(__file__).parents[2] / "examples/photos").glob("*.jpg"))
GOOD = PHOTOS[0].read_bytes()
PICTURE = Image.open(io.BytesIO(GOOD)).convert("RGB")


def saved(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def with_exif(image: Image.Image, **tags: object) -> bytes:
    exif = Image.Exif()
    if "orientation" in tags:
        exif[0x0112] = tags["orientation"]
    folder = exif.get_ifd(0x8769)
    if "taken" in tags:
        folder[0x9003] = tags["taken"]
    if "width" in tags:
        folder[0xA002] = tags["width"]
        folder[0xA003] = tags["height"]
    return saved(image, exif=exif.tobytes(), quality=90)


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.stem)
def test_the_drawn_portraits_pass_law_and_our_own_look(path: Path) -> None:
    facts = inspect(path.read_bytes())
    assert (facts.format, facts.mode) == ("JPEG", "rgb")
    assert facts.ratio == pytest.approx(45 / 35, abs=0.001)
    assert concerns(facts) == ()
    verdict = law_of_photos(
        taken=date(2026, 10, 1),
        applied=date(2026, 11, 20),
        format=facts.format,
        colour=facts.mode,
        bytes=facts.size,
        width_px=facts.width,
        height_px=facts.height,
    )
    assert verdict.value.allowed, verdict.value.codes


def test_the_packaged_portrait_is_the_first_example() -> None:
    packaged = Path(__file__).parents[2] / "src/mynabox/sandbox/data/portrait.jpg"
    assert packaged.read_bytes() == GOOD


@pytest.mark.parametrize(
    ("data", "format_", "mode", "size"),
    [
        (GOOD, "JPEG", "rgb", (1000, 1286)),
        (saved(PICTURE.resize((300, 386))), "JPEG", "rgb", (300, 386)),
        (saved(PICTURE, "PNG"), "PNG", "rgb", (1000, 1286)),
        (saved(PICTURE.convert("L")), "JPEG", "mono", (1000, 1286)),
        (saved(PICTURE.convert("RGBA"), "PNG"), "PNG", "rgba", (1000, 1286)),
        (saved(PICTURE.convert("P"), "GIF"), "GIF", "p", (1000, 1286)),
        (saved(PICTURE, "WEBP"), "WEBP", "rgb", (1000, 1286)),
        (saved(PICTURE, progressive=True), "JPEG", "rgb", (1000, 1286)),
        (saved(PICTURE.resize((480, 1))), "JPEG", "rgb", (480, 1)),
        (saved(PICTURE.resize((1, 480))), "JPEG", "rgb", (1, 480)),
    ],
)
def test_facts(data: bytes, format_: str, mode: str, size: tuple[int, int]) -> None:
    facts = inspect(data)
    assert (facts.format, facts.mode) == (format_, mode)
    assert (facts.width, facts.height) == size
    assert facts.size == len(data)
    assert 0 <= facts.sharpness <= 1


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_exif_turn_is_applied(turn: int) -> None:
    wide = PICTURE.resize((600, 480))
    facts = inspect(with_exif(wide, orientation=turn))
    assert facts.orientation == turn
    assert (facts.width, facts.height) == ((600, 480) if turn < 5 else (480, 600))


def test_the_turn_brings_the_head_up() -> None:
    lying = PICTURE.transpose(Image.Transpose.ROTATE_90)
    upright = Image.open(io.BytesIO(prepare(with_exif(lying, orientation=6))))
    wanted = Image.open(io.BytesIO(prepare(saved(PICTURE, quality=90))))
    assert upright.size == wanted.size
    for point in ((260, 60), (260, 300), (60, 600), (260, 640)):
        ours, theirs = upright.getpixel(point), wanted.getpixel(point)
        assert isinstance(ours, tuple) and isinstance(theirs, tuple)
        assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 16


@pytest.mark.parametrize("turn", [0, 9, 77])
def test_a_turn_that_does_not_exist_is_none(turn: int) -> None:
    assert inspect(with_exif(PICTURE, orientation=turn)).orientation == 1


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("2026:05:01 12:00:00", date(2026, 5, 1)),
        ("2026:02:30 12:00:00", None),
        ("0000:00:00 00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_day_of_exif_is_a_hint(written: str, taken: date | None) -> None:
    assert inspect(with_exif(PICTURE, taken=written)).taken == taken


def test_without_exif_nobody_knows_the_day() -> None:
    assert inspect(GOOD).taken is None


def test_sizes_that_exif_claims_are_not_believed() -> None:
    facts = inspect(with_exif(PICTURE, width=480, height=600))
    assert (facts.width, facts.height) == (1000, 1286)


def test_a_preview_behind_the_picture_is_no_animation() -> None:
    small = PICTURE.resize((100, 129))
    data = saved(PICTURE, "MPO", save_all=True, append_images=[small])
    facts = inspect(data)
    assert facts.format == "JPEG"
    assert facts.trailing > 0
    assert (facts.width, facts.height) == (1000, 1286)


def grown_header(data: bytes, width: int, height: int) -> bytes:
    """The same JPEG claiming another frame size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def grown_png(width: int, height: int) -> bytes:
    data = saved(PICTURE.resize((10, 10)), "PNG")
    head = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello")
    return out.getvalue()


def with_comment(text: bytes) -> bytes:
    return GOOD[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + GOOD[2:]


def many_scans() -> bytes:
    data = saved(PICTURE.resize((480, 617)), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 120 + b"\xff\xd9"


ANIMATION = [PICTURE.resize((48, 60)), PICTURE.resize((48, 60)).rotate(90)]


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", PhotoTrouble.EMPTY),
        (b"\x00", PhotoTrouble.NOT_AN_IMAGE),
        (b"hello, I am a picture", PhotoTrouble.NOT_AN_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PhotoTrouble.NOT_AN_IMAGE),
        (zipped(), PhotoTrouble.NOT_AN_IMAGE),
        (b"%PDF-1.7\n" + GOOD, PhotoTrouble.POLYGLOT),
        (b"\xff\xd8\xff", PhotoTrouble.TRUNCATED),
        (GOOD[:-2], PhotoTrouble.TRUNCATED),
        (GOOD[: len(GOOD) // 2], PhotoTrouble.TRUNCATED),
        (GOOD[:300], PhotoTrouble.TRUNCATED),
        (saved(PICTURE, "PNG")[:5000], PhotoTrouble.TRUNCATED),
        (grown_header(GOOD, 60_000, 60_000), PhotoTrouble.TOO_MANY_PIXELS),
        (grown_header(GOOD, 0, 600), PhotoTrouble.NOT_AN_IMAGE),
        (grown_png(9_000, 9_000), PhotoTrouble.TOO_MANY_PIXELS),
        (grown_png(30_000, 30_000), PhotoTrouble.TOO_MANY_PIXELS),
        (many_scans(), PhotoTrouble.TOO_MANY_SCANS),
        (saved(PICTURE.convert("CMYK")), PhotoTrouble.CMYK),
        (saved(PICTURE.convert("CMYK"), "TIFF"), PhotoTrouble.CMYK),
        (
            saved(ANIMATION[0], "GIF", save_all=True, append_images=ANIMATION[1:]),
            PhotoTrouble.ANIMATED,
        ),
        (
            saved(ANIMATION[0], "PNG", save_all=True, append_images=ANIMATION[1:]),
            PhotoTrouble.ANIMATED,
        ),
        (GOOD + zipped(), PhotoTrouble.POLYGLOT),
        (GOOD + b"%PDF-1.4", PhotoTrouble.POLYGLOT),
        (GOOD + b"\x7fELF", PhotoTrouble.POLYGLOT),
        (GOOD + b"<HTML><body>", PhotoTrouble.POLYGLOT),
        (with_comment(b"<?php system($_GET[0]); ?>"), PhotoTrouble.POLYGLOT),
        (with_comment(b"<Script>alert(1)</script>"), PhotoTrouble.POLYGLOT),
    ],
)
def test_what_is_refused(data: bytes, trouble: PhotoTrouble) -> None:
    for use in (inspect, prepare):
        with pytest.raises(PhotoUnusable) as refusal:
            use(data)
        assert refusal.value.trouble is trouble


def test_a_harmless_tail_is_a_fact() -> None:
    assert inspect(GOOD + b"\x00" * 64).trailing == 64


def test_a_huge_claim_costs_no_memory_and_no_time() -> None:
    with pytest.raises(PhotoUnusable) as refusal:
        inspect(grown_header(GOOD, 65_535, 65_535))
    assert refusal.value.found == "65535 x 65535"


def striped() -> Image.Image:
    image = PICTURE.copy()
    draw = ImageDraw.Draw(image)
    for x in range(0, 1000, 60):
        draw.rectangle((x, 0, x + 30, 700), fill=(60, 90, 150))
    image.paste(PICTURE.crop((200, 230, 800, 1286)), (200, 230))
    return image


def shaded() -> Image.Image:
    shade = Image.linear_gradient("L").resize(PICTURE.size).point(lambda v: v // 10)
    return Image.composite(Image.new("RGB", PICTURE.size, "black"), PICTURE, shade)


def room() -> Image.Image:
    """Pieces of furniture behind the head."""
    image = Image.new("RGB", PICTURE.size, (200, 190, 170))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 380, 500), fill=(90, 60, 40))
    draw.rectangle((620, 80, 1000, 700), fill=(40, 80, 60))
    image.paste(PICTURE.crop((200, 230, 800, 1286)), (200, 230))
    return image


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (PICTURE, ()),
        (shaded(), ()),
        (PICTURE.convert("L"), ()),
        (PICTURE.resize((480, 617)), ()),
        (PICTURE.resize((3000, 3858)), ()),
        (PICTURE.filter(ImageFilter.GaussianBlur(1)), ()),
        (striped(), (Concern.BACKGROUND_NOT_PLAIN,)),
        (room(), (Concern.BACKGROUND_NOT_PLAIN,)),
        (PICTURE.filter(ImageFilter.GaussianBlur(14)), (Concern.NOT_SHARP,)),
        (PICTURE.resize((50, 64)).resize((1000, 1286)), (Concern.NOT_SHARP,)),
    ],
    ids=[
        "as drawn",
        "shaded",
        "grey",
        "small",
        "large",
        "soft",
        "stripes",
        "room",
        "blurred",
        "blown up",
    ],
)
def test_what_a_clerk_should_look_at(
    image: Image.Image, found: tuple[Concern, ...]
) -> None:
    facts = inspect(saved(image, quality=92))
    assert concerns(facts) == found, (facts.background_spread, facts.sharpness)


def test_limits_are_ours_and_say_so() -> None:
    source = files("mynabox.papers").joinpath("photo_limits.toml")
    text = source.read_text("utf-8")
    for name, entry in tomllib.loads(text).items():
        assert entry["source"].startswith("ours"), name
        assert entry["confidence"] in ("high", "medium", "low"), name
        assert limits()[name] == entry["is"]


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        with_exif(PICTURE, orientation=8, taken="2026:05:01 12:00:00"),
        saved(PICTURE.convert("L")),
        saved(PICTURE.convert("RGBA"), "PNG"),
        saved(PICTURE.resize((480, 480))),
        saved(PICTURE.resize((6000, 480))),
        saved(PICTURE, icc_profile=b"not a profile"),
        saved(
            PICTURE,
            icc_profile=ImageCms.ImageCmsProfile(
                ImageCms.createProfile("sRGB")
            ).tobytes(),
        ),
    ],
)
def test_what_is_printed_has_one_form_and_no_metadata(data: bytes) -> None:
    made = prepare(data)
    image = Image.open(io.BytesIO(made))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (520, 650))
    assert image.info["dpi"] == (600, 600)
    assert set(image.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "dpi",
    }
    assert dict(image.getexif()) == {}
    assert len(outline(made).metadata) == 1  # JFIF
    assert prepare(data) == made


def test_the_outline_of_a_jpeg() -> None:
    found = outline(GOOD + b"tail")
    assert (found.width, found.height, found.components) == (1000, 1286, 3)
    assert found.end == len(GOOD)
    assert found.scans == 1
    assert outline(saved(PICTURE, progressive=True)).scans > 5
    filled = GOOD[:-2] + b"\xff\xff" + GOOD[-2:]
    assert outline(filled).end == len(filled)


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (b"", 0),
        (b"GIF89a", 0),
        (b"\xff\xd8\xff\xe0\x00\x01", 4),
        (b"\xff\xd8\xff\xe0\x00\x02\x00\x00", 6),
        (b"\xff\xd8\xff\xd9", 4),
        (b"\xff\xd8\xff\xc0\x00\x04\x00\x00", 4),
    ],
)
def test_markers_out_of_order(data: bytes, at: int) -> None:
    with pytest.raises(BrokenJpeg) as broken:
        outline(data)
    assert broken.value.at == at


SMALL = saved(PICTURE.resize((64, 82)), quality=60)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(
        [SMALL, with_exif(PICTURE.resize((64, 82)), orientation=6)]
        + [saved(PICTURE.resize((64, 82)), kind) for kind in ("PNG", "WEBP", "BMP")]
    ),
    st.lists(
        st.tuples(st.floats(min_value=0, max_value=0.999), st.integers(0, 255)),
        max_size=12,
    ),
    st.floats(min_value=0, max_value=1),
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow grumbles at broken EXIF
def test_broken_bytes_are_refused_or_stated_and_nothing_else(
    data: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    hurt = bytearray(data)
    for place, value in changes:
        hurt[int(place * len(hurt))] = value
    try:
        facts = inspect(bytes(hurt[: round(kept * len(hurt))]))
    except PhotoUnusable:
        return
    assert facts.width >= 1
    assert facts.height >= 1
