"""Text is measured, and then it fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.papers import glyphs
from mynabox.papers.fit import DoesNotFit, Fitted, fit

ALPHABET = "箱田太郎髙﨑𠮷一丁目番地ーハコダ、。（）「」ABCWiljm 0123456789-　・Ⅱé"


def put(text: str, *, width: float = 50, height: float = 8) -> Fitted:
    return fit(text, what="name", width=width, height=height, largest=11, smallest=3.5)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("箱田 太郎", ("箱田 太郎",)),
        ("", ()),
        ("茨城県つくば市箱の内一丁目1番地1 ハイツ203号室", None),
        (
            "CAJAS QUISPE ROSA MILAGROS DE LOS ANGELES",
            ("CAJAS QUISPE ROSA MILAGROS", "DE LOS ANGELES"),
        ),
    ],
)
def test_lines(text: str, lines: tuple[str, ...] | None) -> None:
    fitted = put(text)
    if lines is not None:
        assert fitted.lines == lines
    assert fitted.width <= 50
    assert fitted.height <= 8


def test_a_word_breaks_inside_only_when_it_must() -> None:
    assert put("W" * 40, width=30, height=30).lines[0] == "W" * 8
    assert " " not in "".join(put("AB CD", width=6, height=30).lines)


def test_marks_that_close_do_not_begin_a_line() -> None:
    for count in range(4, 40):
        fitted = put("箱" * count + "）、" + "田" * 6, width=40, height=12)
        assert not any(line[0] in "）、" for line in fitted.lines)


def test_too_much_is_refused_by_name() -> None:
    with pytest.raises(DoesNotFit) as refusal:
        put("箱" * 500)
    assert refusal.value.what == "name"


def test_a_text_of_many_parts_begins_lines() -> None:
    fitted = fit("一", "二", what="notes", width=9, height=9, largest=8, smallest=4)
    assert fitted.lines == ("一", "二")


@given(
    st.text(alphabet=ALPHABET, max_size=80),
    st.floats(min_value=5, max_value=90),
    st.floats(min_value=2, max_value=30),
)
def test_whatever_fits_stays_in_its_box_and_loses_nothing(
    text: str, width: float, height: float
) -> None:
    try:
        fitted = put(text, width=width, height=height)
    except DoesNotFit:
        return
    assert fitted.width <= width + 1e-9
    assert fitted.height <= height
    without_spaces = text.translate(str.maketrans("", "", " \u3000"))
    drawn = "".join(fitted.lines).translate(str.maketrans("", "", " \u3000"))
    assert drawn == without_spaces


@given(st.text(alphabet=ALPHABET, min_size=1, max_size=30))
def test_width_adds_up(text: str) -> None:
    parts = sum(glyphs.width(cluster) for cluster in glyphs.clusters(text))
    assert glyphs.width(text) == pytest.approx(parts)
