"""Signatures inside PDF documents (PAdES, ISO 32000 section 12.8), taken apart by
pyHanko. Whether their signers are trusted is ``verify``'s word."""

import io
import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mynabox.pki.cms import NotSigned
from mynabox.pki.reading import UNREADABLE, NotACertificate, read_certificate

for _name in ("pyhanko", "pyhanko_certvalidator"):
    # What they have to say is about somebody's document: it stays out of every log.
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSignature:
    """One signature in a PDF.

    ``field``        name of the form field it stands in
    ``signer``       the signer's certificate, DER
    ``cause``        empty where it holds; else a stable code: ``document_changed``,
                     ``signature``, ``coverage``, ``changed_afterwards``,
                     ``seed_values``
    ``covers_all``   nothing at all was added to the file since
    ``signed_at``    the moment the signer claims; nobody vouches for it
    """

    field: str
    signer: bytes
    cause: str
    covers_all: bool
    signed_at: datetime | None


def pdf_signatures(
    document: bytes, *, anchors: Sequence[bytes], at: datetime
) -> tuple[PdfSignature, ...]:
    """Every signature in a PDF, in their order; raises ``NotSigned`` and nothing else
    for bytes that are no PDF or bear none.

    ``anchors``  CA certificates in DER: pyHanko wants to know whom one trusts
    """
    from pyhanko.pdf_utils.misc import PdfError  # slow to load and rarely needed
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError

    unreadable = (
        *UNREADABLE,
        PdfError,
        SigningError,
        RecursionError,
        AssertionError,
        ArithmeticError,
        zlib.error,
    )
    try:
        reader = PdfFileReader(io.BytesIO(document))
        if reader.encrypted:
            raise NotSigned("the document is encrypted")
        embedded = list(reader.embedded_regular_signatures)
    except unreadable as error:
        raise NotSigned("unreadable") from error
    if not embedded:
        raise NotSigned("nobody signed")
    try:
        return tuple(_one(signature, anchors, at) for signature in embedded)
    except NotSigned:
        raise
    except unreadable as error:
        raise NotSigned("unreadable") from error


def _one(embedded: Any, anchors: Sequence[bytes], at: datetime) -> PdfSignature:
    from asn1crypto import x509
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    status = validate_pdf_signature(
        embedded,
        ValidationContext(
            trust_roots=[x509.Certificate.load(anchor) for anchor in anchors],
            allow_fetching=False,
            revocation_mode="soft-fail",
            moment=at.astimezone(UTC),
        ),
    )
    signer = status.signing_cert.dump()
    try:
        read_certificate(signer)
    except NotACertificate:
        raise NotSigned("a certificate in it cannot be read") from None
    cause = ""
    if not status.intact:
        cause = "document_changed"
    elif not status.valid:
        cause = "signature"
    elif status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        cause = "coverage"
    elif not (status.docmdp_ok or status.modification_level is None):
        cause = "changed_afterwards"
    elif not status.seed_value_ok:
        cause = "seed_values"
    claimed = status.signer_reported_dt
    return PdfSignature(
        field=str(embedded.field_name),
        signer=signer,
        cause=cause,
        covers_all=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        signed_at=claimed.astimezone(UTC) if claimed and claimed.tzinfo else None,
    )
