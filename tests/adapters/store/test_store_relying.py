"""Verifiers, challenges, users and consents, in each kind of database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from mynabox.adapters.store import RowProtected, SqlStore
from mynabox.lifecycle.consent import Consent, ConsentEvent
from mynabox.lifecycle.verifier import (
    KnownUser,
    LoginChallenge,
    Right,
    Verifier,
    VerifierState,
)
from mynabox.ports import Duplicate, Missing
from tests.adapters.store.conftest import NOON, YOKOHAMA, Holder

Raw = Callable[..., list[Any]]
LATER = NOON + timedelta(minutes=5)


def verifier(name: str = "bank", **other: Any) -> Verifier:
    values: dict[str, Any] = {
        "id": f"ver-{name}",
        "name": name,
        "purpose": "口座を開く",
        "origins": ("https://bank.example", "https://[::1]:8443"),
        "rights": frozenset({Right.SIGNATURE, Right.LINKING}),
        "per_minute": 5,
        "created": NOON,
        "key_hash": name * 8,
        **other,
    }
    return Verifier(**values)


def challenge(letter: str = "a", **other: Any) -> LoginChallenge:
    values: dict[str, Any] = {
        "verifier": "ver-bank",
        "hash": letter * 64,
        "origin": "https://bank.example",
        "asked": NOON,
        "expires": LATER,
        **other,
    }
    return LoginChallenge(**values)


def consent(holder: Holder, name: str = "con-1", **other: Any) -> Consent:
    values: dict[str, Any] = {
        "id": name,
        "verifier": "ver-bank",
        "resident": holder.resident.id,
        "municipality": YOKOHAMA,
        "given": NOON,
        "expires": NOON.replace(year=2036),
        **other,
    }
    return Consent(**values)


@pytest.fixture
def bank(store: SqlStore) -> Verifier:
    made = verifier()
    with store.work() as work:
        work.verifiers.add(verifier("shop", rights=frozenset(), origins=()))
        work.verifiers.add(made)
    return made


def test_verifiers(store: SqlStore, bank: Verifier) -> None:
    with store.work() as work:
        assert [one.name for one in work.verifiers.list()] == ["bank", "shop"]
        assert work.verifiers.get("bank") == work.verifiers.get("ver-bank") == bank
        assert work.verifiers.by_key("bank" * 8) == bank
        assert work.verifiers.by_key("x") is None
        with pytest.raises(Duplicate, match="verifier"):
            work.verifiers.add(verifier(id="ver-other", key_hash="other"))
        with pytest.raises(Missing, match="verifier"):
            work.verifiers.get("nobody")
        with pytest.raises(Missing, match="verifier"):
            work.verifiers.save(verifier("nobody"))
        changed = replace(bank, key_hash="new", state=VerifierState.ENDED)
        work.verifiers.save(changed)
    with store.look() as look:
        assert look.verifiers.get("bank") == changed
        assert look.verifiers.get("shop").origins == ()


def test_calls_are_counted_minute_by_minute(store: SqlStore, bank: Verifier) -> None:
    with store.work() as work:
        counted = [
            work.verifiers.count_call(who, minute=minute)
            for who, minute in (
                *(("ver-bank", NOON), ("ver-bank", NOON), ("ver-shop", NOON)),
                *(("ver-bank", LATER), ("ver-bank", NOON)),
            )
        ]
    assert counted == [1, 2, 1, 1, 1]


def test_a_secret_is_the_first_one(store: SqlStore) -> None:
    with store.work() as work:
        assert work.verifiers.secret("key") is None
        assert work.verifiers.keep_secret("key", b"one") == b"one"
        assert work.verifiers.keep_secret("key", b"two") == b"one"
    with store.look() as look:
        assert look.verifiers.secret("key") == b"one"


def test_a_challenge_counts_once(store: SqlStore, bank: Verifier) -> None:
    with store.work() as work:
        for letter in "ab":
            work.logins.ask(challenge(letter))
        work.logins.ask(challenge(verifier="ver-shop"))
        with pytest.raises(Duplicate, match="challenge"):
            work.logins.ask(challenge())
        with pytest.raises(Missing, match="verifier"):
            work.logins.ask(challenge(verifier="ver-x"))
        assert work.logins.take("ver-bank", "x" * 64, at=NOON) is None
        assert work.logins.take("ver-bank", "a" * 64, at=NOON) == challenge()
        again = work.logins.take("ver-bank", "a" * 64, at=LATER)
        assert again is not None and again.used == NOON
        other = work.logins.take("ver-shop", "a" * 64, at=LATER)
        assert other is not None and other.used is None
        assert [one.verifier for one in work.logins.late()] == ["ver-shop"]
        work.logins.forget(before=LATER + timedelta(seconds=1))
    with store.work() as work:
        assert work.logins.take("ver-bank", "b" * 64, at=NOON) is None
        assert work.logins.take("ver-bank", "a" * 64, at=NOON) is not None


def test_users(store: SqlStore, bank: Verifier, holder: Holder) -> None:
    known = KnownUser(
        verifier="ver-bank", resident=holder.resident.id, id="usr-1", since=NOON
    )
    with store.work() as work:
        work.users.add(known)
        with pytest.raises(Duplicate, match="user"):
            work.users.add(replace(known, id="usr-2"))
        with pytest.raises(Missing, match="resident"):
            work.users.add(replace(known, resident="res-x", id="usr-3"))
        assert work.users.of("ver-bank", holder.resident.id) == known
        assert work.users.of("ver-shop", holder.resident.id) is None
        assert work.users.by_id("ver-bank", "usr-1") == known
        assert work.users.by_id("ver-shop", "usr-1") is None
        with pytest.raises(Missing, match="certificate"):
            work.users.save(replace(known, signature=99999))
    with store.look() as look:
        assert list(look.users.list()) == [known]


def test_consents(store: SqlStore, bank: Verifier, holder: Holder) -> None:
    given = consent(holder)
    with store.work() as work:
        work.consents.add(given)
        with pytest.raises(Duplicate, match="consent"):
            work.consents.add(consent(holder, "con-2"))
        work.consents.add(consent(holder, "con-3", verifier="ver-shop"))
        assert work.consents.standing("ver-bank", holder.resident.id) == given
        ended = given.after(ConsentEvent.REVOKED, at=LATER)
        work.consents.save(ended)
        with pytest.raises(RowProtected, match="ends once"):
            work.consents.save(given)
        assert work.consents.standing("ver-bank", holder.resident.id) is None
        work.consents.add(consent(holder, "con-4"))
        with pytest.raises(Missing, match="verifier"):
            work.consents.add(consent(holder, "con-5", verifier="ver-x"))
    with store.look() as look:
        mine = [one.id for one in look.consents.of(holder.resident.id)]
        assert mine == [one.id for one in look.consents.list()]
        assert mine == ["con-1", "con-3", "con-4"]
        assert look.consents.of("res-x") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM verifiers WHERE id = 'ver-shop'", "never deleted"),
        (
            "UPDATE verifiers SET name = 'x' WHERE id = 'ver-bank'",
            "as it was registered",
        ),
        ("UPDATE verifiers SET rights = 'attributes'", "as it was registered"),
        ("UPDATE verifiers SET state = 'active' WHERE id = 'ver-gone'", "ends once"),
        ("UPDATE verifiers SET key_hash = 'x' WHERE id = 'ver-gone'", "ends once"),
        (
            "UPDATE login_challenges SET used = NULL WHERE used IS NOT NULL",
            "counts once",
        ),
        (
            "UPDATE login_challenges SET used = '2027' WHERE used IS NOT NULL",
            "counts once",
        ),
        ("UPDATE login_challenges SET origin = 'https://x'", "where it was made"),
        ("UPDATE login_challenges SET expires = '2099'", "counts once"),
        ("UPDATE login_challenges SET verifier = 'ver-shop'", "for whom"),
        ("DELETE FROM login_challenges", "a challenge that was used is never deleted"),
        ("DELETE FROM known_users", "never deleted"),
        ("UPDATE known_users SET id = 'usr-9'", "stays theirs"),
        ("UPDATE known_users SET verifier = 'ver-shop'", "stays theirs"),
        ("DELETE FROM consents", "a consent is never deleted"),
        ("UPDATE consents SET expires = '2099'", "stays as it was given"),
        ("UPDATE consents SET verifier = 'ver-shop'", "stays as it was given"),
        (
            "UPDATE consents SET state = 'active', ended = NULL WHERE id = 'con-0'",
            "ends once",
        ),
        ("UPDATE consents SET state = 'revoked' WHERE id = 'con-1'", "ended"),
        (
            (
                "INSERT INTO consents SELECT 'con-9', 9, verifier, resident,"
                " municipality, expires, given, NULL, 'revoked' FROM consents"
                " WHERE id = 'con-1'"
            ),
            "(term|ended)",
        ),
        ("UPDATE verifier_secrets SET sealed = 'x'", "stays as it was made"),
        ("DELETE FROM verifier_secrets", "never deleted"),
    ],
)
def test_plain_sql_is_no_way_round(
    store: SqlStore,
    bank: Verifier,
    holder: Holder,
    raw: Raw,
    statement: str,
    said: str,
) -> None:
    with store.work() as work:
        work.verifiers.add(verifier("gone", state=VerifierState.ENDED))
        work.verifiers.keep_secret("key", b"sealed")
        work.logins.ask(challenge("a", used=NOON))
        work.logins.ask(challenge("b"))
        work.users.add(
            KnownUser(
                verifier="ver-bank", resident=holder.resident.id, id="usr-1", since=NOON
            )
        )
        ended = consent(holder, "con-0").after(ConsentEvent.REVOKED, at=LATER)
        work.consents.add(ended)
        work.consents.add(consent(holder))
    with pytest.raises(DatabaseError, match=said):
        raw(statement)
