"""One key for all ways to write a name, and names themselves untouched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.lifecycle.search_keys import address_words, name_keys, words

SAME = [
    ("ﾊｺﾀﾞ ﾀﾛｳ", "はこだ たろう"),
    ("ハコダ　タロウ", "はこだ　たろう"),
    ("髙橋", "高橋"),
    ("濵﨑", "浜崎"),
    ("渡邉", "渡辺"),
    ("葛\U000e0100城", "葛城"),  # a variation selector
    ("ＧＡＲＣＩＡ", "garcia"),
    ("GARCÍA-LÓPEZ", "garcialopez"),
    ("Ōno Yūko", "OHNO YUUKO"),
    ("ONO YUKO", "Oono Yuuko"),
    ("NGUYỄN", "nguyen"),
    ("O'Brien", "OBRIEN"),
    ("関ヶ原", "関ケ原"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_written_either_way(one: str, other: str) -> None:
    assert words(one) == words(other)
    assert name_keys(one) == name_keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("はこだ", "はこた"), ("高橋", "高田"), ("garcia", "garza"), ("ばば", "はは")],
)
def test_names_that_differ(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_words_and_the_name_in_one_piece() -> None:
    assert name_keys("箱田 太郎", None, "HAKODA Taro") == {
        "箱田",
        "太郎",
        "箱田太郎",
        "hakoda",
        "taro",
        "hakodataro",
    }
    assert address_words("茨城県 つくば市 １-２") == address_words("茨城県つくば市1-2")


@given(st.text(alphabet="aeiouhnksy", min_size=1, max_size=12), st.data())
def test_a_name_cut_short_is_the_beginning_of_its_key(
    name: str, data: st.DataObject
) -> None:
    """whoever types less finds more, never less"""
    shorter = name[: data.draw(st.integers(1, len(name)))]
    assert any(key.startswith(words(shorter)[0]) for key in name_keys(name))
