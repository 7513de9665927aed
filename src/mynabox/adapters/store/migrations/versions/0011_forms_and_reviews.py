"""Forms printed by themselves, what a clerk decides about an application, and what
becomes of a notice.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

UNDER_WAY = "state NOT IN ('opened', 'produced', 'withdrawn')"
TO_REVIEW = "reviewed IS NULL AND state IN ('received', 'in_review')"

NEVER_DELETED = {
    "notices": "a notice is never deleted",
    "forms": "a form is never deleted",
    "applications": "an application is never deleted",
}

CHANGES = [
    # name, table, when it is refused, sentence
    (
        "notices_stay_printed",
        "notices",
        "NEW.id <> OLD.id OR NEW.resident <> OLD.resident"
        " OR NEW.application_id <> OLD.application_id OR NEW.issued <> OLD.issued"
        " OR NEW.form_name <> OLD.form_name OR NEW.form_address <> OLD.form_address"
        " OR COALESCE(CAST(NEW.form_stay_until AS TEXT), '')"
        " <> COALESCE(CAST(OLD.form_stay_until AS TEXT), '')",
        "a notice stays as it was printed",
    ),
    (
        "notices_stay_received",
        "notices",
        "OLD.state = 'received' AND NEW.state <> 'received'",
        "a notice that arrived stays with its addressee",
    ),
    ("forms_stay_printed", "forms", "true", "a form stays as it was printed"),
    (
        "applications_keep_resident",
        "applications",
        "NEW.id <> OLD.id OR NEW.resident <> OLD.resident OR NEW.nth <> OLD.nth",
        "an application keeps its applicant",
    ),
    (
        "applications_stay_done",
        "applications",
        "OLD.state IN ('produced', 'withdrawn') AND NEW.state <> OLD.state",
        "an application that is done with stays so",
    ),
]

KEYS = [
    # table, columns of a unique index, its condition
    ("notices", ("id",), None),
    ("notices", ("application_id",), None),
    ("forms", ("id",), None),
    ("forms", ("application_id",), None),
    ("applications", ("id",), None),
    ("applications", ("resident",), UNDER_WAY),
]


def upgrade() -> None:
    op.add_column("notices", sa.Column("kind", sa.Text()))
    op.add_column("notices", sa.Column("since", sa.Date()))
    for name, kind in (
        ("applicant", sa.Text()),
        ("applicant_name", sa.Text()),
        ("identified", sa.Boolean()),
        ("head_cover", sa.Text()),
        ("concerns", sa.Text()),
        ("reviewed", KEY),
        ("faults", sa.Text()),
    ):
        op.add_column("applications", sa.Column(name, kind))
    op.create_index(
        "uq_applications_under_way",
        "applications",
        ["resident"],
        unique=True,
        sqlite_where=sa.text(UNDER_WAY),
        postgresql_where=sa.text(UNDER_WAY),
    )
    op.create_index(
        "ix_applications_to_review",
        "applications",
        ["municipality", "received", "id"],
        sqlite_where=sa.text(TO_REVIEW),
        postgresql_where=sa.text(TO_REVIEW),
    )
    op.create_table(
        "forms",
        sa.Column("id", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("stay_until", sa.Date()),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_forms_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_forms"),
        sa.UniqueConstraint("application_id", name="uq_forms_application_id"),
        sa.UniqueConstraint("resident", "nth", name="uq_forms_resident_nth"),
    )
    op.create_index("ix_forms_municipality_issued", "forms", ["municipality", "issued"])
    guard(never_deleted=NEVER_DELETED, changes=CHANGES, keys=KEYS)
