"""The database keeps its promises to somebody who works on it with plain SQL."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from mynabox.adapters.store import RowProtected, SqlStore
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind, CertificateState

Raw = Callable[..., list[Any]]

SAID_BY_ANY_DATABASE = r"(?i)unique"


def _copy(raw: Raw, table: str, key: str, value: object, **changed: object) -> str:
    """An INSERT of a copy of the row with ``key`` = ``value``, some columns changed."""
    (row,) = raw(f"SELECT * FROM {table} WHERE {key} = :value", value=value)
    columns = row._mapping
    assert not set(changed) - set(columns)
    said = ", ".join(f":{name}" if name in changed else name for name in columns)
    return (
        f"INTO {table} ({', '.join(columns)}) "
        f"SELECT {said} FROM {table} WHERE {key} = '{value}'"
    )


@pytest.fixture
def copies(raw: Raw) -> Callable[..., None]:
    """Inserts a changed copy of a row, or replaces rows with it."""

    def copy(
        table: str, key: str, value: object, *, verb: str = "INSERT", **changed: object
    ) -> None:
        raw(f"{verb} {_copy(raw, table, key, value, **changed)}", **changed)

    return copy


@pytest.fixture
def settled(store: SqlStore, holder: Any, specimens: Any) -> Any:
    """A holder with a void card and a revoked certificate of their own, and a row."""
    card = specimens.card(holder.application, CardState.VOID, serial="9" * 16)
    certificate = specimens.certificate(
        card, CertificateState.REVOKED, serial=777, kind=CertificateKind.AUTHENTICATION
    )
    with store.work() as work:
        work.cards.add(card)
        work.certificates.add(certificate)
        work.journal.write(specimens.entry(holder.resident.id, card.serial))
        work.journal.write(specimens.entry(holder.resident.id))
    return holder


def _whole(raw: Raw) -> list[list[Any]]:
    """Everything in the protected tables."""
    return [
        sorted(map(repr, raw(f"SELECT * FROM {table}")))
        for table in (
            "residents",
            "numbers",
            "cards",
            "certificates",
            "journal",
            "journal_subjects",
            "journal_heads",
        )
    ]


# Unique for ever


@pytest.mark.parametrize("state", ["current", "retired"])
def test_a_number_belongs_to_one_person_for_ever(
    settled: Any,
    another_holder: Callable[[], Any],
    raw: Raw,
    copies: Callable[..., None],
    state: str,
) -> None:
    other = another_holder().resident.id
    raw("UPDATE numbers SET state = 'retired' WHERE resident = :it", it=other)
    mine = settled.resident.id
    with pytest.raises(IntegrityError, match=SAID_BY_ANY_DATABASE):
        copies("numbers", "resident", mine, resident=other, nth=90, state=state)


ONE_EACH = [
    ("numbers", {"index_odd": "f" * 64, "nth": 90}),
    ("numbers", {"nth": 90, "state": "retired"}),
    ("numbers", {"index_odd": "f" * 64, "state": "retired"}),
    ("cards", {"serial": "1", "nth": 90}),
    ("cards", {"serial": "1", "nth": 90, "state": "produced"}),
    ("cards", {"nth": 90, "state": "void"}),
    ("residents", {"id": "res-x"}),
    ("residents", {"record_code": "1"}),
    ("notices", {"id": "not-x", "nth": 90}),
    ("applications", {"id": "app-x", "nth": 90}),
    ("certificates", {"serial": 8, "nth": 90}),
    ("certificates", {"serial": 8, "nth": 90, "state": "active"}),
    ("certificates", {"nth": 90, "kind": "authentication"}),
]


@pytest.mark.parametrize(("table", "changed"), ONE_EACH)
def test_there_is_one_of_each(
    settled: Any, raw: Raw, copies: Callable[..., None], table: str, changed: Any
) -> None:
    mine = {
        "numbers": ("resident", settled.resident.id),
        "cards": ("serial", settled.card.serial),
        "residents": ("id", settled.resident.id),
        "notices": ("id", settled.notice.id),
        "applications": ("id", settled.application.id),
        "certificates": ("serial", settled.certificate.serial),
    }[table]
    before = _whole(raw)
    with pytest.raises(IntegrityError, match=SAID_BY_ANY_DATABASE):
        copies(table, *mine, **changed)
    assert _whole(raw) == before


@pytest.mark.parametrize("first", ["active", "suspended"])
@pytest.mark.parametrize("second", ["active", "suspended"])
def test_a_second_card_in_use_is_refused(
    settled: Any, raw: Raw, copies: Callable[..., None], first: str, second: str
) -> None:
    serial = settled.card.serial
    raw("UPDATE cards SET state = :first WHERE serial = :it", first=first, it=serial)
    copies("cards", "serial", serial, serial="1", nth=90, state="produced")
    with pytest.raises(IntegrityError, match=SAID_BY_ANY_DATABASE):
        raw("UPDATE cards SET state = :second WHERE serial = '1'", second=second)


def test_the_journal_has_one_row_at_a_place(
    settled: Any, raw: Raw, copies: Callable[..., None]
) -> None:
    with pytest.raises(IntegrityError, match=SAID_BY_ANY_DATABASE):
        copies("journal", "sequence", 1, actor="counter:nobody", nth=90)


def test_two_rows_of_the_journal_have_not_one_number(
    settled: Any, raw: Raw, copies: Callable[..., None]
) -> None:
    with pytest.raises(IntegrityError, match=SAID_BY_ANY_DATABASE):
        copies("journal", "sequence", 1, sequence=90)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE cards SET state = 'Active'", "ck_cards_state"),
        ("UPDATE certificates SET state = ''", "ck_certificates_state"),
        ("UPDATE numbers SET state = 'current '", "ck_numbers_state"),
    ],
)
def test_a_misspelt_state_cannot_slip_past_a_unique_index(
    settled: Any, raw: Raw, statement: str, names: str
) -> None:
    with pytest.raises(IntegrityError, match=names):
        raw(statement + " WHERE state IN ('produced', 'issued', 'current')")


# What stays


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE journal SET actor = 'box'", "a row of the journal stays"),
        ("UPDATE journal SET hash = hash", "a row of the journal stays"),
        ("DELETE FROM journal WHERE sequence = 2", "a row of the journal stays"),
        ("UPDATE journal_subjects SET subject = 'x'", "subjects of a journal row"),
        ("DELETE FROM journal_subjects", "subjects of a journal row"),
        ("DELETE FROM journal_heads", "end of a chain is not deleted"),
        ("UPDATE journal_heads SET sequence = 1", "end of a chain is its last row"),
        ("UPDATE journal_heads SET hash = 'x'", "end of a chain is its last row"),
        ("UPDATE journal_heads SET seal = 'x'", "end of a chain is its last row"),
        ("UPDATE journal_heads SET sequence = 9", "end of a chain is its last row"),
        (
            "UPDATE journal_heads SET municipality = '0'",
            "end of a chain is its last row",
        ),
        ("UPDATE cards SET state = 'active' WHERE state = 'void'", "void card stays"),
        ("UPDATE cards SET resident = 'res-other'", "a card keeps its owner"),
        ("UPDATE cards SET serial = '0' WHERE state = 'void'", "keeps its owner"),
        ("DELETE FROM cards WHERE state = 'void'", "a card is never deleted"),
        (
            "UPDATE certificates SET state = 'active' WHERE state = 'revoked'",
            "a revoked certificate stays",
        ),
        (
            "UPDATE certificates SET stopped = '2020' WHERE state = 'revoked'",
            "a revoked certificate stays",
        ),
        (
            "UPDATE certificates SET reason = 'superseded' WHERE state = 'revoked'",
            "a revoked certificate stays",
        ),
        ("UPDATE certificates SET card = '9999999999999999'", "keeps its content"),
        ("UPDATE certificates SET serial = serial + 1", "keeps its content"),
        ("DELETE FROM certificates", "a certificate is never deleted"),
        ("DELETE FROM numbers", "a number is never deleted"),
        ("UPDATE numbers SET resident = 'res-other'", "a number keeps its owner"),
        ("UPDATE numbers SET index_odd = 'f'", "a number keeps its owner"),
        ("UPDATE numbers SET sealed = CAST('f' AS BYTEA)", "a number keeps its owner"),
        ("UPDATE numbers SET nth = 7", "a number keeps its owner"),
        ("UPDATE numbers SET index_odd = NULL", "can_be_found"),
        ("DELETE FROM residents", "a person is never deleted"),
        ("UPDATE residents SET id = 'res-x'", "a person keeps id"),
        ("UPDATE residents SET record_code = '1'", "a person keeps id"),
        ("UPDATE cards SET application = 'app-x'", "a card keeps its application"),
    ],
)
def test_what_must_stay_stays(
    settled: Any, raw: Raw, statement: str, sentence: str
) -> None:
    before = _whole(raw)
    with pytest.raises(DatabaseError, match=sentence):
        raw(statement)
    assert _whole(raw) == before


@pytest.mark.parametrize("paper", ["notice", "form"])
def test_nobody_hangs_on_anothers_papers(
    settled: Any, store: SqlStore, raw: Raw, specimens: Any, paper: str
) -> None:
    """R030: neither an application on another's form, nor a card of another's
    application, nor a certificate on another's card; added or changed"""
    other = specimens.resident()
    notice = specimens.notice(other)
    with store.work() as work:
        work.residents.add(other)
        if paper == "notice":
            work.notices.add(notice)
        else:
            work.forms.add(notice.form)
    before = _whole(raw)
    own = {"resident": other.id}
    mine = settled.resident
    application = specimens.application(mine, application_id=notice.application_id)
    card = specimens.card(settled.application, CardState.VOID, **own)
    with store.look() as work:
        void = work.cards.get("9" * 16)
    certificate = specimens.certificate(void, CertificateState.REVOKED, **own)
    attempts: list[tuple[Callable[[Any], object], str]] = [
        (lambda work: work.applications.add(application), "on the own form"),
        (lambda work: work.cards.add(card), "of the own application"),
        (lambda work: work.certificates.add(certificate), "on the own card"),
    ]
    for add, sentence in attempts:
        with pytest.raises(RowProtected, match=sentence), store.work() as work:
            add(work)
    with pytest.raises(DatabaseError, match="on the own form"):
        raw(f"UPDATE applications SET application_id = '{notice.application_id}'")
    assert _whole(raw) == before
    theirs = specimens.application(other, application_id=notice.application_id)
    with store.work() as work:
        work.applications.add(theirs)


