"""The letter of inquiry (照会書) with the answer that the holder fills in (回答書)."""

from dataclasses import dataclass
from datetime import date

from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days
from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf, qr_picture
from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryPaper:
    """What stands on one letter; its boxes are empty, and no PIN ever comes here.

    ``agent``  name of who is to receive the card
    ``code``   shows that the answer comes from this letter; the QR code says it too
    ``until``  last day on which the answer counts
    """

    addressee: str
    address: str
    sender: str
    sent: date
    agent: str
    code: str
    until: date
    contacts: tuple[Contact, ...] = ()
    second: str = "en"


def inquiry_pdf(paper: InquiryPaper) -> bytes:
    """Two A4 pages: the letter, and the answer to be cut off and brought.

    Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``.
    """
    said = words("inquiry", paper.second) | words("specimen", paper.second)
    said["hotlines"] = words("notice", paper.second)["hotlines"]
    said["undelivered"] = words("postcard", paper.second)["undelivered"]
    code = " ".join(paper.code[at : at + 4] for at in range(0, len(paper.code), 4))
    return pdf(
        "inquiry",
        {
            "words": said,
            "addressee": fit(
                f"{paper.addressee} 様",
                what="addressee",
                width=85,
                height=16,
                largest=14,
                smallest=6,
            ),
            "address": fit(
                paper.address,
                what="address",
                width=85,
                height=15,
                largest=10.5,
                smallest=6,
            ),
            "agent": fit(
                paper.agent, what="agent", width=95, height=10, largest=13, smallest=5
            ),
            "sender": paper.sender,
            "sent": both_days(paper.sent),
            "code": code,
            "until": both_days(paper.until),
            "contacts": paper.contacts,
        },
        second=paper.second,
        pictures={"qr": qr_picture(paper.code)},
    )
