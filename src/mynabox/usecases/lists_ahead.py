"""The revocation lists that hold are followed by those of the next day."""

from dataclasses import dataclass, field
from datetime import datetime, time

from mynabox.law.days import JST, in_japan
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box, KeysUnavailable, Work
from mynabox.usecases.status import publish_list

LISTS = "publish_lists"


@dataclass(slots=True, kw_only=True)
class ListsJob:
    """The duty that makes a new list of each authority when the last one made of it
    ends. Whoever asks for a list that was never made, or of one municipality, has it
    made then.

    ``until``  up to when duties are done: a list of a day that is over by then is not
               made afterwards, because nobody can ask for it any more
    """

    until: datetime
    name: str = LISTS
    unable: set[str] = field(default_factory=set)
    """Authorities whose keys cannot be used now: theirs are made when asked for."""

    def next(self, work: Work, *, since: datetime) -> datetime | None:
        """The moment at which the first of the lists that hold ends."""
        return min(self._ends(work).values(), default=None)

    def run(self, box: Box) -> int:
        """Make the lists that are due; how many."""
        at = box.clock.now()
        with box.store.look() as work:
            due = [name for name, ends in self._ends(work).items() if ends <= at]
        made = 0
        for name in due:
            try:
                publish_list(name, box)
                made += 1
            except (KeysUnavailable, Refused):
                self.unable.add(name)
        return made

    def _ends(self, work: Work) -> dict[str, datetime]:
        newest = datetime.combine(in_japan(self.until).date(), time(), JST)
        ends = {}
        for authority in work.statuses.authorities():
            latest = work.statuses.latest_list(authority.name)
            if latest is None or authority.name in self.unable:
                continue
            due = latest.next_update
            if due <= self.until:
                due = max(due, newest)
            if due <= authority.not_after:
                ends[authority.name] = due
        return ends
