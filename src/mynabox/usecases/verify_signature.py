"""A verifier hands in what was signed: a CMS document, a PDF, or bare octets.

What it is told: whether the signature holds, whether its certificate is good, and, of
a signature certificate, who it names.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.pki.algorithms import algorithm_of, verify
from mynabox.pki.cms import NotSigned, cms_verify
from mynabox.pki.pdf import pdf_signatures
from mynabox.pki.reading import CertificateFacts
from mynabox.ports import Box
from mynabox.usecases.check_certificate import (
    Checked,
    Wanted,
    demand_right,
    entry,
    judge,
    note,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FourItems:
    """The four items as a certificate or the register has them; ``repr`` hides them.

    ``sex``  1 male, 2 female, 3 unknown, as certificates write it
    ``born`` year, month, day, with 00 where unknown: ``1990-03-31``
    """

    name: str
    born: str
    sex: str
    address: str

    def __repr__(self) -> str:
        return "FourItems(····)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One signature, and what it is worth.

    ``cause``       empty where the signature itself holds
    ``holder``      whom a signature certificate names; told where it is these
                    authorities' own and the signature holds, good or not
    ``signed_at``   what the signer claims; nobody vouches for it
    ``place``       the form field of a PDF in which it stands
    ``covers_all``  nothing was added to the document since
    """

    cause: str
    checked: Checked
    holder: FourItems | None = field(default=None, repr=False)
    signed_at: datetime | None = None
    place: str = ""
    covers_all: bool = True

    @property
    def valid(self) -> bool:
        """Whether it may be relied on: it holds, and its certificate is good."""
        return not self.cause and self.checked.good


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Everything that was found in what was handed in.

    ``cause``  why there is nothing to judge; empty where there is
    """

    digest: str
    signatures: tuple[Seen, ...]
    cause: str = ""

    @property
    def valid(self) -> bool:
        """Whether there are signatures and every one may be relied on."""
        return bool(self.signatures) and all(one.valid for one in self.signatures)


def verify_cms(
    signed: bytes,
    document: bytes | None,
    verifier: Verifier,
    box: Box,
    *,
    wanted: Wanted,
) -> Verified:
    """Judge a CMS SignedData; ``document`` where it is detached."""
    demand_right(verifier, Right.SIGNATURE)
    digest = _digest(signed if document is None else document)
    try:
        found = cms_verify(signed, document)
    except NotSigned as error:
        return _nothing(digest, error.cause)
    return _all(
        digest,
        [
            Seen(
                cause="",
                checked=judge(
                    one.signer.encoded, CertificateKind.SIGNATURE, box, wanted=wanted
                ),
                signed_at=one.signed_at,
            )
            for one in found
        ],
        verifier,
        box,
        what="cms",
    )


def verify_pdf(
    document: bytes, verifier: Verifier, box: Box, *, wanted: Wanted
) -> Verified:
    """Judge every signature in a PDF."""
    demand_right(verifier, Right.SIGNATURE)
    with box.store.look() as work:
        anchors = [
            one.der
            for one in work.statuses.authorities()
            if one.kind is CertificateKind.SIGNATURE
        ]
    digest = _digest(document)
    try:
        found = pdf_signatures(document, anchors=anchors, at=box.clock.now())
    except NotSigned as error:
        return _nothing(digest, error.cause)
    return _all(
        digest,
        [
            Seen(
                cause=one.cause,
                checked=judge(
                    one.signer, CertificateKind.SIGNATURE, box, wanted=wanted
                ),
                signed_at=one.signed_at,
                place=one.field,
                covers_all=one.covers_all,
            )
            for one in found
        ],
        verifier,
        box,
        what="pdf",
    )


def verify_raw(
    data: bytes,
    signature: bytes,
    certificate: bytes,
    kind: CertificateKind,
    verifier: Verifier,
    box: Box,
    *,
    wanted: Wanted,
) -> Verified:
    """Judge a bare signature of a card over octets that the verifier made."""
    demand_right(
        verifier,
        Right.SIGNATURE if kind is CertificateKind.SIGNATURE else Right.AUTHENTICATION,
    )
    checked = judge(certificate, kind, box, wanted=wanted)
    cause = "" if holds(checked.facts, signature=signature, data=data) else "signature"
    return _all(
        _digest(data), [Seen(cause=cause, checked=checked)], verifier, box, what="raw"
    )


def holds(facts: CertificateFacts | None, *, signature: bytes, data: bytes) -> bool:
    """Whether a bare signature over data is of this certificate's key."""
    if facts is None:
        return False
    try:
        algorithm = algorithm_of(facts.public_key)
    except ValueError:
        return False
    return verify(facts.public_key, algorithm, signature=signature, data=data)


def named_in(facts: CertificateFacts) -> FourItems | None:
    """Whom a signature certificate names; None for one that names nobody."""
    items = facts.four_items
    born = items.get(4, "")
    if not {1, 3, 4, 5} <= set(items) or len(born) != 9:
        return None
    return FourItems(
        name=items[1],
        born=f"{born[1:5]}-{born[5:7]}-{born[7:9]}",
        sex=items[3],
        address=items[5],
    )


def _all(
    digest: str, seen: list[Seen], verifier: Verifier, box: Box, *, what: str
) -> Verified:
    told = []
    for one in seen:
        checked = one.checked
        note(
            entry(
                checked,
                "verify_signature",
                verifier,
                what=what,
                holds=one.cause or "yes",
            ),
            box,
        )
        named = not one.cause and checked.certificate is not None and checked.facts
        told.append(
            Seen(
                cause=one.cause,
                checked=checked,
                holder=named_in(named) if named else None,
                signed_at=one.signed_at,
                place=one.place,
                covers_all=one.covers_all,
            )
        )
    return Verified(digest=digest, signatures=tuple(told))


def _nothing(digest: str, cause: str) -> Verified:
    return Verified(digest=digest, signatures=(), cause=cause)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
