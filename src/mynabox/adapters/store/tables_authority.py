"""Tables of staff, sessions and approvals.

That nobody approves what they asked for stands here, as a check of the database;
that a decision stays as it was taken is a trigger in the migrations.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from mynabox.adapters.store.columns import Key, Moment
from mynabox.adapters.store.tables import METADATA, one_each

STAFF = Table(
    "staff",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", Key, nullable=False, unique=True),
    Column("roles", Text, nullable=False),
    Column("municipality", Key),
    Column("created", Moment, nullable=False),
    Column("password", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("state", Text, nullable=False),
)
"""``roles``: words with a space between them. An account without municipality acts
everywhere."""

SIGN_IN_TRIES = Table(
    "sign_in_tries",
    METADATA,
    Column("name", Key, nullable=False),
    Column("address", Key, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last", Moment, nullable=False),
    PrimaryKeyConstraint("name", "address"),
    Index(None, "last"),
)
"""``name``: the hash of what was typed, be there such an account or not."""

PASSKEYS = Table(
    "passkeys",
    METADATA,
    Column("credential", Key, primary_key=True),
    Column("staff", Key, ForeignKey("staff.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("added", Moment, nullable=False),
    Index(None, "staff"),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("hash", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("holder", Key, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("ended", Moment),
    Index(None, "holder", "created"),
)
"""``holder``: an account or a resident; only the hash of what they show is kept."""

CHALLENGES = Table(
    "challenges",
    METADATA,
    Column("hash", Key, primary_key=True),
    Column("what", Text, nullable=False),
    Column("holder", Key, nullable=False),
    Column("expires", Moment, nullable=False),
    Index(None, "expires"),
)

APPROVALS = Table(
    "approvals",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("nth", BigInteger, nullable=False, unique=True),
    Column("kind", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_by", Key, ForeignKey("staff.id"), nullable=False),
    Column("requested", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("decided_by", Key, ForeignKey("staff.id")),
    Column("decided", Moment),
    Column("state", Text, nullable=False),
    CheckConstraint("decided_by <> requested_by", name="four_eyes"),
    CheckConstraint(
        "(state IN ('approved', 'declined')) = (decided_by IS NOT NULL)"
        " AND (decided_by IS NULL) = (decided IS NULL)",
        name="decided_by_somebody",
    ),
    one_each(
        "uq_approvals_open",
        "kind",
        "subject",
        where="state = 'requested'",
    ),
    Index(None, "municipality", "nth"),
)
