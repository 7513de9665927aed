"""What the chip needs of its non-volatile memory."""

from typing import Protocol


class Memory(Protocol):
    """One card's memory: the whole image, replaced as a whole.

    The image holds PINs and private keys in clear, as a chip's cells do: whoever
    keeps it at rest encrypts it.
    """

    def read(self) -> bytes:
        """The image last written."""
        ...

    def write(self, image: bytes) -> None:
        """Replace the image: atomically, and durably before returning.

        After a failure (any exception) either the old or the new image is there.
        """
        ...


class MemoryFailed(Exception):
    """A write failed; the chip is mute until it is reset or reloaded."""
