"""Many cards that are produced one after the other (一括製造)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ItemState(StrEnum):
    """What became of one application of a batch."""

    WAITING = "waiting"
    PRODUCED = "produced"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """One application of a batch.

    ``id``       the batch's id and the place in it
    ``batch``    id of the batch
    ``ordered``  when the batch was ordered
    ``card``     serial, once there is one; ``refused`` the code of why there is none
    """

    id: str
    batch: str
    municipality: str
    application: str
    ordered: datetime
    card: str | None = None
    refused: str = ""
    done: datetime | None = None
    state: ItemState = ItemState.WAITING
