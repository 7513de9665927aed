"""A certificate as a form: what all holders of a municipality have in common is made
once, and each certificate fills in serial number, validity, name, key and, for signing,
the four items.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from mynabox.law.municipality import Municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import algorithms, der
from mynabox.pki import extensions as ext
from mynabox.pki.algorithms import Sign
from mynabox.pki.crl_entry import MAX_SERIAL_OCTETS
from mynabox.pki.names import (
    SEQUENCE,
    SEQUENCES,
    Name,
    authentication_subject,
    signature_subject,
)
from mynabox.pki.profile import Profile, end_of_day
from mynabox.pki.reading import read_certificate

CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"

_VERSION_3 = der.explicit(0, der.integer(2))
_EXTENSIONS, _SHA1_OCTETS = 0xA3, ext.KEY_IDENTIFIER_OCTETS
_KEPT = 4096
"""Forms, and validities, that are kept: more than there are municipalities."""
_TOO_LONG = 1 << 8 * MAX_SERIAL_OCTETS - 1
"""No serial number is as large."""


def check_serial(serial: int) -> None:
    """Raises ``ValueError`` for what is no serial number (RFC 5280 section 4.1.2.2)."""
    if serial <= 0 or serial.bit_length() // 8 + 1 > MAX_SERIAL_OCTETS:
        raise ValueError("a serial number is a positive integer of at most 20 octets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The certificates of one kind under one CA generation in one municipality.

    ``names_holder``   whether they bear the holder's four items
    ``algorithm``      AlgorithmIdentifier of their signatures
    ``issuer``         that algorithm and the issuer's name
    ``place``          the attributes of the subject ahead of its common name
    ``ahead``          extensions ahead of the holder's alternative name
    ``behind``         extensions behind it, up to the subject key identifier
    ``first, last``    the validity of the CA certificate
    """

    names_holder: bool
    algorithm: bytes
    issuer: bytes
    place: bytes
    ahead: bytes
    behind: bytes
    first: datetime
    last: datetime

    def issue(
        self,
        sign: Sign,
        *,
        serial: int,
        issued: datetime,
        last_day: date,
        common_name: str,
        public_key: bytes,
        alternative_name: bytes = b"",
    ) -> bytes:
        """The certificate in DER. ``alternative_name`` is what
        :func:`mynabox.pki.holder.alternative_name` gives; only certificates for
        signing have one. Raises ``ValueError`` for what cannot be certified."""
        signed_part = self.filled(
            serial=serial,
            issued=issued,
            last_day=last_day,
            common_name=common_name,
            public_key=public_key,
            alternative_name=alternative_name,
        )
        return self.signed(signed_part, sign(signed_part))

    def signed(self, signed_part: bytes, signature: bytes) -> bytes:
        """The certificate in DER, of what :meth:`filled` gave and its signature."""
        return der.sequence(signed_part, self.algorithm, der.bit_string(signature))

    def filled(
        self,
        *,
        serial: int,
        issued: datetime,
        last_day: date,
        common_name: str,
        public_key: bytes,
        alternative_name: bytes = b"",
    ) -> bytes:
        """The part that is signed (TBSCertificate)."""
        return self.begun(issued=issued, common_name=common_name).filled(
            serial, last_day, public_key, alternative_name
        )

    def begun(
        self, *, issued: datetime, common_name: str, numbered: bool = False
    ) -> "Begun":
        """The form with all that certificates of one moment have in common; raises
        ``ValueError`` if the CA certificate is not valid at it.

        ``numbered``  the five digits of sequence in the common name are those in which
                      each certificate's serial number ends, whatever they are here
        """
        if not self.first <= issued <= self.last:
            raise ValueError("the CA certificate is not valid at the moment of issue")
        cn = _common_name(common_name)
        subject = der.header(der.SEQUENCE, len(self.place) + len(cn)) + self.place + cn
        ahead, behind = len(subject), len(subject)
        if numbered:
            ahead, behind = (
                len(subject) - len(common_name) + place
                for place in (SEQUENCE.start, SEQUENCE.stop)
            )
        return Begun(
            names_holder=self.names_holder,
            issued=issued,
            issuer=self.issuer,
            subject=subject[:ahead],
            numbered=numbered,
            counter=subject[behind:],
            ahead=self.ahead,
            behind=self.behind,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A form of one moment and one municipality, to be filled in for each holder.

    ``subject``   the name of the subject, up to a sequence that each certificate has
                  of its own
    ``numbered``  whether there is such a sequence
    ``counter``   what stands behind it; the others as in :class:`Template`
    """

    names_holder: bool
    issued: datetime
    issuer: bytes
    subject: bytes
    numbered: bool
    counter: bytes
    ahead: bytes
    behind: bytes

    def filled(
        self,
        serial: int,
        last_day: date,
        public_key: bytes,
        alternative_name: bytes = b"",
    ) -> bytes:
        """The part that is signed (TBSCertificate); raises ``ValueError`` for what
        cannot be certified."""
        if not 0 < serial < _TOO_LONG:
            check_serial(serial)
        if bool(alternative_name) is not self.names_holder:
            raise ValueError("the four items stand in certificates for signing only")
        ahead, behind = self.ahead, self.behind
        head = _named_head(len(alternative_name)) if alternative_name else b""
        size = (
            len(ahead) + len(head) + len(alternative_name) + len(behind) + _SHA1_OCTETS
        )
        return der.sequence(
            _VERSION_3,
            der.integer(serial),
            self.issuer,
            _validity(self.issued, last_day),
            self.subject,
            b"%05d" % (serial % SEQUENCES) if self.numbered else b"",
            self.counter,
            public_key,
            _extensions_head(size),
            ahead,
            head,
            alternative_name,
            behind,
            algorithms.certified_key_identifier(public_key),
        )


@lru_cache(maxsize=_KEPT)
def _extensions_head(size: int) -> bytes:
    """What stands ahead of extensions of so many octets."""
    inner = der.header(der.SEQUENCE, size)
    return der.header(_EXTENSIONS, len(inner) + size) + inner


@lru_cache(maxsize=_KEPT)
def _named_head(size: int) -> bytes:
    """What stands ahead of an alternative name of so many octets."""
    return ext.extension(ext.SUBJECT_ALT, bytes(size))[:-size]


@lru_cache(maxsize=_KEPT)
def template_of(
    profile: Profile,
    kind: CertificateKind,
    certificate: bytes,
    authority: str,
    municipality: Municipality,
) -> Template:
    """The form for one CA generation, of whom ``certificate`` is the certificate, and
    one municipality; ``authority`` is what addresses call the generation."""
    facts = read_certificate(certificate)
    signs = kind is CertificateKind.SIGNATURE
    ahead = [ext.key_usage(ext.DIGITAL_SIGNATURE)]
    if signs:
        ahead = [ext.key_usage(ext.DIGITAL_SIGNATURE, ext.NON_REPUDIATION)]
    elif profile.client_auth:
        ahead.append(ext.extended(CLIENT_AUTH))
    subject = (
        signature_subject("", municipality) if signs else authentication_subject("")
    )
    behind = ext.holders(
        profile,
        kind,
        municipality,
        authority=authority,
        public_key=facts.public_key,
    )
    algorithm = algorithms.identifier(algorithms.algorithm_of(facts.public_key))
    return Template(
        names_holder=signs,
        algorithm=algorithm,
        issuer=algorithm + facts.subject,
        place=b"".join(
            each.encoded
            for each in der.read(Name(subject.attributes[:-1]).encode()).children()
        ),
        ahead=b"".join(ahead),
        behind=b"".join((*behind, ext.subject_key_head())),
        first=facts.not_before,
        last=facts.not_after,
    )


@lru_cache(maxsize=_KEPT)
def _validity(issued: datetime, last_day: date) -> bytes:
    until = end_of_day(last_day)
    if issued > until:
        raise ValueError("a certificate cannot end before it is issued")
    return der.sequence(der.x509_time(issued), der.x509_time(until))


@lru_cache(maxsize=_KEPT)
def _common_name(common_name: str) -> bytes:
    named = der.read(Name((("CN", common_name),)).encode())
    return named.children()[0].encoded
