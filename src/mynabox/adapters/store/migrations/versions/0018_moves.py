"""Moves with their clocks, and the lines written on cards afterwards.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from mynabox.adapters.store.guards import guard

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
OPEN = "state IN ('announced', 'overdue')"
STAYS = "what is written on a card stays"
OVER = "a move that is over stays over"
IS_OVER = (
    "OLD.state IN ('settled', 'lapsed', 'cancelled') AND NEW.state <> OLD.state"
    " OR NEW.resident <> OLD.resident"
)


def upgrade() -> None:
    for name in ("printed", "written"):
        op.add_column(
            "cards", sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        )
    op.create_table(
        "moves",
        sa.Column("id", KEY, nullable=False),
        sa.Column("resident", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("destination", KEY),
        sa.Column("planned", sa.Date(), nullable=False),
        sa.Column("told", sa.Date(), nullable=False),
        sa.Column("moved_in", sa.Date()),
        sa.Column("notified", sa.Date()),
        sa.Column("due", sa.Date()),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("continuing", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('announced', 'overdue', 'arrived', 'settled', 'lapsed',"
            " 'cancelled')",
            name=op.f("ck_moves_state"),
        ),
        sa.ForeignKeyConstraint(
            ["resident"], ["residents.id"], name="fk_moves_resident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_moves"),
        sa.UniqueConstraint("resident", "nth", name="uq_moves_resident_nth"),
    )
    op.create_index("ix_moves_municipality_state", "moves", ["municipality", "state"])
    for name, columns, where, unique in (
        ("uq_moves_open", ["resident"], OPEN, True),
        ("ix_moves_due", ["due", "id"], "due IS NOT NULL", False),
    ):
        op.create_index(
            name,
            "moves",
            columns,
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "card_notes",
        sa.Column("card", KEY, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("municipality", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["card"], ["cards.serial"], name="fk_card_notes_card"),
        sa.PrimaryKeyConstraint("card", "nth", name="pk_card_notes"),
    )
    guard(
        never_deleted={"card_notes": STAYS, "moves": OVER},
        stays={"card_notes": STAYS},
        changes=[("moves_stay_over", "moves", IS_OVER, OVER)],
        keys=[
            ("card_notes", ("card", "nth"), None),
            ("moves", ("id",), None),
            ("moves", ("resident", "nth"), None),
            ("moves", ("resident",), OPEN),
        ],
    )