def test_a_retired_number_is_not_taken_up_again(settled: Any, raw: Raw) -> None:
    raw("UPDATE numbers SET state = 'retired'")
    with pytest.raises(DatabaseError, match="a retired number stays retired"):
        raw("UPDATE numbers SET state = 'current'")


@pytest.mark.parametrize(
    ("table", "key", "value", "changed"),
    [
        ("journal", "sequence", 1, {"actor": "counter:nobody", "nth": 90}),
        ("journal", "sequence", 1, {"sequence": 90}),
        ("journal_heads", "municipality", "141003", {"sequence": 1}),
        ("cards", "serial", "9" * 16, {"state": "produced"}),
        ("cards", "serial", "9" * 16, {"serial": "1", "state": "produced", "nth": 90}),
        ("certificates", "serial", 777, {"state": "active"}),
    ],
)
def test_replacing_is_no_way_round(
    settled: Any,
    store: SqlStore,
    raw: Raw,
    copies: Callable[..., None],
    table: str,
    key: str,
    value: object,
    changed: Any,
) -> None:
    if store.url.get_backend_name() != "sqlite":
        return  # only SQLite knows INSERT OR REPLACE
    before = _whole(raw)
    with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
        copies(table, key, value, verb="INSERT OR REPLACE", **changed)
    assert _whole(raw) == before


