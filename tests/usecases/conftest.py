"""Boxes at every stage of a life, ready to be copied."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from tests.usecases.places import Place, Template, build_stages, place_in

At = Callable[[str], Place]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """One life, kept at each of its stages."""
    return build_stages(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def at(stages: dict[str, Template], tmp_path: Path) -> Iterator[At]:
    """Opens the test's own copy of the box at a stage."""
    with ExitStack() as stack:

        def open_at(stage: str) -> Place:
            template = stages[stage]
            folder = tmp_path / f"box-{stage}"
            copytree(template.folder, folder)
            place = stack.enter_context(place_in(folder, template.moment))
            return replace(place, hero=template.hero)

        yield open_at


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A new box without people on 1 April 2026."""
    with place_in(tmp_path / "new-box") as place:
        yield place
