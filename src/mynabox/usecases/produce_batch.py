"""Cards in batches: ordered at once, produced one after the other in the background."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mynabox.lifecycle.application import ApplicationState
from mynabox.lifecycle.batch import BatchItem, ItemState
from mynabox.lifecycle.card_request import CardRequest
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box, Busy, Work
from mynabox.usecases.following import open_requests
from mynabox.usecases.produce_card import produce_card

ACTOR = "production"
LONGEST = 1000
"""Applications of one order."""
_AT_ONCE = 20
"""Cards after which another duty may have its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch has come, and every item of it in its order."""

    batch: str
    ordered: datetime
    items: tuple[BatchItem, ...]

    def count(self, state: ItemState) -> int:
        """How many items are in a state."""
        return sum(item.state is state for item in self.items)


def order_batch(
    applications: Sequence[str], box: Box, *, actor: str = ACTOR
) -> Progress:
    """Order the cards of these applications; express ones come first (R061).

    Raises ``Refused`` unless each was received and waits in no other batch. They are
    produced by a duty of the box (:data:`PRODUCTION_JOB`).
    """
    at = box.clock.now()
    batch = make_id("bat", box.random(ID_BYTES))
    with box.store.work() as work:
        wanted = [work.applications.get(one) for one in dict.fromkeys(applications)]
        for one in wanted:
            if one.state is not ApplicationState.RECEIVED:
                raise Refused(
                    "production.application_not_ready",
                    rules=("R020",),
                    state=one.state.value,
                )
            if work.batch_items.which(application=one.id, state=ItemState.WAITING):
                raise Refused(
                    "production.ordered_already", rules=("R020",), application=one.id
                )
        wanted.sort(key=lambda one: not _express(open_requests(work, one.resident)))
        places = {one.municipality for one in wanted}
        if len(places) > 1:
            raise Refused("production.one_municipality", rules=("R020",))
        items = tuple(
            BatchItem(
                id=f"{batch}-{nth:04}",
                batch=batch,
                municipality=one.municipality,
                application=one.id,
                ordered=at,
            )
            for nth, one in enumerate(wanted)
        )
        for item in items:
            work.batch_items.add(item)
        work.journal.write(
            Entry(
                municipality=places.pop(),
                at=at,
                actor=actor,
                action="order_batch",
                subjects=(batch, *(one.id for one in wanted)),
                facts={"cards": str(len(wanted))},
            )
        )
    return Progress(batch=batch, ordered=at, items=items)


def progress_of(batch: str, work: Work) -> Progress:
    """How far a batch has come; raises ``Missing``."""
    items = tuple(work.batch_items.which(batch=batch))
    if not items:
        work.batch_items.get(batch)
    return Progress(batch=batch, ordered=items[0].ordered, items=items)


def _express(requests: Sequence[CardRequest]) -> bool:
    return any(request.express for request in requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionJob:
    """The duty that produces what was ordered.

    A card and what becomes of its item are two transactions: an item whose card was
    made before the box died is found to be done when its turn comes again.
    """

    name: str = "produce_batch"

    def next(self, work: Work, *, since: datetime) -> datetime | None:
        """At once: when the oldest item was ordered."""
        found = self._waiting(work, limit=1)
        return found[0].ordered if found else None

    def run(self, box: Box) -> int:
        """Produce the next cards; how many items were dealt with. Stops where the
        store or the keys are busy, and goes on the next time."""
        with box.store.look() as work:
            found = self._waiting(work, limit=_AT_ONCE)
        for item in found:
            done = self._produced(item, box)
            with box.store.work() as work:
                if work.batch_items.get(item.id).state is ItemState.WAITING:
                    work.batch_items.save(done)
        return len(found)

    def _waiting(self, work: Work, *, limit: int) -> Sequence[BatchItem]:
        return work.batch_items.which(
            order="ordered", limit=limit, state=ItemState.WAITING
        )

    def _produced(self, item: BatchItem, box: Box) -> BatchItem:
        at = box.clock.now()
        made = self._made(item, box)
        if made is None:
            try:
                made = produce_card(item.application, box, actor=ACTOR).card.serial
            except Busy:
                raise
            except Refused as refused:
                return replace(
                    item, state=ItemState.REFUSED, refused=refused.code, done=at
                )
        return replace(item, state=ItemState.PRODUCED, card=made, done=at)

    def _made(self, item: BatchItem, box: Box) -> str | None:
        """The card of an application that was produced already."""
        with box.store.look() as work:
            asked = work.applications.get(item.application)
            if asked.state is not ApplicationState.PRODUCED:
                return None
            return next(
                card.serial
                for card in work.cards.of(asked.resident)
                if card.application == asked.id
            )


PRODUCTION_JOB = ProductionJob()
