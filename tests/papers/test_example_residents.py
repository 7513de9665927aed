"""The example register: people of whom every paper can be made."""

import csv
from datetime import date
from pathlib import Path

import pytest

from mynabox.law.municipality import municipality
from mynabox.law.numbers import number_valid, record_code_valid
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import COLUMNS, read_registration
from mynabox.lifecycle.resident import ResidenceStatus
from mynabox.papers import glyphs
from mynabox.papers.face import CardFace, front_texts

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PACKAGED = ROOT / "src/mynabox/sandbox/data"
WRITTEN = date(2026, 11, 20)


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PEOPLE = rows("residents.csv")


@pytest.mark.parametrize("name", ["residents.csv", "residents-with-mistakes.csv"])
def test_the_package_ships_the_same_files(name: str) -> None:
    assert (EXAMPLES / name).read_bytes() == (PACKAGED / name).read_bytes()


def test_columns_are_those_of_a_register_file() -> None:
    assert tuple(PEOPLE[0]) == COLUMNS
    assert len(PEOPLE) >= 40


@pytest.mark.parametrize("person", PEOPLE, ids=lambda row: row["record_code"])
def test_every_person_can_be_registered_and_printed(person: dict[str, str]) -> None:
    for on in (date(2026, 9, 1), WRITTEN):
        registration = read_registration(person, on=on)
        assert registration.remarks == ()
    assert record_code_valid(person["record_code"]).value
    assert municipality(person["municipality"]).lives_here
    assert not person["number"] or number_valid(person["number"]).value
    glyphs.check(registration.kana or "", registration.roman or "")
    front_texts(
        CardFace(
            name=f"{registration.name}（{registration.alias}）"
            if registration.alias
            else registration.name,
            address=registration.address,
            born=registration.born,
            sex=registration.sex,
            expires=WRITTEN,
            photo=None,
            security_code="0000",
        )
    )


def test_record_codes_and_numbers_are_unique() -> None:
    for column in ("record_code", "number"):
        given = [row[column] for row in PEOPLE if row[column]]
        assert len(given) == len(set(given))


def test_the_file_shows_what_a_register_meets() -> None:
    assert {row["residence_status"] for row in PEOPLE} == set(ResidenceStatus)
    assert {row["sex"] for row in PEOPLE} == {"male", "female", "unknown"}
    assert sum(row["born"].endswith("-02-29") for row in PEOPLE) >= 2
    assert any(row["born"] > "2025-11-20" for row in PEOPLE)
    written = "".join(row["name"] for row in PEOPLE)
    for character in "𠮷﨑髙濵\U000e0100\ufa19":
        assert character in written
    ending = [row for row in PEOPLE if "2026-11" < row["stay_until"] < "2027-01"]
    assert len(ending) >= 2
    assert len({row["municipality"] for row in PEOPLE}) >= 6
    assert {row["nationality"] for row in PEOPLE} >= {
        "JPN", "CHN", "TWN", "KOR", "VNM", "PHL", "NPL", "THA", "IDN", "BRA", "PER"
    }  # fmt: skip


def fault(raw: bytes) -> str:
    """The code of what is wrong with a line, or the name of what breaks off."""
    try:
        (fields,) = csv.reader([raw.decode("utf-8")], strict=True)
    except (UnicodeDecodeError, csv.Error) as broken:
        return type(broken).__name__
    if len(fields) != len(COLUMNS):
        return f"{len(fields)} columns"
    if fields[0] == PEOPLE[0]["record_code"]:
        return "somebody else's record code"
    with pytest.raises(Refused) as refusal:
        read_registration(dict(zip(COLUMNS, fields, strict=True)), on=WRITTEN)
    return refusal.value.code


def test_the_other_file_has_mistakes_of_every_kind() -> None:
    lines = (EXAMPLES / "residents-with-mistakes.csv").read_bytes().splitlines()
    assert lines[0].decode() == ",".join(COLUMNS)
    faults = [fault(line) for line in lines[1:]]
    assert len(faults) >= 25
    assert len(set(faults)) >= 24, sorted(faults)
