"""The shapes in which the rulebook answers: a value and why it is so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)

Fact: TypeAlias = int | str | bool | date | tuple[str, ...]
"""What a reason may tell: never a secret, never a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a value comes from."""

    rule: str
    """Rule id, such as ``R090``."""
    source: str
    """Short name of the source with its line, as ``docs/sources.md`` lists it."""
    text: str | None = None
    """What that source says, in our own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Another source says something else; we say why we do not follow it."""

    rule: str
    says: str
    source: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a verdict: a stable code for programs, facts for texts."""

    code: str
    rule: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it be done? A permission can carry reasons too: they are warnings."""

    allowed: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The reasons' codes, in the order of the rules."""
        return tuple(reason.code for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T_co]):
    """A value with the rules it rests on.

    ``next`` is the id of the message that says what to do now, if anything.
    """

    value: T_co
    rules: tuple[str, ...]
    citations: tuple[Citation, ...]
    disputes: tuple[Dispute, ...] = ()
    next: str | None = None
