"""National holidays, the turn of the year, and windows of opening hours.

The table of holidays is generated and bundled. Beyond the years that have been
announced it raises, unless the rulebook is told to use computed ones (R208).
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache

from mynabox.law.book import flag
from mynabox.law.days import JST, in_japan
from mynabox.law.errors import BookError, NotYetAnnounced, NotYetInForce
from mynabox.law.parameter import Rule
from mynabox.law.reading import field, read, tables

_FILE = "holidays.toml"
_MIDNIGHT = "24:00"


@cache
def _holidays() -> tuple[frozenset[date], date, date, date]:
    read_tables = tables(_FILE, read(_FILE))
    head = read_tables["table"]
    return (
        frozenset(date.fromisoformat(key) for key in read_tables["days"]),
        field(_FILE, "table", head, "from", date),
        field(_FILE, "table", head, "announced_through", date),
        field(_FILE, "table", head, "computed_through", date),
    )


def announced_through() -> date:
    """The last day whose holidays have been announced."""
    return _holidays()[2]


def is_holiday(day: date) -> bool:
    """Whether a day is a national holiday or the substitute of one (祝日, 振替休日)."""
    days, first, announced, computed = _holidays()
    if day < first:
        raise NotYetInForce("holidays", day, f"the table begins on {first}")
    use_computed = flag("calendar", "use_computed_holidays").only.value
    last = computed if use_computed else announced
    if day > last:
        raise NotYetAnnounced("holidays", day, f"announced through {announced}")
    return day in days


def is_weekend_or_holiday(day: date) -> bool:
    """Saturday, Sunday or holiday (土日祝)."""
    return day.weekday() >= 5 or is_holiday(day)


def in_new_year(day: date, span: Rule[tuple[str, ...]]) -> bool:
    """Whether a day lies in the closed days at the turn of the year (年末年始)."""
    first, last = span.on(day).value
    return f"{day:%m-%d}" >= first or f"{day:%m-%d}" <= last


def within(window: str, at: time) -> bool:
    """Whether a time of day lies in a half-open window such as ``09:30-20:00``.

    ``-`` is the empty window; a window may end at ``24:00``.
    """
    start, _, end = window.partition("-")
    if not start:
        return False
    clock = f"{at:%H:%M}"
    return start <= clock < end


def opening_times(windows: tuple[str, ...]) -> tuple[time, ...]:
    """When the windows open, in order."""
    starts = {w.partition("-")[0] for w in windows} - {""}
    return tuple(sorted(time.fromisoformat(start) for start in starts))


def check_window(file: str, key: str, window: str) -> None:
    """Refuse a window that is no window; errors name file and key."""
    start, dash, end = window.partition("-")
    try:
        if dash and start:
            time.fromisoformat(start)
            if end != _MIDNIGHT:
                time.fromisoformat(end)
        sound = bool(dash) and (start < end if start else not end)
    except ValueError:
        sound = False
    if not sound:
        raise BookError(file, key, "has a window that is none, such as 09:30-20:00")


def next_opening(
    at: datetime, open_at: Callable[[datetime], bool], starts: tuple[time, ...]
) -> datetime | None:
    """The first moment from ``at`` on at which it is open, within a fortnight."""
    begin = in_japan(at)
    if open_at(begin):
        return begin
    return next((m for m in _moments(begin, starts) if open_at(m)), None)


def _moments(begin: datetime, starts: tuple[time, ...]) -> Iterator[datetime]:
    for offset in range(15):
        day = begin.date() + timedelta(days=offset)
        for start in starts:
            moment = datetime.combine(day, start, JST)
            if moment > begin:
                yield moment
