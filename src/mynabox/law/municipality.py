"""Municipalities (市区町村) by their national six-digit code.

The table ships with the program; ``tools/municipalities`` derives it from Japan
Post data. It holds every municipality, every ward of Tokyo, and the designated
cities (政令指定都市) beside their own wards, since a register is kept per ward
while an ordinance is the city's.
"""

import csv
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files


class MunicipalityKind(Enum):
    """What a row of the table is; a resident lives in any but a designated city."""

    PLAIN = "plain"
    SPECIAL_WARD = "special_ward"
    DESIGNATED_CITY = "designated_city"
    WARD = "ward"


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """One row: written forms as in addresses, kana, and roman letters.

    ``county`` is what an address writes before a town or village: 郡, or the island
    for 三宅村 and 八丈町. ``ward`` is set for wards of designated cities alone.
    """

    code6: str
    kind: MunicipalityKind
    prefecture: str
    county: str
    city: str
    ward: str
    kana: str
    roman_prefecture: str
    """``Ibaraki-ken``, ``Tokyo-to``, ``Osaka-fu``, and ``Hokkaido``: its *do* belongs
    to the name (Hokkai is no place), so Japan Post writes it in one word."""
    roman_county: str
    roman_city: str
    roman_ward: str

    @property
    def code5(self) -> str:
        """The code without its check digit (JIS X 0402)."""
        return self.code6[:5]

    @property
    def name(self) -> str:
        """As an address writes it after the prefecture: 石狩郡当別町, 札幌市中央区."""
        return self.county + self.city + self.ward

    @property
    def roman_name(self) -> str:
        """``Kiyose-shi``, ``Ishikari-gun Tobetsu-cho``, ``Sapporo-shi Chuo-ku``.

        Unique within its prefecture only with the county: Hokkaido has two
        Esashi-cho.
        """
        words = (self.roman_county, self.roman_city, self.roman_ward)
        return " ".join(word for word in words if word)

    @property
    def lives_here(self) -> bool:
        """Whether residents are registered under this very code."""
        return self.kind is not MunicipalityKind.DESIGNATED_CITY


class UnknownMunicipality(LookupError):
    """No municipality of today has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no municipality has the code {code!r}")
        self.code = code


@cache
def _table() -> dict[str, Municipality]:
    source = files("mynabox.law") / "data" / "municipalities.csv"
    with source.open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {
            row["code6"]: Municipality(
                **{key: value for key, value in row.items() if key != "kind"},
                kind=MunicipalityKind(row["kind"]),
            )
            for row in rows
        }


@cache
def _short_codes() -> dict[str, str]:
    return {code6[:5]: code6 for code6 in _table()}


def municipality(code: str) -> Municipality:
    """The municipality of a six-digit code, or of its first five digits.

    Raises ``UnknownMunicipality``; a six-digit code with a wrong check digit is
    unknown too.
    """
    found = _table().get(_short_codes().get(code, code))
    if found is None:
        raise UnknownMunicipality(code)
    return found


_DEVANAGARI = str.maketrans("०१२३४५६७८९", "0123456789")


def place(text: str, *, living: bool = True) -> str:
    """The six-digit code of a municipality given by code or name.

    A name without its kind (``Tsukuba``, ``つくば``) will do if only one has it.
    ``living`` leaves out designated cities by name, whose residents are registered
    in a ward. Raises ``UnknownMunicipality``, also for a name that several have.
    """
    plain = text.translate(_DEVANAGARI)
    if plain.isascii() and plain.isdigit():
        return municipality(plain).code6
    wanted = text.casefold()
    found = [
        row.code6
        for row in municipalities()
        if (row.lives_here or not living)
        and wanted
        in {
            row.name,
            row.prefecture + row.name,
            row.name.rstrip("市区町村"),
            row.roman_name.casefold(),
            row.roman_name.rpartition("-")[0].casefold(),
        }
    ]
    if len(found) != 1:
        raise UnknownMunicipality(text)
    return found[0]


def municipalities() -> tuple[Municipality, ...]:
    """All rows, in the order of their codes."""
    return tuple(_table().values())
