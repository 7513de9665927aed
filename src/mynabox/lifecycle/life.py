"""How a life is written down: a table of (state, event) -> next state.

A pair that is absent from the table is refused. Everything that can change the
state of a thing is in its table and nowhere else; the diagrams in
``docs/lives.md`` are drawn from these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Refused(Exception):
    """Somebody asked for a thing that the rules do not allow; nothing changed.

    ``code`` is stable and names a message of the catalogues, ``rules`` says on
    which rules the refusal rests, ``facts`` fills the message (never a secret).
    """

    def __init__(self, code: str, *, rules: tuple[str, ...] = (), **facts: str) -> None:
        super().__init__(code, rules, facts)
        self.code = code
        self.rules = rules
        self.facts = facts

    def __str__(self) -> str:
        facts = ", ".join(f"{k}={v}" for k, v in sorted(self.facts.items()))
        rules = " ".join(self.rules)
        return " ".join(
            part for part in (self.code, f"({facts})" if facts else "", rules) if part
        )


@dataclass(frozen=True, slots=True)
class Life(Generic[S, E]):
    """The table of one kind of thing.

    ``steps``   every allowed step
    ``first``   the state it is born in
    ``rules``   the rules that a refusal of this kind of thing cites
    """

    name: str
    first: S
    steps: Mapping[tuple[S, E], S]
    rules: tuple[str, ...] = ()

    def after(self, state: S, event: E) -> S:
        """The state after ``event``; raises :class:`Refused` if there is none."""
        try:
            return self.steps[state, event]
        except KeyError:
            raise self.refusal(state, event) from None

    def refusal(self, state: S, event: E) -> Refused:
        """What is said of an ``event`` that cannot happen in ``state``."""
        return Refused(
            f"{self.name}.not_possible_now",
            rules=self.rules,
            state=state.value,
            event=event.value,
        )

    def allows(self, state: S, event: E) -> bool:
        """Whether ``event`` can happen in ``state``."""
        return (state, event) in self.steps

    def is_final(self, state: S) -> bool:
        """Whether nothing can happen any more in ``state``."""
        return not any(before == state for before, _ in self.steps)
