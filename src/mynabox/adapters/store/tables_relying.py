"""Tables of verifiers, their log-ins, whom they know, and of consents.

That a challenge counts once, that a consent which was taken back stays so, and that
rows stay as they were made are triggers in the migrations.
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
    UniqueConstraint,
)

from mynabox.adapters.store.columns import Key, Moment
from mynabox.adapters.store.tables import METADATA, one_each

VERIFIERS = Table(
    "verifiers",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", Key, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("origins", Text, nullable=False),
    Column("rights", Text, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("key_hash", Key, nullable=False, unique=True),
    Column("state", Text, nullable=False),
)
"""``origins``, ``rights``: words with a space between them."""

VERIFIER_CALLS = Table(
    "verifier_calls",
    METADATA,
    Column("verifier", Key, ForeignKey("verifiers.id"), primary_key=True),
    Column("minute", Moment, nullable=False),
    Column("calls", BigInteger, nullable=False),
)
"""Calls of a verifier in its present minute; one row for each."""

VERIFIER_SECRETS = Table(
    "verifier_secrets",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

LOGIN_CHALLENGES = Table(
    "login_challenges",
    METADATA,
    Column("verifier", Key, ForeignKey("verifiers.id"), nullable=False),
    Column("hash", Key, nullable=False),
    Column("origin", Text, nullable=False),
    Column("asked", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
    PrimaryKeyConstraint("verifier", "hash"),
    Index(None, "expires"),
)

KNOWN_USERS = Table(
    "known_users",
    METADATA,
    Column("verifier", Key, ForeignKey("verifiers.id"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("id", Key, nullable=False),
    Column("since", Moment, nullable=False),
    Column("signature", BigInteger, ForeignKey("certificates.serial")),
    PrimaryKeyConstraint("verifier", "resident"),
    UniqueConstraint("verifier", "id"),
    Index(None, "resident"),
)

CONSENTS = Table(
    "consents",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("nth", BigInteger, nullable=False, unique=True),
    Column("verifier", Key, ForeignKey("verifiers.id"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("given", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("ended", Moment),
    Column("state", Text, nullable=False),
    CheckConstraint("expires > given", name="term"),
    CheckConstraint("(state = 'revoked') = (ended IS NOT NULL)", name="ended"),
    CheckConstraint("state IN ('active', 'revoked')", name="state"),
    one_each("uq_consents_standing", "verifier", "resident", where="state = 'active'"),
    Index(None, "resident", "nth"),
)
