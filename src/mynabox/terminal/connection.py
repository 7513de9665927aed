"""A way to talk to one card: the only thing a session needs of the world."""

from typing import Protocol


class Connection(Protocol):
    """One powered card, reached in-process, over PC/SC or any other way.

    Raises :class:`CardRemoved` from any method once the card is gone.
    """

    @property
    def atr(self) -> bytes:
        """The answer to reset, as the reader reports it."""
        ...

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU; the answer is data followed by SW1 SW2."""
        ...

    def reset(self, *, cold: bool = False) -> None:
        """Reset the card: warm unless ``cold`` (power off and on)."""
        ...

    def close(self) -> None:
        """Power the card off and let go of it. Calling it twice is harmless."""
        ...


class CardRemoved(Exception):
    """The card is no longer in the reader."""
