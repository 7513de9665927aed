"""What falls due by itself as the days pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class EndingKind(StrEnum):
    """What has a last day."""

    CARD = "card"
    """A card in use."""
    AUTHENTICATION = "authentication"
    """The user-authentication certificate of a card in use."""
    SIGNATURE = "signature"
    """The signature certificate of a card in use."""
    MOVE = "move"
    """The term of a move that has a clock running; it names no card."""
    STAY = "stay"
    """The period of stay of a person with a card in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A thing with its last day.

    ``subject``   serial of a card, ``cert-`` and issuance number, id of a resident
    ``resident``  whose it is
    ``card``      serial of the card that is concerned (of a move: the subject again)
    """

    kind: EndingKind
    subject: str
    resident: str
    card: str
    last_day: date


class DueWork(Protocol):
    """Which duties are done, and which come next."""

    def reached(self) -> datetime | None:
        """Up to which moment every duty is done."""
        ...

    def set_reached(self, moment: datetime) -> None:
        """Every duty up to ``moment`` is done."""
        ...

    def done(self, job: str, ending: Ending, *, at: datetime) -> None:
        """Note that a duty is done; raises ``Duplicate`` ("duty") if it was."""
        ...

    def next_day(self, job: str, kind: EndingKind, *, first: date) -> date | None:
        """The earliest last day, not before ``first``, of a thing for which the
        duty is not done."""
        ...

    def endings(
        self, job: str, kind: EndingKind, *, first: date, last: date, limit: int = 500
    ) -> Iterable[Ending]:
        """Things whose last day lies between two days, both included, and for which
        the duty is not done; earliest first."""
        ...
