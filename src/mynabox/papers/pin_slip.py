"""The slip on which the holder prepares the four PINs (暗証番号記入用紙).

Its boxes are empty and stay so: no PIN ever reaches a paper of ours (R265).
"""

from dataclasses import dataclass
from enum import StrEnum

from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf
from mynabox.papers.wording import Line, words


class PinPurpose(StrEnum):
    """What a PIN is for."""

    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"
    REGISTER = "register"
    INPUT_SUPPORT = "input_support"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinBlank:
    """One row of empty boxes.

    ``least``, ``most``  characters; equal for the PINs made of digits alone
    ``tries``            wrong entries in a row that lock it
    """

    purpose: PinPurpose
    least: int
    most: int
    tries: int
    with_letters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PinSlip:
    """A slip for one holder; ``name`` may be empty."""

    name: str
    blanks: tuple[PinBlank, ...]
    second: str = "en"


def pin_slip_pdf(paper: PinSlip) -> bytes:
    """One A5 page. Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``."""
    said = words("pin_slip", paper.second) | words("specimen", paper.second)
    said["name"] = words("notice", paper.second)["name"]
    return pdf(
        "pin_slip",
        {
            "words": said,
            "name": fit(
                paper.name, what="name", width=90, height=9, largest=13, smallest=5
            ),
            "blanks": [
                {
                    "purpose": said[blank.purpose],
                    "rule": _rule(blank, said),
                    "locks": said["locks"].filled(tries=blank.tries),
                    "boxes": blank.most,
                    "least": blank.least,
                }
                for blank in paper.blanks
            ],
        },
        second=paper.second,
    )


def _rule(blank: PinBlank, said: dict[str, Line]) -> Line:
    form = said["letters_and_digits" if blank.with_letters else "digits"]
    return form.filled(least=blank.least, most=blank.most)
