"""Fixed values of specimen people and cards: public, and of use to nobody real."""

import csv
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from mynabox.lifecycle.secret import Pin

SPECIMEN_PINS: Mapping[str, Pin] = MappingProxyType(
    {
        "authentication": Pin("1234"),
        "juki": Pin("2345"),
        "input_support": Pin("3456"),
        "signature": Pin("ABC123"),
    }
)
"""The PINs of the demo's card, as the README tells them."""

_GROWN_UP = "2000"

SPECIMEN_MAIL = "specimen@mynabox.invalid"


def specimen_portrait() -> bytes:
    """A drawn face that passes the photo rules (JPEG)."""
    return _data("portrait.jpg")


def specimen_residents() -> bytes:
    """The register file of the demo (CSV)."""
    return _data("residents.csv")


def specimen_mistakes() -> bytes:
    """A register file in which every line is wrong (CSV)."""
    return _data("residents-with-mistakes.csv")


def story_people(register: bytes) -> tuple[str, str]:
    """Record codes of the two people of the demo: the first two in the register
    file who are Japanese and were born long enough ago to sign."""
    rows = csv.DictReader(register.decode("utf-8-sig").splitlines())
    first, second, *_ = (
        row["record_code"]
        for row in rows
        if row["residence_status"] == "japanese" and row["born"] < _GROWN_UP
    )
    return first, second


def _data(name: str) -> bytes:
    return files("mynabox.sandbox").joinpath("data", name).read_bytes()
