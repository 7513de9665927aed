"""The key ceremony of a CA, with witnesses and a transcript (鍵生成セレモニー)."""

from dataclasses import dataclass
from hashlib import sha1, sha256

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.pki.algorithms import RSA_SHA256, algorithm_of
from mynabox.pki.profile import number
from mynabox.pki.reading import read_certificate
from mynabox.ports import Box
from mynabox.usecases.certify import profile_of
from mynabox.usecases.open_box import open_box
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.verify_authorities import verify_authorities

_GROUP = 4
"""Hexadecimal digits that are read out together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """Who takes part, and what is made.

    ``keys_in``  where the keys are kept, for the transcript: a token, sealed files
    ``kinds``    CAs whose next generation is made; the first generations of both are
                 made in any case
    """

    operator: str
    witnesses: tuple[str, ...]
    keys_in: str
    kinds: tuple[CertificateKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What happened, to be printed and signed; ``digest`` stands in the journal."""

    text: str
    digest: str
    authorities: tuple[Authority, ...]


def hold_ceremony(ask: Ceremony, box: Box) -> Transcript:
    """Make the keys and certificates that are to be made, check them before everyone,
    and write down what happened.

    Refused without enough witnesses, and where there is nothing to make. A ceremony
    that breaks off is held again: keys without certificates are found and used.
    """
    present = tuple(dict.fromkeys(name.strip() for name in ask.witnesses))
    needed = number("ceremony_witnesses")
    if len([name for name in present if name and name != ask.operator]) < needed:
        raise Refused("ceremony.too_few_witnesses", needed=str(needed))
    began = box.clock.now()
    opened = open_box(box)
    made = opened.authorities if opened.made else ()
    made += tuple(
        roll_over(kind, box, actor=ask.operator)
        for kind in ask.kinds
        if not opened.made
    )
    if not made:
        raise Refused("ceremony.nothing_to_make")
    checked = verify_authorities(box)
    ended = box.clock.now()
    profile = profile_of(box)
    lines = [
        "KEY CEREMONY (SPECIMEN: a mynabox box, not a genuine authority)",
        "",
        f"Began      {began.isoformat(timespec='seconds')}",
        f"Ended      {ended.isoformat(timespec='seconds')}",
        f"Operator   {ask.operator}",
        *(f"Witness    {name}" for name in present),
        f"Keys in    {ask.keys_in}",
        "",
        *(line for authority in made for line in _told(authority, profile.ca_years)),
        (
            f"Checked    {checked.authorities} authorities, {checked.responders} "
            f"responders, {checked.certificates} certificates: "
            f"{len(checked.mismatches)} mismatches"
        ),
        *(f"MISMATCH   {one.what}: {one.code}" for one in checked.mismatches),
        "",
        "WRITE DOWN, each by hand and apart from the machine:",
        *(
            f"  {authority.name}  {grouped(sha256(authority.der).hexdigest())}"
            for authority in made
        ),
        "",
        "Signatures",
        *(f"  {name}: ______________________" for name in (ask.operator, *present)),
        "",
    ]
    text = "\n".join(lines)
    digest = sha256(text.encode()).hexdigest()
    with box.store.work() as work:
        work.journal.write(
            Entry(
                municipality=NATIONWIDE,
                at=ended,
                actor=ask.operator,
                action="hold_ceremony",
                subjects=tuple(authority.name for authority in made),
                facts={
                    "witnesses": ", ".join(present),
                    "transcript": digest,
                    "mismatches": str(len(checked.mismatches)),
                },
            )
        )
    return Transcript(text=text, digest=digest, authorities=made)


def grouped(digits: str) -> str:
    """Digits in groups that can be read out and compared."""
    return " ".join(
        digits[at : at + _GROUP].upper() for at in range(0, len(digits), _GROUP)
    )


def _told(authority: Authority, years: int) -> list[str]:
    facts = read_certificate(authority.der)
    rsa = algorithm_of(facts.public_key) == RSA_SHA256
    return [
        f"Authority  {authority.name}",
        f"  key           {'RSA-2048' if rsa else 'P-384'}, made for this certificate",
        f"  public key    SHA-256 {sha256(facts.public_key).hexdigest()}",
        f"  serial        {facts.serial}",
        (
            f"  valid         {authority.not_before.isoformat()} to "
            f"{authority.not_after.isoformat()} ({years} years)"
        ),
        f"  certificate   SHA-256 {sha256(authority.der).hexdigest()}",
        "                SHA-1   "
        + sha1(authority.der, usedforsecurity=False).hexdigest(),
        "",
    ]
