"""The application form for a card, pre-printed for one person (交付申請書, R025-R028)."""

from dataclasses import dataclass
from datetime import date

from mynabox.papers.eras import both_days
from mynabox.papers.fit import fit
from mynabox.papers.form_layout import Area, layout
from mynabox.papers.notice import grouped_application_id
from mynabox.papers.typesetting import pdf, qr_picture
from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPaper:
    """What is printed on one form; the rest is for the applicant's pen.

    ``application_address``  what the QR code says
    ``sex``           "male", "female" or "unknown"
    ``stay_until``    last day of the period of stay, if it has one
    ``addressee``     whose office issues the card
    ``photo_months``  how old the photo may be (R040)
    ``alone_from_age``  from which age people apply for themselves (R058)
    ``second``        language beside the Japanese; "ja" leaves Japanese alone
    """

    application_id: str
    application_address: str
    name: str
    address: str
    born: date
    sex: str
    stay_until: date | None
    issued: date
    addressee: str
    photo_months: int
    alone_from_age: int
    second: str = "en"


def application_form_pdf(paper: FormPaper) -> bytes:
    """One A4 page. Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``."""
    said = words("application_form", paper.second)
    place = layout()
    said["photo_how"] = said["photo_how"].filled(months=paper.photo_months)
    said["representative"] = said["representative"].filled(age=paper.alone_from_age)
    notice = words("notice", paper.second)
    for name in ("name", "born", "application_id", "stale_form"):
        said[name] = notice[name]
    return pdf(
        "application_form",
        {
            "words": said | words("specimen", paper.second),
            "name": fit(
                paper.name, what="name", width=98, height=8, largest=15, smallest=6
            ),
            "address": fit(
                paper.address,
                what="address",
                width=98,
                height=11,
                largest=12,
                smallest=6,
            ),
            "born": both_days(paper.born),
            "sex": said[paper.sex],
            "stay_until": both_days(paper.stay_until) if paper.stay_until else None,
            "issued": both_days(paper.issued),
            "addressee": f"{paper.addressee} 宛",
            "application_id": grouped_application_id(paper.application_id),
            "layout": {
                "code": _place(place.code),
                "mark": _place(place.mark),
                "photo": _place(place.photo),
                "boxes": {name: _place(area) for name, area in place.boxes.items()},
            },
        },
        second=paper.second,
        pictures={
            "qr": qr_picture(paper.application_address),
            "mark": qr_picture(place.mark_says),
        },
    )


def _place(area: Area) -> dict[str, float]:
    return {
        "x": area.x,
        "y": area.y,
        "width": area.width,
        "height": area.height,
    }
