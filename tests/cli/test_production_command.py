"""``mynabox card produce``: cards of everybody who waits."""

from pathlib import Path
from typing import Any

import pytest

from tests.boxes import box_in, days, walk
from tests.cli.conftest import Mynabox


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box in which one person's application waits for production."""
    folder = tmp_path_factory.mktemp("applied") / "box"
    with box_in(folder, at=days().registered) as home:
        walk(home, until=APPLIED)
    return folder


CITY, APPLIED = "082201", 5
"""Steps of the story up to the application's receipt."""


def test_everybody_who_waits(mynabox: Mynabox, applied: Path) -> None:
    there = ("--home", applied, "--json")
    said = mynabox("card", "produce", "--municipality", CITY, *there)
    assert (said.status, said.err) == (0, "")
    done: Any = said.json()
    (made,) = done
    assert len(made["certificates"]) == 2
    shown: Any = mynabox("card", "show", made["card"], *there).json()
    assert shown["state"] == "produced"
    again = mynabox("card", "produce", "--municipality", CITY, "--home", applied)
    assert (again.status, again.out, again.err) == (0, "", "")
    refused = mynabox("card", "produce", made["application"], "--home", applied)
    assert refused.status == 1
    assert refused.out.startswith(f"{made['application']}: refused: ")
    coded: Any = mynabox(
        "card", "produce", made["application"], "app-no", *there
    ).json()
    assert [one["refused"] for one in coded] == [
        "production.application_not_ready",
        "missing",
    ]
    assert mynabox("db", "check", "--home", applied).status == 0


@pytest.mark.parametrize(
    "words",
    [(), ("app-1", "--municipality", CITY), ("--municipality", "000000")],
    ids=["nothing", "both", "no such place"],
)
def test_what_is_asked_must_be_clear(
    mynabox: Mynabox, applied: Path, words: tuple[str, ...]
) -> None:
    said = mynabox("card", "produce", *words, "--home", applied)
    assert said.status == 2
    assert "Traceback" not in said.err
