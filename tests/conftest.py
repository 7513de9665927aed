"""What any test may ask for."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.machine import OTHER_JUDGES
from tests.postgresql import drop_database, empty_database, postgresql_server

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("wild", max_examples=2000, deadline=None)
settings.load_profile("steady")


def pytest_configure() -> None:
    """Programs that tests start hear Ctrl-C, even where a shell ran all this behind."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """What hangs on the machine."""
    others = " and ".join(OTHER_JUDGES) or "neither Java nor Go"
    return f"judges of certificates beside those set up: {others}"


@pytest.fixture(scope="session")
def postgresql_of_session() -> Iterator[str]:
    """A PostgreSQL server that runs as long as the tests do."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
def postgresql(postgresql_of_session: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    url = empty_database(postgresql_of_session)
    yield url
    drop_database(postgresql_of_session, url)
