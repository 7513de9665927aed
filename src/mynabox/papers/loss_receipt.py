"""The municipality's receipt for a report of loss (紛失・焼失届 受付票)."""

from dataclasses import dataclass
from datetime import date, datetime

from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days
from mynabox.papers.letter import Letter
from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True, kw_only=True)
class LossTold:
    """What was told of a loss.

    ``reported``  when the card was suspended, in the zone to be told
    ``proof``     ``police`` or ``fire``: whose paper was shown
    """

    receipt: str
    reported: datetime
    proof: str
    authority: str
    number: str
    proved: date


def loss_letter(
    told: LossTold,
    *,
    addressee: str,
    address: str,
    sender: str,
    sent: date,
    contacts: tuple[Contact, ...] = (),
    second: str = "en",
) -> Letter:
    """One page with what was taken down and how to go on (R181, R183, R185)."""
    said = words("loss", second)
    letter = words("letter", second)
    return Letter(
        addressee=addressee,
        address=address,
        sender=sender,
        sent=sent,
        subject=said["title"],
        facts=(
            (letter["receipt"], told.receipt),
            (
                letter["stopped_at"],
                f"{both_days(told.reported.date())} {told.reported:%H:%M}",
            ),
            (said["authority"], told.authority),
            (said[told.proof], told.number),
            (said["proved"], both_days(told.proved)),
        ),
        paragraphs=(said["noted"], said["another"], letter["stopped_found"]),
        contacts=contacts,
        second=second,
    )
