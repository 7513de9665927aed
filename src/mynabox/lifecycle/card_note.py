"""What is written on a card after its production (追記欄)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class NoteKind(StrEnum):
    """What a line is about."""

    NAME = "name"
    ADDRESS = "address"
    STAY = "stay"
    """A longer period of stay carried over (R115)."""
    CORRECTION = "correction"
    """A birth date or sex that was wrong (R146)."""
    SPECIAL = "special"
    """The special extension while an application is pending (R116)."""
    WITHOUT_PINS = "without_pins"
    """It is one without PINs from here on (R081)."""
    WITH_PINS = "with_pins"
    """PINs were set again (R081)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNote:
    """One line of the field for later changes, which is never taken back.

    ``nth``   1 for the first line
    ``text``  the new name or address, the new last day (ISO 8601), or the remark itself
    """

    card: str
    municipality: str
    nth: int
    day: date
    kind: NoteKind
    text: str
