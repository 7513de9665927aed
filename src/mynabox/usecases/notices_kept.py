"""The post office sends a notice back once it has kept it for its days (R005, R006)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mynabox.law.days import JST
from mynabox.law.notices import notice_kept_until
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.notice import NoticeEvent
from mynabox.ports import Box, Work
from mynabox.usecases.note_notice import note_notice

_BATCH = 200


@dataclass(frozen=True, slots=True)
class NoticesKept:
    """The duty for every notice that nobody fetched: back to the municipality on the
    day after the last one at the post office."""

    name: str = "notice_kept"

    def next(self, work: Work, *, since: datetime) -> datetime | None:
        """When the first notice goes back."""
        waiting = next(iter(work.notices.at_post_office(limit=1)), None)
        if waiting is None or waiting.since is None:
            return None
        return _goes_back(waiting.since)

    def run(self, box: Box) -> int:
        """Note it of each that goes back by now."""
        at = box.clock.now()
        done = 0
        while True:
            with box.store.look() as work:
                found = [
                    notice
                    for notice in work.notices.at_post_office(limit=_BATCH)
                    if notice.since is not None and _goes_back(notice.since) <= at
                ]
            for notice in found:
                try:
                    note_notice(notice.resident, NoticeEvent.SENT_BACK, box)
                except Refused:
                    continue  # fetched, or sent back by another run, meanwhile
                done += 1
            if len(found) < _BATCH:
                return done


def _goes_back(left: date) -> datetime:
    last = notice_kept_until(left).value
    return datetime.combine(last + timedelta(days=1), time(), JST)
