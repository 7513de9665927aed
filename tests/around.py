"""A store around another one: what a test's own store does otherwise stands there."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from mynabox.ports import Store, Work


@dataclass
class Around:
    """All as the store within does it."""

    store: Store

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            yield work

    @contextmanager
    def look(self) -> Iterator[Work]:
        with self.store.look() as work:
            yield work

    def held(self) -> AbstractContextManager[None]:
        return self.store.held()

    def last(self) -> AbstractContextManager[Work]:
        return self.store.last()

    @property
    def holding(self) -> bool:
        return self.store.holding

    def claim(self, name: str) -> AbstractContextManager[bool]:
        return self.store.claim(name)
