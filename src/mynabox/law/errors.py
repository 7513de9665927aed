"""What can go wrong when the rulebook is asked.

::

    LawError
    ├── BadArgument      the question is malformed: says which argument
    ├── BookError        the rulebook itself is malformed: file and key
    └── NotInForce       the question is sound, no value holds on that day
        ├── NotYetInForce     before the first dated value
        ├── NoLongerInForce   after the day the rule ended
        └── NotYetAnnounced   beyond the range that was published

A refusal ("you may not") is never one of these: it is a
:class:`mynabox.law.answer.Verdict`.
"""

from datetime import date

from mynabox.law.accepts import Accepts


class LawError(Exception):
    """Root of everything the rulebook raises."""


class BadArgument(LawError, ValueError):
    """An argument is missing, unknown, unreadable, or contradicts another.

    The offending value is never repeated: it may be a number or a PIN.
    """

    def __init__(self, argument: str, accepted: Accepts) -> None:
        super().__init__(f"argument '{argument}': {accepted}")
        self.argument = argument
        self.accepted = accepted


class BookError(LawError):
    """A parameter file is malformed."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: [{key}] {problem}")
        self.file = file
        self.key = key
        self.problem = problem


class NotInForce(LawError, LookupError):
    """No value of this rule holds on the day asked about."""

    def __init__(self, name: str, day: date, problem: str) -> None:
        super().__init__(f"{name} on {day.isoformat()}: {problem}")
        self.name = name
        self.day = day


class NotYetInForce(NotInForce):
    """The day lies before the first value of the rule."""


class NoLongerInForce(NotInForce):
    """The day lies after the last day of the rule."""


class NotYetAnnounced(NotInForce):
    """The day lies beyond what has been published; nothing is extrapolated."""
