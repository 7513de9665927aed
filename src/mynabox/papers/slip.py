"""The slip with which a fee is paid (納付書), and the receipt for it (領収書)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mynabox.papers.eras import both_days
from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf, qr_picture
from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What stands on one slip.

    ``parts``   yen for each part of the fee, by its name in the wording: ``card``,
                ``certificates``, ``express``; those of nothing are left out
    ``number``  of slip and receipt; the QR code says it too
    ``means``   how it was paid: a receipt; a slip if empty
    ``written`` the day of the slip, or of the payment
    """

    payer: str
    address: str
    office: str
    number: str
    parts: Mapping[str, int]
    written: date
    means: str = ""
    second: str = "en"


def slip_pdf(paper: Slip) -> bytes:
    """One A5 page across. Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``."""
    said = words("slip", paper.second) | words("specimen", paper.second)
    paid = bool(paper.means)
    return pdf(
        "slip",
        {
            "words": said,
            "title": said["receipt_title" if paid else "slip_title"],
            "day": said["paid_on" if paid else "written_on"],
            "advice": said["received" if paid else "how_to_pay"],
            "payer": fit(
                f"{paper.payer} 様",
                what="payer",
                width=95,
                height=10,
                largest=14,
                smallest=6,
            ),
            "address": fit(
                paper.address,
                what="address",
                width=95,
                height=9,
                largest=9,
                smallest=5,
            ),
            "office": paper.office,
            "number": f"{paper.number[:5]} {paper.number[5:]}",
            "rows": [
                {"what": said[name], "yen": _yen(amount)}
                for name, amount in paper.parts.items()
                if amount
            ],
            "total": _yen(sum(paper.parts.values())),
            "written": both_days(paper.written),
            "means": said[f"means_{paper.means}"] if paid else None,
        },
        second=paper.second,
        pictures={"qr": qr_picture(paper.number)},
    )


def _yen(amount: int) -> str:
    return f"{amount:,}円"
