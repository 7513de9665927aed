"""As of when somebody knows a thing: whoever changes it can say so, and is told if
somebody else was faster (the ``ETag`` and ``If-Match`` of the API).

A version is made of the thing as the register has it and of the last row that each
chain of the journal has about it, so it changes with everything that is done to the
thing, also where nothing shows (PINs), and no turned clock can bring one back.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256

from mynabox.lifecycle.life import Refused
from mynabox.ports import Store, Work

_FOUND: Mapping[str, Callable[[Work, str], object]] = {
    "resident": lambda work, key: work.residents.get(key),
    "serial": lambda work, key: work.cards.get(key),
    "application": lambda work, key: work.applications.get(key),
    "approval": lambda work, key: work.approvals.get(key),
}
KINDS = frozenset(_FOUND)
"""What has versions, by the name of its part of a path."""

_DIGITS = 32


class ChangedMeanwhile(Refused):
    """The thing is not as the asker knows it; nothing was done."""

    def __init__(self) -> None:
        super().__init__("api.changed_meanwhile")


def version_of(work: Work, kind: str, key: str) -> str:
    """The version of a thing, as of this transaction; raises ``Missing``."""
    found = _FOUND[kind](work, key)
    last = sorted(work.journal.last(key))
    return sha256(f"{found!r} {last!r}".encode(errors="replace")).hexdigest()[:_DIGITS]


@dataclass(slots=True)
class ExpectingStore:
    """A store in which a thing must be of a version that is known, when it begins to
    be changed: what begins to be written while it is not is refused.

    ``known``  versions, or None: any, if there is such a thing
    """

    store: Store
    kind: str
    key: str
    known: frozenset[str] | None
    _changed: bool = False

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            if self._changed:
                yield work
                return
            before = self.demand(work)
            yield work
            self._changed = version_of(work, self.kind, self.key) != before

    def demand(self, work: Work) -> str:
        """The version of now; raises :class:`ChangedMeanwhile` unless it is known."""
        now = version_of(work, self.kind, self.key)
        if self.known is not None and now not in self.known:
            raise ChangedMeanwhile
        return now

    def look(self) -> AbstractContextManager[Work]:
        return self.store.look()

    def held(self) -> AbstractContextManager[None]:
        return self.store.held()

    def last(self) -> AbstractContextManager[Work]:
        return self.store.last()

    @property
    def holding(self) -> bool:
        return self.store.holding

    def claim(self, name: str) -> AbstractContextManager[bool]:
        return self.store.claim(name)
