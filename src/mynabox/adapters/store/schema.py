"""Making, checking and migrating the tables of a box."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from mynabox.adapters.store.engines import Reader, Writer, file_of
from mynabox.adapters.store.errors import BoxUnusable, NewerBox
from mynabox.adapters.store.sealing import NumberKeys

NEWEST = "0024"
"""The revision that this program's tables are at."""

NUMBER_KEYS = "number_keys"
"""What migrations that seal numbers find their keys by."""

MIGRATIONS = Path(__file__).parent / "migrations"

if TYPE_CHECKING:
    from alembic.config import Config

_SQLITE_FILE = b"SQLite format 3\x00"
_VERSIONS = "alembic_version"


def prepare(url: URL, reader: Reader, writer: Writer, *, keys: NumberKeys) -> None:
    """Make the tables, or migrate older ones; safe when several do it at once.

    Raises :class:`NewerBox`, :class:`BoxUnusable`, ``NoTurn``.
    """
    path = file_of(url)
    if path is not None:
        _prepare_file(path)
    place = str(path) if path else url.render_as_string(hide_password=True)
    try:
        with reader.transaction() as connection:
            done = _revision(connection, place) == NEWEST and _has_wal(connection)
        if not done:
            with writer.transaction() as connection:
                if _revision(connection, place) != NEWEST:
                    _migrate(connection, keys)
            if path is not None:
                _use_wal(writer, place)
                _checkpoint(writer)
                reader.close()  # its connection has seen the file without WAL
    except DatabaseError as error:
        raise BoxUnusable(f"{place} cannot be used: {error.orig}") from error


def _prepare_file(path: Path) -> None:
    """See that a SQLite file can be opened or made at ``path``, its owner's only."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BoxUnusable(
            f"cannot write {path} ({error.strerror}): choose another directory, or "
            "make it writable"
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        start = file.read(len(_SQLITE_FILE))
    if start not in (b"", _SQLITE_FILE):
        raise BoxUnusable(
            f"{path} is not a database; it was left as it is: choose another directory"
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):  # SQLite needs files beside it
        raise BoxUnusable(
            f"cannot write into {path.parent}: choose another directory, or make it "
            "writable"
        )


def _revision(connection: Connection, place: str) -> str | None:
    """The revision of the tables, None where there are none; raises if they are
    another program's or a newer one's."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if _VERSIONS not in tables:
        raise BoxUnusable(
            f"{place} holds the data of another program; it was left as it is: "
            "choose another directory"
        )
    found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()
    revision = None if found is None else str(found)
    if revision not in (None, NEWEST) and revision not in _known():
        raise NewerBox(str(revision), NEWEST)
    return revision


def _known() -> set[str]:
    from alembic.script import ScriptDirectory  # slow to load and rarely needed

    scripts = ScriptDirectory.from_config(alembic_config())
    return {each.revision for each in scripts.walk_revisions()}


def _migrate(connection: Connection, keys: NumberKeys) -> None:
    """To the newest revision, within the connection's transaction."""
    from alembic.command import upgrade  # slow to load and rarely needed

    config = alembic_config(connection)
    config.attributes[NUMBER_KEYS] = keys
    upgrade(config, NEWEST)


def alembic_config(connection: Connection | None = None) -> "Config":
    """What Alembic's commands need to work on the tables behind ``connection``."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _has_wal(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return True
    return connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def _checkpoint(writer: Writer) -> None:
    """Have SQLite's log written into the file and emptied: what a migration wiped out
    is then gone from both."""
    writer.close()  # a new connection: nothing of the migration is open on it
    with writer.turns.mine():
        raw = writer.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
            cursor.close()
        finally:
            raw.close()


def _use_wal(writer: Writer, place: str) -> None:
    """Readers beside the writer; SQLite remembers it in the file."""
    with writer.turns.mine():
        raw = writer.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA journal_mode = WAL")
            answer = cursor.fetchone()
            cursor.close()
        finally:
            raw.close()
    if answer is None or answer[0] != "wal":
        raise BoxUnusable(
            f"{place} lies on a file system without shared memory (a network drive?): "
            "keep the box on a local disk"
        )
