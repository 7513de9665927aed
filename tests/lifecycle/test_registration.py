"""A line of a register file is read: every refusal, and the nearest good line."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import (
    COLUMNS,
    LONGEST_ADDRESS,
    LONGEST_NAME,
    read_registration,
)
from mynabox.lifecycle.resident import ResidenceStatus, Sex

TODAY = date(2026, 11, 20)
GOOD: Mapping[str, str] = {
    "record_code": "31415926530",
    "municipality": "082201",
    "name": "箱田 太郎",
    "kana": "ハコダ タロウ",
    "roman": "",
    "alias": "",
    "born": "1990-03-31",
    "sex": "male",
    "address": "茨城県つくば市箱の内一丁目1番地1",
    "nationality": "JPN",
    "residence_status": "japanese",
    "stay_until": "",
    "registered": "2026-04-01",
    "number": "",
}
STAY = {"nationality": "VNM", "residence_status": "mid_long_term"}

# What is changed in a good line, and the code and rules it is refused with; where
# there is a nearest line that is good, it stands beside.
REFUSED: list[tuple[dict[str, str], str, tuple[str, ...], dict[str, str] | None]] = [
    ({"record_code": ""}, "register.record_code_form", ("R001",), None),
    ({"record_code": "3141592653"}, "register.record_code_form", ("R001",), {}),
    ({"record_code": "314159265300"}, "register.record_code_form", ("R001",), {}),
    ({"record_code": "3141592653O"}, "register.record_code_form", ("R001",), {}),
    (
        {"record_code": "３１４１５９２６５３０"},
        "register.record_code_form",
        ("R001",),
        {},
    ),
    (
        {"municipality": "082202"},
        "register.municipality_check_digit",
        (),
        {"municipality": "082201"},
    ),
    ({"municipality": "08220"}, "register.municipality_check_digit", (), {}),
    ({"municipality": ""}, "register.municipality_check_digit", (), {}),
    ({"municipality": "999997"}, "register.municipality_unknown", (), {}),
    ({"name": ""}, "register.empty", (), {"name": "箱"}),
    ({"name": "   "}, "register.empty", (), {"name": " 箱 "}),
    ({"name": "\u3000"}, "register.empty", (), {"name": "箱\u3000田"}),
    ({"name": "\u200d"}, "register.empty", (), {"name": "अर्\u200dयाल"}),
    ({"name": "\U000e0100"}, "register.empty", (), {"name": "葛\U000e0100城"}),
    ({"name": "-"}, "register.empty", (), {"name": "々"}),
    ({"address": ""}, "register.empty", (), {"address": "1"}),
    ({"address": "\u3000 \u3000"}, "register.empty", (), {}),
    (
        {"name": "箱" * (LONGEST_NAME + 1)},
        "register.too_long",
        (),
        {"name": "箱" * LONGEST_NAME},
    ),
    (
        {"address": "箱" * (LONGEST_ADDRESS + 1)},
        "register.too_long",
        (),
        {"address": "箱" * LONGEST_ADDRESS},
    ),
    *(
        (
            {column: "a" * (LONGEST_NAME + 1)},
            "register.too_long",
            (),
            {column: "a" * LONGEST_NAME},
        )
        for column in ("kana", "roman", "alias")
    ),
    *(
        ({column: text}, "register.control_character", (), None)
        for column in COLUMNS
        for text in (
            *("a\x00", "\x1b[2J", "a\u2028b", "a\u2029b", "\ue000", "\x9b"),
            *("a\u202eb", "a\u2067b", "\u200b", "a\ufeff", "a\u00adb"),
        )
    ),
    ({"born": ""}, "register.date_form", (), None),
    ({"born": "1990-3-31"}, "register.date_form", (), {}),
    ({"born": "19900331"}, "register.date_form", (), {}),
    ({"born": "平成2年3月31日"}, "register.date_form", (), {}),
    ({"born": "1990-02-29"}, "register.no_such_day", (), {"born": "1992-02-29"}),
    ({"born": "1990-13-01"}, "register.no_such_day", (), {"born": "1990-12-01"}),
    ({"born": "0000-01-01"}, "register.no_such_day", (), {"born": "0001-01-01"}),
    (
        {"born": "2026-11-21", "registered": "2026-11-21"},
        "register.born_in_future",
        (),
        {"born": "2026-11-20", "registered": "2026-11-20"},
    ),
    (
        {"registered": "2026-11-21"},
        "register.registered_in_future",
        (),
        {"registered": "2026-11-20"},
    ),
    ({"registered": ""}, "register.date_form", (), None),
    (
        {"registered": "1990-03-30"},
        "register.registered_before_birth",
        (),
        {"registered": "1990-03-31"},
    ),
    ({"sex": "女"}, "register.sex_unknown_word", (), {"sex": "female"}),
    ({"sex": ""}, "register.sex_unknown_word", (), {"sex": "unknown"}),
    ({"sex": "Male"}, "register.sex_unknown_word", (), {}),
    (
        {"residence_status": "student"},
        "register.status_unknown_word",
        (),
        None,
    ),
    ({"nationality": "Japan"}, "register.nationality_form", (), {}),
    ({"nationality": "jpn"}, "register.nationality_form", (), {}),
    (
        {"nationality": "BRA"},
        "register.nationality_against_status",
        (),
        {"nationality": "BRA", "residence_status": "permanent"},
    ),
    (
        {"residence_status": "permanent"},
        "register.nationality_against_status",
        (),
        {"nationality": "KOR", "residence_status": "special_permanent"},
    ),
    (
        {"stay_until": "2030-01-01"},
        "register.stay_without_limit",
        ("R111",),
        {},
    ),
    *(
        (
            {
                "nationality": "BRA",
                "residence_status": status,
                "stay_until": "2030-01-01",
            },
            "register.stay_without_limit",
            ("R111",),
            {"nationality": "BRA", "residence_status": status},
        )
        for status in ("permanent", "special_permanent", "highly_skilled_2")
    ),
    *(
        (
            {"nationality": "BRA", "residence_status": status},
            "register.stay_missing",
            ("R110",),
            {
                "nationality": "BRA",
                "residence_status": status,
                "stay_until": "2026-11-20",
            },
        )
        for status in (
            "mid_long_term",
            "temporary_refuge",
            "provisional_stay",
            "birth_transitional",
        )
    ),
    ({**STAY, "stay_until": "soon"}, "register.date_form", (), None),
    (
        {**STAY, "stay_until": "2026-03-31"},
        "register.stay_ends_before_registration",
        ("R110",),
        None,
    ),
    (
        {**STAY, "stay_until": "2026-11-19"},
        "register.stay_over",
        ("R124",),
        {**STAY, "stay_until": "2026-11-20"},
    ),
    (
        {"number": "123456789012"},
        "register.number_check_digit",
        ("R001",),
        {"number": "123456789018"},
    ),
    ({"number": "12345678901"}, "register.number_check_digit", ("R001",), {}),
    (
        {"number": "１２３４５６７８９０１８"},
        "register.number_check_digit",
        ("R001",),
        {"number": "1234-5678-9018"},
    ),
]


def named(row: tuple[dict[str, str], str, object, object]) -> str:
    return f"{row[1]}: {list(row[0].values())[-1][:20]!a}"


@pytest.mark.parametrize(
    ("changed", "code", "rules", "nearest"), REFUSED, ids=map(named, REFUSED)
)
def test_refused(
    changed: dict[str, str],
    code: str,
    rules: tuple[str, ...],
    nearest: dict[str, str] | None,
) -> None:
    """the first thing that is wrong, by its code; and just beside it all is well"""
    with pytest.raises(Refused) as caught:
        read_registration({**GOOD, **changed}, on=TODAY)
    assert (caught.value.code, caught.value.rules) == (code, rules)
    if nearest is not None:
        read_registration({**GOOD, **nearest}, on=TODAY)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_that_is_not_there(column: str) -> None:
    """an empty one is another thing"""
    values = {name: value for name, value in GOOD.items() if name != column}
    with pytest.raises(Refused) as caught:
        read_registration(values, on=TODAY)
    assert caught.value.code == "register.column_missing"
    assert caught.value.facts == {"column": column}


def test_what_was_read() -> None:
    """names stay byte for byte, outer blanks go, empty is None"""
    read = read_registration(
        {
            **GOOD,
            "name": " 𠮷﨑\u3000髙\ufe00 ",
            "roman": "YOSHIZAKI",
            "number": "1234 5678 9018",
        },
        on=TODAY,
    )
    assert read.name == "𠮷﨑\u3000髙\ufe00"
    assert (read.kana, read.roman, read.alias) == ("ハコダ タロウ", "YOSHIZAKI", None)
    assert (read.sex, read.residence_status) == (Sex.MALE, ResidenceStatus.JAPANESE)
    assert (read.born, read.registered) == (date(1990, 3, 31), date(2026, 4, 1))
    assert read.number is not None
    assert read.number.digits == "123456789018"
    assert read.remarks == ()


def test_an_unusual_record_code_is_taken_with_a_remark() -> None:
    """no source settles its check digit"""
    read = read_registration({**GOOD, "record_code": "31415926531"}, on=TODAY)
    assert read.remarks == ("register.record_code_check_digit_unusual",)


def test_refusals_and_records_do_not_show_the_number() -> None:
    """R265, R266"""
    for number in ("123456789018", "123456789012"):
        try:
            text = repr(read_registration({**GOOD, "number": number}, on=TODAY))
        except Refused as refused:
            text = f"{refused} {refused!r}"
        assert number not in text


@given(
    st.dictionaries(
        st.sampled_from(COLUMNS),
        st.text(max_size=30) | st.sampled_from(["2026-01-01", "VNM", "123456789018"]),
    )
)
def test_any_line_is_read_or_refused(changed: dict[str, str]) -> None:
    """never anything else, whatever stands in it"""
    try:
        read = read_registration({**GOOD, **changed}, on=TODAY)
    except Refused as refused:
        assert refused.code.startswith("register.")
        return
    assert read.name.strip() and read.born <= read.registered <= TODAY
