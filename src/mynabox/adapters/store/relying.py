"""Verifiers, log-ins, users and consents in their tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables_relying import (
    CONSENTS,
    KNOWN_USERS,
    LOGIN_CHALLENGES,
    VERIFIER_CALLS,
    VERIFIER_SECRETS,
    VERIFIERS,
)
from mynabox.lifecycle.consent import Consent, ConsentState
from mynabox.lifecycle.verifier import (
    KnownUser,
    LoginChallenge,
    Right,
    Verifier,
    VerifierState,
)
from mynabox.ports import Missing


def _verifier(row: Row[Any]) -> Verifier:
    return Verifier(
        id=row.id,
        name=row.name,
        purpose=row.purpose,
        origins=tuple(row.origins.split()),
        rights=frozenset(Right(word) for word in row.rights.split()),
        per_minute=row.per_minute,
        created=row.created,
        key_hash=row.key_hash,
        state=VerifierState(row.state),
    )


class SqlVerifiers:
    """Registrations, and how often they call."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, verifier: Verifier) -> None:
        """Add one; raises ``Duplicate``."""
        self._session.add(
            VERIFIERS,
            {
                "id": verifier.id,
                "name": verifier.name,
                "purpose": verifier.purpose,
                "origins": " ".join(verifier.origins),
                "rights": " ".join(
                    right.value for right in Right if right in verifier.rights
                ),
                "per_minute": verifier.per_minute,
                "created": verifier.created,
                "key_hash": verifier.key_hash,
                "state": verifier.state.value,
            },
        )

    def save(self, verifier: Verifier) -> None:
        """Overwrite state and key; raises ``Missing``."""
        values = {"key_hash": verifier.key_hash, "state": verifier.state.value}
        if not self._session.change(VERIFIERS, VERIFIERS.c.id == verifier.id, values):
            raise Missing("verifier", verifier.id)

    def get(self, verifier: str) -> Verifier:
        """The verifier with this id or name; raises ``Missing``."""
        found = self._one(or_(VERIFIERS.c.id == verifier, VERIFIERS.c.name == verifier))
        if found is None:
            raise Missing("verifier", verifier[:40])
        return found

    def by_key(self, key_hash: str) -> Verifier | None:
        """The verifier whose API key has this hash."""
        return self._one(VERIFIERS.c.key_hash == key_hash)

    def list(self) -> Sequence[Verifier]:
        """Every verifier, by name."""
        query = select(VERIFIERS).order_by(VERIFIERS.c.name)
        return [_verifier(row) for row in self._session.all(query)]

    def count_call(self, verifier: str, *, minute: datetime) -> int:
        """Count one more call in this minute; how many there were in it."""
        mine = VERIFIER_CALLS.c.verifier == verifier
        row = self._session.first(select(VERIFIER_CALLS).where(mine))
        calls = row.calls + 1 if row is not None and row.minute == minute else 1
        values = {"verifier": verifier, "minute": minute, "calls": calls}
        if row is None:
            self._session.add(VERIFIER_CALLS, values)
        else:
            self._session.change(VERIFIER_CALLS, mine, values)
        return calls

    def keep_secret(self, name: str, sealed: bytes) -> bytes:
        """Keep a sealed secret, unless there is one; the one that is kept."""
        kept = self.secret(name)
        if kept is not None:
            return kept
        self._session.add(VERIFIER_SECRETS, {"name": name, "sealed": sealed})
        return sealed

    def secret(self, name: str) -> bytes | None:
        """The sealed secret of this name."""
        row = self._session.first(
            select(VERIFIER_SECRETS).where(VERIFIER_SECRETS.c.name == name)
        )
        return None if row is None else bytes(row.sealed)

    def _one(self, which: ColumnElement[bool]) -> Verifier | None:
        row = self._session.first(select(VERIFIERS).where(which))
        return None if row is None else _verifier(row)


def _challenge(row: Row[Any]) -> LoginChallenge:
    return LoginChallenge(
        verifier=row.verifier,
        hash=row.hash,
        origin=row.origin,
        asked=row.asked,
        expires=row.expires,
        used=row.used,
    )


