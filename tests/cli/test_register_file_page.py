"""docs/register-file.md is right about the header, the columns and their words."""

import re
from pathlib import Path

from mynabox.lifecycle.registration import (
    COLUMNS,
    GUARDIAN_COLUMNS,
    HOUSEHOLD_COLUMNS,
)
from mynabox.lifecycle.resident import HouseholdRelation, ResidenceStatus, Sex

PAGE = (Path(__file__).parents[2] / "docs" / "register-file.md").read_text("utf-8")
ALL = COLUMNS + HOUSEHOLD_COLUMNS + GUARDIAN_COLUMNS
WORDS = {
    "sex": Sex,
    "residence_status": ResidenceStatus,
    "relation": HouseholdRelation,
}


def test_the_header() -> None:
    (header,) = re.findall(r"```csv\n(.*)\n```", PAGE)
    assert tuple(header.split(",")) == ALL


def test_every_column_and_every_word_it_may_hold() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \| .* \|$", PAGE, re.MULTILINE))
    assert tuple(rows) == ALL
    for column, words in WORDS.items():
        assert re.findall(r"`(\w+)`", rows[column]) == [word.value for word in words]