@pytest.mark.parametrize(
    "changed", [{}, {"index_odd": "f" * 64}, {"index_odd": "f" * 64, "nth": 90}]
)
def test_a_number_cannot_be_replaced(
    settled: Any,
    store: SqlStore,
    another_holder: Callable[[], Any],
    raw: Raw,
    copies: Callable[..., None],
    changed: Any,
) -> None:
    if store.url.get_backend_name() != "sqlite":
        return
    mine = settled.resident.id
    other = {} if changed else {"resident": another_holder().resident.id}
    with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
        copies("numbers", "resident", mine, verb="REPLACE", **changed, **other)


# A card without PINs has no signature certificate (R081)

NO_SIGNATURE = "a card without PINs has no signature certificate"
MAKE_IT_ONE = "UPDATE cards SET without_pins = true WHERE serial = :it"


@pytest.fixture
def in_use(store: SqlStore, holder: Any, raw: Raw) -> Any:
    """A holder whose card is in use, with a good signature certificate."""
    raw("UPDATE cards SET state = 'active' WHERE serial = :it", it=holder.card.serial)
    raw("UPDATE certificates SET state = 'active'")
    return holder


@pytest.mark.parametrize("state", ["issued", "active", "on_hold"])
def test_it_cannot_become_one_with_a_signature_certificate(
    in_use: Any, raw: Raw, state: str
) -> None:
    raw("UPDATE certificates SET state = :state", state=state)
    before = _whole(raw)
    with pytest.raises(DatabaseError, match=NO_SIGNATURE):
        raw(MAKE_IT_ONE, it=in_use.card.serial)
    assert _whole(raw) == before


def _revoked(raw: Raw) -> None:
    raw("UPDATE certificates SET state = 'revoked', stopped = :at", at=STOPPED)


