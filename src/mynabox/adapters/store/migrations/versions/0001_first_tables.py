"""The first tables, and the guards of the rights that rows have.

Revision ID: 0001
Revises: -
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard, on_sqlite

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _make_tables()
    if not on_sqlite():
        op.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
            " MESSAGE = TG_ARGV[0]; END $$"
        )
    guard(never_deleted=NEVER_DELETED, stays=STAYS, changes=CHANGES, keys=REPLACING)


def _make_tables() -> None:
    op.create_table(
        "authorities",
        sa.Column("name", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", KEY, nullable=False),
        sa.Column("not_after", KEY, nullable=False),
        sa.CheckConstraint(
            "kind IN ('signature', 'authentication')", name=op.f("ck_authorities_kind")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_authorities")),
        sa.UniqueConstraint(
            "kind", "generation", name=op.f("uq_authorities_kind_generation")
        ),
        sa.UniqueConstraint("nth", name=op.f("uq_authorities_nth")),
    )
    op.create_table(
        "counters",
        sa.Column("name", KEY, nullable=False),
        sa.Column("next_value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "journal",
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "sequence", name=op.f("pk_journal")),
    )
    op.create_table(
        "journal_heads",
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", name=op.f("pk_journal_heads")),
    )
    op.create_table(
        "journal_subjects",
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.PrimaryKeyConstraint(
            "municipality", "sequence", "place", name=op.f("pk_journal_subjects")
        ),
    )
    op.create_index(
        op.f("ix_journal_subjects_subject_municipality_sequence"),
        "journal_subjects",
        ["subject", "municipality", "sequence"],
        unique=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("delivered", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("nth", name=op.f("uq_outbox_nth")),
    )
    op.create_index(
        op.f("ix_outbox_municipality_nth"),
        "outbox",
        ["municipality", "nth"],
        unique=False,
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["nth"],
        unique=False,
        sqlite_where=sa.text("delivered IS NULL"),
        postgresql_where=sa.text("delivered IS NULL"),
    )
    op.create_table(
        "residents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("record_code", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kana", sa.Text(), nullable=True),
        sa.Column("roman", sa.Text(), nullable=True),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("born", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), nullable=False),
        sa.Column("residence_status", sa.Text(), nullable=False),
        sa.Column("stay_until", sa.Date(), nullable=True),
        sa.Column("registered", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residents")),
        sa.UniqueConstraint("record_code", name=op.f("uq_residents_record_code")),
    )
    op.create_index(
        op.f("ix_residents_municipality_id"),
        "residents",
        ["municipality", "id"],
        unique=False,
    )
    op.create_table(
        "shards",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("next_counter", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_shards")),
    )
    op.create_index(
        op.f("ix_shards_municipality_shard"),
        "shards",
        ["municipality", "shard"],
        unique=False,
    )
    op.create_table(
        "applications",
        sa.Column("id", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("link_hash", KEY, nullable=False),
        sa.Column("opened", KEY, nullable=False),
        sa.Column("received", KEY, nullable=True),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("photo_taken", sa.Date(), nullable=True),
        sa.Column("signature_certificate", sa.Boolean(), nullable=False),
        sa.Column("authentication_certificate", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name=op.f("fk_applications_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint(
            "resident", "nth", name=op.f("uq_applications_resident_nth")
        ),
    )
    op.create_index(
        op.f("ix_applications_application_id"),
        "applications",
        ["application_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_applications_municipality_state"),
        "applications",
        ["municipality", "state"],
        unique=False,
    )
    op.create_index(
        "uq_applications_link",
        "applications",
        ["link_hash"],
        unique=True,
        sqlite_where=sa.text("link_hash <> ''"),
        postgresql_where=sa.text("link_hash <> ''"),
    )
    op.create_table(
        "notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("form_name", sa.Text(), nullable=False),
        sa.Column("form_address", sa.Text(), nullable=False),
        sa.Column("form_stay_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name=op.f("fk_notices_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("application_id", name=op.f("uq_notices_application_id")),
        sa.UniqueConstraint("resident", "nth", name=op.f("uq_notices_resident_nth")),
    )
    op.create_index(
        op.f("ix_notices_municipality_issued"),
        "notices",
        ["municipality", "issued"],
        unique=False,
    )
    op.create_table(
        "numbers",
        sa.Column("number", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("assigned", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('current', 'retired')", name=op.f("ck_numbers_state")
        ),
        sa.CheckConstraint(
            "length(number) = 12", name=op.f("ck_numbers_twelve_digits")
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name=op.f("fk_numbers_resident")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_numbers")),
    )
    op.create_index(
        op.f("ix_numbers_municipality"), "numbers", ["municipality"], unique=False
    )
    op.create_index(
        "uq_numbers_current",
        "numbers",
        ["resident"],
        unique=True,
        sqlite_where=sa.text("state = 'current'"),
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_table(
        "responders",
        sa.Column("issuer", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", KEY, nullable=False),
        sa.Column("not_after", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_responders_issuer")
        ),
        sa.PrimaryKeyConstraint("issuer", "nth", name=op.f("pk_responders")),
    )
    op.create_table(
        "revocation_lists",
        sa.Column("issuer", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("this_update", KEY, nullable=False),
        sa.Column("next_update", KEY, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_revocation_lists_issuer")
        ),
        sa.PrimaryKeyConstraint(
            "issuer", "municipality", "number", name=op.f("pk_revocation_lists")
        ),
    )
    op.create_table(
        "cards",
        sa.Column("serial", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("application", KEY, nullable=False),
        sa.Column("security_code", sa.Text(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('produced', 'active', 'suspended', 'void')",
            name=op.f("ck_cards_state"),
        ),
        sa.ForeignKeyConstraint(
            ["application"], ["applications.id"], name=op.f("fk_cards_application")
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name=op.f("fk_cards_resident")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_cards")),
        sa.UniqueConstraint("resident", "nth", name=op.f("uq_cards_resident_nth")),
    )
    op.create_index(
        op.f("ix_cards_application"), "cards", ["application"], unique=False
    )
    op.create_index(
        op.f("ix_cards_municipality_expires"),
        "cards",
        ["municipality", "expires"],
        unique=False,
    )
    op.create_index(
        "uq_cards_in_use",
        "cards",
        ["resident"],
        unique=True,
        sqlite_where=sa.text("state IN ('active', 'suspended')"),
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
    )
    op.create_index(
        "uq_cards_produced",
        "cards",
        ["resident", "state"],
        unique=True,
        sqlite_where=sa.text("state = 'produced'"),
        postgresql_where=sa.text("state = 'produced'"),
    )
    op.create_table(
        "certificates",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issuer", KEY, nullable=False),
        sa.Column("card", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("not_before", KEY, nullable=False),
        sa.Column("not_after", KEY, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stopped", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('signature', 'authentication')", name=op.f("ck_certificates_kind")
        ),
        sa.CheckConstraint(
            "state IN ('issued', 'active', 'on_hold', 'revoked')",
            name=op.f("ck_certificates_state"),
        ),
        sa.ForeignKeyConstraint(
            ["card"], ["cards.serial"], name=op.f("fk_certificates_card")
        ),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_certificates_issuer")
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name=op.f("fk_certificates_resident")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_certificates")),
        sa.UniqueConstraint("card", "nth", name=op.f("uq_certificates_card_nth")),
    )
    op.create_index(
        op.f("ix_certificates_municipality_not_after"),
        "certificates",
        ["municipality", "not_after"],
        unique=False,
    )
    op.create_index(
        op.f("ix_certificates_resident"), "certificates", ["resident"], unique=False
    )
    op.create_index(
        "ix_certificates_stopped",
        "certificates",
        ["issuer", "serial"],
        unique=False,
        sqlite_where=sa.text("state IN ('on_hold', 'revoked')"),
        postgresql_where=sa.text("state IN ('on_hold', 'revoked')"),
    )
    op.create_index(
        "ix_certificates_stopped_by_municipality",
        "certificates",
        ["issuer", "municipality", "serial"],
        unique=False,
        sqlite_where=sa.text("state IN ('on_hold', 'revoked')"),
        postgresql_where=sa.text("state IN ('on_hold', 'revoked')"),
    )
    op.create_index(
        "uq_certificates_good",
        "certificates",
        ["card", "kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('issued', 'active')"),
        postgresql_where=sa.text("state IN ('issued', 'active')"),
    )


STAYS = {
    "journal": "a row of the journal stays as it is",
    "journal_subjects": "the subjects of a journal row stay as they are",
}
"""Tables whose rows are never changed."""

NEVER_DELETED = {
    **STAYS,
    "journal_heads": "the sealed end of a chain is not deleted",
    "numbers": "a number is never deleted",
    "residents": "a person is never deleted from the register",
    "cards": "a card is never deleted",
    "certificates": "a certificate is never deleted",
    "revocation_lists": "a revocation list is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "numbers_keep_owner",
        "numbers",
        "NEW.number <> OLD.number OR NEW.resident <> OLD.resident",
        "a number keeps its owner",
    ),
    (
        "numbers_stay_retired",
        "numbers",
        "OLD.state = 'retired' AND NEW.state <> 'retired'",
        "a retired number stays retired",
    ),
    (
        "cards_keep_owner",
        "cards",
        "NEW.serial <> OLD.serial OR NEW.resident <> OLD.resident",
        "a card keeps its owner",
    ),
    (
        "cards_stay_void",
        "cards",
        "OLD.state = 'void' AND NEW.state <> 'void'",
        "a void card stays void",
    ),
    (
        "certificates_keep_owner",
        "certificates",
        "NEW.serial <> OLD.serial OR NEW.card <> OLD.card"
        " OR NEW.resident <> OLD.resident OR NEW.der <> OLD.der",
        "a certificate keeps its content",
    ),
    (
        "certificates_stay_revoked",
        "certificates",
        "OLD.state = 'revoked' AND (NEW.state <> 'revoked'"
        " OR COALESCE(NEW.stopped, '') <> COALESCE(OLD.stopped, '')"
        " OR COALESCE(NEW.reason, '') <> COALESCE(OLD.reason, ''))",
        "a revoked certificate stays as it is",
    ),
    (
        "journal_heads_go_on",
        "journal_heads",
        "NEW.municipality <> OLD.municipality OR NEW.sequence <> OLD.sequence + 1",
        "the end of a chain moves on one row at a time",
    ),
]

REPLACING = [
    # table, columns of the key, condition of the unique index
    ("journal", ("municipality", "sequence"), None),
    ("journal_subjects", ("municipality", "sequence", "place"), None),
    ("journal_heads", ("municipality",), None),
    ("numbers", ("number",), None),
    ("numbers", ("resident",), "state = 'current'"),
    ("residents", ("id",), None),
    ("cards", ("serial",), None),
    ("cards", ("resident",), "state IN ('active', 'suspended')"),
    ("cards", ("resident", "state"), "state = 'produced'"),
    ("certificates", ("serial",), None),
    ("certificates", ("card", "kind"), "state IN ('issued', 'active')"),
]
"""SQLite's INSERT OR REPLACE deletes rows without asking the guards against deleting
(unless a connection asks for recursive triggers). These guards come first and say
what the unique index would say."""
