"""What any test may ask for."""

from collections.abc import Iterator

import pytest

from tests.postgresql import drop_database, empty_database, postgresql_server


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
