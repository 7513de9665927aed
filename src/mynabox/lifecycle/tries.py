"""Wrong passwords for a name, and how long one waits before the next try.

Nobody can keep an account shut by guessing: an address from which its holder signed in
before counts by itself, all others share one count. A right password is not looked at
while one has to wait, so that guessing goes no faster than that.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits

ELSEWHERE = ""
"""Every address from which nobody signed in under this name before."""


class MustWait(Refused):
    """Too many wrong passwords; ``seconds`` until the next may be tried."""

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__("authority.sign_in_waits", minutes=str(minutes))
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Tries to sign in under a name from an address.

    ``name``      SHA-256 of the name in hex, for people type passwords there, too
    ``address``   a network address that is known for the name, or :data:`ELSEWHERE`
    ``failures``  wrong passwords in a row
    ``last``      when the last one was tried, or the last time somebody got in
    """

    name: str
    address: str
    failures: int
    last: datetime

    def failed(self, at: datetime) -> "Tries":
        """With one more wrong password."""
        return replace(self, failures=self.failures + 1, last=at)

    def waits(self, at: datetime) -> int:
        """Seconds until the next try; 0 if it may be now. A clock that was turned back
        behind the last one makes nobody wait."""
        bounds = limits()
        beyond = self.failures - bounds.password_failures
        if beyond < 0 or at < self.last:
            return 0
        longest = bounds.sign_in_wait_longest_seconds
        wait = min(bounds.sign_in_wait_seconds << min(beyond, 20), longest)
        left = self.last + timedelta(seconds=wait) - at
        return max(0, -(-left // timedelta(seconds=1)))