class SqlLogins:
    """Challenges of log-ins."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, challenge: LoginChallenge) -> None:
        """Keep a challenge; raises ``Duplicate``, ``Missing``."""
        self._session.add(
            LOGIN_CHALLENGES,
            {
                "verifier": challenge.verifier,
                "hash": challenge.hash,
                "origin": challenge.origin,
                "asked": challenge.asked,
                "expires": challenge.expires,
                "used": challenge.used,
            },
        )

    def forget(self, *, before: datetime) -> None:
        """Forget challenges that had expired by then unused."""
        over = (LOGIN_CHALLENGES.c.expires < before) & LOGIN_CHALLENGES.c.used.is_(None)
        self._session.remove(LOGIN_CHALLENGES, over)

    def take(self, verifier: str, hash: str, *, at: datetime) -> LoginChallenge | None:
        """The challenge as it was, used up by this."""
        mine = (LOGIN_CHALLENGES.c.verifier == verifier) & (
            LOGIN_CHALLENGES.c.hash == hash
        )
        row = self._session.first(select(LOGIN_CHALLENGES).where(mine))
        if row is None:
            return None
        if row.used is None:
            self._session.change(
                LOGIN_CHALLENGES, mine & LOGIN_CHALLENGES.c.used.is_(None), {"used": at}
            )
        return _challenge(row)

    def late(self) -> Sequence[LoginChallenge]:
        """Challenges that were taken after they had expired."""
        query = (
            select(LOGIN_CHALLENGES)
            .where(LOGIN_CHALLENGES.c.used >= LOGIN_CHALLENGES.c.expires)
            .order_by(LOGIN_CHALLENGES.c.verifier, LOGIN_CHALLENGES.c.hash)
        )
        return [_challenge(row) for row in self._session.all(query)]


def _user(row: Row[Any]) -> KnownUser:
    return KnownUser(
        verifier=row.verifier,
        resident=row.resident,
        id=row.id,
        since=row.since,
        signature=row.signature,
    )


class SqlKnownUsers:
    """Whom verifiers know."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: KnownUser) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(
            KNOWN_USERS,
            {
                "verifier": user.verifier,
                "resident": user.resident,
                "id": user.id,
                "since": user.since,
                "signature": user.signature,
            },
        )

    def save(self, user: KnownUser) -> None:
        """Overwrite the signature certificate last shown; raises ``Missing``."""
        mine = (KNOWN_USERS.c.verifier == user.verifier) & (
            KNOWN_USERS.c.resident == user.resident
        )
        if not self._session.change(KNOWN_USERS, mine, {"signature": user.signature}):
            raise Missing("user", user.id)

    def of(self, verifier: str, resident: str) -> KnownUser | None:
        """What this verifier calls the person."""
        return self._one(
            (KNOWN_USERS.c.verifier == verifier) & (KNOWN_USERS.c.resident == resident)
        )

    def by_id(self, verifier: str, user: str) -> KnownUser | None:
        """Whom this verifier calls so."""
        return self._one(
            (KNOWN_USERS.c.verifier == verifier) & (KNOWN_USERS.c.id == user)
        )

    def list(self) -> Sequence[KnownUser]:
        """Everybody that any verifier knows."""
        query = select(KNOWN_USERS).order_by(
            KNOWN_USERS.c.verifier, KNOWN_USERS.c.resident
        )
        return [_user(row) for row in self._session.all(query)]

    def _one(self, which: ColumnElement[bool]) -> KnownUser | None:
        row = self._session.first(select(KNOWN_USERS).where(which))
        return None if row is None else _user(row)


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        id=row.id,
        verifier=row.verifier,
        resident=row.resident,
        municipality=row.municipality,
        given=row.given,
        expires=row.expires,
        ended=row.ended,
        state=ConsentState(row.state),
    )


class SqlConsents:
    """Consents."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, consent: Consent) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(
            CONSENTS,
            {
                "id": consent.id,
                "verifier": consent.verifier,
                "resident": consent.resident,
                "municipality": consent.municipality,
                "given": consent.given,
                "expires": consent.expires,
                "ended": consent.ended,
                "state": consent.state.value,
            },
            nth_of=(),
        )

    def save(self, consent: Consent) -> None:
        """Overwrite state and end; raises ``Missing``, and :class:`RowProtected`
        where it has ended before."""
        values = {"state": consent.state.value, "ended": consent.ended}
        if not self._session.change(CONSENTS, CONSENTS.c.id == consent.id, values):
            raise Missing("consent", consent.id)

    def standing(self, verifier: str, resident: str) -> Consent | None:
        """The one that was not taken back."""
        row = self._session.first(
            select(CONSENTS).where(
                CONSENTS.c.verifier == verifier,
                CONSENTS.c.resident == resident,
                CONSENTS.c.state == ConsentState.ACTIVE.value,
            )
        )
        return None if row is None else _consent(row)

    def of(self, resident: str) -> Sequence[Consent]:
        """A person's consents, oldest first."""
        query = (
            select(CONSENTS)
            .where(CONSENTS.c.resident == resident)
            .order_by(CONSENTS.c.nth)
        )
        return [_consent(row) for row in self._session.all(query)]

    def list(self) -> Sequence[Consent]:
        """Every consent, oldest first."""
        query = select(CONSENTS).order_by(CONSENTS.c.nth)
        return [_consent(row) for row in self._session.all(query)]
