"""Who works with the box, who has shown who they are, and what two must agree on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from mynabox.lifecycle.approval import Approval, ApprovalState
from mynabox.lifecycle.staff import Challenge, Passkey, Session, Staff
from mynabox.lifecycle.tries import Tries


class StaffAccounts(Protocol):
    """Accounts; none is ever deleted."""

    def add(self, staff: Staff) -> None:
        """Add one; raises ``Duplicate`` ("account") on a name that was ever given."""
        ...

    def save(self, staff: Staff) -> None:
        """Overwrite the account with this id; its name stays."""
        ...

    def get(self, staff: str) -> Staff:
        """The account; raises ``Missing``."""
        ...

    def by_name(self, name: str) -> Staff | None:
        """The account of this name."""
        ...

    def list(self) -> Iterable[Staff]:
        """Every account, by name."""
        ...

    def tries(self, name: str, address: str) -> Tries | None:
        """What was tried under the name with this hash from an address, if anything."""
        ...

    def keep_tries(self, tries: Tries) -> None:
        """Write down what was tried."""
        ...

    def forgive(self, name: str) -> None:
        """Forget wrong passwords under this name, from wherever."""
        ...

    def forget_tries(self, *, elsewhere: datetime, known: datetime) -> None:
        """Forget what was tried last before these moments: from addresses that are not
        known for the name, and from those that are."""
        ...


class Passkeys(Protocol):
    """Keys on people's devices."""

    def add(self, passkey: Passkey) -> None:
        """Add one; raises ``Duplicate`` ("passkey")."""
        ...

    def save(self, passkey: Passkey) -> None:
        """Overwrite the count of signatures."""
        ...

    def find(self, credential: str) -> Passkey | None:
        """The passkey with this credential id."""
        ...

    def of(self, staff: str) -> Iterable[Passkey]:
        """The account's passkeys, oldest first."""
        ...


class Sessions(Protocol):
    """Who has shown who they are, and what they have still to sign."""

    def add(self, session: Session) -> None:
        """Add one."""
        ...

    def find(self, secret_hash: str) -> Session | None:
        """The session whose secret has this hash."""
        ...

    def end(self, secret_hash: str, *, at: datetime) -> None:
        """End it, if it has not ended."""
        ...

    def end_all(self, holder: str, *, at: datetime) -> int:
        """End everything that is open to a holder; how many there were."""
        ...

    def of(self, holder: str) -> Iterable[Session]:
        """A holder's sessions and tokens, oldest first."""
        ...

    def ask(self, challenge: Challenge) -> None:
        """Keep a challenge."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Forget challenges that had expired by then."""
        ...

    def take(self, challenge_hash: str) -> Challenge | None:
        """The challenge with this hash, used up by this."""
        ...


class Approvals(Protocol):
    """What one person asked for and another must agree to."""

    def add(self, approval: Approval) -> None:
        """Add a request; raises ``Duplicate`` ("open request") if the same is
        waiting already."""
        ...

    def save(self, approval: Approval) -> None:
        """Overwrite what was decided; the database refuses it if who decides is who
        asked, or if it was decided before."""
        ...

    def get(self, approval: str) -> Approval:
        """The request; raises ``Missing``."""
        ...

    def list(
        self, *, state: ApprovalState | None = None, municipality: str | None = None
    ) -> Iterable[Approval]:
        """Requests, oldest first."""
        ...
