"""The Japanese eras (元号), one table for papers, screens and certificates."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """One era.

    ``first``     its first day
    ``year_one``  the Gregorian year that is its first year (元年)
    ``digit``     how a certificate writes it
    """

    first: date
    year_one: int
    digit: int
    name: str

    def year(self, day: date) -> int:
        """The year of a day within this era, from 1."""
        return day.year - self.year_one + 1

    def written_year(self, day: date) -> str:
        """``令和8年``; the first year is written 元年."""
        year = self.year(day)
        return f"{self.name}{'元' if year == 1 else year}年"


@cache
def _table() -> tuple[date, tuple[Era, ...]]:
    text = (files("mynabox.locale") / "eras.toml").read_text("utf-8")
    told = tomllib.loads(text)
    eras = (
        Era(
            first=row["from"],
            year_one=row["year_one"],
            digit=row["digit"],
            name=row["name"],
        )
        for row in told["era"]
    )
    newest_first = sorted(eras, key=lambda era: era.first, reverse=True)
    return told["gregorian_from"], tuple(newest_first)


def gregorian_from() -> date:
    """The day from which Japan has written days in the Gregorian calendar."""
    return _table()[0]


def era_of(day: date) -> Era | None:
    """The era of a day; None before the first of the table."""
    for era in _table()[1]:
        if day >= era.first:
            return era
    return None
