"""Boxes that the tests of the pages share."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from mynabox.usecases.show import ResidentShown, all_residents, show_resident
from mynabox.wiring import Home
from tests.boxes import NOW, box_in, walk
from tests.site import client_of, with_notice

HANDED_OVER = 8
"""The step of the story after which the first person's card is in use."""


@dataclass(frozen=True, slots=True)
class Told:
    """A box whose story was told until a card is in use."""

    home: Home
    client: TestClient
    holder: ResidentShown


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """For tests that only look."""
    with box_in(tmp_path_factory.mktemp("told") / "box") as home:
        walk(home, until=HANDED_OVER)
        holder = next(
            shown
            for person in all_residents(home.box)
            if (shown := show_resident(person.id, home.box)).cards
        )
        yield Told(home=home, client=client_of(home), holder=holder)


@dataclass(frozen=True, slots=True)
class Notified:
    """A box in which one person has a notice and may apply."""

    home: Home
    client: TestClient
    resident: str
    application_id: str


@pytest.fixture
def notified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notified]:
    """A box of the test's own."""
    with box_in(tmp_path_factory.mktemp("own") / "box", at=NOW) as home:
        notice = with_notice(home)
        yield Notified(
            home=home,
            client=client_of(home),
            resident=notice.resident,
            application_id=notice.application_id,
        )
