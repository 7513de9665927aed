"""Moves with their clocks, and the lines written on cards afterwards.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    if op.get_bind().dialect.name == "sqlite":
        _make_sqlite_guards()
    else:
        _make_postgresql_guards()


def _make_sqlite_guards() -> None:
    for name, event in (("not_deleted", "DELETE"), ("stays", "UPDATE")):
        op.execute(
            f"CREATE TRIGGER card_notes_{name} BEFORE {event} ON card_notes"
            f" BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
        )
    op.execute(
        "CREATE TRIGGER card_notes_not_replaced BEFORE INSERT ON card_notes"
        " WHEN EXISTS (SELECT 1 FROM card_notes WHERE card = NEW.card"
        " AND nth = NEW.nth) BEGIN SELECT RAISE(ABORT,"
        " 'UNIQUE constraint failed: card_notes.card, card_notes.nth'); END"
    )
    op.execute(
        "CREATE TRIGGER moves_not_deleted BEFORE DELETE ON moves"
        f" BEGIN SELECT RAISE(ABORT, '{OVER}'); END"
    )
    op.execute(
        f"CREATE TRIGGER moves_stay_over BEFORE UPDATE ON moves WHEN {IS_OVER}"
        f" BEGIN SELECT RAISE(ABORT, '{OVER}'); END"
    )
    for key in ("id", "resident"):
        extra = f" AND {OPEN} AND NEW.{OPEN}" if key == "resident" else ""
        op.execute(
            f"CREATE TRIGGER moves_{key}_not_replaced BEFORE INSERT ON moves"
            f" WHEN EXISTS (SELECT 1 FROM moves WHERE {key} = NEW.{key}{extra})"
            f" BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: moves.{key}'); END"
        )


def _make_postgresql_guards() -> None:
    for table, sentence, events in (
        ("card_notes", STAYS, ("DELETE", "TRUNCATE", "UPDATE")),
        ("moves", OVER, ("DELETE", "TRUNCATE")),
    ):
        for event in events:
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION refuse('{sentence}')"
            )
    op.execute(
        "CREATE TRIGGER moves_stay_over BEFORE UPDATE ON moves FOR EACH ROW"
        f" WHEN ({IS_OVER}) EXECUTE FUNCTION refuse('{OVER}')"
    )