STOPPED = "2026-11-20T03:00:00.000000Z"


@pytest.mark.parametrize(
    ("kind", "state", "possible"),
    [
        ("signature", "issued", False),
        ("signature", "active", False),
        ("signature", "on_hold", False),
        ("signature", "revoked", True),
        ("authentication", "active", True),
    ],
)
def test_no_signature_certificate_is_added_to_one(
    in_use: Any,
    raw: Raw,
    copies: Callable[..., None],
    kind: str,
    state: str,
    possible: bool,
) -> None:
    _revoked(raw)
    raw(MAKE_IT_ONE, it=in_use.card.serial)
    before = _whole(raw)
    mine = ("certificates", "serial", in_use.certificate.serial)
    changed = {"serial": 8, "nth": 90, "kind": kind, "state": state}
    if possible:
        copies(*mine, **changed)
        return
    with pytest.raises(DatabaseError, match=NO_SIGNATURE):
        copies(*mine, **changed)
    assert _whole(raw) == before


def test_no_certificate_of_one_becomes_a_signature_certificate(
    in_use: Any, raw: Raw, copies: Callable[..., None]
) -> None:
    _revoked(raw)
    raw(MAKE_IT_ONE, it=in_use.card.serial)
    mine = ("certificates", "serial", in_use.certificate.serial)
    copies(*mine, serial=8, nth=90, kind="authentication", state="active")
    with pytest.raises(DatabaseError):
        raw("UPDATE certificates SET kind = 'signature' WHERE serial = 8")


def test_a_card_that_waits_is_none(in_use: Any, raw: Raw) -> None:
    """whoever hands it over decides, with its holder"""
    _revoked(raw)
    raw("UPDATE cards SET state = 'produced' WHERE serial = :it", it=in_use.card.serial)
    with pytest.raises(DatabaseError, match="when it is handed over"):
        raw(MAKE_IT_ONE, it=in_use.card.serial)


def test_who_adds_a_certificate_holds_the_card(
    in_use: Any, store: SqlStore, raw: Raw
) -> None:
    """until the end of the transaction nobody makes it a card without PINs"""
    if store.url.get_backend_name() == "sqlite":
        return  # one writer at a time
    _revoked(raw)
    serial = in_use.card.serial
    copy = _copy(
        raw,
        "certificates",
        "serial",
        in_use.certificate.serial,
        serial=8,
        nth=90,
        state="active",
    )
    engine = create_engine(store.url)
    with engine.connect() as adding, engine.connect() as changing:
        adding.execute(
            text(f"INSERT {copy}"), {"serial": 8, "nth": 90, "state": "active"}
        )
        changing.execute(text("SET lock_timeout = '100ms'"))
        with pytest.raises(DatabaseError, match="lock timeout"):
            changing.execute(text(MAKE_IT_ONE), {"it": serial})
        changing.rollback()
        adding.commit()
        with pytest.raises(DatabaseError, match=NO_SIGNATURE):
            changing.execute(text(MAKE_IT_ONE), {"it": serial})
    engine.dispose()


# How a record read before


def test_no_change_of_a_record_goes_unkept(settled: Any, raw: Raw) -> None:
    """whoever changes it and however; and what was kept stays as it is"""
    mine = settled.resident
    raw(
        "UPDATE residents SET name = 'x', since = '2026-12-01' WHERE id = :it",
        it=mine.id,
    )
    raw("UPDATE residents SET name = 'x' WHERE id = :it", it=mine.id)
    raw("UPDATE residents SET alias = 'y' WHERE id = :it", it=mine.id)
    kept = "SELECT nth, name, alias, cause FROM resident_history ORDER BY nth"
    expected = [(1, mine.name, None, "registered"), (2, "x", None, "registered")]
    assert [tuple(row) for row in raw(kept)] == expected
    for statement in (
        "UPDATE resident_history SET name = 'z'",
        "DELETE FROM resident_history",
    ):
        with pytest.raises(DatabaseError, match="a former record stays as it was"):
            raw(statement)
    assert [tuple(row) for row in raw(kept)] == expected


def test_a_kept_record_cannot_be_replaced(
    settled: Any, store: SqlStore, raw: Raw, copies: Callable[..., None]
) -> None:
    if store.url.get_backend_name() != "sqlite":
        return
    mine = settled.resident.id
    raw("UPDATE residents SET name = 'x' WHERE id = :it", it=mine)
    with pytest.raises(DatabaseError, match="a former record stays as it was"):
        copies("resident_history", "resident", mine, verb="REPLACE", name="z")


