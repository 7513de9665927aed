"""The register is told that guardianship of an adult began, changed or ended
(成年後見の開始・変更・終了)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from mynabox.law.days import in_japan
from mynabox.law.delivery import representative_paper
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind, CertificateState
from mynabox.lifecycle.guardianship import (
    GUARDIANSHIP,
    GuardianshipEvent,
    GuardianshipState,
)
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.registration import ward_from, written_guardian
from mynabox.lifecycle.resident import Cause, Resident, ResidentState
from mynabox.ports import Box, Work
from mynabox.usecases.endings import apply_event
from mynabox.usecases.verdict import demand

_CORRECTIONS = (GuardianshipEvent.CORRECTED, GuardianshipEvent.WITHDRAWN)
_STANDING = (
    CertificateState.ISSUED,
    CertificateState.ACTIVE,
    CertificateState.ON_HOLD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteGuardianship:
    """What the certificate of registered matters (登記事項証明書) says.

    ``guardian``      who the guardian is; as before where it is None
    ``happened``      day of what happened; of a correction the right first day, if
                      that was wrong; today unless told
    ``paper_issued``  day on which the certificate was issued (R058)
    """

    resident: str
    event: GuardianshipEvent
    paper_issued: date
    guardian: str | None = None
    happened: date | None = None


def note_guardianship(
    ask: NoteGuardianship, box: Box, *, actor: str = "counter"
) -> Resident:
    """Write it into the register; how the record read before is kept.

    From now on the guardian applies for the ward and comes along (R058), and the ward
    is given no signature certificate (R135). One that was issued on the first day of
    the guardianship or later, or is not handed over yet, is revoked; one that was in
    force before stays so, since no source says that it ends.
    """
    at = box.clock.now()
    today = at.date()
    if ask.paper_issued > today:
        raise Refused("register.day_in_future", day=ask.paper_issued.isoformat())
    demand(representative_paper(ask.paper_issued, today))
    with box.store.work() as work:
        before = work.residents.get(ask.resident)
        if before.state is not ResidentState.REGISTERED:
            raise Refused("register.not_registered", rules=("R001",))
        after = _after(before, ask, on=today)
        if after.reads_as(before):
            raise Refused("particulars.nothing_new", rules=("R058",))
        stopped = stop_wards_signatures(work, after, at=at)
        work.residents.save(after)
        work.journal.write(
            Entry(
                municipality=after.municipality,
                at=at,
                actor=actor,
                action="note_guardianship",
                subjects=(after.id, *stopped),
                facts={
                    "event": ask.event.value,
                    "since": (after.since or today).isoformat(),
                    "paper": ask.paper_issued.isoformat(),
                },
            )
        )
    return after


def _after(before: Resident, ask: NoteGuardianship, *, on: date) -> Resident:
    """How the record reads then; raises ``Refused``."""
    state = GuardianshipState.WARD if before.ward else GuardianshipState.NONE
    state = GUARDIANSHIP.after(state, ask.event)
    happened = ward_from(ask.happened or on, born=before.born, on=on)
    if ask.event not in _CORRECTIONS and ask.paper_issued < happened:
        raise Refused("guardianship.paper_too_early", rules=("R058",))
    cause = Cause.CORRECTED if ask.event in _CORRECTIONS else Cause.GUARDIANSHIP
    if ask.event is GuardianshipEvent.CORRECTED:
        first = ask.happened or before.ward_since
    elif ask.event is GuardianshipEvent.BEGAN:
        first = happened
    else:
        first = before.ward_since
        assert first is not None
        if happened < first:
            raise Refused(
                "guardianship.before_it_began", rules=("R058",), day=first.isoformat()
            )
    since = on if ask.event in _CORRECTIONS else happened
    if state is GuardianshipState.NONE:
        return replace(before, guardian=None, ward_since=None, since=since, cause=cause)
    guardian = before.guardian if ask.guardian is None else ask.guardian
    if guardian is None or (
        ask.guardian is None and ask.event is GuardianshipEvent.GUARDIAN_CHANGED
    ):
        raise Refused("guardianship.who", rules=("R058",))
    return replace(
        before,
        guardian=written_guardian(guardian),
        ward_since=first,
        since=since,
        cause=cause,
    )


def stop_wards_signatures(
    work: Work, person: Resident, *, at: datetime
) -> tuple[str, ...]:
    """Revoke what an adult ward may not have, before the register says who they are;
    cards and certificates, as the journal names them."""
    return tuple(dict.fromkeys(_stopped(work, person, at=at)))


def _stopped(work: Work, person: Resident, *, at: datetime) -> Iterator[str]:
    if person.ward_since is None:
        return
    for card in work.cards.of(person.id):
        if card.state is CardState.VOID:
            continue
        for known in work.certificates.of_card(card.serial):
            if (
                known.kind is not CertificateKind.SIGNATURE
                or known.state not in _STANDING
            ):
                continue
            wrongly = (
                known.state is CertificateState.ISSUED
                or in_japan(known.not_before).date() >= person.ward_since
            )
            event = "issued_to_ward" if wrongly else "guardianship_began"
            applied = apply_event(
                work, card, event, at=at, kinds=(CertificateKind.SIGNATURE,)
            )
            if applied.stopped:
                yield from applied.subjects
