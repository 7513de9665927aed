"""Measurements in their smallest form: they run, and measure what they say."""

from collections.abc import Callable

import pytest

from bench import api, lives, sweep
from bench._beside import Row
from bench._boxes import measured_box


def of_a_day() -> list[Row]:
    with measured_box() as home:
        sweep.fill(home, 400)
        return sweep.measure(home, 1)


@pytest.mark.parametrize(
    ("measured", "named"),
    [
        (lambda: lives.measure_cold(1, 1), "whole life, no keys made ahead"),
        (lambda: [lives.measure_warm(1, 1)], "whole life, keys made ahead, SQLite"),
        (of_a_day, "letters due on a day"),
        (lambda: api.measure(2, 1), "handOverCard, p95"),
    ],
    ids=["cold", "warm", "day", "api"],
)
def test_a_measurement(measured: Callable[[], list[Row]], named: str) -> None:
    rows = measured()
    assert any(row[0].startswith(named) for row in rows)
    assert all(row[3] > 0 for row in rows)
