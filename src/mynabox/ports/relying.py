"""Who relies on certificates, whom they know, and what people consented to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from mynabox.lifecycle.consent import Consent
from mynabox.lifecycle.verifier import KnownUser, LoginChallenge, Verifier


class Verifiers(Protocol):
    """Registrations; none is ever deleted."""

    def add(self, verifier: Verifier) -> None:
        """Add one; raises ``Duplicate`` ("verifier") on a name that was ever given."""
        ...

    def save(self, verifier: Verifier) -> None:
        """Overwrite state and key; everything else stays as it was registered."""
        ...

    def get(self, verifier: str) -> Verifier:
        """The verifier with this id or name; raises ``Missing``."""
        ...

    def by_key(self, key_hash: str) -> Verifier | None:
        """The verifier whose API key has this hash."""
        ...

    def list(self) -> Iterable[Verifier]:
        """Every verifier, by name."""
        ...

    def count_call(self, verifier: str, *, minute: datetime) -> int:
        """Count one more call in this minute; how many there were in it."""
        ...

    def keep_secret(self, name: str, sealed: bytes) -> bytes:
        """Keep a sealed secret of the services for verifiers, unless there is one of
        this name; the one that is kept."""
        ...

    def secret(self, name: str) -> bytes | None:
        """The sealed secret of this name."""
        ...


class Logins(Protocol):
    """What is to be signed, and who has signed."""

    def ask(self, challenge: LoginChallenge) -> None:
        """Keep a challenge; raises ``Duplicate`` ("challenge") if this verifier ever
        had the same."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Forget challenges that had expired by then unused. Used ones stay."""
        ...

    def take(self, verifier: str, hash: str, *, at: datetime) -> LoginChallenge | None:
        """The challenge, used up by this; as it was before, so that one used earlier
        shows."""
        ...

    def late(self) -> Iterable[LoginChallenge]:
        """Challenges that were taken after they had expired: there should be none."""
        ...


class KnownUsers(Protocol):
    """Whom verifiers know, by names of their own."""

    def add(self, user: KnownUser) -> None:
        """Add one; raises ``Duplicate`` ("user")."""
        ...

    def save(self, user: KnownUser) -> None:
        """Overwrite the signature certificate last shown."""
        ...

    def of(self, verifier: str, resident: str) -> KnownUser | None:
        """What this verifier calls the person, if it knows them."""
        ...

    def by_id(self, verifier: str, user: str) -> KnownUser | None:
        """Whom this verifier calls so."""
        ...

    def list(self) -> Iterable[KnownUser]:
        """Everybody that any verifier knows."""
        ...


class Consents(Protocol):
    """Consents; none is ever deleted."""

    def add(self, consent: Consent) -> None:
        """Add one; raises ``Duplicate`` ("consent") while another stands."""
        ...

    def save(self, consent: Consent) -> None:
        """Overwrite state and end."""
        ...

    def standing(self, verifier: str, resident: str) -> Consent | None:
        """The one that was not taken back, whether or not its term is over."""
        ...

    def of(self, resident: str) -> Iterable[Consent]:
        """A person's consents, oldest first."""
        ...

    def list(self) -> Iterable[Consent]:
        """Every consent, oldest first."""
        ...
