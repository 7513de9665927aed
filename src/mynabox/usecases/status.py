"""What the box tells relying parties of its certificates: OCSP answers and CRLs.

Three modes (``Site.status_mode``). *prompt*: OCSP answers bear the times of the genuine
service, whose responder's data is renewed every 15 minutes, but a stop since then is
told at once, with its own moment; a new list knows all that has happened. *immediate*:
the same, and every answer bears the second it was given. *grid*: as the genuine
service: answers and lists are of the last grid point, and know what had happened by
then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from mynabox.law.municipality import municipality as municipality_of
from mynabox.lifecycle.authority import Authority, Responder, RevocationList
from mynabox.lifecycle.certificate import StopReason, stop_in_force
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.pki import crl, ocsp
from mynabox.pki.certificate import responder_certificate
from mynabox.pki.profile import number
from mynabox.ports import Box, KeysUnavailable, Missing, Work, written


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """An OCSP answer with the times it is good for.

    ``ask_again``  caches of others may not give it again unasked, because a stop is
                   to be known at once (*immediate*)
    """

    answer: ocsp.Answer
    at: datetime
    this_update: datetime
    next_update: datetime
    ask_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a status service knows at a moment.

    ``now``          the moment of asking
    ``as_of``        what was so at this moment is known
    ``this_update``  the moment that answers bear unless something stopped since, in
                     whole seconds
    ``next_update``  when answers are given anew
    """

    now: datetime
    as_of: datetime
    this_update: datetime
    next_update: datetime

    @property
    def listed(self) -> datetime:
        """The moment that lists bear: ``as_of`` in whole seconds."""
        return self.as_of.replace(microsecond=0)


def view(box: Box, *, now: datetime | None = None) -> View:
    """What this box's status services know now; ``now`` if the clock was read."""
    now = now or box.clock.now()
    if box.site.status_mode != "immediate":
        start, end = ocsp.window(now)
        known = start if box.site.status_mode == "grid" else now
        return View(now=now, as_of=known, this_update=start, next_update=end)
    second = now.replace(microsecond=0)
    until = second + timedelta(minutes=number("ocsp_minutes"))
    return View(now=now, as_of=now, this_update=second, next_update=until)


def answer_ocsp(request: bytes, box: Box) -> StatusAnswer:
    """Answer an OCSP request about certificates of any of the box's CAs.

    Every CA generation whose certificate is valid now is answered for. Of one that
    has run out, or is not known, the answer is *unauthorized*: nothing can be proven
    under it any more. Without its keys the box says *tryLater*.
    """
    seen = view(box)
    at = seen.now.replace(microsecond=0)
    try:
        answer = _answered(request, box, seen=seen, at=at)
        if answer is None:
            renew_responders(box, at=at)
            answer = _answered(request, box, seen=seen, at=at)
    except KeysUnavailable:
        answer = None
    answer = answer or ocsp.Answer(ocsp.TRY_LATER, cacheable=False)
    return StatusAnswer(
        answer=answer,
        at=at,
        this_update=answer.this_update or seen.this_update,
        next_update=seen.next_update,
        ask_again=box.site.status_mode == "immediate",
    )


def _answered(
    request: bytes, box: Box, *, seen: View, at: datetime
) -> ocsp.Answer | None:
    """The answer, from one look at the store; None if a responder is lacking."""
    with box.store.look() as work:

        def find(issuer: str, serial: int) -> ocsp.CertificateStatus:
            return status_of(work, issuer, serial, seen=seen)

        responders = []
        for authority, responder in responders_of(work, at=at):
            if responder is None:
                return None
            responders.append(
                ocsp.Responder(
                    issuer=authority.name,
                    authority=authority.der,
                    certificate=responder.der,
                    sign=partial(box.signer.sign, responder.key),
                )
            )
        return ocsp.answer(
            request,
            find=find,
            responders=responders,
            produced_at=at,
            this_update=seen.this_update,
            next_update=seen.next_update,
        )