def test_a_household_has_one_head(
    settled: Any, store: SqlStore, raw: Raw, copies: Callable[..., None]
) -> None:
    mine = settled.resident.id
    raw(
        "UPDATE residents SET household = 'H', relation = 'head' WHERE id = :it",
        it=mine,
    )
    for verb in ("INSERT", "INSERT OR REPLACE"):
        if verb == "INSERT" or store.url.get_backend_name() == "sqlite":
            with pytest.raises(IntegrityError, match=SAID_BY_ANY_DATABASE):
                copies("residents", "id", mine, verb=verb, id="res-x", record_code="1")
    copies("residents", "id", mine, id="res-x", record_code="1", relation="spouse")
    copies("residents", "id", mine, id="res-y", record_code="2", state="dead")


# What the store says about a guard that refused


def test_a_guard_that_refuses_is_told_in_plain_words(
    store: SqlStore, settled: Any, specimens: Any
) -> None:
    with store.work() as work:
        void = work.cards.get("9" * 16)
        with pytest.raises(RowProtected, match="a void card stays void"):
            work.cards.save(specimens.card(settled.application, serial=void.serial))
        assert work.cards.get("9" * 16) == void


def test_no_error_shows_a_number(
    store: SqlStore, settled: Any, another_holder: Callable[[], Any], specimens: Any
) -> None:
    digits = settled.assignment.number.digits
    other = another_holder()
    broken = specimens.assignment(settled.resident)
    object.__setattr__(broken, "assigned", "no moment")
    object.__setattr__(broken, "number", settled.assignment.number)
    object.__setattr__(other.assignment, "number", settled.assignment.number)
    said = []
    with store.work() as work:
        for assignment in (settled.assignment, other.assignment, broken):
            with pytest.raises(Exception) as error:
                work.numbers.add(assignment)
            said.append(repr(error.value) + str(error.value))
    assert len(said) == 3
    assert not any(digits in each for each in said)


# Adult wards


def test_a_ward_is_given_no_signature_certificate(
    settled: Any, raw: Raw, store: SqlStore, specimens: Any
) -> None:
    """neither anew nor handed over; and nobody becomes a ward over one that is not
    handed over yet, or that was issued on the first day or later (R135)"""
    mine, card = settled.resident.id, settled.card
    first = settled.certificate.serial

    def give(serial: int, state: CertificateState, kind: CertificateKind) -> None:
        one = specimens.certificate(card, state, serial=serial, kind=kind)
        with store.work() as work:
            work.certificates.add_all([one])

    def guard(since: str | None) -> None:
        raw(
            "UPDATE residents SET guardian = :who, ward_since = :since WHERE id = :it",
            who=since and "x",
            since=since,
            it=mine,
        )

    signs, proves = CertificateKind.SIGNATURE, CertificateKind.AUTHENTICATION
    first_day = settled.certificate.not_before.date()
    day, later = first_day.isoformat(), (first_day + timedelta(days=1)).isoformat()
    said = "a ward is given no signature certificate"
    for since in (day, later):
        with pytest.raises(DatabaseError, match=said):
            guard(since)
    raw("UPDATE certificates SET state = 'active' WHERE serial = :it", it=first)
    with pytest.raises(DatabaseError, match=said):
        guard(day)
    guard(later)
    with pytest.raises(DatabaseError, match=said):
        guard(day)
    raw("UPDATE certificates SET state = 'revoked' WHERE serial = :it", it=first)
    guard(day)
    for state in (CertificateState.ISSUED, CertificateState.ACTIVE):
        with pytest.raises((RowProtected, DatabaseError), match=said):
            give(802, state, signs)
    with pytest.raises(DatabaseError, match=said):
        raw("UPDATE certificates SET state = 'active' WHERE serial = :it", it=first)
    give(803, CertificateState.ACTIVE, proves)
    guard(None)
    give(804, CertificateState.ISSUED, signs)


@pytest.mark.parametrize(
    "only", ["guardian = 'x'", "ward_since = '2099-04-01'"]
)  # fmt: skip
def test_a_guardian_and_a_first_day_come_together(
    settled: Any, raw: Raw, copies: Callable[..., None], only: str
) -> None:
    mine = settled.resident.id
    raw("UPDATE certificates SET state = 'revoked' WHERE resident = :it", it=mine)
    with pytest.raises(DatabaseError, match="a ward has a guardian and a first day"):
        raw(f"UPDATE residents SET {only} WHERE id = :it", it=mine)
    with pytest.raises(DatabaseError, match="a ward has a guardian and a first day"):
        copies("residents", "id", mine, id="res-x", record_code="1", guardian="x")
