"""Every table of a box.

``municipality`` is a column with an index in every table of the register, of
applications, cards, certificates and of the journal, so that a nation's rows can
be partitioned by it. ``nth`` counts the things of one owner in the order in which
they were added: a turned clock cannot disturb that order.

The rights that rows have beyond these constraints (a journal row stays as it is, a
number keeps its owner ...) are triggers; they stand in the migrations.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from mynabox.adapters.store.columns import Key, Moment
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.number import NumberState

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Only for columns that a unique index looks at: a misspelt word would escape it.
    Elsewhere a new word needs no migration."""
    words = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def one_each(name: str, *columns: str, where: str) -> Index:
    """A unique index over the rows that ``where`` selects."""
    return Index(
        name,
        *columns,
        unique=True,
        sqlite_where=text(where),
        postgresql_where=text(where),
    )


def some(name: str, *columns: str, where: str) -> Index:
    """A look-up index over the rows that ``where`` selects."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


RESIDENTS = Table(
    "residents",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("record_code", Key, nullable=False, unique=True),
    Column("municipality", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("kana", Text),
    Column("roman", Text),
    Column("alias", Text),
    Column("born", Date, nullable=False),
    Column("sex", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("nationality", Text, nullable=False),
    Column("residence_status", Text, nullable=False),
    Column("stay_until", Date),
    Column("registered", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("household", Key),
    Column("relation", Text),
    Column("since", Date),
    Column("cause", Text, nullable=False, server_default="registered"),
    Column("guardian", Text),
    Column("ward_since", Date),
    Index(None, "municipality", "id"),
    Index(None, "born", "id"),
    some(
        "ix_residents_household",
        "municipality",
        "household",
        "id",
        where="household IS NOT NULL",
    ),
    one_each(
        "uq_residents_head",
        "municipality",
        "household",
        where="relation = 'head' AND state = 'registered'",
    ),
    some(
        "ix_residents_stay_ending", "stay_until", "id", where="stay_until IS NOT NULL"
    ),
)

SHARDS = Table(
    "shards",
    METADATA,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("municipality", Key, nullable=False),
    Column("next_counter", Integer, nullable=False),
    Index(None, "municipality", "shard"),
)
"""Which part of all numbers a municipality draws from, and how far it has come."""

NUMBERS = Table(
    "numbers",
    METADATA,
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("assigned", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("index_odd", Key, unique=True),
    Column("index_even", Key, unique=True),
    PrimaryKeyConstraint("resident", "nth"),
    CheckConstraint(
        "index_odd IS NOT NULL OR index_even IS NOT NULL", name="can_be_found"
    ),
    one_of("state", NumberState),
    one_each("uq_numbers_current", "resident", where="state = 'current'"),
    Index(None, "municipality"),
)
"""``municipality``: the one that assigned the number, wherever its owner lives now.
``sealed`` holds the number under the key whose name is in ``key``; it is found, and
held to be one person's, by the indexes (:mod:`mynabox.adapters.store.sealing`)."""

AT_POST_OFFICE = "state = 'at_post_office'"
"""Notices that somebody must fetch before they go back."""

NOTICES = Table(
    "notices",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("application_id", Key, nullable=False, unique=True),
    Column("issued", Date, nullable=False),
    Column("form_name", Text, nullable=False),
    Column("form_address", Text, nullable=False),
    Column("form_stay_until", Date),
    Column("state", Text, nullable=False),
    Column("kind", Text),
    Column("since", Date),
    UniqueConstraint("resident", "nth"),
    Index(None, "municipality", "issued"),
    some("ix_notices_at_post_office", "since", "id", where=AT_POST_OFFICE),
)
"""``kind`` is empty for notices of before it was written down."""

