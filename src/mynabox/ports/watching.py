"""Reading the store over and over, for a process that answers thousands a second."""

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
    else. Every call sees what was committed before it began; both raise ``Busy`` if
    the store cannot be read now."""

    def mark(self) -> object:
        """Differs from an earlier one if anything was committed in between."""
        ...

    def row(self, serial: int) -> StatusRow | None:
        """Of the certificate with this issuance number."""
        ...
