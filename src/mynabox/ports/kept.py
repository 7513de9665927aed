"""Things that the store keeps in a table of their own, one row each."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Kept(Protocol[T]):
    """Things of one kind, found by their ids and by what stands in their members."""

    def add(self, thing: T) -> None:
        """Add one; raises ``Duplicate`` if a unique index refuses, ``Missing`` if it
        points at something that does not exist."""
        ...

    def save(self, thing: T) -> None:
        """Overwrite the thing with this id; raises ``Missing``, ``Duplicate``."""
        ...

    def get(self, key: str) -> T:
        """The thing with this id; raises ``Missing``."""
        ...

    def which(
        self,
        *,
        order: str | None = None,
        after: str = "",
        limit: int | None = None,
        **members: object,
    ) -> Sequence[T]:
        """Things whose members have these values (None: are empty).

        ``order``  the member by which they are ordered, leaving out those in which it
                   is empty; by their ids otherwise
        ``after``  only ids behind this one
        """
        ...
