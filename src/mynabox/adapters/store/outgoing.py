"""The outbox: what the box has promised to send."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select

from mynabox.adapters.store.columns import MomentTexts
from mynabox.adapters.store.numbering import KeysInUse
from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import OUTBOX
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.ports import Missing

_COLUMNS = (
    *("id", "nth", "carrier", "municipality", "addressee", "title", "content"),
    *("created", "delivered", "digest"),
)

_LAST = select(func.max(OUTBOX.c.nth))


def _outgoing(row: Row[Any], content: bytes) -> Outgoing:
    return Outgoing(
        id=row.id,
        carrier=Carrier(row.carrier),
        municipality=row.municipality,
        to=row.addressee,
        title=row.title,
        content=content,
        created=row.created,
        delivered=row.delivered,
        digest=row.digest or "",
    )


class SqlOutbox:
    """What is on its way out, sealed while it waits: a notice tells a number, the
    files of a chip do too."""

    def __init__(self, session: Session, in_use: KeysInUse) -> None:
        self._session = session
        self._in_use = in_use

    def add(self, outgoing: Outgoing) -> None:
        """Put a thing on its way; raises ``Duplicate`` for a known id."""
        self._session.add(
            OUTBOX,
            {
                "id": outgoing.id,
                "carrier": outgoing.carrier.value,
                "municipality": outgoing.municipality,
                "addressee": outgoing.to,
                "title": outgoing.title,
                "content": self._in_use.keys.seal_content(
                    outgoing.content, of=outgoing.id, key=self._in_use.sealing
                ),
                "created": outgoing.created,
                "delivered": outgoing.delivered,
                "digest": outgoing.digest,
            },
            nth_of=(),
        )

    def add_all(self, several: Sequence[Outgoing]) -> None:
        """As :meth:`add`, many at once."""
        last = self._session.first(_LAST)
        nth = 0 if last is None or last[0] is None else int(last[0])
        texts, key = MomentTexts(), self._in_use.sealing
        self._session.add_plain(
            OUTBOX,
            _COLUMNS,
            [
                (
                    one.id,
                    place,
                    str(one.carrier),
                    one.municipality,
                    one.to,
                    one.title,
                    self._in_use.keys.seal_content(one.content, of=one.id, key=key),
                    texts[one.created],
                    one.delivered and texts[one.delivered],
                    one.digest,
                )
                for place, one in enumerate(several, nth + 1)
            ],
        )

    def waiting(self, *, limit: int = 100) -> Sequence[Outgoing]:
        """Things not delivered yet, in the order in which they were added."""
        query = select(OUTBOX).where(OUTBOX.c.delivered.is_(None))
        query = query.order_by(OUTBOX.c.nth).limit(limit)
        return [
            _outgoing(row, self._in_use.keys.open_content(row.content, of=row.id))
            for row in self._session.all(query)
        ]

    def delivered(self, outgoing: str, *, at: datetime) -> None:
        """Note a delivery and forget the content. The first delivery counts; raises
        ``Missing`` for an unknown id."""
        mine = OUTBOX.c.id == outgoing
        if self._session.change(
            OUTBOX,
            mine & OUTBOX.c.delivered.is_(None),
            {"delivered": at, "content": b""},
        ):
            return
        if (
            self._session.first(select(literal(1)).select_from(OUTBOX).where(mine))
            is None
        ):
            raise Missing("outgoing", outgoing)

    def sent(
        self, *, carrier: Carrier | None = None, limit: int = 100
    ) -> Sequence[Outgoing]:
        """What went out, the last that was added first, without content."""
        query = select(OUTBOX).where(OUTBOX.c.delivered.is_not(None))
        if carrier is not None:
            query = query.where(OUTBOX.c.carrier == carrier.value)
        query = query.order_by(OUTBOX.c.nth.desc()).limit(limit)
        return [_outgoing(row, b"") for row in self._session.all(query)]
