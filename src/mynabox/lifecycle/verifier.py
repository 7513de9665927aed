"""Those who rely on certificates (署名検証者・利用者証明検証者): who they are, what they
may learn, and whom they know.

Only a registered verifier is told anything of a certificate (profile section 1.5). It
knows people by names that the box made for it alone, so that two verifiers cannot
compare whom they know.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from mynabox.lifecycle.life import Life, Refused

NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
"""What a verifier may be called; it stands in the journal for good."""

ORIGIN = re.compile(
    r"https?://[a-z0-9.-]{1,200}(:[0-9]{1,5})?|https?://\[[0-9a-f:]{2,45}\](:[0-9]{1,5})?"
)
"""A web origin as browsers write it (RFC 6454): scheme, host, port, and no more."""

LONGEST_PURPOSE = 200
MOST_ORIGINS = 20


class Right(StrEnum):
    """What a verifier may learn."""

    SIGNATURE = "signature"
    """Of signature certificates: whether they are good, who signed (Act, art. 17)."""
    AUTHENTICATION = "authentication"
    """Of user authentication certificates: whether they are good (Act, art. 36)."""
    LINKING = "linking"
    """Whether two certificates are one person's (新旧シリアル紐付け)."""
    ATTRIBUTES = "attributes"
    """The register's four items of today, with the holder's consent (最新4情報)."""
    ISSUANCE_NUMBER = "issuance_number"
    """The issuance number (発行番号), which must not be passed around."""


class VerifierState(StrEnum):
    """Whether a verifier is told anything."""

    ACTIVE = "active"
    ENDED = "ended"


class VerifierEvent(StrEnum):
    """What happens to a registration."""

    KEY_RENEWED = "key_renewed"
    ENDED = "ended"


VERIFIER = Life(
    name="verifier",
    first=VerifierState.ACTIVE,
    steps={
        (VerifierState.ACTIVE, VerifierEvent.KEY_RENEWED): VerifierState.ACTIVE,
        (VerifierState.ACTIVE, VerifierEvent.ENDED): VerifierState.ENDED,
    },
    rules=("R130",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A registration.

    ``name``        what the journal calls it; never given to another, even afterwards
    ``purpose``     what it relies on certificates for, in its own words
    ``origins``     web origins at which its log-in stands
    ``per_minute``  calls that it may make in a minute
    ``key_hash``    SHA-256 of its API key, in hex; the key is told once and not kept
    """

    id: str
    name: str
    purpose: str
    origins: tuple[str, ...]
    rights: frozenset[Right]
    per_minute: int
    created: datetime
    key_hash: str = field(repr=False)
    state: VerifierState = VerifierState.ACTIVE

    def after(self, event: VerifierEvent, *, key_hash: str = "") -> "Verifier":
        """The registration after ``event``; raises ``Refused`` if it cannot happen."""
        state = VERIFIER.after(self.state, event)
        return replace(self, state=state, key_hash=key_hash or self.key_hash)

    @property
    def actor(self) -> str:
        """What the journal calls it."""
        return f"verifier:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginChallenge:
    """Something to be signed for one verifier, once and soon.

    ``hash``    SHA-256 of its octets (of the verifier's own text, where it made the
                challenge itself), in hex
    ``origin``  where the holder must see themselves when they sign
    ``used``    when an answer to it was taken, whatever the answer was worth
    """

    verifier: str
    hash: str
    origin: str
    asked: datetime
    expires: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUser:
    """A person as one verifier knows them.

    ``id``         the person's name for this verifier alone
    ``signature``  issuance number of the signature certificate with which they
                   registered, or that they showed since; None where they never did
    """

    verifier: str
    resident: str
    id: str
    since: datetime
    signature: int | None = None


class TooMany(Refused):
    """More calls than this verifier may make; ``seconds`` until it may again."""

    def __init__(self, code: str, *, seconds: int, most: int) -> None:
        super().__init__(code, seconds=str(seconds), most=str(most))
        self.seconds = seconds
