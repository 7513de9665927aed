"""Show who one is, be known by a secret for some hours, and leave again."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mynabox.lifecycle.identity import link_hash
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.staff import (
    NotSignedIn,
    Session,
    SessionKind,
    Staff,
    StaffState,
)
from mynabox.lifecycle.tries import ELSEWHERE, MustWait, Tries
from mynabox.lifecycle.verifier import VerifierState
from mynabox.ports import Box, Work
from mynabox.usecases.acting import (
    Actor,
    channel,
    nobody,
    of_staff,
    of_verifier,
)
from mynabox.usecases.passwords import NOBODYS, opens

SECRET_BYTES = 32
_LONGEST_ADDRESS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What somebody holds from now on: it is told once and not kept."""

    secret: str = field(repr=False)
    session: Session
    actor: Actor


def sign_in(
    name: str, password: str, box: Box, *, address: str = ELSEWHERE
) -> SignedIn:
    """Sign a member of staff in with their password.

    ``address``  where they come from, as far as the box can know it

    After wrong passwords in a row one waits, longer and longer, before the next is
    looked at (:mod:`mynabox.lifecycle.tries`); raises ``MustWait``. Who is signed in
    already stays so. Nothing that is said tells whether there is such an account.
    """
    at, address = box.clock.now(), address[:_LONGEST_ADDRESS]
    with box.store.look() as work:
        _tries(work, name, address, at=at)
        found = work.staff.by_name(name)
    right = opens(password, NOBODYS if found is None else found.password)
    with box.store.work() as work:
        tries = _tries(work, name, address, at=at)
        staff = None if found is None else work.staff.get(found.id)
        if staff and found and staff.password != found.password:
            raise _wrong()
        active = staff if staff and staff.state is StaffState.ACTIVE else None
        if active and right:
            _known(tries, address, work, at=at)
            work.staff.save(replace(active, failures=0))
            return open_session(active, work, box, at=at, how="password")
        work.staff.keep_tries(tries.failed(at))
        work.staff.forget_tries(
            elsewhere=at - timedelta(hours=limits().sign_in_tries_hours),
            known=at - timedelta(days=limits().sign_in_address_days),
        )
        if active:
            _failed(active, work, at=at)
    raise _wrong()


def _tries(work: Work, name: str, address: str, *, at: datetime) -> Tries:
    """What was tried under a name from there; raises ``MustWait``."""
    who = link_hash(name)
    found = work.staff.tries(who, address) or work.staff.tries(who, ELSEWHERE)
    tries = found or Tries(name=who, address=ELSEWHERE, failures=0, last=at)
    wait = tries.waits(at)
    if wait:
        raise MustWait(wait)
    return tries


def _known(tries: Tries, address: str, work: Work, *, at: datetime) -> None:
    """Somebody got in: this address counts by itself from now on."""
    for one in {tries.address, address} if tries.failures else {address}:
        work.staff.keep_tries(replace(tries, address=one, failures=0, last=at))


def open_session(
    staff: Staff, work: Work, box: Box, *, at: datetime, how: str
) -> SignedIn:
    """Open a session for staff who have shown who they are, and write it down."""
    signed_in = begin(
        SessionKind.SESSION,
        staff.id,
        of_staff(staff),
        work,
        box,
        at=at,
        until=at + timedelta(hours=limits().session_hours),
    )
    work.journal.write(staff_entry(staff, "staff_sign_in", at=at, how=how))
    return signed_in


def begin(
    kind: SessionKind,
    holder: str,
    actor: Actor,
    work: Work,
    box: Box,
    *,
    at: datetime,
    until: datetime,
    label: str = "",
) -> SignedIn:
    """A secret by which somebody is known until a moment."""
    secret = urlsafe_b64encode(box.random(SECRET_BYTES)).decode("ascii").rstrip("=")
    session = Session(
        hash=link_hash(secret),
        kind=kind,
        holder=holder,
        label=label,
        created=at,
        expires=until,
    )
    work.sessions.add(session)
    return SignedIn(secret=secret, session=session, actor=actor)


def whose(secret: str, box: Box) -> Actor | None:
    """Who holds this secret; None if it opens nothing (any more)."""
    at = box.clock.now()
    with box.store.look() as work:
        session = work.sessions.find(link_hash(secret))
        if session is None:
            verifier = work.verifiers.by_key(link_hash(secret))
            active = verifier is not None and verifier.state is VerifierState.ACTIVE
            return of_verifier(verifier) if verifier is not None and active else None
        if not session.open_at(at):
            return None
        if session.kind is SessionKind.RESIDENT:
            return of_resident(session.holder)
        staff = work.staff.get(session.holder)
    return of_staff(staff) if staff.state is StaffState.ACTIVE else None


def actor_of(secret: str | None, box: Box, *, through: str) -> Actor:
    """Who comes with this secret; without one, the channel itself where the box asks
    for no account. Raises ``NotSignedIn`` for a secret that opens nothing."""
    if secret is None:
        open_to_all = box.site.authority == "open"
        return channel(through) if open_to_all else nobody(through)
    actor = whose(secret, box)
    if actor is None:
        raise NotSignedIn("authority.session_over")
    return actor


def of_resident(resident: str) -> Actor:
    """A resident who acts for themselves."""
    return Actor(name=f"resident:{resident}", resident=resident)


def sign_out(secret: str, box: Box) -> None:
    """End the session of this secret, if there is one."""
    at = box.clock.now()
    with box.store.work() as work:
        session = work.sessions.find(link_hash(secret))
        if session is None or not session.open_at(at):
            return
        work.sessions.end(session.hash, at=at)
        if session.kind is SessionKind.RESIDENT:
            return
        staff = work.staff.get(session.holder)
        work.journal.write(staff_entry(staff, "staff_sign_out", at=at))


def staff_entry(
    staff: Staff, action: str, *, at: datetime, actor: str = "", **facts: str
) -> Entry:
    """A journal row about an account."""
    return Entry(
        municipality=staff.municipality or NATIONWIDE,
        at=at,
        actor=actor or staff.actor,
        action=action,
        subjects=(staff.id,),
        facts=facts,
    )


def _failed(staff: Staff, work: Work, *, at: datetime) -> None:
    failures = staff.failures + 1
    work.staff.save(replace(staff, failures=failures))
    work.journal.write(
        staff_entry(
            staff,
            "staff_sign_in_failed",
            at=at,
            actor="nobody",
            failures=str(failures),
        )
    )


def _wrong() -> Refused:
    return Refused("authority.wrong_name_or_password")
