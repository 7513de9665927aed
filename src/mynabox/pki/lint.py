"""What every certificate of a box must be, looked at from outside (``lint``).

A second reading of the profile, written against the bytes and not against the
builders: each check names the RFC or section of the profile it holds a certificate
to. An empty result means that nothing was found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mynabox.law.days import JST
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import algorithms, der
from mynabox.pki.guard import Genuine, refuse_genuine
from mynabox.pki.profile import Profile, number
from mynabox.pki.reading import CertificateFacts, NotACertificate, read_certificate
from mynabox.pki.repertoire import in_repertoire

_KEY_USAGE, _SUBJECT_ALT, _ISSUER_ALT, _BASIC = (
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.19",
)
_POINTS, _POLICIES, _AUTHORITY_KEY, _EXTENDED, _SUBJECT_KEY, _ACCESS, _NO_CHECK = (
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.35",
    "2.5.29.37",
    "2.5.29.14",
    "1.3.6.1.5.5.7.1.1",
    "1.3.6.1.5.5.7.48.1.5",
)
_FOUR_ITEMS = (1, 4, 3, 5, 2, 6)
"""Last arcs of the otherNames in the order of cards (profile section 1.3)."""
_UTC_TIME, _PRINTABLE, _UTF8 = 0x17, 0x13, 0x0C
_LAST_UTC_YEAR = 2049
_SERIAL_OCTETS = 20


class Role(StrEnum):
    """What a certificate is for."""

    AUTHORITY = "authority"
    RESPONDER = "responder"
    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: a stable code, and where it is told what should be."""

    code: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extension:
    oid: str
    critical: bool
    value: der.Element


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """A certificate taken apart for the checks."""

    role: Role
    profile: Profile
    facts: CertificateFacts
    issuer: CertificateFacts
    version: der.Element
    serial: der.Element
    validity: list[der.Element]
    subject: der.Element
    extensions: tuple[_Extension, ...]

    @property
    def oids(self) -> tuple[str, ...]:
        return tuple(one.oid for one in self.extensions)

    @property
    def leaf(self) -> bool:
        return self.role in (Role.SIGNATURE, Role.AUTHENTICATION)

    @property
    def kind(self) -> CertificateKind | None:
        return CertificateKind(self.role.value) if self.leaf else None


def lint(
    certificate: bytes, *, issuer: bytes, role: Role, profile: Profile
) -> tuple[Finding, ...]:
    """Every fault found; a CA is its own issuer. Raises nothing for any bytes."""
    try:
        looked = _taken_apart(certificate, issuer, role, profile)
        return tuple(
            Finding(code, source) for check in _CHECKS for code, source in check(looked)
        )
    except (NotACertificate, der.MalformedDer, ValueError, IndexError):
        return (Finding("unreadable", "RFC 5280 section 4.1"),)


Check = Callable[[_Looked], Iterator[tuple[str, str]]]


def _taken_apart(
    certificate: bytes, issuer: bytes, role: Role, profile: Profile
) -> _Looked:
    inside = der.read(certificate).children()[0].children()
    extensions = []
    for one in inside[7].only_child().children():
        oid, *rest = one.children()
        extensions.append(
            _Extension(
                oid=_dotted(oid.content),
                critical=len(rest) == 2 and rest[0].content == b"\xff",
                value=der.read(rest[-1].expect(der.OCTET_STRING).content),
            )
        )
    return _Looked(
        role=role,
        profile=profile,
        facts=read_certificate(certificate),
        issuer=read_certificate(issuer),
        version=inside[0].only_child(),
        serial=inside[1],
        validity=inside[4].children(),
        subject=inside[5],
        extensions=tuple(extensions),
    )


def _dotted(content: bytes) -> str:
    arcs, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def _frame(it: _Looked) -> Iterator[tuple[str, str]]:
    if it.version.as_integer() != 2:
        yield "not_version_3", "RFC 5280 section 4.1.2.1"
    if it.serial.as_integer() <= 0 or len(it.serial.content) > _SERIAL_OCTETS:
        yield "serial_out_of_range", "RFC 5280 section 4.1.2.2"
    if it.facts.issuer != it.issuer.subject:
        yield "issuer_name_differs", "RFC 5280 section 6.1.3"
    if not it.facts.issued_with(it.issuer.public_key):
        yield "signature_differs", "RFC 5280 section 6.1.3"
    if it.facts.signature_algorithm != algorithms.algorithm_of(it.issuer.public_key):
        yield "algorithm_differs", "profile section 1.1"
    if len(set(it.oids)) != len(it.oids):
        yield "extension_twice", "RFC 5280 section 4.2"


def _times(it: _Looked) -> Iterator[tuple[str, str]]:
    first, last = it.facts.not_before, it.facts.not_after
    for moment, element in zip((first, last), it.validity, strict=True):
        if (element.tag == _UTC_TIME) != (moment.year <= _LAST_UTC_YEAR):
            yield "time_encoding", "RFC 5280 section 4.1.2.5"
    if first > last:
        yield "ends_before_it_begins", "RFC 5280 section 4.1.2.5"
    if first < it.issuer.not_before or last > it.issuer.not_after:
        yield "outlives_its_issuer", "RFC 5280 section 6.1"
    if it.role is not Role.RESPONDER:
        end = last.astimezone(JST)
        if (end.hour, end.minute, end.second) != (23, 59, 59):
            yield "does_not_end_with_a_day", "profile section 1.2"
    years = (
        it.profile.ca_years if it.role is Role.AUTHORITY else it.profile.covers_years
    )
    if last - first > timedelta(days=366 * years):
        yield "lasts_too_long", "profile section 1.4"


