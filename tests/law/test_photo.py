"""The photograph (R040 to R047)."""

from datetime import date
from typing import Any

import pytest

from mynabox.law.errors import BadArgument
from mynabox.law.photo import photo, photo_needed, photo_on_card

D = date.fromisoformat
GOOD: dict[str, Any] = {"taken": D("2023-01-01"), "applied": D("2023-07-01")}

PHOTOS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ()),
    ({"applied": D("2023-07-02")}, ("photo.too_old",)),  # R040
    ({"taken": D("2022-08-31"), "applied": D("2023-02-28")}, ()),
    ({"taken": D("2022-08-31"), "applied": D("2023-03-01")}, ("photo.too_old",)),
    ({"taken": D("2023-07-01")}, ()),
    ({"width_mm": 35, "height_mm": 45}, ()),  # R041
    ({"width_mm": 30, "height_mm": 40}, ("photo.wrong_size",)),
    ({"width_mm": 45, "height_mm": 35}, ("photo.wrong_size",)),
    ({"width_mm": 35, "height_mm": 44}, ("photo.wrong_size",)),
    ({"width_mm": 36, "height_mm": 45}, ("photo.wrong_size",)),
    ({"width_mm": 35}, ()),
    ({"height_mm": 45}, ()),
    ({"width_mm": 34}, ("photo.wrong_size",)),
    ({"height_mm": 46}, ("photo.wrong_size",)),
    ({"format": "JPEG"}, ()),  # R045
    ({"format": "png"}, ("photo.format",)),
    ({"colour": "RGB"}, ()),
    ({"colour": "mono"}, ()),  # R042, A25
    ({"colour": "L"}, ()),
    ({"colour": "bw"}, ()),
    ({"colour": "Black-and-white"}, ()),
    ({"colour": "CMYK"}, ("photo.colour",)),
    ({"bytes": 20480}, ()),
    ({"bytes": 20479}, ("photo.file_too_small",)),
    ({"bytes": 7340032}, ()),
    ({"bytes": 7340033}, ("photo.file_too_big",)),
    ({"width_px": 480, "height_px": 6000}, ()),
    ({"width_px": 479, "height_px": 600}, ("photo.too_small",)),
    ({"width_px": 600, "height_px": 479}, ("photo.too_small",)),
    ({"width_px": 6001, "height_px": 600}, ("photo.too_big",)),
    ({"width_px": 479, "height_px": 6001}, ("photo.too_small", "photo.too_big")),
    ({"height_px": 479}, ("photo.too_small",)),
    ({"background": True}, ("photo.background",)),  # R043
    ({"hat": True}, ("photo.hat",)),
    ({"sunglasses": True}, ("photo.sunglasses",)),
    ({"unclear": True}, ("photo.unclear",)),
    ({"hat": True, "head_cover_reason": "religious"}, ()),  # R044
    ({"hat": True, "head_cover_reason": "medical"}, ()),
    (
        {"hat": True, "head_cover_reason": "religious", "unclear": True},
        ("photo.unclear", "photo.hat"),
    ),
    ({"sunglasses": True, "head_cover_reason": "medical"}, ("photo.sunglasses",)),
    (
        {"applied": D("2023-08-01"), "width_mm": 1, "background": True},
        ("photo.too_old", "photo.wrong_size", "photo.background"),
    ),
]


@pytest.mark.parametrize(("facts", "codes"), PHOTOS)
def test_photographs(facts: dict[str, Any], codes: tuple[str, ...]) -> None:
    answer = photo(**(GOOD | facts))
    assert answer.value.codes == codes
    assert answer.value.allowed is (not codes)
    assert answer.next == ("photo.take_another" if codes else None)


REASONS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"applied": D("2023-07-02")}, "R040", {"months": 6}),
    ({"width_mm": 30}, "R041", {"width_mm": 35, "height_mm": 45}),
    ({"format": "png"}, "R045", {"formats": ("jpeg",)}),
    ({"colour": "cmyk"}, "R042", {"colours": ("rgb", "mono", "l")}),
    ({"bytes": 1}, "R045", {"least": 20480}),
    ({"bytes": 9999999}, "R045", {"most": 7340032}),
    ({"width_px": 1}, "R045", {"least": 480}),
    ({"width_px": 9999}, "R045", {"most": 6000}),
    ({"hat": True}, "R043", {}),
]


@pytest.mark.parametrize(("facts", "rule", "told"), REASONS)
def test_reasons(facts: dict[str, Any], rule: str, told: dict[str, Any]) -> None:
    answer = photo(**(GOOD | facts))
    assert answer.value.reasons[0].rule == rule
    assert dict(answer.value.reasons[0].facts) == told
    assert rule in answer.rules


def test_only_what_is_given_is_judged_and_cited() -> None:
    assert photo(**GOOD).rules == ("R040", "R043")
    assert photo(**GOOD, width_mm=35).rules == ("R040", "R041", "R043")
    assert photo(**GOOD, bytes=30000).rules == ("R040", "R045", "R043")
    excused = photo(**GOOD, hat=True, head_cover_reason="religious")
    assert excused.rules == ("R040", "R043", "R044")


def test_a_photograph_from_the_future() -> None:
    with pytest.raises(BadArgument, match="'taken'"):
        photo(taken=D("2023-07-02"), applied=D("2023-07-01"))


@pytest.mark.parametrize(
    ("born", "applied", "needed"),
    [
        ("2015-06-01", "2016-01-01", True),
        ("2024-01-01", "2024-12-01", True),  # R047 not yet
        ("2024-01-01", "2024-12-02", False),
        ("2023-12-02", "2024-12-02", True),  # first birthday
        ("2023-12-03", "2024-12-02", False),
    ],
)
def test_cards_without_photograph(born: str, applied: str, needed: bool) -> None:
    answer = photo_needed(D(born), D(applied))
    assert answer.value is needed
    assert answer.rules == ("R047",)


def test_size_on_the_card() -> None:
    assert photo_on_card().value == (220, 275)
    assert photo_on_card().rules == ("R046",)