def status_of(
    work: Work, issuer: str, serial: int, *, seen: View
) -> ocsp.CertificateStatus:
    """Good, stopped, or never issued by this CA generation, as far as ``seen``.

    A certificate issued since the last grid point is good at once in either mode: a
    card that was handed over works.
    """
    certificate = work.certificates.find(serial)
    if certificate is None or certificate.issuer != issuer:
        return ocsp.Unknown()
    return told_status(
        certificate.stopped, certificate.reason, certificate.recorded, seen=seen
    )


def told_status(
    stopped: datetime | None,
    reason: StopReason | None,
    recorded: datetime | None,
    *,
    seen: View,
) -> ocsp.Good | ocsp.Revoked:
    """What is told of a certificate that was issued.

    It stopped, as answers say it, never later than the answer itself, even if the
    clock was turned back since, because a stop still to come would count for good.
    """
    if not stop_in_force(stopped, recorded, seen.as_of, now=seen.now):
        return ocsp.Good()
    return ocsp.Revoked(
        at=min(stopped or seen.as_of, seen.as_of),
        reason=reason or StopReason.UNSPECIFIED,
    )


def responders_of(
    work: Work, *, at: datetime
) -> list[tuple[Authority, Responder | None]]:
    """Each living CA with its responder certificate, if it has one that is good."""
    return [
        (known, work.statuses.responder_at(known.name, at))
        for known in work.statuses.authorities()
        if known.not_before <= at <= known.not_after
    ]


def renew_responders(box: Box, *, at: datetime) -> None:
    """See that each living CA has a responder certificate that is good now."""
    with box.store.look() as work:
        lacking = [known for known, good in responders_of(work, at=at) if good is None]
    for known in lacking:
        _renew_responder(known, box, at=at)


def _renew_responder(authority: Authority, box: Box, *, at: datetime) -> None:
    """A new key and certificate for answering, as short-lived as the profile says."""
    # Whoever only answers need not load all that makes certificates and cards.
    from mynabox.usecases.certify import profile_of, signing

    key = make_id("ocsp", box.random(ID_BYTES))
    public_key = box.signer.create(key, elliptic=profile_of(box).elliptic)
    with box.store.work() as work:
        if work.statuses.responder_at(authority.name, at) is not None:
            return  # somebody else was quicker
        until = min(at + timedelta(days=number("responder_days")), authority.not_after)
        responder = Responder(
            issuer=authority.name,
            key=key,
            der=responder_certificate(
                profile_of(box),
                signing(authority, box),
                public_key=public_key,
                serial=work.certificates.next_serial(),
                issued=at,
                until=until,
            ),
            not_before=at,
            not_after=until,
        )
        work.statuses.add_responder(responder)
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=at,
                actor="box",
                action="renew_responder",
                subjects=(authority.name, key),
                facts={"until": until.isoformat()},
            )
        )


def current_list(
    issuer: str, box: Box, *, municipality: str | None = None
) -> RevocationList:
    """The CRL that holds now: the latest, or a new one if that has run out.

    Lists are made anew every day (profile section 1.5): one made today holds until
    the next midnight in Japan, whatever happens in between. One from the future, left
    behind when the clock was turned back, does not hold. Of a CA generation that has
    run out, the last list stays as it is: its moment tells that it is over.
    """
    at = box.clock.now()
    with box.store.look() as work:
        authority = _authority(work, issuer)
        latest = work.statuses.latest_list(issuer, municipality=municipality)
    if latest is not None and (
        at > authority.not_after or latest.this_update <= at < latest.next_update
    ):
        return latest
    return publish_list(issuer, box, municipality=municipality)


def publish_list(
    issuer: str,
    box: Box,
    *,
    municipality: str | None = None,
    actor: str = "box",
    anew: bool = False,
) -> RevocationList:
    """Make and publish a new CRL now, in place of the one that holds.

    ``anew``  from the register's rows, entries that lie ready being thrown away

    Raises ``Missing`` for an unknown CA, ``Refused`` for one that is not valid now.
    """
    seen = view(box)
    with box.store.work() as work:
        if anew:
            work.statuses.unpack(issuer)
        return _publish(
            work,
            issuer,
            _entries(work, issuer, municipality, seen),
            box,
            municipality=municipality,
            seen=seen,
            next_update=_midnight_after(seen.listed),
            actor=actor,
        )


