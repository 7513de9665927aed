"""Mails of the application over the web, in Japanese and a second language."""

from dataclasses import dataclass
from typing import Literal

from mynabox.papers.wording import Line, words


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as it goes out."""

    subject: str
    body: str


def application_mail(
    about: Literal["link", "received", "sent_back"],
    *,
    link: str,
    second: str,
    reasons: Line | None = None,
) -> MailText:
    """The mail with the link to the form, the one that confirms its receipt, or the one
    that says for which ``reasons`` it must be mended.

    The link stands alone in the last line. Raises ``NotWorded``.
    """
    said = words("mail", second)
    subject, body = said[f"{about}_subject"], said[f"{about}_body"]
    if reasons is not None:
        body = Line(
            body.ja.format(reasons=reasons.ja),
            body.second.format(reasons=reasons.second),
        )
    texts = [text for text in (body.ja, body.second) if text]
    return MailText(subject=subject.ja, body="\n\n".join((*texts, link)) + "\n")
