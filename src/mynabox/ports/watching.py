"""Reading the store over and over, for a process that answers thousands a second."""

from collections.abc import Collection
from typing import NamedTuple, Protocol


class StatusRow(NamedTuple):
    """What a status answer rests on: as the store has it, moments as texts of
    :func:`mynabox.ports.written`."""

    issuer: str
    stopped: str | None
    reason: str | None
    recorded: str | None


class StatusWatch(Protocol):
    """Quick reading for a process that answers about certificates and does nothing
    else. Every call sees what was committed before it began, and raises ``Busy`` if
    the store cannot be read now."""

    def mark(self) -> object:
        """Differs from an earlier one if anything was committed in between."""
        ...

    def changed(self) -> Collection[int] | None:
        """The certificates whose rows were changed since this was last asked, and
        perhaps more; new ones are not among them. None if nobody knows: any may be."""
        ...

    def row(self, serial: int) -> StatusRow | None:
        """Of the certificate with this issuance number."""
        ...
