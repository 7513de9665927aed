"""A box in a file and one in PostgreSQL, for journeys over HTTP that end with a check."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mynabox.lifecycle.certificate import StopReason
from mynabox.ports import Box
from mynabox.usecases.deliver import deliver
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.show import show_card
from mynabox.usecases.status import status_of, view
from mynabox.wiring import Home
from tests.boxes import NOW, box_in

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]


@pytest.fixture(params=BOTH)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """An open box, empty."""
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql")
    folder: Path = tmp_path_factory.mktemp("journey") / "box"
    with box_in(folder, at=NOW, database=database) as opened:
        yield opened


def one_story(home: Home) -> None:
    """Register, cards, chips, papers and journal agree."""
    deliver(home.box)
    found = reconcile(home.box).findings
    assert found == (), found


def reasons(serial: str, box: Box) -> list[StopReason | None]:
    """What OCSP says of each certificate of the card."""
    told = []
    with box.store.look() as work:
        for certificate in show_card(serial, box).certificates:
            status = status_of(
                work, certificate.issuer, certificate.serial, seen=view(box)
            )
            told.append(getattr(status, "reason", None))
    return told
