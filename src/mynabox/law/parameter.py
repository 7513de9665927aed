"""A parameter of the law: the values it has had, each with its source."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from mynabox.law.answer import Citation, Dispute
from mynabox.law.errors import (
    BookError,
    NoLongerInForce,
    NotYetAnnounced,
    NotYetInForce,
)

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cited(Generic[T_co]):
    """One value with where it comes from and how long it holds."""

    value: T_co
    rule: str
    source: str
    since: date
    until: date | None
    checked: date
    confidence: str
    municipality: str | None
    citation: Citation
    disputes: tuple[Dispute, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule(Generic[T_co]):
    """All the values one parameter has had, oldest first."""

    name: str
    what: str
    decided_by: str
    announced_through: date | None
    values: tuple[Cited[T_co], ...]

    def on(self, day: date, municipality: str | None = None) -> Cited[T_co]:
        """The value that holds on ``day``, in that municipality if it has one.

        Raises :class:`NotYetInForce`, :class:`NoLongerInForce` or
        :class:`NotYetAnnounced`.
        """
        if self.announced_through is not None and day > self.announced_through:
            raise NotYetAnnounced(
                self.name, day, f"announced through {self.announced_through}"
            )
        if municipality is not None:
            local = self._latest(day, municipality)
            if local is not None and (local.until is None or day <= local.until):
                return local
        found = self._latest(day, None)
        if found is None:
            raise NotYetInForce(self.name, day, "no value this early")
        if found.until is not None and day > found.until:
            raise NoLongerInForce(self.name, day, f"ended on {found.until}")
        return found

    @property
    def only(self) -> Cited[T_co]:
        """The value of a parameter that no day decides."""
        return self.only_in(None)

    def only_in(self, municipality: str | None) -> Cited[T_co]:
        """The same, in a municipality that may have its own."""
        for place in dict.fromkeys((municipality, None)):
            found = [v for v in self.values if v.municipality == place]
            if len(found) > 1:
                raise BookError(self.name, "value", "has several values: name a day")
            if found:
                return found[0]
        raise BookError(self.name, "value", "has values of single municipalities only")

    def _latest(self, day: date, municipality: str | None) -> Cited[T_co] | None:
        for cited in reversed(self.values):
            if cited.since <= day and cited.municipality == municipality:
                return cited
        return None
