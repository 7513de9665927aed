"""An answer for a person: what holds, what to do, what to bring, and why."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain

from mynabox.guide.situation import Topic
from mynabox.guide.words import Line, Money, Named, Value
from mynabox.law.answer import Citation, Dispute


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one topic has to say; each part is a list of lines."""

    holds: tuple[Line, ...] = ()
    steps: tuple[Line, ...] = ()
    bring: tuple[Line, ...] = ()
    cost: tuple[Line, ...] = ()
    where: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    meanwhile: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    asks: tuple[str, ...] = ()
    """Facts that would make the answer more exact; the question for ``born`` is the
    message ``ask.born``."""


PARTS = (
    "holds", "steps", "bring", "cost", "where", "lines", "meanwhile", "notes",
)  # fmt: skip
"""The lists of lines in the order in which they are read."""

URGENT = (
    "steps", "lines", "meanwhile", "holds", "bring", "cost", "where", "notes",
)  # fmt: skip
"""The same where a telephone call comes before everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """A whole answer with its envelope.

    ``at`` is the moment for which it holds; ``rules``, ``citations`` and
    ``disputes`` are those of all lines, each once.
    """

    topic: Topic
    language: str
    at: datetime
    parts: Parts
    rules: tuple[str, ...]
    citations: tuple[Citation, ...]
    disputes: tuple[Dispute, ...]

    @property
    def as_of(self) -> date:
        """The day for which the answer holds."""
        return self.at.date()

    def part(self, name: str) -> tuple[Line, ...]:
        """One list of lines by its name."""
        found: tuple[Line, ...] = getattr(self.parts, name)
        return found

    @property
    def order(self) -> tuple[str, ...]:
        """The lists as they should be read: the telephone first where it is urgent."""
        return URGENT if self.topic in ("lost", "stolen") else PARTS

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """Every line, in reading order."""
        return tuple(chain.from_iterable(self.part(name) for name in self.order))


def to_json(guidance: Guidance) -> dict[str, object]:
    """An answer as plain values, without any text: ids, values, and why."""
    return {
        "topic": guidance.topic,
        "language": guidance.language,
        "at": guidance.at.isoformat(),
        "as_of": guidance.as_of.isoformat(),
        **{name: [_line(line) for line in guidance.part(name)] for name in PARTS},
        "asks": [
            {"fact": fact, "message": f"ask.{fact}"} for fact in guidance.parts.asks
        ],
        "rules": list(guidance.rules),
        "citations": [
            {"rule": c.rule, "source": c.source, "text": c.text}
            for c in guidance.citations
        ],
        "disputes": [
            {"rule": d.rule, "says": d.says, "source": d.source, "why_not": d.why_not}
            for d in guidance.disputes
        ],
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "message": line.message,
        "values": {name: plain(value) for name, value in line.values.items()},
        "due": None if line.due is None else line.due.isoformat(),
        "overdue": line.overdue,
        "rules": list(line.rules),
    }


def plain(value: Value) -> object:
    """A value of a line as JSON knows it: money as yen, names as message ids."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Money():
            return value.yen
        case Named():
            return list(value.messages)
        case _:
            return value
