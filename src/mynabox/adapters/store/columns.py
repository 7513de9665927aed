"""How days, moments and texts lie in a column, the same in every database."""

from datetime import datetime

from sqlalchemy import TEXT, Dialect, Text, TypeDecorator

from mynabox.law.days import JST
from mynabox.ports import written

Key = Text().with_variant(TEXT(collation="C"), "postgresql")
"""A text that rows are found and ordered by: ordered by its bytes, as in SQLite."""


class Moment(TypeDecorator[datetime]):
    """A moment as text, ``2026-11-20T10:00:00.000000+09:00``.

    The zone is always Japan's and the length always the same, so the texts sort as
    the moments do and can be read with any database tool. A moment without a zone
    is a mistake of the program and is refused.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect):  # type: ignore[no-untyped-def]
        """Bytewise order on PostgreSQL as well."""
        return dialect.type_descriptor(
            TEXT(collation="C") if dialect.name == "postgresql" else Text()
        )

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> str | None:
        """To text."""
        return None if value is None else to_text(value)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> datetime | None:
        """From text, in Japan's zone."""
        return None if value is None else datetime.fromisoformat(value).astimezone(JST)


def to_text(moment: datetime) -> str:
    """The text that stands for a moment in a column."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return written(moment)


class MomentTexts(dict[datetime, str]):
    """The texts of moments, each made once: what is written together shares most."""

    def __missing__(self, moment: datetime) -> str:
        text = self[moment] = to_text(moment)
        return text
