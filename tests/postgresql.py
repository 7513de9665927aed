"""A PostgreSQL server of the tests' own: started when first asked for, reached through
a Unix socket in a folder of its own, ended with the tests.

The server never runs as root: as root, everything of it is started as ``postgres``
(or ``nobody``).
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

_COUNTER = count(1)


def _programs() -> Path:
    """Where Debian keeps initdb and pg_ctl: the newest version there is."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    assert found, "PostgreSQL is missing: apt-get install postgresql"
    return Path(found).resolve().parent


def _user() -> tuple[int, int] | None:
    """Who runs the server, where root may not."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise AssertionError("neither postgres nor nobody is a user of this machine")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A running server; gives the URL of its folder for :func:`empty_database`."""
    programs, user = _programs(), _user()
    folder = Path(tempfile.mkdtemp(prefix="mynabox-pg-", dir="/tmp"))
    data, log = folder / "data", folder / "log"
    if user:
        os.chown(folder, *user)

    def run(program: str, *words: str) -> None:
        done = subprocess.run(
            [programs / program, *words],
            cwd=folder,
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        said = log.read_text() if log.exists() else ""
        assert done.returncode == 0, f"{program}: {done.stderr}{said}"

    try:
        run(
            "initdb",
            *("-D", str(data), "-U", "mynabox", "-A", "trust", "-E", "UTF8"),
            *("--no-sync", "--no-instructions"),
        )
        # Every commit of a test reaches the server's memory, not the disk.
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{folder}' "
            "-c fsync=off -c full_page_writes=off -c max_connections=200"
        )
        run(
            "pg_ctl",
            *("-D", str(data), "-l", str(log), "-o", options, "-w", "start"),
        )
        try:
            yield f"postgresql://mynabox@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def empty_database(server: str) -> str:
    """The URL of a new, empty database of a server."""
    name = f"box_{os.getpid()}_{next(_COUNTER)}"
    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


@contextmanager
def database_of_its_own(wanted: bool) -> Iterator[str | None]:
    """The URL of an empty database of a server that ends with the block; None, and no
    server, if it is not wanted."""
    if not wanted:
        yield None
        return
    with postgresql_server() as server:
        yield empty_database(server)


def drop_database(server: str, url: str) -> None:
    """End a database that :func:`empty_database` made, whoever is still in it."""
    name = url.split("/")[3].split("?")[0]
    engine = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
