"""The table of municipalities: whole, consistent, and readable by code."""

import re

import pytest

from mynabox.law.municipality import (
    MunicipalityKind,
    UnknownMunicipality,
    municipalities,
    municipality,
)
from mynabox.law.numbers import municipality_code_valid


@pytest.mark.parametrize(
    ("code", "name", "roman_prefecture", "roman_name"),
    [
        ("082201", "つくば市", "Ibaraki-ken", "Tsukuba-shi"),
        ("132217", "清瀬市", "Tokyo-to", "Kiyose-shi"),
        ("131016", "千代田区", "Tokyo-to", "Chiyoda-ku"),
        ("011011", "札幌市中央区", "Hokkaido", "Sapporo-shi Chuo-ku"),
        ("011002", "札幌市", "Hokkaido", "Sapporo-shi"),
        ("013030", "石狩郡当別町", "Hokkaido", "Ishikari-gun Tobetsu-cho"),
        ("272272", "東大阪市", "Osaka-fu", "Higashiosaka-shi"),
        ("341029", "広島市東区", "Hiroshima-ken", "Hiroshima-shi Higashi-ku"),
        ("221384", "浜松市中央区", "Shizuoka-ken", "Hamamatsu-shi Chuo-ku"),
        (
            "194301",
            "南都留郡富士河口湖町",
            "Yamanashi-ken",
            "Minamitsuru-gun Fujikawaguchiko-machi",
        ),
        ("133817", "三宅島三宅村", "Tokyo-to", "Miyakejima Miyake-mura"),
        ("472018", "那覇市", "Okinawa-ken", "Naha-shi"),
    ],
)
def test_a_code_finds_its_municipality(
    code: str, name: str, roman_prefecture: str, roman_name: str
) -> None:
    found = municipality(code)
    assert (found.name, found.roman_prefecture, found.roman_name) == (
        name,
        roman_prefecture,
        roman_name,
    )
    assert municipality(code[:5]) is found


@pytest.mark.parametrize(
    "code",
    ["", "0", "082202", "130001", "221325", "22132", "08220１", "082201 ", "国"],
    ids=[
        "empty",
        "short",
        "wrong check digit",
        "a prefecture",
        "a ward dissolved in 2024",
        "the same in five digits",
        "full-width digit",
        "trailing space",
        "not digits",
    ],
)
def test_a_code_of_nobody_is_refused(code: str) -> None:
    with pytest.raises(UnknownMunicipality) as refusal:
        municipality(code)
    assert refusal.value.code == code


def test_the_country_is_whole() -> None:
    kinds = [one.kind for one in municipalities()]
    assert kinds.count(MunicipalityKind.DESIGNATED_CITY) == 20
    assert kinds.count(MunicipalityKind.SPECIAL_WARD) == 23
    own_government = [kind for kind in kinds if kind is not MunicipalityKind.WARD]
    assert len(own_government) == 1741
    assert len({one.prefecture for one in municipalities()}) == 47


def test_every_check_digit_is_right() -> None:
    """Rule 2.7: 6a+5b+4c+3d+2e, then the last digit of 11 minus its rest by 11."""
    for one in municipalities():
        a, b, c, d, e, check = (int(digit) for digit in one.code6)
        assert check == (11 - (6 * a + 5 * b + 4 * c + 3 * d + 2 * e) % 11) % 10
        assert municipality_code_valid(one.code6).value


def test_every_name_is_unique_in_its_prefecture() -> None:
    for attribute in ("name", "roman_name"):
        names = [
            (one.roman_prefecture, getattr(one, attribute)) for one in municipalities()
        ]
        assert len(set(names)) == len(names)


def test_every_roman_name_says_what_kind_of_place_it_is() -> None:
    units = {
        "市": "shi",
        "区": "ku",
        "町": "(machi|cho)",
        "村": "(mura|son)",
    }
    for one in municipalities():
        unit = units[one.name[-1]]
        assert re.fullmatch(
            rf"([A-Z][a-z]+(-gun|-shi)? )?[A-Z][a-z]+-{unit}", one.roman_name
        )
        prefecture = {"都": "-to", "府": "-fu", "県": "-ken"}.get(
            one.prefecture[-1], ""
        )
        assert re.fullmatch(rf"[A-Z][a-z]+{prefecture}", one.roman_prefecture)


def test_wards_belong_to_a_designated_city_of_the_table() -> None:
    cities = {
        (one.prefecture, one.city)
        for one in municipalities()
        if one.kind is MunicipalityKind.DESIGNATED_CITY
    }
    wards = [one for one in municipalities() if one.kind is MunicipalityKind.WARD]
    assert {(one.prefecture, one.city) for one in wards} == cities
    assert all(one.lives_here for one in wards)
    assert not municipality("011002").lives_here
