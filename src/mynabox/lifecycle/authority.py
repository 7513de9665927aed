"""The certificate authority's own things: generations, responders, lists."""

from dataclasses import dataclass
from datetime import datetime

from mynabox.lifecycle.certificate import CertificateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One generation of one of the two CAs.

    ``name``  e.g. ``signature-01``; also the label of its key
    ``der``   the self-signed certificate
    """

    name: str
    kind: CertificateKind
    generation: int
    der: bytes
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """A certificate with which OCSP answers are signed, for one CA."""

    issuer: str
    key: str
    der: bytes
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """A signed CRL.

    ``municipality``  whose part of the CA's certificates it covers; None for all
    ``base``          number of the list that a delta list adds to; None for a list
                      that stands by itself
    """

    issuer: str
    municipality: str | None
    number: int
    this_update: datetime
    next_update: datetime
    der: bytes
    base: int | None = None
