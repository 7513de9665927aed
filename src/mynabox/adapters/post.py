"""The post office: a folder of letters."""

import re
from pathlib import Path

from mynabox.adapters.files import make_private, replace_file
from mynabox.lifecycle.outgoing import Outgoing
from mynabox.ports import Missing

_DAY = r"\d{4}-\d\d-\d\d"
_KIND = re.compile(r"[a-z0-9_]{1,40}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class FolderPost:
    """Puts every letter into ``directory`` as ``<day>-<kind>-<id>.pdf``.

    The day is that on which the letter was written, in the box's time. A letter keeps
    its day and kind as long as it is under way, so it comes to the same file however
    often it is delivered.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def deliver(self, outgoing: Outgoing) -> None:
        """Put the letter in the folder.

        Raises ``ValueError`` for a kind or an id that cannot be a file's name.
        """
        if not _KIND.fullmatch(outgoing.title) or not _ID.fullmatch(outgoing.id):
            raise ValueError("a letter's kind and id are plain words")
        make_private(self._directory)
        day = outgoing.created.date().isoformat()
        path = self._directory / f"{day}-{outgoing.title}-{outgoing.id}.pdf"
        replace_file(path, outgoing.content)

    def read(self, outgoing: str) -> bytes:
        """The PDF of a letter that was delivered; raises ``Missing``."""
        name = re.compile(rf"{_DAY}-{_KIND.pattern}-{re.escape(outgoing)}\.pdf")
        for path in sorted(self._directory.glob("*.pdf"), reverse=True):
            if name.fullmatch(path.name):
                return path.read_bytes()
        raise Missing("letter", outgoing)

    def ids(self) -> tuple[str, ...]:
        """The id of every letter in the folder; of another file, its name."""
        letter = re.compile(rf"{_DAY}-{_KIND.pattern}-({_ID.pattern})\.pdf")
        return tuple(
            found[1] if (found := letter.fullmatch(path.name)) else path.name
            for path in sorted(self._directory.glob("*"))
            if path.is_file() and not path.name.startswith(".")
        )
