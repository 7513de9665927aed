"""Reading over and over: one connection held by the database's own driver.

Both databases tell for next to nothing whether anybody has committed anything:
SQLite counts (``data_version``), PostgreSQL's snapshots differ. What SQLAlchemy does
for every statement would cost more than the answer itself.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import URL, PoolProxiedConnection

from mynabox.adapters.store.engines import reading_engine
from mynabox.adapters.store.errors import StoreAway
from mynabox.ports import StatusRow

_PATIENCE = 1.0
"""Seconds to wait for a database that is locked or does not answer."""

_MARKS = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_current_snapshot()::text",
}
_PLACES = {"sqlite": "?", "postgresql": "%s"}
_ROW = "SELECT issuer, stopped, reason, recorded FROM certificates WHERE serial = "
_CHANGES = (
    "SELECT nth, serial FROM status_changes WHERE nth >= {} ORDER BY nth LIMIT {}"
)
_LAST = "SELECT COALESCE(MAX(nth), 0) FROM status_changes"
_MOST_CHANGES = 10_000
"""Beyond these it is quicker to look at what is asked for."""
_COLUMN = range(-(2**63), 2**63)


class SqlWatch:
    """One connection; satisfies the port ``StatusWatch``."""

    def __init__(self, url: URL) -> None:
        self._engine = reading_engine(url, patience=_PATIENCE)
        self._of_sqlite = url.get_backend_name() == "sqlite"
        backend = "sqlite" if self._of_sqlite else "postgresql"
        place = _PLACES[backend]
        self._mark, self._row = _MARKS[backend], _ROW + place
        self._changes = _CHANGES.format(place, _MOST_CHANGES + 1)
        self._seen: int | None = None
        """The number of the change that was read last."""
        self._held: PoolProxiedConnection | None = None
        self._cursor: Any = None
        self._failure: type[Exception] = self._engine.dialect.dbapi.Error  # type: ignore[union-attr]
        self._times = 0

    def mark(self) -> object:
        """What differs whenever somebody has committed; raises ``StoreAway``."""
        # fetchall: a statement that is not read to its end would go on seeing the
        # moment at which it began.
        try:
            found = self._connected().execute(self._mark).fetchall()
        except self._failure as error:
            raise self._away(error) from None
        # A connection made anew counts anew.
        return self._times, found[0][0]

    def changed(self) -> Collection[int] | None:
        """Whose rows were changed since the last call; raises ``StoreAway``."""
        try:
            cursor = self._connected()
            if self._seen is None:
                found = cursor.execute(_LAST).fetchall()
                self._seen = int(found[0][0])
                return None
            found = cursor.execute(self._changes, (self._seen,)).fetchall()
        except self._failure as error:
            raise self._away(error) from None
        # The one read last stands first, or something in between has been forgotten.
        first = found[0][0] if found else 0
        if first > max(self._seen, 1) or len(found) > _MOST_CHANGES:
            self._seen = None
            return self.changed()
        if not found:
            if self._seen:
                self._seen = None
                return self.changed()
            return ()
        self._seen = int(found[-1][0])
        return {serial for _, serial in found}

    def row(self, serial: int) -> StatusRow | None:
        """Of the certificate with this number; raises ``StoreAway``."""
        if serial not in _COLUMN:
            return None
        try:
            found = self._connected().execute(self._row, (serial,)).fetchall()
        except self._failure as error:
            raise self._away(error) from None
        return StatusRow._make(found[0]) if found else None

    def close(self) -> None:
        """Let go of the database."""
        if self._held is not None:
            self._held.close()
        self._cursor = self._held = None
        self._engine.dispose()

    def _connected(self) -> Any:
        if self._cursor is None:
            held = self._engine.raw_connection()
            driver: Any = held.driver_connection
            if not self._of_sqlite:
                # Every statement sees what was committed before it.
                driver.autocommit = True
                driver.prepare_threshold = 0
            self._held, self._cursor = held, driver.cursor()
            self._times += 1
        return self._cursor

    def _away(self, error: Exception) -> StoreAway:
        held, self._held, self._cursor = self._held, None, None
        if held is not None:
            held.invalidate()
        return StoreAway(type(error).__name__)
