"""What was answered to a request that bears an idempotency key, kept for its repetition."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer that a caller gets again when they repeat the request.

    ``name``       keyed hash of the caller and their key: neither is kept
    ``request``    keyed hash of everything that was asked
    ``operation``  what was asked for, by its name in the table of permissions
    ``status``     as HTTP has it
    ``headers``    what goes with the body
    ``body``       may tell secrets; the store seals it
    ``expires``    on the box's clock; from then on the key is free again
    """

    name: str
    request: str
    operation: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    answered: datetime
    expires: datetime
