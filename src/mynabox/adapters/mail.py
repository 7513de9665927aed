"""The mail server: a folder of messages as any mail program opens them."""

import re
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from mynabox.adapters.files import make_private, replace_file
from mynabox.lifecycle.outgoing import Outgoing
from mynabox.ports import Missing

SENDER = "mynabox SPECIMEN <box@mynabox.invalid>"
"""Nobody can answer: ``.invalid`` never leads anywhere (RFC 2606)."""

_LONGEST_LINE = 998
"""Bytes that a line of a mail may have, CRLF not counted (RFC 5322 2.1.1)."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class FolderMail:
    """Puts every mail into ``directory`` as ``<day>-<id>.eml`` (RFC 5322, UTF-8)."""

    def __init__(self, directory: Path, *, sender: str = SENDER) -> None:
        self._directory = directory
        self._sender = sender

    def deliver(self, outgoing: Outgoing) -> None:
        """Put the mail in the folder; a mail keeps its day as long as it is under
        way, so it comes to the same file however often it is delivered.

        Raises ``ValueError`` for an id that cannot be a file's name, and for an
        address or a subject that would smuggle in other header lines.
        """
        if not _ID.fullmatch(outgoing.id):
            raise ValueError("a mail's id is a plain word")
        content = bytes(self._message(outgoing))
        make_private(self._directory)
        day = outgoing.created.date().isoformat()
        path = self._directory / f"{day}-{outgoing.id}.eml"
        replace_file(path, content)

    def read(self, outgoing: str) -> str:
        """The text of a mail that was delivered; raises ``Missing``."""
        name = re.compile(rf"\d{{4}}-\d\d-\d\d-{re.escape(outgoing)}\.eml")
        for path in sorted(self._directory.glob("*.eml"), reverse=True):
            if name.fullmatch(path.name):
                return _text(_message_in(path))
        raise Missing("mail", outgoing)

    def texts(self, to: str) -> tuple[str, ...]:
        """The texts of all mails to an address, oldest first."""
        found = []
        for path in self._directory.glob("*.eml"):
            raw = path.read_bytes()
            if to.isascii() and to.encode() not in raw:
                continue  # an address is never folded
            message = _parsed(raw)
            if message["To"] == to:
                sent = parsedate_to_datetime(message["Date"])
                found.append((sent, path.stat().st_mtime_ns, _text(message)))
        return tuple(text for _, _, text in sorted(found))

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        try:
            message["To"] = Address(addr_spec=outgoing.to)
        except (ValueError, AttributeError, IndexError):
            raise ValueError("not an address that mail can be sent to") from None
        message["Subject"] = outgoing.title
        message["Date"] = format_datetime(outgoing.created)
        message["Message-ID"] = f"<{outgoing.id}@mynabox.invalid>"
        text = outgoing.content.decode("utf-8")
        lines = text.encode("utf-8").splitlines()
        short = all(len(line) <= _LONGEST_LINE for line in lines)
        # As plain UTF-8 where the standard allows it: readable with any pager.
        message.set_content(text, charset="utf-8", cte="8bit" if short else "base64")
        return message


def _message_in(path: Path) -> EmailMessage:
    return _parsed(path.read_bytes())


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=SMTP)


def _text(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")
