"""Answers kept for requests that come again, and whose turn a key is."""

import fcntl
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, text

from mynabox.adapters.store.numbering import KeysInUse
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables_once import ANSWERS
from mynabox.lifecycle.once import KeptAnswer

_OCTETS = 2**62
"""How many places there are for locks; two names share one hardly ever, and if they
do, one of them waits for the other."""


class SqlKeptAnswers:
    """What was answered under an idempotency key, sealed: it may tell a number."""

    def __init__(self, session: Session, in_use: KeysInUse) -> None:
        self._session = session
        self._in_use = in_use

    def add(self, answer: KeptAnswer) -> None:
        """Keep one; raises ``Duplicate``."""
        self._session.add(
            ANSWERS,
            {
                "name": answer.name,
                "request": answer.request,
                "operation": answer.operation,
                "status": answer.status,
                "headers": json.dumps(dict(answer.headers)),
                "body": self._in_use.keys.seal_content(
                    answer.body, of=answer.name, key=self._in_use.sealing
                ),
                "answered": answer.answered,
                "expires": answer.expires,
            },
        )

    def find(self, name: str) -> KeptAnswer | None:
        """What was answered under this name; raises ``Damaged``."""
        row = self._session.first(select(ANSWERS).where(ANSWERS.c.name == name))
        if row is None:
            return None
        return KeptAnswer(
            name=row.name,
            request=row.request,
            operation=row.operation,
            status=row.status,
            headers=tuple(json.loads(row.headers).items()),
            body=self._in_use.keys.open_content(row.body, of=row.name),
            answered=row.answered,
            expires=row.expires,
        )

    def forget(self, *, before: datetime) -> None:
        """Forget answers that had expired by then."""
        self._session.remove(ANSWERS, ANSWERS.c.expires <= before)


@contextmanager
def claimed_in_file(path: Path, name: str) -> Iterator[bool]:
    """Have ``name`` to oneself within the block, among all threads and processes;
    False if somebody else has it. The kernel gives it back when a process dies.

    A name is one octet of the file ``path``, which stays empty.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        octet = int(name[:16], 16) % _OCTETS
        wanted = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, octet, 1, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
        except (BlockingIOError, PermissionError):
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


@contextmanager
def claimed_in_postgresql(
    transaction: Callable[[], AbstractContextManager[Connection]], name: str
) -> Iterator[bool]:
    """The same by an advisory lock, which PostgreSQL gives back when a client dies."""
    octet = int(name[:16], 16) % _OCTETS
    with transaction() as connection:
        asked = text("SELECT pg_try_advisory_xact_lock(:octet)")
        yield bool(connection.execute(asked, {"octet": octet}).scalar())
