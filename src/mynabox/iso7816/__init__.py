"""The wire format a card and a terminal share: APDUs, TLVs, status words. Pure."""

from mynabox.iso7816.apdu import Answer, Command, Malformed
from mynabox.iso7816.status import SW, meaning, tries_left

__all__ = ["SW", "Answer", "Command", "Malformed", "meaning", "tries_left"]
