"""The whole story, and a life over HTTP, in a box that lives in PostgreSQL."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mynabox.settings import Settings
from mynabox.usecases.show import all_residents, show_resident, verify_journal
from mynabox.wiring import open_home
from tests.boxes import PROGRAM, box_in, days, run, walk

pytestmark = pytest.mark.interop


def _told(home: Path, database: str) -> list[str]:
    """What a box says of its people, opened anew."""
    opened = open_home(Settings(home=home, database=database))
    try:
        assert not list(verify_journal(opened.box))
        return [
            f"{card.card.serial} {card.card.state} "
            + " ".join(f"{one.serial} {one.state}" for one in card.certificates)
            for person in all_residents(opened.box)
            for card in show_resident(person.id, opened.box).cards
        ]
    finally:
        opened.close()


def test_the_story_in_postgresql(tmp_path: Path, postgresql: str) -> None:
    """every step holds, nothing of it lies in a file, a second opening finds it"""
    with box_in(tmp_path / "box", at=days().registered, database=postgresql) as home:
        walk(home)
    assert not list((tmp_path / "box").glob("box.db"))
    told = _told(tmp_path / "box", postgresql)
    assert any("suspended" in line or "active" in line for line in told)
    engine = create_engine(postgresql.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM cards")).scalar() == len(
            told
        )
    engine.dispose()


def test_the_demo_as_a_program(tmp_path: Path, postgresql: str) -> None:
    """with the database given by the environment"""
    told = ("demo", "--exit", "--quiet", "--home", tmp_path / "box")
    run(PROGRAM, *told, env={"MYNABOX_DATABASE": postgresql})
    assert not list((tmp_path / "box").glob("box.db"))
    assert _told(tmp_path / "box", postgresql)
