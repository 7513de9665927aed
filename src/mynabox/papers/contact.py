"""A telephone line as papers print it."""

from dataclasses import dataclass

from mynabox.papers.wording import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where to ask: the number, what for, and when somebody answers."""

    number: str
    what: Line
    hours: Line
