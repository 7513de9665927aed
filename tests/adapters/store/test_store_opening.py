"""Boxes that can be opened, and boxes that are refused and left as they are."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import check, upgrade
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from mynabox.adapters.store import BoxUnusable, NewerBox, open_store
from mynabox.adapters.store.schema import NEWEST, alembic_config
from mynabox.adapters.store.tables import METADATA
from tests.number_secrets import secret

KEY = bytes(range(32))


def _open(place: Path | str) -> None:
    open_store(place, journal_key=KEY, number_secret=secret).close()


def _make_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")


def _make_newer(path: Path) -> None:
    _open(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '2999'")


def _make_torn(path: Path) -> None:
    _open(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(24)
        file.write(b"\xff" * 4000)


# Opened


@pytest.mark.parametrize(
    "name", ["box.sqlite", "箱 50% ?x=1#.sqlite", "deep/er/box.sqlite"]
)
def test_a_new_box_is_its_owners_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "home" / name
    with (
        closing(open_store(path, journal_key=KEY, number_secret=secret)) as store,
        store.work() as work,
    ):
        work.numbers.reserve("141003")
        modes = {
            file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()
        }
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert set(modes) >= {path.name, f"{path.name}-wal"}
    assert set(modes.values()) == {0o600}


def test_a_known_box_opens_without_the_migration_machinery(tmp_path: Path) -> None:
    place = tmp_path / "box.sqlite"
    _open(place)
    script = (
        "import sys; from pathlib import Path; from mynabox.adapters.store import *;"
        "open_store(Path(sys.argv[1]), journal_key=bytes(32), number_secret=lambda name: bytes(32)).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, place], check=True, timeout=60)


def test_an_empty_file_becomes_a_box(tmp_path: Path) -> None:
    place = tmp_path / "box.sqlite"
    place.touch()
    _open(place)
    _open(place)


def test_opening_waits_for_no_writer(tmp_path: Path) -> None:
    place = tmp_path / "box.sqlite"
    with (
        closing(open_store(place, journal_key=KEY, number_secret=secret)) as store,
        store.work(),
    ):
        open_store(place, journal_key=KEY, number_secret=secret, patience=0.01).close()


def test_the_connections_are_set_up_for_durability(tmp_path: Path) -> None:
    with closing(
        open_store(tmp_path / "box.sqlite", journal_key=KEY, number_secret=secret)
    ) as store:
        for engine in (store._writer.engine, store._reader.engine):
            with engine.connect() as connection:
                asked = {
                    pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
                    for pragma in (
                        "journal_mode",
                        "synchronous",
                        "foreign_keys",
                        "busy_timeout",
                        "recursive_triggers",
                        "page_size",
                    )
                }
            assert asked == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 30_000,
                "recursive_triggers": 1,
                "page_size": 8192,
            }


# Refused


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_text("dear diary"), "is not a database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(500)), "cannot be"),
        (lambda path: path.write_bytes(bytes(8192)), "is not a database"),
        (_make_foreign, "holds the data of another program"),
        (_make_newer, "written by a newer mynabox"),
        (_make_torn, "cannot be used"),
        (lambda path: path.mkdir(), "Is a directory"),
    ],
    ids=["text", "header only", "zeros", "foreign", "newer", "torn", "directory"],
)
def test_what_is_no_box_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "box.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BoxUnusable, match=reason) as refused:
        _open(path)
    assert "box" in refused.value.reason
    assert before == (path.read_bytes() if path.is_file() else None)


def test_a_newer_box_says_how_new(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    _make_newer(path)
    with pytest.raises(NewerBox) as refused:
        _open(path)
    assert (refused.value.found, refused.value.known) == ("2999", NEWEST)


def test_a_place_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(BoxUnusable, match=r"cannot write /sys/kernel/box/box\.sqlite"):
        _open(Path("/sys/kernel/box/box.sqlite"))


def test_a_readers_directory_is_refused(tmp_path: Path) -> None:
    """As somebody who is not root, in a directory of somebody else."""
    script = (
        "import os, sys; from pathlib import Path; from mynabox.adapters.store import *\n"
        "open_store(Path(sys.argv[2]), journal_key=bytes(32), number_secret=lambda name: bytes(32)).close()\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "for name in ('new.sqlite', 'box.sqlite'):\n"
        "    try: open_store(Path(sys.argv[1], name), journal_key=bytes(32), number_secret=lambda name: bytes(32))\n"
        "    except BoxUnusable as error: print(error.reason)\n"
    )
    closed = tmp_path / "closed"
    _open(closed / "box.sqlite")
    (closed / "box.sqlite").chmod(0o666)
    closed.chmod(0o555)
    for directory in (tmp_path, *tmp_path.parents[:3]):
        directory.chmod(directory.stat().st_mode | 0o011)
    said = subprocess.run(
        [sys.executable, "-c", script, closed, tmp_path / "open.sqlite"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    closed.chmod(0o700)
    assert len(said) == 2
    assert "new.sqlite (Permission denied)" in said[0]
    assert "cannot write into" in said[1]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("mysql://host/box", "mysql is not SQLite or PostgreSQL"),
    ],
)
def test_other_databases_are_refused(url: str, reason: str) -> None:
    with pytest.raises(BoxUnusable, match=reason):
        _open(url)


def test_a_refusal_does_not_show_the_password() -> None:
    """Whether the driver is missing or there is no server at the port."""
    with pytest.raises(BoxUnusable, match=r"psycopg|127\.0\.0\.1") as refused:
        _open("postgresql://box:swordfish@127.0.0.1:9/box")
    assert "swordfish" not in str(refused.value)


# Tables and migrations


def _tables(path: Path) -> dict[str, list[str]]:
    """Every CREATE statement of tables and indexes, as its parts in any order."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE sql IS NOT NULL AND type <> 'trigger' AND name <> 'alembic_version'"
        ).fetchall()
    return {
        name: sorted(re.split(r"\s*,\s*", re.sub(r"[\s\"()]+", " ", sql).strip()))
        for name, sql in rows
    }


