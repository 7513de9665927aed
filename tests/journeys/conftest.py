"""A real browser for the journeys, and an office in both kinds of database."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from mynabox.wiring import Home
from tests.boxes import NOW, box_in
from tests.journeys.homes import one_story
from tests.journeys.offices import Office
from tests.site import client_of

MILLISECONDS = 20_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the system, without a window.

    Ended with the module: its driver's threads must not be there when the tests of
    another module fork this process.
    """
    program = os.environ.get("MYNABOX_CHROMIUM") or which("chromium")
    assert program, "chromium is not on this machine: apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield opened
        opened.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in a window of their own, with options as Playwright names them;
    what is not there within seconds is missing."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(MILLISECONDS)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's program."""
    script = Path(__file__).parents[2] / "tools/css/node_modules/axe-core/axe.min.js"
    assert script.exists(), "axe-core is missing: run 'npm ci' in tools/css"
    return script.read_text("utf-8")


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.interop)]


@pytest.fixture(params=BOTH)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """An open box with its authorities, in a file and in PostgreSQL. When the journey is
    over, everything in it must tell one story."""
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql")
    folder: Path = tmp_path_factory.mktemp("journey") / "box"
    with box_in(folder, at=NOW, database=database) as opened:
        yield opened
        one_story(opened)


@pytest.fixture
def office(home: Home) -> Office:
    """The API of an empty box."""
    return Office(home, client_of(home))
