"""Boxes that the tests of the API share."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from mynabox.lifecycle.card import Card
from mynabox.usecases.show import all_residents, show_resident
from mynabox.wiring import Home
from tests.boxes import NOW, box_in, walk
from tests.site import client_of

HANDED_OVER = 8
"""The step of the story after which the first person's card is in use."""


@dataclass(frozen=True, slots=True)
class Told:
    """A box whose story was told until a card is in use."""

    home: Home
    client: TestClient
    resident: str
    application_id: str
    card: Card


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """For tests that only look."""
    with box_in(tmp_path_factory.mktemp("told") / "box") as home:
        walk(home, until=HANDED_OVER)
        shown = next(
            shown
            for person in all_residents(home.box)
            if (shown := show_resident(person.id, home.box)).cards
        )
        yield Told(
            home=home,
            client=client_of(home),
            resident=shown.resident.id,
            application_id=shown.notices[0].application_id,
            card=shown.cards[0].card,
        )


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """An empty box of the test's own."""
    with box_in(tmp_path_factory.mktemp("own") / "box", at=NOW) as opened:
        yield opened


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]
)
def in_both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """An empty box of the test's own, in each database in turn."""
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql")
    folder = tmp_path_factory.mktemp("both") / "box"
    with box_in(folder, at=NOW, database=database) as opened:
        yield opened


@pytest.fixture
def client(home: Home) -> TestClient:
    return client_of(home)
