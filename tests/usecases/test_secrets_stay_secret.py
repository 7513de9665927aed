"""Numbers, secrets and links are where they must be, and nowhere else."""

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mynabox.lifecycle.secret import IndividualNumber, Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.sandbox.story import steps
from mynabox.usecases.hand_over import HandOver
from mynabox.usecases.submit_application import SubmitApplication
from tests.boxes import box_in, days, setting_in
from tests.number_secrets import digits_in
from tests.usecases.places import (
    LICENCE,
    Failing,
    Place,
    PowerCut,
    particulars,
    record_codes,
    refused,
)

At = Callable[[str], Place]
PINS = {
    "authentication": Pin("8901"),
    "juki": Pin("9810"),
    "input_support": Pin("0198"),
    "signature": Pin("Q8Z9X0W1V8"),
}
"""Made of digits that ids of the box never have, so that a hit is a leak."""

NUMBER = "123456789018"


def cells(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Every cell of a box's tables: table, column, value as bytes."""
    with closing(sqlite3.connect(folder / "box.db")) as db:
        db.row_factory = sqlite3.Row
        names = [
            str(row[0])
            for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for name in names:
            for row in db.execute(f'SELECT * FROM "{name}"'):
                for column in row.keys():  # noqa: SIM118  (a Row is no mapping)
                    value = row[column]
                    whole = value if isinstance(value, bytes) else str(value).encode()
                    yield name, column, whole


def test_the_walk_keeps_its_secrets(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """after the whole story: no number stands in any cell, not in the journal, not in
    any title, mail or log, nor in anything that was said, nor in any file's octets"""
    caplog.set_level(logging.DEBUG)
    with box_in(tmp_path / "box", at=days().registered) as home:
        setting = setting_in(home)
        said = [line for step in steps() for line in step.run(setting)]
        seen = f"{setting!r} {home!r}"
        numbers = [digits.encode() for digits in digits_in(home.box)]
    assert len(numbers) > 30
    places = {
        (table, column)
        for table, column, value in cells(tmp_path / "box")
        for number in numbers
        if number in value
    }
    assert places == set()
    spoken = "\n".join([*said, caplog.text, seen]).encode()
    assert sum(number in spoken for number in numbers) == 0
    for path in (tmp_path / "box").rglob("*"):
        if path.is_file():
            content = path.read_bytes() + path.name.encode()
            assert sum(number in content for number in numbers) == 0, path.name


def test_the_secrets_of_a_card_are_in_its_chip_alone(at: At) -> None:
    """no table, no journal row, no letter, no file in the clear has a PIN"""
    place = at("produced")
    place.hand_over(pins=PINS)
    place.lose()
    place.find()
    place.reissue()
    patterns = [
        re.compile(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % pin.characters.encode())
        for pin in PINS.values()
    ]
    texts = [
        (table, column, value)
        for table, column, value in cells(place.home.path)
        if column not in ("der", "photo", "hash", "previous", "seal", "link_hash")
    ]
    assert len(texts) > 100
    for table, column, value in texts:
        assert not any(one.search(value) for one in patterns), (table, column)
    for path in place.home.path.rglob("*"):
        if path.is_file():
            assert b"Q8Z9X0W1V8" not in path.read_bytes(), path.name


def test_a_link_is_known_to_the_mailbox_alone(at: At) -> None:
    """R023: the store keeps its hash; the mail's text is forgotten once it is out"""
    place = at("noticed")
    place.open()
    token = place.token().encode()
    assert len(token) >= 27
    hits = {
        (table, column)
        for table, column, value in cells(place.home.path)
        if token in value
    }
    assert hits == set()


def test_letters_wait_no_longer_than_needed(at: At) -> None:
    """what a notice says is in the outbox only until it is delivered"""
    place = at("reissued")
    contents = {
        len(value)
        for table, column, value in cells(place.home.path)
        if (table, column) == ("outbox", "content")
    }
    assert contents == {0}


SHOWN: list[tuple[str, object]] = [
    ("a number", IndividualNumber(NUMBER)),
    ("a secret", PINS["signature"]),
    ("a hand-over", HandOver(serial="1" * 16, documents=LICENCE, pins=PINS)),
]


@pytest.mark.parametrize(
    "thing", [row[1] for row in SHOWN], ids=[row[0] for row in SHOWN]
)
def test_what_is_printed_hides_it(thing: object) -> None:
    """str, repr and f-strings, as errors and logs use them"""
    for text in (str(thing), repr(thing), f"{thing}", f"{thing!r:>5}"):
        for secret in (NUMBER, *(pin.characters for pin in PINS.values())):
            assert secret not in text


def test_a_form_does_not_print_its_picture(at: At) -> None:
    """nor the link, which is as good as a key until the form is sent"""
    place = at("opened")
    ask = SubmitApplication(
        token=place.token(),
        born=place.resident.born,
        photo=b"\xff\xd8secret",
        photo_taken=place.today,
    )
    assert place.token() not in repr(ask)
    assert "secret" not in repr(ask)


def test_errors_do_not_tell(place: Place) -> None:
    """refusals about numbers, and what a database says when it breaks"""
    other = particulars(number=NUMBER, record_code=next(record_codes()))
    place.enter(particulars(number=NUMBER))
    said = refused(
        place, lambda: place.register(other), "register.number_taken", "R002"
    )
    assert NUMBER not in f"{said} {said!r} {said.facts}"
    with pytest.raises(PowerCut) as cut:
        place.with_store(Failing(place.box.store)).enter(
            particulars(record_code=next(record_codes()))
        )
    assert NUMBER not in repr(cut.value)


def test_a_wrong_secret_is_not_repeated(at: At) -> None:
    """refusals name the kind and the form, never what was typed"""
    place = at("produced")
    wrong = {**SPECIMEN_PINS, "signature": Pin("q8z9x0w1v8")}
    said = refused(
        place, lambda: place.hand_over(pins=wrong), "pin.upper_case_only", "R072"
    )
    assert "q8z9" not in f"{said} {said!r} {said.facts} {said.args}"
