"""What leaves the box by letter, by mail or into a card's chip.

It is written down in the transaction that decides it and carried out afterwards,
as often as it takes: carrying it out twice does no harm.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


class Carrier(StrEnum):
    """Who takes it out."""

    POST = "post"
    MAIL = "mail"
    CHIP = "chip"


class LetterKind(StrEnum):
    """Which paper a letter is."""

    NOTICE = "notice"
    POSTCARD = "postcard"
    SUSPENSION = "suspension"
    ENDING = "ending"
    """Before a card, its certificates or a stay end."""
    FORM = "application_form"
    SENT_BACK = "application_sent_back"
    APPOINTMENT = "appointment"
    """A place at the counter: given, coming up, or missed."""
    WAITING = "waiting"
    """A card still waits for its holder."""
    SLEEVE = "sleeve"
    """The sleeve in which a card is mailed."""
    INQUIRY = "inquiry"
    """The letter of inquiry that a holder answers before an agent may act."""
    FEE_SLIP = "fee_slip"
    RECEIPT = "receipt"
    LOSS_RECEIPT = "loss_receipt"
    """That a report of loss was taken down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One thing on its way out.

    ``to``        postal address, mail address, or serial of a card
    ``title``     subject of a mail, kind of a letter, file of a chip
    ``content``   PDF, plain text or file content; forgotten once delivered
    ``digest``    SHA-256 of the content in hex, kept when the content is forgotten
    """

    id: str
    carrier: Carrier
    municipality: str
    to: str
    title: str
    content: bytes
    created: datetime
    delivered: datetime | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        if self.content and not self.digest:
            object.__setattr__(self, "digest", sha256(self.content).hexdigest())
