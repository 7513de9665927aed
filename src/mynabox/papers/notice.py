"""The paper that tells a person their number: the notice (個人番号通知書, R007, R008),
before 2020-05-25 the notification card (通知カード, R009)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days, era_day
from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf, qr_picture
from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePaper:
    """What stands on one notice.

    ``kind``    "notice" or "notification_card"; that one shows address and sex, too
    ``issuer``  the mayor by office, as 箱田市長
    ``application_id``  twenty-three digits (申請書ID)
    ``application_address``  what the QR code says: where to apply with this ID
    ``contacts``  telephone lines, up to four
    ``sheet``  the printer's own marks, free text
    ``second``  language beside the Japanese; "ja" leaves Japanese alone
    """

    number: IndividualNumber
    name: str
    born: date
    issued: date
    issuer: str
    application_id: str
    application_address: str
    contacts: tuple[Contact, ...] = ()
    sheet: str = ""
    second: str = "en"
    kind: Literal["notice", "notification_card"] = "notice"
    address: str = ""
    sex: str = "unknown"


_POINTS = {
    "notice": (
        "purpose",
        "not_proof",
        "never_reissued",
        "keep_secret",
        "how_to_apply",
        "stale_form",
    ),
    "notification_card": (
        "purpose",
        "card_proof",
        "keep_secret",
        "how_to_apply",
        "stale_form",
    ),
}
"""What each paper says about itself."""


def grouped_application_id(digits: str) -> str:
    """Twenty-three digits in groups of 4-4-4-4-4-3, as they are printed."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def notice_pdf(paper: NoticePaper) -> bytes:
    """One A4 page. Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``."""
    said = words("notice", paper.second) | words("specimen", paper.second)
    shown: dict[str, object] = {}
    if paper.kind == "notification_card":
        said["title"] = said["card_title"]
        shown = {
            "address": fit(
                paper.address,
                what="address",
                width=118,
                height=14,
                largest=12,
                smallest=6,
            ),
            "sex": said[paper.sex],
        }
    return pdf(
        "notice",
        {
            "words": said,
            "points": _POINTS[paper.kind],
            **shown,
            "number": paper.number.grouped,
            "name": fit(
                paper.name, what="name", width=118, height=14, largest=17, smallest=6
            ),
            "born": both_days(paper.born),
            "issued": f"{era_day(paper.issued)}発行",
            "issued_both": both_days(paper.issued),
            "issuer": paper.issuer,
            "application_id": grouped_application_id(paper.application_id),
            "contacts": paper.contacts,
            "sheet": paper.sheet,
        },
        second=paper.second,
        pictures={"qr": qr_picture(paper.application_address)},
    )
