"""Where relying parties are answered in thousands: what was signed is given again.

Nothing is given that is not so. A signed answer goes out again only as long as its
time has come and not run out, and only if the store's rows are still those that it
was made of: when one of them may have been changed since, it is read again. So what a
process of this box has recorded is known to the next request, whoever recorded it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from mynabox.lifecycle.certificate import StopReason
from mynabox.pki import ocsp
from mynabox.pki.ocsp_request import Request
from mynabox.ports import Box, Busy, StatusRow, StatusWatch
from mynabox.usecases.status import (
    StatusAnswer,
    View,
    renew_responders,
    responders_of,
    told_status,
    view,
)

MOST_KEPT = 32_768
"""Answers that are kept at a time, each of a kilobyte and a half."""

_MOST_NOTED = 100_000
_SECOND = timedelta(seconds=1)


@dataclass(slots=True, eq=False)
class Kept:
    """An answer that was signed, and what has to be so for it to be given again.

    ``until``  it is made anew from then on, even if nothing has changed
    ``tick``   of the desk, when the rows were last known to be so
    ``rows``   what it says, by issuance number
    ``told``, ``headers``  for whoever gives it out over HTTP: what goes before it, in
               the second for which that was written
    """

    given: StatusAnswer
    until: datetime
    tick: int = 0
    rows: tuple[tuple[int, StatusRow | None], ...] = ()
    told: datetime | None = None
    headers: bytes = b""


class StatusDesk:
    """Answers from one store, for one thread.

    :meth:`look_up` comes first: what is given after it is of that moment or later. A
    request must have arrived before it, so that nothing can have been recorded
    between the look and the asking.
    """

    def __init__(
        self, box: Box, watch: StatusWatch, *, most_kept: int = MOST_KEPT
    ) -> None:
        self._box = box
        self._watch = watch
        self._most = max(2, most_kept) // 2
        # Two generations: what is not asked for while one fills is dropped with it.
        self._young: dict[bytes, Kept] = {}
        self._old: dict[bytes, Kept] = {}
        self._responders: tuple[ocsp.Responder, ...] = ()
        self._learnt: object = None
        self._since = self._until = self._now = box.clock.now()
        self._mark: object = None
        self._tick = 0
        """Counts the times at which anything was found to have been recorded."""
        self._unsure = 0
        """What was last looked at before this tick has to be looked at again."""
        self._changed: dict[int, int] = {}
        """At which tick a certificate's row was last found to have been changed."""

    @property
    def now(self) -> datetime:
        """The moment of the last look."""
        return self._now

    def look_up(self) -> None:
        """See what time it is, and whether anything was recorded."""
        self._now = self._box.clock.now()
        try:
            mark = self._watch.mark()
            if mark != self._mark:
                self._note(self._watch.changed())
            self._mark = mark
        except Busy:
            self._mark = None

    def _note(self, changed: Collection[int] | None) -> None:
        self._tick += 1
        if changed is None or len(self._changed) > _MOST_NOTED:
            self._unsure = self._tick
            self._changed.clear()
        self._changed.update(dict.fromkeys(changed or (), self._tick))

    def kept(self, key: bytes) -> Kept | None:
        """What may be given to whoever asks for this, if it was signed before. The
        ``key`` is of :func:`key_of`."""
        kept = self._young.get(key)
        if kept is None:
            kept = self._old.get(key)
            if kept is None:
                return None
            self._keep(key, kept)
        return kept if self.holds(kept) else None

    def holds(self, kept: Kept) -> bool:
        """Whether a kept answer is still so."""
        if not kept.given.at <= self._now < kept.until or self._mark is None:
            return False
        return kept.tick == self._tick or self._unchanged(kept)

    def answer(self, asked: Request) -> Kept:
        """A newly signed answer; kept for others if it has no nonce."""
        seen = view(self._box, now=self._now)
        at = seen.now.replace(microsecond=0)
        rows: list[tuple[int, StatusRow | None]] = []
        try:
            made = self._answered(asked, seen=seen, at=at, rows=rows)
        except Busy:
            made = ocsp.Answer(ocsp.TRY_LATER, cacheable=False)
        given = StatusAnswer(
            answer=made,
            at=at,
            this_update=made.this_update or seen.this_update,
            next_update=seen.next_update,
            ask_again=self._box.site.status_mode == "immediate",
        )
        if not made.cacheable or self._mark is None:
            return Kept(given, until=at)
        kept = Kept(given, self._good_until(given, rows), self._tick, tuple(rows))
        self._keep(key_of(asked), kept)
        return kept

    def _answered(
        self,
        asked: Request,
        *,
        seen: View,
        at: datetime,
        rows: list[tuple[int, StatusRow | None]],
    ) -> ocsp.Answer:
        responder = self._responder(asked, at=at)
        if responder is None:
            return ocsp.Answer(ocsp.UNAUTHORIZED, cacheable=False)

        def find(issuer: str, serial: int) -> ocsp.CertificateStatus:
            row = self._watch.row(serial)
            rows.append((serial, row))
            return _status(row, issuer, seen)

        return ocsp.answer_asked(
            asked,
            responder,
            find=find,
            produced_at=at,
            this_update=seen.this_update,
            next_update=seen.next_update,
        )

    def _unchanged(self, kept: Kept) -> bool:
        """Whether its rows are what they were. Somebody may have been issued a number
        that nobody had, so that is always looked up."""
        since, changed = kept.tick, self._changed
        try:
            for serial, row in kept.rows:
                sure = row is not None and since >= self._unsure
                if sure and changed.get(serial, 0) <= since:
                    continue
                if self._watch.row(serial) != row:
                    return False
        except Busy:
            return False
        kept.tick = self._tick
        return True

    def _good_until(
        self, given: StatusAnswer, rows: list[tuple[int, StatusRow | None]]
    ) -> datetime:
        """The end of its quarter of an hour; in immediate mode half of the answer's
        time, so that nobody is given one about to run out; in any mode the moment
        from which a certificate stops."""
        until = given.next_update
        if self._box.site.status_mode == "immediate":
            until -= (until - given.at) / 2
        for _, row in rows:
            if row is not None and row.stopped is not None:
                stopped = datetime.fromisoformat(row.stopped)
                if stopped > self._now:
                    until = min(until, stopped)
        return until

    def _keep(self, key: bytes, kept: Kept) -> None:
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = kept

    def _responder(self, asked: Request, *, at: datetime) -> ocsp.Responder | None:
        """Who speaks for the certificates that are asked for. A CA generation that
        another process has made since is looked for when it is first asked for."""
        if not self._since <= at < self._until:
            self._learn(at)
        found = ocsp.responder_for(asked, self._responders)
        if found is None and self._learnt != self._mark:
            self._learn(at)
            found = ocsp.responder_for(asked, self._responders)
        return found

    def _learn(self, at: datetime) -> None:
        """Read who speaks for which CA, and from when to when that is so."""
        renew_responders(self._box, at=at)
        with self._box.store.look() as work:
            speaking = [
                (authority, responder)
                for authority, responder in responders_of(work, at=at)
                if responder is not None
            ]
            turns = [
                turn
                for known in work.statuses.authorities()
                for turn in (known.not_before, known.not_after + _SECOND)
            ]
        for _, responder in speaking:
            turns += (responder.not_before, responder.not_after + _SECOND)
        self._since = max((one for one in turns if one <= at), default=at)
        self._until = min((one for one in turns if one > at), default=at + _SECOND)
        self._learnt = self._mark
        before = {one.certificate for one in self._responders}
        if not before <= {one.der for _, one in speaking}:
            self._young.clear()
            self._old.clear()
        self._responders = tuple(
            ocsp.Responder(
                issuer=authority.name,
                authority=authority.der,
                certificate=responder.der,
                sign=_signing(self._box, responder.key),
            )
            for authority, responder in speaking
        )


def key_of(asked: Request) -> bytes:
    """What two requests have in common that are given the same answer."""
    return b"".join(one.encoded for one in asked.ids)


def _signing(box: Box, key: str) -> Callable[[bytes], bytes]:
    return partial(box.signer.sign, key)


def _status(row: StatusRow | None, issuer: str, seen: View) -> ocsp.CertificateStatus:
    if row is None or row.issuer != issuer:
        return ocsp.Unknown()
    return told_status(
        _moment(row.stopped),
        None if row.reason is None else StopReason(row.reason),
        _moment(row.recorded),
        seen=seen,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
