"""Many rows at once are the rows that come one by one."""

from typing import Any

import pytest

from mynabox.adapters.store import RowProtected, SqlStore
from mynabox.adapters.store.session import TOGETHER
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import Certificate, CertificateState
from mynabox.lifecycle.journal import verify
from mynabox.ports import Duplicate, Missing
from tests.adapters.store.conftest import JOURNAL_KEY, NOON, SAPPORO, YOKOHAMA

MANY = 2 * TOGETHER + 7


def revoked(specimens: Any, card: Any, **other: object) -> Certificate:
    made: Certificate = specimens.certificate(
        card, CertificateState.REVOKED, stopped=NOON, recorded=NOON, **other
    )
    return made


def test_certificates(store: SqlStore, specimens: Any, holder: Any) -> None:
    """each card counts its own"""
    with store.work() as work:
        other = specimens.card(holder.application, CardState.VOID)
        work.cards.add(other)
        work.certificates.skip_to(10**6)  # specimens have numbers of their own
        first = work.certificates.take_serials(MANY)
        assert work.certificates.next_serial() == first + MANY
        many = [
            revoked(specimens, (holder.card, other)[nth % 2], serial=first + nth)
            for nth in range(MANY)
        ]
        work.certificates.add_all(many)
        work.certificates.add_all([])
        last = revoked(specimens, other, serial=first + MANY)
        work.certificates.add(last)
    with store.look() as work:
        of_holder = work.certificates.of_card(holder.card.serial)
        assert of_holder == [holder.certificate, *many[::2]]
        assert work.certificates.of_card(other.serial) == [*many[1::2], last]


def test_journal_and_outbox(store: SqlStore, specimens: Any) -> None:
    """every chain in the order of the entries, and sound"""
    entries = [
        specimens.entry(
            f"res-{nth}", f"card-{nth}", municipality=(YOKOHAMA, SAPPORO)[nth % 3 == 0]
        )
        for nth in range(MANY)
    ]
    several = [specimens.outgoing() for _ in range(MANY)]
    with store.work() as work:
        work.journal.write(specimens.entry("res-0"))
        work.outbox.add(before := specimens.outgoing())
        rows = work.journal.write_all(entries)
        work.outbox.add_all(several)
        assert work.journal.write_all([]) == []
        work.outbox.add_all([])
        work.journal.write(specimens.entry("res-end"))
        work.outbox.add(after := specimens.outgoing())
    assert [row.entry for row in rows] == entries
    with store.look() as work:
        heads = {head.municipality: head for head in work.journal.heads()}
        for place in (YOKOHAMA, SAPPORO):
            chain = list(work.journal.chain(place))
            mine = [entry for entry in entries if entry.municipality == place]
            inner = chain if place == SAPPORO else chain[1:-1]
            assert [row.entry for row in inner] == mine
            assert [row.sequence for row in chain] == list(range(1, len(chain) + 1))
            damage = verify(chain, heads[place], municipality=place, key=JOURNAL_KEY)
            assert damage == []
        waiting = work.outbox.waiting(limit=MANY + 2)
        assert waiting == [before, *several, after]


@pytest.mark.parametrize("count", [1, 3, TOGETHER, MANY])
def test_what_cannot_be_is_refused_whole(
    store: SqlStore, specimens: Any, holder: Any, count: int
) -> None:
    """in the last row as in the first; nothing is left of the others"""

    def several(**last: object) -> list[Certificate]:
        made = [revoked(specimens, holder.card) for _ in range(count - 1)]
        return [*made, revoked(specimens, holder.card, **last)]

    for last, expected in (
        ({"serial": holder.certificate.serial}, Duplicate),
        ({"issuer": "signature-99"}, Missing if count == 1 else RowProtected),
    ):
        with pytest.raises(expected), store.work() as work:
            work.certificates.add_all(several(**last))
        with store.look() as work:
            of_card = work.certificates.of_card(holder.card.serial)
            assert of_card == [holder.certificate]
    letter = specimens.outgoing()
    with pytest.raises(Duplicate, match="outgoing"), store.work() as work:
        work.outbox.add(letter)
        work.outbox.add_all([*(specimens.outgoing() for _ in range(count)), letter])
