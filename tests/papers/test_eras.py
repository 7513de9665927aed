"""Days with their era."""

from datetime import date

import pytest

from mynabox.papers.eras import BeforeEras, both_days, era_day, era_year, western_day


@pytest.mark.parametrize(
    ("day", "written", "year"),
    [
        ("2020-06-01", "令和2年6月1日", 2),
        ("2019-05-01", "令和元年5月1日", 1),
        ("2019-04-30", "平成31年4月30日", 31),
        ("1989-01-08", "平成元年1月8日", 1),
        ("1989-01-07", "昭和64年1月7日", 64),
        ("1980-02-17", "昭和55年2月17日", 55),
        ("1926-12-25", "昭和元年12月25日", 1),
        ("1926-12-24", "大正15年12月24日", 15),
        ("1912-07-30", "大正元年7月30日", 1),
        ("1912-07-29", "明治45年7月29日", 45),
        ("1873-01-01", "明治6年1月1日", 6),
    ],
)
def test_each_era_begins_and_ends_on_its_day(day: str, written: str, year: int) -> None:
    assert era_day(date.fromisoformat(day)) == written
    assert era_year(date.fromisoformat(day)) == year


def test_nobody_of_the_old_calendar_is_on_paper() -> None:
    with pytest.raises(BeforeEras):
        era_day(date(1872, 12, 31))


def test_other_ways_to_write_a_day() -> None:
    assert western_day(date(2020, 6, 1)) == "2020年6月1日"
    assert both_days(date(2020, 6, 1)) == "令和2年6月1日（2020-06-01）"
