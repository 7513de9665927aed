"""Answers that are kept for requests that come again."""

from datetime import datetime
from typing import Protocol

from mynabox.lifecycle.once import KeptAnswer


class KeptAnswers(Protocol):
    """What was answered under an idempotency key."""

    def add(self, answer: KeptAnswer) -> None:
        """Keep one; raises ``Duplicate`` ("answer") if the name has one."""
        ...

    def find(self, name: str) -> KeptAnswer | None:
        """What was answered under this name, however long ago."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Forget answers that had expired by then."""
        ...