FORMS = Table(
    "forms",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("application_id", Key, nullable=False, unique=True),
    Column("issued", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("stay_until", Date),
    UniqueConstraint("resident", "nth"),
    Index(None, "municipality", "issued"),
)
"""Forms that were printed by themselves; those printed with a notice stand there."""

UNDER_WAY = "state NOT IN ('opened', 'produced', 'withdrawn')"
"""Applications of which a person has one: it came in and is not done with. Told by
what it is not, so that a misspelt word does not escape the index."""

TO_REVIEW = "reviewed IS NULL AND state IN ('received', 'in_review')"
"""Applications that no clerk has looked at."""

APPLICATIONS = Table(
    "applications",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("application_id", Key, nullable=False),
    Column("channel", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("link_hash", Key, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("received", Moment),
    Column("photo", LargeBinary),
    Column("photo_taken", Date),
    Column("signature_certificate", Boolean, nullable=False),
    Column("authentication_certificate", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("substitutes", Text),
    Column("applicant", Text),
    Column("applicant_name", Text),
    Column("identified", Boolean),
    Column("head_cover", Text),
    Column("concerns", Text),
    Column("reviewed", Moment),
    Column("faults", Text),
    UniqueConstraint("resident", "nth"),
    one_each("uq_applications_link", "link_hash", where="link_hash <> ''"),
    one_each("uq_applications_under_way", "resident", where=UNDER_WAY),
    some(
        "ix_applications_to_review", "municipality", "received", "id", where=TO_REVIEW
    ),
    Index(None, "application_id"),
    Index(None, "municipality", "state"),
)

IN_USE = "state IN ('active', 'suspended')"
"""Which cards are in their holder's hands."""

CARDS = Table(
    "cards",
    METADATA,
    Column("serial", Key, primary_key=True),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("application", Key, ForeignKey("applications.id"), nullable=False),
    Column("security_code", Text, nullable=False),
    Column("issued", Date, nullable=False),
    Column("expires", Date, nullable=False),
    Column("since", Moment, nullable=False),
    Column("state", Text, nullable=False),
    one_of("state", CardState),
    Column("printed", Integer, nullable=False, server_default="0"),
    Column("written", Integer, nullable=False, server_default="0"),
    Column("without_pins", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("resident", "nth"),
    one_each("uq_cards_in_use", "resident", where=IN_USE),
    # The state is in the index so that SQLite's message tells it from the one above.
    one_each("uq_cards_produced", "resident", "state", where="state = 'produced'"),
    Index(None, "application"),
    Index(None, "municipality", "expires"),
    some("ix_cards_ending", "expires", "serial", where=IN_USE),
)

AUTHORITIES = Table(
    "authorities",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("nth", Integer, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("not_after", Moment, nullable=False),
    one_of("kind", CertificateKind),
    UniqueConstraint("kind", "generation"),
)

RESPONDERS = Table(
    "responders",
    METADATA,
    Column("issuer", Key, ForeignKey("authorities.name"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("key", Key, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("not_after", Moment, nullable=False),
    PrimaryKeyConstraint("issuer", "nth"),
)

REVOCATION_LISTS = Table(
    "revocation_lists",
    METADATA,
    Column("issuer", Key, ForeignKey("authorities.name"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("this_update", Moment, nullable=False),
    Column("next_update", Moment, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("base", BigInteger),
    PrimaryKeyConstraint("issuer", "municipality", "number"),
)
"""``municipality`` is empty for a list over all of them (a key takes no NULL);
``base`` is the number of the list that a delta list adds to. Lists and their deltas
share one sequence of numbers (RFC 5280 section 5.2.4)."""

STOPPED = "state IN ('on_hold', 'revoked')"
"""Which certificates the status lists name, as the indexes and queries say it."""

ACTIVE = "state = 'active'"
"""Which certificates their holder can use until they end."""

CERTIFICATES = Table(
    "certificates",
    METADATA,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("issuer", Key, ForeignKey("authorities.name"), nullable=False),
    Column("card", Key, ForeignKey("cards.serial"), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("not_after", Moment, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("stopped", Moment),
    Column("reason", Text),
    Column("recorded", Moment),
    one_of("kind", CertificateKind),
    one_of("state", CertificateState),
    UniqueConstraint("card", "nth"),
    one_each(
        "uq_certificates_good", "card", "kind", where="state IN ('issued', 'active')"
    ),
    some("ix_certificates_stopped", "issuer", "serial", where=STOPPED),
    some(
        "ix_certificates_stopped_by_municipality",
        "issuer",
        "municipality",
        "serial",
        where=STOPPED,
    ),
    Index(None, "resident"),
    some("ix_certificates_ending", "kind", "not_after", "serial", where=ACTIVE),
)

DUTIES = Table(
    "duties",
    METADATA,
    Column("job", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("done", Moment, nullable=False),
    PrimaryKeyConstraint("job", "subject", "last_day"),
)
"""What was done because something ends on ``last_day``: each duty once, whatever the
clock does. ``subject`` is a card, a certificate or a person."""

COUNTERS = Table(
    "counters",
    METADATA,
    Column("name", Key, primary_key=True),
    Column("next_value", BigInteger, nullable=False),
)
"""Numbers given in sequence for the whole box (issuance numbers), and from where on
lists are numbered after a restore."""

JOURNAL = Table(
    "journal",
    METADATA,
    Column("municipality", Key, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("nth", BigInteger),
    PrimaryKeyConstraint("municipality", "sequence"),
    Index(None, "nth", unique=True),
)
"""``facts``: a JSON object of texts. ``nth``: in which order the rows of all chains were
written; none where nobody counted yet."""

JOURNAL_SUBJECTS = Table(
    "journal_subjects",
    METADATA,
    Column("municipality", Key, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("subject", Key, nullable=False),
    PrimaryKeyConstraint("municipality", "sequence", "place"),
    Index(None, "subject", "municipality", "sequence"),
)
"""The only place where the subjects of a row are: a chain is checked over them, so
nobody can hide a row from a person by cutting its subjects."""

JOURNAL_HEADS = Table(
    "journal_heads",
    METADATA,
    Column("municipality", Key, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("nth", BigInteger, nullable=False, unique=True),
    Column("carrier", Text, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("addressee", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created", Moment, nullable=False),
    Column("delivered", Moment),
    Column("digest", Text),
    some("ix_outbox_waiting", "nth", where="delivered IS NULL"),
    Index(None, "municipality", "nth"),
)
