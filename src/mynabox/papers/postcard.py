"""The postcard that calls the holder to pick up the card (交付通知書, R050)."""

from dataclasses import dataclass
from datetime import date

from mynabox.papers.eras import both_days
from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf
from mynabox.papers.wording import Line, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the card waits, and when somebody is there."""

    name: str
    address: str
    hours: Line
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Postcard:
    """What stands on one postcard. Never a number: everybody can read it.

    ``until``  last day for picking up
    ``bring``  what to bring, in the order in which it is asked for; ``usual_items``
               words the common ones
    ``alone_from_age``  below this age the statutory representative comes along (R058)
    """

    addressee: str
    address: str
    sender: str
    place: Place
    until: date
    bring: tuple[Line, ...]
    alone_from_age: int
    postcode: str = ""
    second: str = "en"


def usual_items(*names: str, second: str = "en") -> tuple[Line, ...]:
    """Wording for what is brought: postcard, identity, notification_card, old_card,
    residence_card. Raises ``KeyError`` for another name.
    """
    said = words("postcard", second)
    return tuple(said[f"bring_{name}"] for name in names)


def postcard_pdf(paper: Postcard) -> bytes:
    """Two pages of 100 x 148 mm: address and message.

    Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``.
    """
    said = words("postcard", paper.second) | words("specimen", paper.second)
    said["in_person"] = said["in_person"].filled(age=paper.alone_from_age)
    return pdf(
        "postcard",
        {
            "words": said,
            "addressee": fit(
                f"{paper.addressee} 様",
                what="addressee",
                width=82,
                height=16,
                largest=18,
                smallest=7,
            ),
            "postcode": paper.postcode,
            "address": fit(
                paper.address,
                what="address",
                width=82,
                height=17,
                largest=12,
                smallest=6,
            ),
            "sender": paper.sender,
            "place": paper.place,
            "until": both_days(paper.until),
            "bring": paper.bring,
        },
        second=paper.second,
    )