def current_delta(
    issuer: str, box: Box, *, municipality: str | None = None, actor: str = "box"
) -> RevocationList:
    """The delta CRL of now: what has stopped since the CRL that holds was made.

    It holds for a quarter of an hour, or as long as its base. A delta made before
    that says the same of the same base is given again.
    """
    base = current_list(issuer, box, municipality=municipality)
    seen = view(box)
    until = min(seen.next_update, base.next_update)
    with box.store.work() as work:
        new = crl.added(_stops(work, issuer, municipality, seen), base=base.der)
        known = work.statuses.latest_list(issuer, municipality=municipality, delta=True)
        if (
            known is not None
            and known.base == base.number
            and known.this_update <= seen.now < known.next_update
            and not crl.added(new, base=known.der)
        ):
            return known
        return _publish(
            work,
            issuer,
            new,
            box,
            municipality=municipality,
            seen=seen,
            next_update=until,
            actor=actor,
            base=base.number,
        )


def _stops(
    work: Work, issuer: str, municipality: str | None, seen: View
) -> Iterator[crl.Revocation]:
    """Entries of the list of an issuer, as far as is known."""
    latest, now = written(seen.as_of), written(seen.now)
    for serial, at, reason, recorded in work.statuses.stops(
        issuer, municipality=municipality
    ):
        if at <= latest:
            yield crl.Revocation(serial, at, reason)
        elif at <= recorded > now:  # the clock was turned back: it stays in force
            yield crl.Revocation(serial, latest, reason)


def _entries(
    work: Work, issuer: str, municipality: str | None, seen: View
) -> Iterator[crl.Revocation | bytes]:
    """The same entries, most of them ready-made."""
    latest = written(seen.as_of)
    for packed in work.statuses.packed(
        issuer, municipality=municipality, until=latest, now=written(seen.now)
    ):
        if packed.latest <= latest:
            yield from packed.entries
        else:
            yield from _stops(work, issuer, packed.municipality, seen)


def _publish(
    work: Work,
    issuer: str,
    stops: Iterable[crl.Revocation | bytes],
    box: Box,
    *,
    municipality: str | None,
    seen: View,
    next_update: datetime,
    actor: str,
    base: int | None = None,
) -> RevocationList:
    from mynabox.usecases.certify import profile_of, signing

    authority = _authority(work, issuer)
    # Of a CA that is younger than the last grid point, the list is of its first moment.
    this_update = max(seen.listed, min(authority.not_before, seen.now))
    if not authority.not_before <= this_update <= authority.not_after:
        raise Refused("ca.not_valid_now", rules=(), issuer=issuer)
    sequence = work.statuses.next_number(issuer, municipality=municipality)
    revocations = RevocationList(
        issuer=issuer,
        municipality=municipality,
        number=sequence,
        this_update=this_update,
        next_update=next_update,
        base=base,
        der=crl.revocation_list(
            signing(authority, box),
            stops,
            number=sequence,
            this_update=this_update,
            next_update=next_update,
            profile=profile_of(box),
            partition=municipality_of(municipality) if municipality else None,
            base=base,
        ),
    )
    work.statuses.add_list(revocations)
    work.journal.write(
        Entry(
            municipality=municipality or NATIONWIDE,
            at=seen.now,
            actor=actor,
            action="publish_list" if base is None else "publish_delta",
            subjects=(issuer,),
            facts={"number": str(sequence)}
            | ({} if base is None else {"base": str(base)}),
        )
    )
    return revocations


def _authority(work: Work, name: str) -> Authority:
    for known in work.statuses.authorities():
        if known.name == name:
            return known
    raise Missing("authority", name)


def _midnight_after(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
