"""The two sides of a specimen card (R268), in a drawing of our own.

Places are boxes in millimetres from the upper left corner of an ID-1 card. Every
text is measured and brought to fit its box before it is drawn, so that no name is
long enough to run under the picture or over the edge.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mynabox.law.photo import photo_on_card
from mynabox.lifecycle.resident import Sex
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.eras import era_day, western_day
from mynabox.papers.fit import Fitted, fit
from mynabox.papers.typesetting import jpeg_picture, png, qr_picture
from mynabox.papers.wording import words

CARD_WIDTH_MM: Final = 85.6
"""ISO/IEC 7810 ID-1."""
CARD_HEIGHT_MM: Final = 53.98
PPI: Final = 300
WIDTH_PX: Final = 1011
HEIGHT_PX: Final = 638

_SMALLEST: Final = 3.5


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the card, in millimetres."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFace:
    """What stands on the front.

    ``name``     original characters, an alias in brackets behind them
    ``photo``    a JPEG as ``photo.prepare`` makes it; ``None`` where the card
                 carries none (R047)
    ``notes``    lines of the field for later changes (追記欄), oldest first
    ``western``  birth date without era, as on foreign residents' cards
    """

    name: str
    address: str
    born: date
    sex: Sex
    expires: date
    photo: bytes | None
    security_code: str
    notes: tuple[str, ...] = ()
    western: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBack:
    """What stands on the back. ``qr`` is the text of a QR code, if there is one."""

    number: IndividualNumber
    name: str
    born: date
    qr: str | None = None
    western: bool = False


def photo_box() -> Box:
    """Where the picture is, in the size that R046 gives it."""
    width, height = (tenths / 10 for tenths in photo_on_card().value)
    return Box(CARD_WIDTH_MM - 3.6 - width, 8.6, width, height)


LABEL_MM: Final = 2.2
"""Height that the label of a box takes above it."""

FRONT: Final[dict[str, Box]] = {
    "name": Box(4.2, 9.2, 52.5, 7.0),
    "address": Box(4.2, 19.0, 52.5, 7.0),
    "born": Box(4.2, 28.8, 27.0, 3.4),
    "sex": Box(34.0, 28.8, 10.0, 3.4),
    "expires": Box(4.2, 35.0, 40.0, 3.4),
    "security_code": Box(74.2, 36.8, 7.8, 2.9),
    "notes": Box(13.0, 41.2, 68.6, 8.6),
}
BACK: Final[dict[str, Box]] = {
    "number": Box(6.2, 12.6, 72.0, 9.6),
    "name": Box(4.2, 28.0, 52.5, 7.4),
    "born": Box(4.2, 38.4, 40.0, 3.4),
}
QR_BOX: Final = Box(62.8, 25.4, 19.4, 19.4)


def card_front_png(face: CardFace) -> bytes:
    """The front at 300 ppi. Raises ``NoGlyph``, ``DoesNotFit``, ``PaperFailed``."""
    return png(
        "card_front",
        {
            "words": words("card", "en"),
            "boxes": FRONT | {"photo": photo_box()},
            "texts": front_texts(face),
            "has_photo": face.photo is not None,
        },
        ppi=PPI,
        width=WIDTH_PX,
        height=HEIGHT_PX,
        pictures={} if face.photo is None else {"photo": jpeg_picture(face.photo)},
    )


def card_back_png(face: CardBack) -> bytes:
    """The back at 300 ppi. Raises as the front does."""
    return png(
        "card_back",
        {
            "words": words("card", "en"),
            "boxes": BACK | {"qr": QR_BOX},
            "texts": back_texts(face),
            "has_qr": face.qr is not None,
        },
        ppi=PPI,
        width=WIDTH_PX,
        height=HEIGHT_PX,
        pictures={} if face.qr is None else {"qr": qr_picture(face.qr)},
    )


def front_texts(face: CardFace) -> dict[str, Fitted]:
    """The texts of the front as they will stand in their boxes."""
    sexes = words("card", "en")
    sex = sexes[face.sex.value]
    return {
        "name": _placed(FRONT, "name", 11, face.name),
        "address": _placed(FRONT, "address", 7.5, face.address),
        "born": _placed(FRONT, "born", 7.5, _day(face.born, western=face.western)),
        "sex": _placed(FRONT, "sex", 7.5, f"{sex.ja} {sex.second}"),
        "expires": _placed(
            FRONT, "expires", 7.5, f"{western_day(face.expires)}まで有効"
        ),
        "security_code": _placed(FRONT, "security_code", 7, face.security_code),
        "notes": _placed(FRONT, "notes", 6.5, *face.notes),
    }


def back_texts(face: CardBack) -> dict[str, Fitted]:
    """The texts of the back as they will stand in their boxes."""
    return {
        "number": _placed(BACK, "number", 21, face.number.grouped),
        "name": _placed(BACK, "name", 11, face.name),
        "born": _placed(BACK, "born", 7.5, _day(face.born, western=face.western)),
    }


def _day(day: date, *, western: bool) -> str:
    return f"{western_day(day) if western else era_day(day)}生"


def _placed(boxes: dict[str, Box], what: str, largest: float, *texts: str) -> Fitted:
    box = boxes[what]
    return fit(
        *texts,
        what=what,
        width=box.width,
        height=box.height,
        largest=largest,
        smallest=_SMALLEST,
    )
