"""Extensions of certificates in DER, one function each, in the words of the profile."""

from collections.abc import Iterable

from mynabox.law.municipality import Municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import algorithms, der
from mynabox.pki.profile import Profile

KEY_USAGE, SUBJECT_ALT, ISSUER_ALT, BASIC = (
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.19",
)
CRL_POINTS, POLICIES, AUTHORITY_KEY, EXTENDED, SUBJECT_KEY = (
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.35",
    "2.5.29.37",
    "2.5.29.14",
)
_AUTHORITY_ACCESS, _OCSP_ACCESS = "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1"
_CPS_QUALIFIER = "1.3.6.1.5.5.7.2.1"
DIGITAL_SIGNATURE, NON_REPUDIATION, CERT_SIGN, CRL_SIGN = 0, 1, 5, 6


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """One extension."""
    name = der.oid(oid) + der.boolean(True) if critical else der.oid(oid)
    return der.sequence(name, der.header(der.OCTET_STRING, len(value)), value)


def key_usage(*bits: int) -> bytes:
    """What the key may be used for, critical."""
    return extension(KEY_USAGE, der.named_bits(*bits), critical=True)


def extended(*purposes: str) -> bytes:
    """What else the key may be used for."""
    return extension(EXTENDED, der.sequence(*map(der.oid, purposes)))


def crl_points(*names: bytes) -> bytes:
    """One DistributionPoint per name, each a fullName."""
    return extension(
        CRL_POINTS,
        der.sequence(
            *(der.sequence(der.explicit(0, der.explicit(0, name))) for name in names)
        ),
    )


def authority_key(public_key: bytes) -> bytes:
    """By which key the issuer is found."""
    key = algorithms.key_identifier(public_key)
    return extension(AUTHORITY_KEY, der.sequence(der.implicit(0, key)))


def subject_key(public_key: bytes) -> bytes:
    """By which name this key is found."""
    key = algorithms.key_identifier(public_key)
    return extension(SUBJECT_KEY, der.octet_string(key))


def subject_key_head() -> bytes:
    """What stands before the 20 octets of a subject key identifier."""
    whole = extension(SUBJECT_KEY, der.octet_string(bytes(KEY_IDENTIFIER_OCTETS)))
    return whole[:-KEY_IDENTIFIER_OCTETS]


KEY_IDENTIFIER_OCTETS = 20


def holders(
    profile: Profile,
    kind: CertificateKind,
    municipality: Municipality,
    *,
    authority: str,
    public_key: bytes,
) -> Iterable[bytes]:
    """Policies, issuer name, revocation list, addresses and the issuer's key: the same
    for every holder of a municipality. ``authority`` is what addresses call the CA
    generation, ``public_key`` is its key."""
    points = [profile.partition(kind, municipality).general()]
    policy = der.sequence(
        der.oid(profile.policy(kind)),
        der.sequence(
            der.sequence(
                der.oid(_CPS_QUALIFIER),
                der.tlv(der.IA5_STRING, profile.cps.encode("ascii")),
            )
        ),
    )
    access = []
    if profile.addresses is not None:
        points.append(_uri(profile.addresses.crl(authority, municipality)))
        ocsp = der.sequence(der.oid(_OCSP_ACCESS), _uri(profile.addresses.ocsp()))
        access.append(extension(_AUTHORITY_ACCESS, der.sequence(ocsp)))
    return [
        extension(POLICIES, der.sequence(policy), critical=True),
        extension(
            ISSUER_ALT, der.sequence(profile.issuer_alternative_name().general())
        ),
        crl_points(*points),
        *access,
        authority_key(public_key),
    ]


def _uri(address: str) -> bytes:
    return der.implicit(6, address.encode("ascii"))
