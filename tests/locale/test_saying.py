"""How values stand in a text: days, moments, money, names, facts of refusals."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

import pytest

from mynabox.locale import (
    LANGUAGES,
    catalogue,
    day,
    knows,
    listed,
    moment,
    negotiate,
    say,
    told,
    yen,
)
from mynabox.locale.dates import era_year


@dataclass(frozen=True)
class Sum:
    yen: int


@dataclass(frozen=True)
class Things:
    messages: tuple[str, ...]
    joined: Literal["and", "or"] = "and"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "令和8年11月20日（2026年）"),
        ("en", "November 20, 2026"),
        ("zh-Hans", "2026年11月20日"),
        ("zh-Hant", "2026年11月20日"),
        ("ko", "2026년 11월 20일"),
        ("es", "20 de noviembre de 2026"),
        ("pt", "20 de novembro de 2026"),
        ("th", "20 พฤศจิกายน ค.ศ. 2026"),
        ("ne", "2026 नोभेम्बर 20"),
        ("id", "20 November 2026"),
        ("vi", "20 tháng 11, 2026"),
        ("fil", "Nobyembre 20, 2026"),
    ],
)
def test_a_day_as_each_language_writes_it(language: str, text: str) -> None:
    """Thai names the Common Era; Nepali keeps Latin digits."""
    assert day(language, date(2026, 11, 20)) == text


def test_the_table_above_has_every_language() -> None:
    assert len(LANGUAGES) == 12


@pytest.mark.parametrize(
    ("born", "era"),
    [
        (date(1872, 12, 31), None),
        (date(1873, 1, 1), "明治6年"),
        (date(1912, 7, 29), "明治45年"),
        (date(1912, 7, 30), "大正元年"),
        (date(1926, 12, 24), "大正15年"),
        (date(1926, 12, 25), "昭和元年"),
        (date(1980, 2, 17), "昭和55年"),
        (date(1989, 1, 7), "昭和64年"),
        (date(1989, 1, 8), "平成元年"),
        (date(2019, 4, 30), "平成31年"),
        (date(2019, 5, 1), "令和元年"),
        (date(2026, 11, 20), "令和8年"),
    ],
)
def test_era_years_on_both_sides_of_every_change(born: date, era: str | None) -> None:
    assert era_year(born) == era
    assert day("ja", born).startswith(era or "1872年")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "令和8年11月21日（2026年）土曜日 1:05"),
        ("en", "Saturday, November 21, 2026, 1:05"),
        ("ko", "2026년 11월 21일 토요일 1:05"),
        ("zh-Hans", "2026年11月21日星期六 1:05"),
        ("es", "sábado, 21 de noviembre de 2026, 1:05"),
        ("th", "วันเสาร์ที่ 21 พฤศจิกายน ค.ศ. 2026, 1:05"),
    ],
)
def test_a_moment_is_told_in_japan_time(language: str, text: str) -> None:
    """Five past four in the afternoon in London is the next day in Japan."""
    assert moment(language, datetime(2026, 11, 20, 16, 5, tzinfo=UTC)) == text
    assert moment(language, datetime(2026, 11, 21, 1, 5)) == text  # noqa: DTZ001


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_never_carries_a_sign_that_means_another_currency(language: str) -> None:
    """¥ is the renminbi to a reader of Chinese."""
    text = yen(language, 1000)
    assert "1,000" in text
    assert "¥" not in text
    assert text != "1,000"


def test_values_are_written_in_the_language_of_the_text() -> None:
    values = {"fee": Sum(800), "due": date(2023, 10, 19), "at": time(6, 30)}
    assert [told("ja", value) for value in values.values()] == [
        "800円",
        "令和5年10月19日（2023年）",
        "6:30",
    ]
    assert [told("en", value) for value in values.values()] == [
        "800 yen",
        "October 19, 2023",
        "6:30",
    ]


def test_a_borrowed_text_is_english_throughout() -> None:
    """A language without the message reads English with English days in it."""
    lacking = [tag for tag in LANGUAGES if not catalogue(tag)]
    for language in lacking:
        assert say(language, "due.by", day=date(2023, 10, 19)) == "by October 19, 2023"


def test_large_numbers_are_grouped_and_years_are_not() -> None:
    assert told("en", 20000) == "20,000"
    assert told("en", 2026) == "2026"
    assert told("en", 45) == "45"


def test_names_are_said_and_joined() -> None:
    both = Things(("language.en", "language.ko"))
    either = Things(("set.A", "set.B"), "or")
    assert told("en", both) == "English, Korean"
    assert told("ja", both) == "英語、韓国語"
    assert told("en", either).count(";") == 1
    assert listed("zh-Hans", ["a", "b"], joined="or") == "a；b"


@pytest.mark.parametrize(
    ("language", "message", "facts", "part"),
    [
        ("en", "card.expired", {"expires": "2026-12-01"}, "December 1, 2026"),
        ("ja", "card.expired", {"expires": "2026-12-01"}, "令和8年12月1日"),
        ("en", "register.no_such_day", {"column": "born", "value": "2026-02-30"},
         "2026-02-30"),
        ("en", "card.not_possible_now", {"state": "suspended"}, "stopped"),
        ("ja", "certificates.still_good", {"kind": "signature"}, "署名用電子証明書"),
        ("en", "kiosk.not_offered", {"kind": "koseki"}, "family register"),
        ("en", "identity.not_enough.do", {"sets": "A, B B"}, "one official document"),
        ("ja", "pin.missing", {"kinds": "juki, signature"},
         "住民基本台帳用の暗証番号、署名用電子証明書の暗証番号"),
        ("en", "pin.length", {"from": "6", "to": "16"}, "6 to 16"),
    ],
)  # fmt: skip
def test_facts_of_a_refusal_become_words(
    language: str, message: str, facts: dict[str, str], part: str
) -> None:
    assert part in say(language, message, **facts)


def test_a_place_without_a_value_stays_visible() -> None:
    assert "{expires}" in say("en", "card.expired")


def test_an_unknown_message_is_its_id() -> None:
    assert say("en", "no.such.message") == "no.such.message"
    assert not knows("no.such.message")


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("ja-JP", "ja"),
        ("tl", "fil"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("pt-BR", "pt"),
        ("in", "id"),
        ("fr", "en"),
        ("not a tag", "en"),
    ],
)
def test_the_language_is_negotiated(wish: str, language: str) -> None:
    assert negotiate(wish) == language