def test_migrations_make_the_tables_that_the_program_means(tmp_path: Path) -> None:
    made, meant = tmp_path / "made.sqlite", tmp_path / "meant.sqlite"
    engine = create_engine(f"sqlite:///{made}")
    with engine.begin() as connection:
        upgrade(alembic_config(connection), "head")
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        check(alembic_config(connection))
    engine.dispose()
    engine = create_engine(f"sqlite:///{meant}")
    METADATA.create_all(engine)
    engine.dispose()
    # What Alembic does not compare as well: CHECK and partial indexes.
    assert _tables(made) == _tables(meant)


def test_a_box_of_any_older_version_is_migrated(tmp_path: Path) -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    older = [each.revision for each in scripts.walk_revisions()][1:]
    for revision in older:
        path = tmp_path / f"{revision}.sqlite"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            upgrade(alembic_config(connection), revision)
            connection.exec_driver_sql(
                "INSERT INTO residents (id, record_code, municipality, name, kana,"
                " roman, alias, born, sex, address, nationality, residence_status,"
                " stay_until, registered, state) VALUES ('res-1', '00000000000', '141003',"
                " '見本　花子', NULL, NULL, NULL, '1990-04-01', 'female', '見本町1',"
                " 'JPN', 'japanese', NULL, '2026-11-20', 'registered')"
            )
        engine.dispose()
        with (
            closing(open_store(path, journal_key=KEY, number_secret=secret)) as store,
            store.look() as look,
        ):
            assert look.residents.get("res-1").name == "見本　花子"
        made = _guards(tmp_path / "new.sqlite")
        assert _guards(path) == made
        assert len(made) > 20


def _guards(path: Path) -> list[tuple[str, str]]:
    """The triggers of the box, made if there is none."""
    _open(path)
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        ).fetchall()


def test_the_newest_revision_is_the_last_migration() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [NEWEST]


@pytest.mark.parametrize(
    "table",
    [
        "residents",
        "shards",
        "numbers",
        "notices",
        "applications",
        "cards",
        "certificates",
        "revocation_lists",
        "journal",
        "journal_subjects",
        "journal_heads",
        "outbox",
    ],
)
def test_every_table_can_be_parted_by_municipality(table: str) -> None:
    of = METADATA.tables[table]
    keys = [set(index.columns.keys()) for index in of.indexes]
    keys.append({column.name for column in of.columns if column.primary_key})
    assert any("municipality" in key for key in keys)


def test_a_failed_migration_leaves_nothing(tmp_path: Path) -> None:
    """The tables come whole or not at all: here the disk is full in the middle."""
    place = tmp_path / "box.sqlite"
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from mynabox.adapters.store import *; import alembic.command\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "try: open_store(Path(sys.argv[1]), journal_key=bytes(32), number_secret=lambda name: bytes(32))\n"
        "except BoxUnusable as error: print(error.reason)\n"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(
        [sys.executable, "-c", script, place],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment,
    ).stdout
    assert "cannot be used" in said
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
    _open(place)
