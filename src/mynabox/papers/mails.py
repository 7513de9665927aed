"""Mails of the application over the web, in Japanese and a second language."""

from dataclasses import dataclass
from typing import Literal

from mynabox.papers.wording import words


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as it goes out."""

    subject: str
    body: str


def application_mail(
    about: Literal["link", "received"], *, link: str, second: str
) -> MailText:
    """The mail with the link to the form, or the one that confirms its receipt.

    The link stands alone in the last line. Raises ``NotWorded``.
    """
    said = words("mail", second)
    subject, body = said[f"{about}_subject"], said[f"{about}_body"]
    texts = [text for text in (body.ja, body.second) if text]
    return MailText(subject=subject.ja, body="\n\n".join((*texts, link)) + "\n")
