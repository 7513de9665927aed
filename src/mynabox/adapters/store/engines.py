"""How the databases are spoken to: SQLite in a file, PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    RootTransaction,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import OperationalError

from mynabox.adapters.store.errors import BoxUnusable, NoTurn
from mynabox.adapters.store.turn import Turns

_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    # So that INSERT OR REPLACE cannot go round the triggers that forbid deleting.
    "PRAGMA recursive_triggers = ON",
    # What is deleted (a letter that went out) is overwritten in the file.
    "PRAGMA secure_delete = ON",
)
_READING_PRAGMAS = (*_PRAGMAS, "PRAGMA query_only = ON")
_WRITING_PRAGMAS = (
    *_PRAGMAS,
    # What a batch writes stays in memory until it is committed, and the write-ahead
    # log is carried over less often (at 32 MiB): pages that change again and again
    # are then written once. In KiB, and in pages.
    "PRAGMA page_size = 8192",  # of a new file: four certificates with their rows
    "PRAGMA cache_size = -16384",
    "PRAGMA wal_autocheckpoint = 4000",
)

_WRITER_LOCK = 0x6D796E61
"""The advisory lock that PostgreSQL's writers share."""


def url_of(place: Path | str) -> URL:
    """The URL of a store: a file is SQLite, a text is a URL of either database.

    Raises :class:`BoxUnusable` for other databases and for SQLite in memory, which
    cannot be read and written at the same time.
    """
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place))
    url = make_url(place)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise BoxUnusable(f"{url.get_backend_name()} is not SQLite or PostgreSQL")
    if url.database in (None, "", ":memory:"):
        raise BoxUnusable("a box in SQLite needs a file")
    return url


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(str(url.database))


class Writer:
    """Writing transactions of a store, one at a time."""

    def __init__(self, url: URL, *, patience: float) -> None:
        file = file_of(url)
        lock = None if file is None else file.with_name(f"{file.name}-turn")
        self.turns = Turns(lock, patience=patience)
        self.engine = _engine(url, writing=True, patience=patience)
        self._patience = patience

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that holds the turn from its beginning to its end."""
        with (
            self.turns.mine(),
            self.engine.connect() as connection,
            self._begun(connection),
        ):
            yield connection

    def _begun(self, connection: Connection) -> RootTransaction:
        try:
            transaction = connection.begin()
            if connection.dialect.name == "postgresql":
                milliseconds = int(self._patience * 1000)
                connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK}
                )
        except OperationalError as error:
            # A program that is not ours holds SQLite's lock, or PostgreSQL's wait
            # for the advisory lock ran out (lock_not_available).
            if (
                "database is locked" in str(error.orig)
                or getattr(error.orig, "sqlstate", None) == "55P03"
            ):
                raise NoTurn(self._patience) from None
            raise
        return transaction

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


class Reader:
    """Reading transactions of a store, side by side with each other and a writer."""

    def __init__(self, url: URL, *, patience: float) -> None:
        self.engine = reading_engine(url, patience=patience)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the store and changes nothing."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def reading_engine(url: URL, *, patience: float) -> Engine:
    """Connections that cannot write."""
    return _engine(url, writing=False, patience=patience)


def _engine(url: URL, *, writing: bool, patience: float) -> Engine:
    # hide_parameters: no error may show an Individual Number.
    if url.get_backend_name() == "postgresql":
        # A writer reads what the one before it committed; a reader sees one moment.
        try:
            engine = create_engine(
                url,
                hide_parameters=True,
                max_overflow=-1,
                isolation_level="READ COMMITTED" if writing else "REPEATABLE READ",
            )
        except ModuleNotFoundError as error:
            raise BoxUnusable(
                f"a box in PostgreSQL needs the Python package {error.name}: install "
                "it, or leave the URL away to keep the box in a file"
            ) from error
        return engine.execution_options(postgresql_readonly=not writing)
    engine = create_engine(
        url,
        hide_parameters=True,
        max_overflow=-1,
        # isolation_level: the driver must not begin and commit by itself.
        connect_args={"timeout": patience, "isolation_level": None},
    )

    def connected(connection: Any, _: object) -> None:
        for pragma in _WRITING_PRAGMAS if writing else _READING_PRAGMAS:
            connection.execute(pragma)

    def began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", began)
    return engine