def _names(it: _Looked) -> Iterator[tuple[str, str]]:
    attributes = [
        part.children() for rdn in it.subject.children() for part in rdn.children()
    ]
    if any(len(rdn.children()) != 1 for rdn in it.subject.children()):
        yield "several_attributes_in_one_rdn", "profile section 1.2"
    types = [_dotted(oid.content) for oid, _ in attributes]
    for kind, (_, value) in zip(types, attributes, strict=True):
        if value.tag != (_PRINTABLE if kind == "2.5.4.6" else _UTF8):
            yield "string_type", "profile section 1.2"
    expected = {
        Role.AUTHORITY: ["C", "O", "OU", "OU"],
        Role.RESPONDER: ["C", "O", "OU", "OU", "CN"],
        Role.SIGNATURE: ["C", "L", "L", "CN"],
        Role.AUTHENTICATION: ["C", "CN"],
    }[it.role]
    short = {
        "2.5.4.6": "C",
        "2.5.4.7": "L",
        "2.5.4.10": "O",
        "2.5.4.11": "OU",
        "2.5.4.3": "CN",
    }
    if [short.get(kind, kind) for kind in types] != expected:
        yield "subject_form", "profile section 1.2"
    elif it.leaf and not _is_request_name(attributes[-1][1].content.decode()):
        yield "common_name_form", "profile section 1.2"
    try:
        refuse_genuine(it.facts)
    except Genuine:
        yield "genuine_service", "guard rail"


def _is_request_name(text: str) -> bool:
    """14 digits of a moment, five of sequence or none, nine of a counter."""
    moment, rest = text[:14], text[14:]
    try:
        datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=JST)
    except ValueError:
        return False
    counter, sequence = rest[-9:], rest[:-9]
    return (
        len(moment) == 14
        and len(counter) == 9
        and counter.isascii()
        and counter.isalnum()
        and (not sequence or (len(sequence) == 5 and sequence.isdecimal()))
    )


def _extensions(it: _Looked) -> Iterator[tuple[str, str]]:
    access = (_ACCESS,) if it.profile.addresses is not None else ()
    usage = (_EXTENDED,) if it.profile.client_auth else ()
    tail = (_POLICIES, _ISSUER_ALT, _POINTS, *access, _AUTHORITY_KEY, _SUBJECT_KEY)
    expected = {
        Role.AUTHORITY: (_KEY_USAGE, _SUBJECT_ALT, _BASIC, _POINTS, _SUBJECT_KEY),
        Role.RESPONDER: (
            *(_KEY_USAGE, _EXTENDED, _NO_CHECK),
            *(_AUTHORITY_KEY, _SUBJECT_KEY),
        ),
        Role.SIGNATURE: (_KEY_USAGE, _SUBJECT_ALT, *tail),
        Role.AUTHENTICATION: (_KEY_USAGE, *usage, *tail),
    }[it.role]
    if it.oids != expected:
        yield "extensions_and_their_order", "profile section 1.2"
    critical = {
        Role.AUTHORITY: {_KEY_USAGE, _BASIC},
        Role.RESPONDER: {_KEY_USAGE},
    }.get(it.role, {_KEY_USAGE, _POLICIES})
    if {one.oid for one in it.extensions if one.critical} != critical:
        yield "critical_marks", "profile section 1.2"
    if it.facts.is_ca != (it.role is Role.AUTHORITY):
        yield "basic_constraints", "RFC 5280 section 4.2.1.9"
    usages = {
        Role.AUTHORITY: {"keyCertSign", "cRLSign"},
        Role.SIGNATURE: {"digitalSignature", "nonRepudiation"},
    }.get(it.role, {"digitalSignature"})
    if set(it.facts.key_usage or ()) != usages:
        yield "key_usage", "profile section 1.2"
    if it.kind is not None and it.facts.policies != {it.profile.policy(it.kind)}:
        yield "policies", "profile section 1.2"
    if (it.profile.addresses is None) != (not it.facts.ocsp_addresses) and it.leaf:
        yield "ocsp_address", "profile section 1.7"


def _keys(it: _Looked) -> Iterator[tuple[str, str]]:
    own = algorithms.key_identifier(it.facts.public_key)
    if it.facts.key_identifier != own:
        yield "subject_key_identifier", "RFC 5280 section 4.2.1.2"
    if it.role is not Role.AUTHORITY:
        if it.facts.authority_key_identifier != it.issuer.key_identifier:
            yield "authority_key_identifier", "RFC 5280 section 4.2.1.1"
        if it.facts.public_key == it.issuer.public_key:
            yield "issuers_own_key", "RFC 5280 section 4.2.1.9"


def _personal(it: _Looked) -> Iterator[tuple[str, str]]:
    personal = it.facts.personal
    if it.role is not Role.SIGNATURE:
        if personal:
            yield "personal_data", "profile section 1.2"
        return
    if tuple(arc for arc, _ in personal) != _FOUR_ITEMS:
        yield "four_items_and_their_order", "profile section 1.3"
        return
    items = dict(personal)
    for text, flags in ((items[1], items[2]), (items[5], items[6])):
        if len(text) != len(flags) or set(flags) - {"0", "1"} or not text:
            yield "substitute_flags", "profile section 1.3"
        if not all(in_repertoire(character) for character in text):
            yield "outside_the_repertoire", "profile section 1.3"
    if items[3] not in ("1", "2", "3", "9"):
        yield "sex", "profile section 1.3"
    born = items[4]
    if not (len(born) == 9 and born.isascii() and born.isdecimal() and born[0] < "6"):
        yield "birth_date", "profile section 1.3"
    if len(items[5]) > number("address_limit"):
        yield "address_too_long", "profile section 1.3"


_CHECKS: tuple[Check, ...] = (
    _frame,
    _times,
    _names,
    _extensions,
    _keys,
    _personal,
)
