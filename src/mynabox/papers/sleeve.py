"""The sleeve in which a card is mailed: the address outside, advice inside."""

from dataclasses import dataclass
from datetime import date

from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days
from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf
from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeve:
    """What stands on one sleeve; never a number and never a PIN.

    ``expires``  last day of the card
    """

    addressee: str
    address: str
    sender: str
    expires: date
    contacts: tuple[Contact, ...] = ()
    second: str = "en"


def sleeve_pdf(paper: Sleeve) -> bytes:
    """Two pages of 105 x 148 mm: outside and inside.

    Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``.
    """
    said = words("sleeve", paper.second) | words("specimen", paper.second)
    said["undelivered"] = words("postcard", paper.second)["undelivered"]
    return pdf(
        "sleeve",
        {
            "words": said,
            "addressee": fit(
                f"{paper.addressee} 様",
                what="addressee",
                width=86,
                height=16,
                largest=17,
                smallest=7,
            ),
            "address": fit(
                paper.address,
                what="address",
                width=86,
                height=17,
                largest=12,
                smallest=6,
            ),
            "sender": paper.sender,
            "expires": both_days(paper.expires),
            "contacts": paper.contacts,
        },
        second=paper.second,
    )
