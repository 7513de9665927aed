"""People who work with the box: accounts, what they may do, and how they end."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life, Refused

NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
"""What an account may be called; it stands in the journal for good."""


class Role(StrEnum):
    """What somebody is there for; an account can have several."""

    CLERK = "clerk"
    """At the counter (窓口担当)."""
    SUPERVISOR = "supervisor"
    """Approves what needs a second pair of eyes (決裁者)."""
    PRODUCTION = "production"
    """Makes cards."""
    HOTLINE = "hotline"
    """Answers the telephone and stops cards, day and night."""
    OPERATOR = "operator"
    """Runs the box: accounts and authorities, no personal data."""
    AUDITOR = "auditor"
    """Reads the journal and checks it."""


class StaffState(StrEnum):
    """Whether an account opens."""

    ACTIVE = "active"
    ENDED = "ended"


class StaffEvent(StrEnum):
    """What happens to an account."""

    PASSWORD_SET = "password_set"
    ENDED = "ended"


STAFF = Life(
    name="staff",
    first=StaffState.ACTIVE,
    steps={
        (StaffState.ACTIVE, StaffEvent.PASSWORD_SET): StaffState.ACTIVE,
        (StaffState.ACTIVE, StaffEvent.ENDED): StaffState.ENDED,
    },
    rules=("R011",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """An account.

    ``name``          what its holder types, and what the journal calls them; never
                      given to anybody else, even after the account ended
    ``municipality``  six-digit code within whose register they act; None: everywhere
    ``password``      argon2id hash in its usual writing; empty: signs in otherwise
    ``failures``      wrong passwords in a row, from wherever
    """

    id: str
    name: str
    roles: frozenset[Role]
    municipality: str | None
    created: datetime
    password: str = field(default="", repr=False)
    failures: int = 0
    state: StaffState = StaffState.ACTIVE

    def after(self, event: StaffEvent) -> "Staff":
        """The account after ``event``; raises ``Refused`` if it cannot happen."""
        return replace(self, state=STAFF.after(self.state, event))

    @property
    def actor(self) -> str:
        """What the journal calls them."""
        return f"staff:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key on somebody's device that stands for their account (WebAuthn).

    ``credential``  its id, base64url without padding
    ``public_key``  COSE key
    ``count``       signatures so far, as the device counts; 0 where it does not
    """

    credential: str
    staff: str
    label: str
    public_key: bytes = field(repr=False)
    count: int
    added: datetime


class SessionKind(StrEnum):
    """What somebody came with."""

    SESSION = "session"
    """Signed in; ends by itself after some hours."""
    TOKEN = "token"
    """A program's bearer token; ends after some weeks, or when it is taken back."""
    RESIDENT = "resident"
    """A resident who proved with their card who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who has shown who they are.

    ``hash``    SHA-256 of the secret that they hold, in hex; the secret is not kept
    ``holder``  id of an account, or of a resident
    """

    hash: str = field(repr=False)
    kind: SessionKind
    holder: str
    label: str
    created: datetime
    expires: datetime
    ended: datetime | None = None

    def open_at(self, moment: datetime) -> bool:
        """Whether it opens anything at this moment of the box."""
        return self.ended is None and self.created <= moment < self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Something to be signed, once and soon.

    ``hash``  SHA-256 of its octets in hex
    ``what``  what the signature will be taken for
    ``of``    whose it must be; empty: whoever signs
    """

    hash: str
    what: str
    of: str
    expires: datetime


class NotSignedIn(Refused):
    """Nobody knows who asks; nothing was looked at."""


class NotPermitted(Refused):
    """Who asks is known, and may not."""
