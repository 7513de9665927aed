"""A plain letter to a holder, and what it says after a suspension (一時停止)."""

from dataclasses import dataclass
from datetime import date, datetime

from mynabox.papers.contact import Contact
from mynabox.papers.eras import both_days
from mynabox.papers.fit import fit
from mynabox.papers.typesetting import pdf, qr_picture
from mynabox.papers.wording import Line, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One page: a subject, facts to keep, and paragraphs.

    ``facts``  label and value, as (受付番号, "A-0007")
    ``code``   what a QR code beside the facts says; none if empty
    """

    addressee: str
    address: str
    sender: str
    sent: date
    subject: Line
    facts: tuple[tuple[Line, str], ...]
    paragraphs: tuple[Line, ...]
    contacts: tuple[Contact, ...] = ()
    postcode: str = ""
    second: str = "en"
    code: str = ""


def suspension_letter(
    *,
    addressee: str,
    address: str,
    sender: str,
    receipt: str,
    stopped: datetime,
    sent: date,
    contacts: tuple[Contact, ...] = (),
    postcode: str = "",
    second: str = "en",
) -> Letter:
    """Confirms that a card was suspended after a call, and says what comes next
    (R180-R182, R185).

    ``stopped`` is told in the time zone it carries.
    """
    said = words("letter", second)
    return Letter(
        addressee=addressee,
        postcode=postcode,
        address=address,
        sender=sender,
        sent=sent,
        subject=said["stopped_title"],
        facts=(
            (said["receipt"], receipt),
            (
                said["stopped_at"],
                f"{both_days(stopped.date())} {stopped:%H:%M}",
            ),
        ),
        paragraphs=tuple(
            said[name]
            for name in (
                "stopped_what",
                "stopped_police",
                "stopped_town",
                "stopped_found",
            )
        ),
        contacts=contacts,
        second=second,
    )


def sent_back_letter(
    *,
    addressee: str,
    address: str,
    sender: str,
    application_id: str,
    reasons: Line,
    sent: date,
    contacts: tuple[Contact, ...] = (),
    second: str = "en",
) -> Letter:
    """Says why no card could be made of an application, and how to mend it (R026,
    R043). ``application_id`` as it is printed."""
    said = words("letter", second)
    what = said["back_what"]
    return Letter(
        addressee=addressee,
        address=address,
        sender=sender,
        sent=sent,
        subject=said["back_title"],
        facts=((said["back_id"], application_id),),
        paragraphs=(
            Line(
                what.ja.format(reasons=reasons.ja),
                what.second.format(reasons=reasons.second),
            ),
            said["back_how"],
            said["back_form"],
        ),
        contacts=contacts,
        second=second,
    )


def letter_pdf(letter: Letter) -> bytes:
    """One A4 page. Raises ``NoGlyph``, ``DoesNotFit`` or ``PaperFailed``."""
    said = words("letter", letter.second) | words("specimen", letter.second)
    said["hotlines"] = words("notice", letter.second)["hotlines"]
    return pdf(
        "letter",
        {
            "words": said,
            "addressee": fit(
                f"{letter.addressee} 様",
                what="addressee",
                width=85,
                height=16,
                largest=14,
                smallest=6,
            ),
            "postcode": letter.postcode,
            "address": fit(
                letter.address,
                what="address",
                width=85,
                height=15,
                largest=10.5,
                smallest=6,
            ),
            "sender": letter.sender,
            "sent": both_days(letter.sent),
            "subject": letter.subject,
            "facts": [
                {"label": label, "value": value} for label, value in letter.facts
            ],
            "paragraphs": letter.paragraphs,
            "contacts": letter.contacts,
            "coded": bool(letter.code),
        },
        second=letter.second,
        pictures={"qr": qr_picture(letter.code)} if letter.code else None,
    )
