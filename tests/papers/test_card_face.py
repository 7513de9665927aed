"""The card's faces: size, specimen marks, and text that keeps to its place."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from mynabox.lifecycle.resident import Sex
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.face import (
    BACK,
    CARD_HEIGHT_MM,
    CARD_WIDTH_MM,
    FRONT,
    HEIGHT_PX,
    LABEL_MM,
    PPI,
    QR_BOX,
    WIDTH_PX,
    Box,
    CardBack,
    CardFace,
    back_texts,
    card_back_png,
    card_front_png,
    front_texts,
    photo_box,
)
from mynabox.papers.fit import DoesNotFit, Fitted
from mynabox.papers.glyphs import NoGlyph
from mynabox.papers.photo import prepare

PHOTO = prepare(
    (Path(__file__).parents[2] / "examples/photos/portrait-1.jpg").read_bytes()
)
FACE = CardFace(
    name="箱田 太郎",
    address="茨城県つくば市箱の内一丁目1番地1",
    born=date(1990, 3, 31),
    sex=Sex.MALE,
    expires=date(2036, 3, 31),
    photo=PHOTO,
    security_code="4821",
)
BACK_FACE = CardBack(
    number=IndividualNumber("123456789018"), name="箱田 太郎", born=date(1990, 3, 31)
)
LONG = replace(
    FACE,
    name="DA CAIXA OLIVEIRA DOS SANTOS JOAO PAULO HENRIQUE（箱田 ジョアン）",
    address="北海道札幌市中央区箱一条西二十七丁目1番地203号 グランドレジデンス箱の内"
    "パークサイドウエストタワー 1203号室 箱根山乃木 様方",
    notes=tuple(f"令和{n}年4月1日　転居　茨城県つくば市箱の内" for n in range(9, 14)),
)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def cut(image: Image.Image, box: Box, *, grown: float = 0.0) -> Image.Image:
    scale = PPI / 25.4
    return image.crop(
        (
            round((box.x - grown) * scale),
            round((box.y - grown) * scale),
            round((box.x + box.width + grown) * scale),
            round((box.y + box.height + grown) * scale),
        )
    )


@pytest.mark.parametrize("face", [FACE, LONG, replace(FACE, photo=None)])
def test_the_front_has_the_size_of_a_card(face: CardFace) -> None:
    assert opened(card_front_png(face)).size == (WIDTH_PX, HEIGHT_PX) == (1011, 638)


def test_the_back_has_the_size_of_a_card() -> None:
    assert opened(card_back_png(BACK_FACE)).size == (1011, 638)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def labelled(name: str, box: Box) -> Box:
    if name in ("notes", "security_code", "number"):
        return box
    return Box(box.x, box.y - LABEL_MM, box.width, box.height + LABEL_MM)


@pytest.mark.parametrize(
    "places", [FRONT | {"photo": photo_box()}, BACK | {"qr": QR_BOX}]
)
def test_no_two_places_touch_and_none_leaves_the_card(places: dict[str, Box]) -> None:
    boxes = {
        name: box if name in ("photo", "qr") else labelled(name, box)
        for name, box in places.items()
    }
    for (a, one), (b, other) in combinations(boxes.items(), 2):
        assert not overlap(one, other), (a, b)
    for box in boxes.values():
        assert box.x >= 2 and box.x + box.width <= CARD_WIDTH_MM - 2
        assert box.y >= 6 and box.y + box.height <= CARD_HEIGHT_MM - 2


def test_the_picture_has_its_size_in_law() -> None:
    box = photo_box()
    assert (box.width, box.height) == (22.0, 27.5)


def test_the_picture_is_the_holder() -> None:
    drawn = cut(opened(card_front_png(FACE)), photo_box())
    wanted = Image.open(io.BytesIO(PHOTO)).resize(drawn.size)
    away = ImageChops.difference(drawn, wanted).convert("L")
    assert (
        sum(n * c for n, c in enumerate(away.histogram()))
        / (drawn.width * drawn.height)
        < 4
    )


SPACES = str.maketrans("", "", " \u3000")


def test_what_the_front_says() -> None:
    said = {name: "".join(it.lines) for name, it in front_texts(LONG).items()}
    assert said["name"].translate(SPACES) == LONG.name.translate(SPACES)
    assert said["address"].translate(SPACES) == LONG.address.translate(SPACES)
    assert said["born"] == "平成2年3月31日生"
    assert said["sex"] == "男 M"
    assert said["expires"] == "2036年3月31日まで有効"
    assert said["security_code"] == "4821"
    assert front_texts(LONG)["notes"].lines == LONG.notes


@pytest.mark.parametrize(
    ("sex", "said"),
    [(Sex.MALE, "男 M"), (Sex.FEMALE, "女 F"), (Sex.UNKNOWN, "－ X")],
)
def test_sexes(sex: Sex, said: str) -> None:
    assert front_texts(replace(FACE, sex=sex))["sex"].lines == (said,)


def test_foreign_residents_have_their_birth_date_without_era() -> None:
    assert front_texts(replace(FACE, western=True))["born"].lines == (
        "1990年3月31日生",
    )
    assert back_texts(replace(BACK_FACE, western=True))["born"].lines == (
        "1990年3月31日生",
    )


def test_the_number_is_on_the_back_alone() -> None:
    assert back_texts(BACK_FACE)["number"].lines == ("1234 5678 9018",)
    front = "".join(line for it in front_texts(FACE).values() for line in it.lines)
    assert "5678" not in front


def test_the_code_of_the_back_is_read() -> None:
    image = opened(card_back_png(replace(BACK_FACE, qr="https://box.example/a")))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [
        "https://box.example/a"
    ]
    assert zxingcpp.read_barcodes(opened(card_back_png(BACK_FACE))) == []


@pytest.mark.parametrize(
    "make", [lambda: card_front_png(FACE), lambda: card_back_png(BACK_FACE)]
)
def test_the_specimen_flag_is_on_both_sides(make: Callable[[], bytes]) -> None:
    flag = cut(opened(make()), Box(63.0, 1.1, 19.0, 3.8))
    red = sum(
        1
        for r, g, b in zip(*[iter(flag.tobytes())] * 3, strict=True)
        if r > 150 and g < 90 and b < 90
    )
    assert red > 300


def test_variants_of_a_character_are_drawn_apart() -> None:
    plain, variant, again = (
        card_front_png(replace(FACE, name=name))
        for name in ("葛城", "葛\U000e0100城", "葛城")
    )
    assert plain == again
    assert plain != variant


@pytest.mark.parametrize("name", ["箱田😀", "葛\U000e0105城", "箱\n田"])
def test_a_name_that_cannot_be_drawn_is_refused(name: str) -> None:
    with pytest.raises(NoGlyph):
        card_front_png(replace(FACE, name=name))
    with pytest.raises(NoGlyph):
        card_back_png(replace(BACK_FACE, name=name))


@pytest.mark.parametrize(
    ("what", "face"),
    [
        ("name", replace(FACE, name="箱" * 300)),
        ("address", replace(FACE, address="箱" * 300)),
        ("notes", replace(FACE, notes=("追記",) * 12)),
    ],
)
def test_what_does_not_fit_is_refused_by_name(what: str, face: CardFace) -> None:
    with pytest.raises(DoesNotFit) as refusal:
        card_front_png(face)
    assert refusal.value.what == what


NAMES = st.text(
    alphabet="箱田太郎髙﨑𠮷葛ハコダ（）WMABCijl ・", min_size=1, max_size=90
)


def inside(texts: dict[str, Fitted], places: dict[str, Box]) -> bool:
    return all(
        it.width <= places[name].width + 1e-9 and it.height <= places[name].height
        for name, it in texts.items()
    )


@given(NAMES, NAMES, st.lists(NAMES.map(lambda t: t[:30]), max_size=4))
def test_measured_texts_keep_to_their_boxes(
    name: str, address: str, notes: list[str]
) -> None:
    face = replace(FACE, name=name, address=address, notes=tuple(notes))
    assert inside(front_texts(face), FRONT)
    assert inside(back_texts(replace(BACK_FACE, name=name)), BACK)


BARE = opened(card_front_png(replace(FACE, name="", address="", photo=None)))


@settings(max_examples=40, deadline=None)
@given(NAMES, NAMES)
def test_drawn_texts_keep_to_their_boxes(name: str, address: str) -> None:
    face = replace(FACE, name=name, address=address, photo=None)
    changed = ImageChops.difference(opened(card_front_png(face)), BARE)
    for place in ("name", "address"):
        box = FRONT[place]
        scale = PPI / 25.4
        changed.paste(
            (0, 0, 0),
            (
                int((box.x - 0.3) * scale),
                int((box.y - 0.3) * scale),
                int((box.x + box.width + 0.3) * scale),
                int((box.y + box.height + 0.3) * scale),
            ),
        )
    assert changed.getbbox() is None
