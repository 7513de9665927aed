"""What the box tells relying parties of its certificates: OCSP answers and CRLs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from mynabox.law.municipality import municipality as municipality_of
from mynabox.lifecycle.authority import Authority, Responder, RevocationList
from mynabox.lifecycle.certificate import StopReason
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.pki import crl, ocsp
from mynabox.pki.certificate import responder_certificate
from mynabox.pki.profile import number
from mynabox.ports import Box, Missing, Work
from mynabox.usecases.certify import profile_of, signing


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """An OCSP answer with the times it is good for."""

    answer: ocsp.Answer
    at: datetime
    this_update: datetime
    next_update: datetime


def answer_ocsp(request: bytes, box: Box) -> StatusAnswer:
    """Answer an OCSP request about certificates of any of the box's CAs.

    The state is read in the moment of asking: a suspension is in the next answer.
    """
    at = box.clock.now().replace(microsecond=0)
    responders = tuple(
        ocsp.Responder(
            issuer=authority.name,
            authority=authority.der,
            certificate=responder.der,
            sign=partial(box.signer.sign, responder.key),
        )
        for authority, responder in _responders(box, at=at)
    )
    next_update = at + timedelta(minutes=number("ocsp_minutes"))
    with box.store.look() as work:

        def find(issuer: str, serial: int) -> ocsp.CertificateStatus:
            return status_of(work, issuer, serial)

        answer = ocsp.answer(
            request,
            find=find,
            responders=responders,
            produced_at=at,
            this_update=at,
            next_update=next_update,
        )
    return StatusAnswer(answer=answer, at=at, this_update=at, next_update=next_update)


def status_of(work: Work, issuer: str, serial: int) -> ocsp.CertificateStatus:
    """Good, stopped, or never issued by this CA generation."""
    certificate = work.certificates.find(serial)
    if certificate is None or certificate.issuer != issuer:
        return ocsp.Unknown()
    if certificate.stopped is None:
        return ocsp.Good()
    return ocsp.Revoked(
        at=certificate.stopped, reason=certificate.reason or StopReason.UNSPECIFIED
    )


def _responders(box: Box, *, at: datetime) -> list[tuple[Authority, Responder]]:
    """Each living CA with a responder certificate that is good now."""
    with box.store.look() as work:
        living = [
            known
            for known in work.statuses.authorities()
            if known.not_before <= at <= known.not_after
        ]
        good = {known.name: _good(work, known, at=at) for known in living}
    return [
        (known, good[known.name] or _renew_responder(known, box, at=at))
        for known in living
    ]


def _good(work: Work, authority: Authority, *, at: datetime) -> Responder | None:
    return next(
        (
            responder
            for responder in reversed(tuple(work.statuses.responders(authority.name)))
            if responder.not_before <= at <= responder.not_after
        ),
        None,
    )


def _renew_responder(authority: Authority, box: Box, *, at: datetime) -> Responder:
    """A new key and certificate for answering, as short-lived as the profile says."""
    key = make_id("ocsp", box.random(ID_BYTES))
    public_key = box.signer.create(key)
    with box.store.work() as work:
        known = _good(work, authority, at=at)
        if known is not None:
            return known
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
        return responder


def current_list(
    issuer: str, box: Box, *, municipality: str | None = None
) -> RevocationList:
    """The CRL that holds now: the latest, or a new one if that has run out.

    Lists are made anew every day (profile section 1.5): one made today holds until
    the next midnight in Japan, whatever happens in between.
    """
    at = box.clock.now().replace(microsecond=0)
    with box.store.look() as work:
        latest = work.statuses.latest_list(issuer, municipality=municipality)
    if latest is not None and latest.this_update <= at < latest.next_update:
        return latest
    return publish_list(issuer, box, municipality=municipality)


def publish_list(
    issuer: str, box: Box, *, municipality: str | None = None, actor: str = "box"
) -> RevocationList:
    """Make and publish a new CRL now, in place of the one that holds."""
    at = box.clock.now().replace(microsecond=0)
    next_update = _midnight_after(at)
    with box.store.work() as work:
        authority = next(
            (known for known in work.statuses.authorities() if known.name == issuer),
            None,
        )
        if authority is None:
            raise Missing("authority", issuer)
        latest = work.statuses.latest_list(issuer, municipality=municipality)
        sequence = latest.number + 1 if latest else 1
        revocations = RevocationList(
            issuer=issuer,
            municipality=municipality,
            number=sequence,
            this_update=at,
            next_update=next_update,
            der=crl.revocation_list(
                signing(authority, box),
                (
                    crl.Revocation(
                        serial=stopped.serial,
                        at=stopped.stopped or at,
                        reason=stopped.reason or StopReason.UNSPECIFIED,
                    )
                    for stopped in work.statuses.stopped(
                        issuer, municipality=municipality
                    )
                ),
                number=sequence,
                this_update=at,
                next_update=next_update,
                profile=profile_of(box),
                partition=municipality_of(municipality) if municipality else None,
            ),
        )
        work.statuses.add_list(revocations)
        work.journal.write(
            Entry(
                municipality=municipality or NATIONWIDE,
                at=at,
                actor=actor,
                action="publish_list",
                subjects=(issuer,),
                facts={"number": str(sequence)},
            )
        )
    return revocations


def _midnight_after(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
