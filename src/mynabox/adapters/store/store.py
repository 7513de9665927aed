"""The store: transactions over a database, with a repository for every thing."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection

from mynabox.adapters.store.answering import (
    SqlKeptAnswers,
    claimed_in_file,
    claimed_in_postgresql,
)
from mynabox.adapters.store.applying import SqlApplications, SqlForms, SqlNotices
from mynabox.adapters.store.authority import (
    SqlApprovals,
    SqlPasskeys,
    SqlSessions,
    SqlStaff,
)
from mynabox.adapters.store.chronicle import SqlJournal
from mynabox.adapters.store.copying import every_row, fill_empty
from mynabox.adapters.store.due import SqlDueWork
from mynabox.adapters.store.engines import Reader, Writer, file_of, url_of
from mynabox.adapters.store.holding import Holding
from mynabox.adapters.store.issued import SqlCards, SqlCertificates
from mynabox.adapters.store.kept import SqlKept
from mynabox.adapters.store.moving import SqlCardNotes, SqlMoves
from mynabox.adapters.store.numbering import BATCH, KeysInUse, SqlNumbers, rotate
from mynabox.adapters.store.older import sealed_rows
from mynabox.adapters.store.outgoing import SqlOutbox
from mynabox.adapters.store.register import SqlResidents
from mynabox.adapters.store.relying import (
    SqlConsents,
    SqlKnownUsers,
    SqlLogins,
    SqlVerifiers,
)
from mynabox.adapters.store.schema import prepare
from mynabox.adapters.store.sealing import NumberKeys, Secret
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.statuses import SqlStatusLists
from mynabox.adapters.store.tables_delivery import APPOINTMENTS, DELIVERIES
from mynabox.adapters.store.tables_procedures import (
    BATCH_ITEMS,
    INQUIRIES,
    STORE_RESETS,
)
from mynabox.adapters.store.tables_requests import CARD_REQUESTS, FEES, LOSSES
from mynabox.adapters.store.watching import SqlWatch
from mynabox.lifecycle.appointment import Appointment
from mynabox.lifecycle.batch import BatchItem
from mynabox.lifecycle.card_request import CardRequest
from mynabox.lifecycle.delivery import Delivery
from mynabox.lifecycle.fee import Fee
from mynabox.lifecycle.inquiry import Inquiry
from mynabox.lifecycle.loss import Loss
from mynabox.lifecycle.store_reset import StoreReset

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that a writer waits for its turn before it gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlWork:
    """The repositories of one transaction; of no use after its end."""

    residents: SqlResidents
    numbers: SqlNumbers
    notices: SqlNotices
    forms: SqlForms
    applications: SqlApplications
    cards: SqlCards
    certificates: SqlCertificates
    statuses: SqlStatusLists
    journal: SqlJournal
    outbox: SqlOutbox
    due: SqlDueWork
    moves: SqlMoves
    card_notes: SqlCardNotes
    staff: SqlStaff
    passkeys: SqlPasskeys
    sessions: SqlSessions
    approvals: SqlApprovals
    answers: SqlKeptAnswers
    verifiers: SqlVerifiers
    logins: SqlLogins
    users: SqlKnownUsers
    consents: SqlConsents
    deliveries: SqlKept[Delivery]
    appointments: SqlKept[Appointment]
    losses: SqlKept[Loss]
    card_requests: SqlKept[CardRequest]
    fees: SqlKept[Fee]
    inquiries: SqlKept[Inquiry]
    store_resets: SqlKept[StoreReset]
    batch_items: SqlKept[BatchItem]


class SqlStore:
    """A box's data. One of it serves all threads of a process; a process that forks
    opens its own.

    ``journal_key``    seals the ends of the journal's chains
    ``number_secret``  gives the secrets under which Individual Numbers lie
    ``patience``       seconds to wait for one's turn to write
    """

    def __init__(
        self,
        url: URL,
        *,
        journal_key: bytes,
        number_secret: Secret,
        patience: float = PATIENCE,
    ) -> None:
        self.url = url
        self._journal_key = journal_key
        self._number_keys = NumberKeys(number_secret)
        self._reader = Reader(url, patience=patience)
        self._writer = Writer(url, patience=patience)
        self._mine = threading.local()

    def prepare(self) -> None:
        """Make or migrate the tables; raises ``NewerBox``, ``BoxUnusable``."""
        prepare(self.url, self._reader, self._writer, keys=self._number_keys)

    @contextmanager
    def work(self) -> Iterator[SqlWork]:
        """A writing transaction: durable when the block has ended, undone when it
        raises. Raises ``NoTurn`` (a ``Busy`` of the ports) after waiting in vain."""
        holding = self._holding()
        if holding is None:
            with self._writer.transaction() as connection:
                yield self._work(connection, writing=True)
        else:
            yield from self._kept_open(holding, holding.begin())

    @contextmanager
    def look(self) -> Iterator[SqlWork]:
        """A reading transaction; writing in it raises ``NotWriting``."""
        holding = self._holding()
        at_rest = None if holding is None else holding.at_rest
        if at_rest is not None:
            yield self._work(at_rest, writing=False)
            return
        with self._reader.transaction() as connection:
            yield self._work(connection, writing=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block a transaction of this thread ends, and is durable, only
        when the next one begins or the block ends; if the block raises, the last one
        is undone."""
        if self._holding() is not None:
            raise RuntimeError("held() inside held()")
        holding = self._mine.holding = Holding(self._writer)
        try:
            yield
            holding.commit()
        except BaseException as error:
            holding.undo(error)
            raise
        finally:
            self._mine.holding = None

    @contextmanager
    def last(self) -> Iterator[SqlWork]:
        """Within :meth:`held`: the transaction that has not ended yet, or a new one."""
        holding = self._holding()
        if holding is None:
            raise RuntimeError("last() outside held()")
        yield from self._kept_open(holding, holding.join())

    @property
    def holding(self) -> bool:
        """Whether this thread has a transaction that is done and not durable yet."""
        holding = self._holding()
        return holding is not None and holding.at_rest is not None

    def claim(self, name: str) -> AbstractContextManager[bool]:
        """Have a hexadecimal name to oneself within the block, among everybody who
        uses this store; False if somebody else has it."""
        file = file_of(self.url)
        if file is None:
            return claimed_in_postgresql(self._reader.transaction, name)
        return claimed_in_file(file.with_name(f"{file.name}-claims"), name)

    def _holding(self) -> Holding | None:
        found: Holding | None = getattr(self._mine, "holding", None)
        return found

    def _kept_open(self, holding: Holding, connection: Connection) -> Iterator[SqlWork]:
        try:
            yield self._work(connection, writing=True)
        except BaseException as error:
            holding.undo(error)
            raise
        holding.rest()

    @contextmanager
    def watch(self) -> Iterator[SqlWatch]:
        """A connection of its own to look at certificates over and over; for one
        thread."""
        watch = SqlWatch(self.url)
        try:
            yield watch
        finally:
            watch.close()

    def rows(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Every row of every table with its table's name, as of one moment, in an
        order in which they can be put into another store."""
        with self._reader.transaction() as connection:
            yield from every_row(connection)

    def fill(
        self, rows: Iterable[tuple[str, Mapping[str, object]]], *, plain: bool = False
    ) -> None:
        """Put rows that :meth:`rows` gave into this store, all or none; raises
        ``BoxUnusable`` if there is anything in it, or a row does not belong here.

        ``plain``  the rows are of a program that did not seal numbers yet
        """
        if plain:
            rows = sealed_rows(rows, self._number_keys)
        with self._writer.transaction() as connection:
            fill_empty(connection, rows)

    def rotate_number_keys(
        self,
        tell: Callable[[int, int], object] = lambda done, everybody: None,
        *,
        batch: int = BATCH,
    ) -> tuple[int, int]:
        """Exchange the keys under which numbers lie, or finish an exchange that was
        broken off; (the old key, the new one). ``tell`` hears (done, of all),
        ``batch`` people are one transaction."""

        def transaction(do: Callable[[Session, KeysInUse], T]) -> T:
            with self._writer.transaction() as connection:
                session = Session(connection, writing=True)
                return do(session, KeysInUse(session, self._number_keys))

        return rotate(transaction, tell, batch=batch)

    def close(self) -> None:
        """Let go of the database; the store is of no use afterwards."""
        self._reader.close()
        self._writer.close()

    def _work(self, connection: Connection, *, writing: bool) -> SqlWork:
        session = Session(connection, writing=writing)
        in_use = KeysInUse(session, self._number_keys)
        return SqlWork(
            residents=SqlResidents(session),
            numbers=SqlNumbers(session, in_use),
            notices=SqlNotices(session),
            forms=SqlForms(session),
            applications=SqlApplications(session),
            cards=SqlCards(session),
            certificates=SqlCertificates(session),
            statuses=SqlStatusLists(session),
            journal=SqlJournal(session, key=self._journal_key),
            outbox=SqlOutbox(session, in_use),
            due=SqlDueWork(session),
            moves=SqlMoves(session),
            card_notes=SqlCardNotes(session),
            staff=SqlStaff(session),
            passkeys=SqlPasskeys(session),
            sessions=SqlSessions(session),
            approvals=SqlApprovals(session),
            answers=SqlKeptAnswers(session, in_use),
            verifiers=SqlVerifiers(session),
            logins=SqlLogins(session),
            users=SqlKnownUsers(session),
            consents=SqlConsents(session),
            deliveries=SqlKept(session, DELIVERIES, Delivery, what="delivery"),
            appointments=SqlKept(
                session, APPOINTMENTS, Appointment, what="appointment"
            ),
            losses=SqlKept(session, LOSSES, Loss, what="receipt"),
            card_requests=SqlKept(
                session, CARD_REQUESTS, CardRequest, what="card request"
            ),
            fees=SqlKept(session, FEES, Fee, what="fee"),
            inquiries=SqlKept(session, INQUIRIES, Inquiry, what="inquiry"),
            store_resets=SqlKept(session, STORE_RESETS, StoreReset, what="reservation"),
            batch_items=SqlKept(session, BATCH_ITEMS, BatchItem, what="item"),
        )


def open_store(
    place: Path | str,
    *,
    journal_key: bytes,
    number_secret: Secret,
    patience: float = PATIENCE,
) -> SqlStore:
    """Open the store at ``place`` (a SQLite file, or a URL), its tables made or
    migrated. Raises ``NewerBox``, ``BoxUnusable``, ``NoTurn``."""
    store = SqlStore(
        url_of(place),
        journal_key=journal_key,
        number_secret=number_secret,
        patience=patience,
    )
    try:
        store.prepare()
    except BaseException:
        store.close()
        raise
    return store
