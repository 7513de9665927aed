"""Values that must never reach a log, an error, a URL or a test's output."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class IndividualNumber:
    """A twelve-digit Individual Number (個人番号), shown only on purpose.

    ``str()`` and ``repr()`` hide it (R265, R266); say ``.digits`` to have it.
    """

    digits: str

    def __repr__(self) -> str:
        return "IndividualNumber(············)"

    def __str__(self) -> str:
        return "············"

    @property
    def grouped(self) -> str:
        """The digits in three groups of four, as papers print them."""
        return f"{self.digits[:4]} {self.digits[4:8]} {self.digits[8:]}"


@dataclass(frozen=True, slots=True, repr=False)
class Pin:
    """One of the four secrets of a card (暗証番号), shown only on purpose."""

    characters: str

    def __repr__(self) -> str:
        return "Pin(····)"

    def __str__(self) -> str:
        return "····"
