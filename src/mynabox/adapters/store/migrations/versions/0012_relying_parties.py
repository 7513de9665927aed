"""Verifiers, their log-ins, whom they know, and consents.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard, on_sqlite

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

NEVER_DELETED = {
    "verifiers": "a verifier is never deleted",
    "known_users": "whom a verifier knows is never deleted",
    "consents": "a consent is never deleted",
    "verifier_secrets": "a secret is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "verifiers_stay",
        "verifiers",
        "NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.purpose <> OLD.purpose"
        " OR NEW.origins <> OLD.origins OR NEW.rights <> OLD.rights"
        " OR NEW.created <> OLD.created OR OLD.state = 'ended'",
        "a verifier stays as it was registered, and ends once",
    ),
    (
        "login_challenges_once",
        "login_challenges",
        "NEW.verifier <> OLD.verifier OR NEW.hash <> OLD.hash"
        " OR NEW.origin <> OLD.origin OR NEW.asked <> OLD.asked"
        " OR NEW.expires <> OLD.expires OR OLD.used IS NOT NULL",
        "a challenge counts once, for whom and where it was made",
    ),
    (
        "known_users_stay",
        "known_users",
        "NEW.verifier <> OLD.verifier OR NEW.resident <> OLD.resident"
        " OR NEW.id <> OLD.id OR NEW.since <> OLD.since"
        " OR OLD.signature IS NOT NULL AND NEW.signature IS NULL",
        "a name that a verifier knows a person by stays theirs",
    ),
    (
        "consents_stay",
        "consents",
        "NEW.id <> OLD.id OR NEW.nth <> OLD.nth OR NEW.verifier <> OLD.verifier"
        " OR NEW.resident <> OLD.resident OR NEW.municipality <> OLD.municipality"
        " OR NEW.given <> OLD.given OR NEW.expires <> OLD.expires"
        " OR OLD.state = 'revoked'",
        "a consent stays as it was given, and ends once",
    ),
    (
        "verifier_secrets_stay",
        "verifier_secrets",
        "NEW.name <> OLD.name OR NEW.sealed <> OLD.sealed",
        "a secret stays as it was made",
    ),
]

KEYS = [
    # table, columns of a unique index, its condition
    ("verifiers", ("id",), None),
    ("verifiers", ("name",), None),
    ("verifiers", ("key_hash",), None),
    ("verifier_secrets", ("name",), None),
    ("login_challenges", ("verifier", "hash"), None),
    ("known_users", ("verifier", "resident"), None),
    ("known_users", ("verifier", "id"), None),
    ("consents", ("id",), None),
    ("consents", ("nth",), None),
    ("consents", ("verifier", "resident"), "state = 'active'"),
]

USED = "a challenge that was used is never deleted"


def upgrade() -> None:
    op.create_table(
        "verifiers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("key_hash", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifiers"),
        sa.UniqueConstraint("name", name="uq_verifiers_name"),
        sa.UniqueConstraint("key_hash", name="uq_verifiers_key_hash"),
    )
    op.create_table(
        "verifier_calls",
        sa.Column("verifier", KEY, nullable=False),
        sa.Column("minute", KEY, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["verifier"], ["verifiers.id"], name="fk_verifier_calls_verifier"
        ),
        sa.PrimaryKeyConstraint("verifier", name="pk_verifier_calls"),
    )
    op.create_table(
        "verifier_secrets",
        sa.Column("name", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_verifier_secrets"),
    )
    op.create_table(
        "login_challenges",
        sa.Column("verifier", KEY, nullable=False),
        sa.Column("hash", KEY, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asked", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("used", KEY),
        sa.ForeignKeyConstraint(
            ["verifier"], ["verifiers.id"], name="fk_login_challenges_verifier"
        ),
        sa.PrimaryKeyConstraint("verifier", "hash", name="pk_login_challenges"),
    )
    op.create_index("ix_login_challenges_expires", "login_challenges", ["expires"])
    op.create_table(
        "known_users",
        sa.Column("verifier", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("signature", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["verifier"], ["verifiers.id"], name="fk_known_users_verifier"
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_known_users_resident"
        ),
        sa.ForeignKeyConstraint(
            ["signature"], ["certificates.serial"], name="fk_known_users_signature"
        ),
        sa.PrimaryKeyConstraint("verifier", "resident", name="pk_known_users"),
        sa.UniqueConstraint("verifier", "id", name="uq_known_users_verifier_id"),
    )
    op.create_index("ix_known_users_resident", "known_users", ["resident"])
    op.create_table(
        "consents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("verifier", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("given", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("ended", KEY),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("expires > given", name="term"),
        sa.CheckConstraint(
            "(state = 'revoked') = (ended IS NOT NULL)", name="ended"
        ),
        sa.CheckConstraint("state IN ('active', 'revoked')", name="state"),
        sa.ForeignKeyConstraint(
            ["verifier"], ["verifiers.id"], name="fk_consents_verifier"
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_consents_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.UniqueConstraint("nth", name="uq_consents_nth"),
    )
    op.create_index(
        "uq_consents_standing",
        "consents",
        ["verifier", "resident"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index("ix_consents_resident_nth", "consents", ["resident", "nth"])
    guard(never_deleted=NEVER_DELETED, changes=CHANGES, keys=KEYS)
    if on_sqlite():
        op.execute(
            "CREATE TRIGGER login_challenges_used BEFORE DELETE ON login_challenges"
            f" WHEN OLD.used IS NOT NULL BEGIN SELECT RAISE(ABORT, '{USED}'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER login_challenges_not_truncated BEFORE TRUNCATE"
            f" ON login_challenges FOR EACH STATEMENT EXECUTE FUNCTION refuse('{USED}')"
        )
        op.execute(
            "CREATE TRIGGER login_challenges_used BEFORE DELETE ON login_challenges"
            " FOR EACH ROW WHEN (OLD.used IS NOT NULL)"
            f" EXECUTE FUNCTION refuse('{USED}')"
        )
