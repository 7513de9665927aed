"""Certificates filled into a form are, to the octet, those of a general builder."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto.core import UTF8String
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_public_key,
    load_pem_private_key,
)
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynabox.law.municipality import Municipality, municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.algorithms import Sign
from mynabox.pki.certificate import (
    Authority,
    authentication_certificate,
    ca_certificate,
    signature_certificate,
    template,
)
from mynabox.pki.der import integer
from mynabox.pki.holder import BirthDate, Holder, alternative_name
from mynabox.pki.names import JST, Name, common_name
from mynabox.pki.profile import Profile, end_of_day
from mynabox.pki.reading import read_certificate
from mynabox.pki.repertoire import substitute
from tests.pki.conftest import ISSUED, LAST_DAY
from tests.pki.test_lint import CA_ISSUED, CODES, SHAPES, TEXTS, WISHES

Keys = Mapping[str, tuple[bytes, Sign]]
_TYPES = {
    "C": NameOID.COUNTRY_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}
SIGNATURE = CertificateKind.SIGNATURE


def name(attributes: tuple[tuple[str, str], ...]) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(_TYPES[kind], value) for kind, value in attributes]
    )


def directory(given: Name) -> x509.DirectoryName:
    return x509.DirectoryName(name(given.attributes))


def built(
    profile: Profile,
    kind: CertificateKind,
    ca: bytes,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    serial: int,
    issued: datetime,
    last_day: date,
    cn: str,
    place: Municipality,
    public_key: bytes,
    holder: Holder,
) -> x509.Certificate:
    """The profile of rules.md 1.2 and 1.3 said once more, in another library's words."""
    signs = kind is SIGNATURE
    issuer = x509.load_der_x509_certificate(ca)
    where = (("L", place.roman_prefecture), ("L", place.roman_name)) if signs else ()
    builder = (
        x509.CertificateBuilder()
        .issuer_name(issuer.subject)
        .subject_name(name((("C", "JP"), *where, ("CN", cn))))
        .serial_number(serial)
        .not_valid_before(issued)
        .not_valid_after(end_of_day(last_day))
        .public_key(load_der_public_key(public_key))  # type: ignore[arg-type]
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=signs,
                **dict.fromkeys(
                    (
                        *("key_encipherment", "data_encipherment", "key_agreement"),
                        *("key_cert_sign", "crl_sign", "encipher_only"),
                        "decipher_only",
                    ),
                    False,
                ),
            ),
            critical=True,
        )
    )
    if signs:
        items = (
            (1, substitute(holder.name, holder.chosen).text),
            (4, holder.born.code()),
            (3, holder.sex),
            (5, substitute(holder.address, holder.chosen).text),
            (2, substitute(holder.name, holder.chosen).flags),
            (6, substitute(holder.address, holder.chosen).flags),
        )
        builder = builder.add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.OtherName(
                        x509.ObjectIdentifier(f"1.2.392.200149.8.5.5.{arc}"),
                        UTF8String(text).dump(),
                    )
                    for arc, text in items
                ]
            ),
            critical=False,
        )
    elif profile.client_auth:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
    policy = x509.ObjectIdentifier(profile.policy(kind))
    points: list[x509.GeneralName] = [directory(profile.partition(kind, place))]
    if profile.addresses is not None:
        address = profile.addresses.crl(f"{kind.value}-01", place)
        points.append(x509.UniformResourceIdentifier(address))
    builder = (
        builder.add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(policy, [profile.cps])]),
            critical=True,
        )
        .add_extension(
            x509.IssuerAlternativeName([directory(profile.issuer_alternative_name())]),
            critical=False,
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([one], None, None, None) for one in points]
            ),
            critical=False,
        )
    )
    if profile.addresses is not None:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier(profile.addresses.ocsp()),
        )
        builder = builder.add_extension(
            x509.AuthorityInformationAccess([access]), critical=False
        )
    own = x509.SubjectKeyIdentifier.from_public_key
    return (
        builder.add_extension(
            x509.AuthorityKeyIdentifier(own(issuer.public_key()).digest, None, None),
            critical=False,
        )
        .add_extension(own(load_der_public_key(public_key)), critical=False)  # type: ignore[arg-type]
        .sign(key, SHA384() if profile.elliptic else SHA256())
    )


@pytest.fixture(scope="session")
def issuers(keys: Keys) -> dict[tuple[str, CertificateKind], Authority]:
    found = {}
    for shape, profile in SHAPES.items():
        for kind in CertificateKind:
            public, sign = keys[_label(profile, kind)]
            ca = ca_certificate(
                profile, kind, public_key=public, sign=sign, serial=1, issued=CA_ISSUED
            )
            found[shape, kind] = Authority(
                kind=kind, name=f"{kind.value}-01", sign=sign, certificate=ca
            )
    return found


def _label(profile: Profile, kind: CertificateKind) -> str:
    return "ca-next-p384" if profile.elliptic else f"{kind.value}-ca"


def _private(label: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    path = Path(__file__).parent / "data" / f"{label}.key"
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    shape=st.sampled_from(sorted(SHAPES)),
    kind=st.sampled_from(CertificateKind),
    serial=st.integers(1, 2**159 - 1),
    issued=st.integers(0, 9 * 365 * 86400),
    days=st.integers(1, 12 * 365),
    code=st.sampled_from(CODES),
    holder=st.builds(
        Holder,
        name=TEXTS,
        born=st.dates(date(1890, 1, 1), date(2026, 1, 1)).map(BirthDate.of),
        sex=st.sampled_from("123"),
        address=TEXTS,
        chosen=st.dictionaries(TEXTS.map(lambda text: text[0]), WISHES, max_size=2),
    ),
    with_sequence=st.booleans(),
)
def test_any_resident_gets_the_same_octets(
    shape: str,
    kind: CertificateKind,
    serial: int,
    issued: int,
    days: int,
    code: str,
    holder: Holder,
    with_sequence: bool,
    keys: Keys,
    issuers: dict[tuple[str, CertificateKind], Authority],
) -> None:
    """RSA signatures too, because PKCS #1 v1.5 signs the same octets alike"""
    profile, authority = SHAPES[shape], issuers[shape, kind]
    at = CA_ISSUED + timedelta(seconds=issued)
    values = {
        "serial": serial,
        "issued": at,
        "last_day": at.date() + timedelta(days=days),
        "public_key": keys[f"holder-{kind.value}"][0],
    }
    cn = common_name(
        requested=at,
        counter=f"{code[:5]}003A",
        sequence=serial % 100_000 if with_sequence else None,
    )
    place = municipality(code)
    if kind is SIGNATURE:
        made = signature_certificate(
            profile,
            authority,
            common_name=cn,
            municipality=place,
            holder=holder,
            **values,  # type: ignore[arg-type]
        )
    else:
        made = authentication_certificate(
            profile,
            authority,
            common_name=cn,
            municipality=place,
            **values,  # type: ignore[arg-type]
        )
    meant = built(
        profile,
        kind,
        authority.certificate,
        _private(_label(profile, kind)),
        cn=cn,
        place=place,
        holder=holder,
        **values,  # type: ignore[arg-type]
    )
    assert read_certificate(made).signed_part == meant.tbs_certificate_bytes
    if not profile.elliptic:
        assert made == meant.public_bytes(Encoding.DER)


def test_the_published_vector_through_the_form(
    signature_ca: Authority, keys: Keys, holder: Holder
) -> None:
    """rules.md 1.3: era digit, blank and hyphens full-width, no flag set"""
    place = municipality("132217")
    form = template(SHAPES["specimen"], signature_ca, place)
    filled = form.filled(
        serial=20_000_001,
        issued=ISSUED,
        last_day=LAST_DAY,
        common_name="20251027103015132210001",
        public_key=keys["holder-signature"][0],
        alternative_name=alternative_name(holder),
    )
    for said in ("黒桐　幹也", "東京都清瀬市観布子南１２－７－２０２", "319800217"):
        assert UTF8String(said).dump() in filled
    for text in (holder.name, holder.address):
        assert UTF8String("0" * len(text)).dump() in filled
    assert (
        hashlib.sha1(keys["holder-signature"][0][24:], usedforsecurity=False).digest()
        == filled[-20:]
    )
    assert template(SHAPES["specimen"], signature_ca, place) is form


@pytest.mark.parametrize(
    ("kind", "items", "said"),
    [
        (SIGNATURE, b"", "for signing only"),
        (CertificateKind.AUTHENTICATION, b"\x30\x00", "for signing only"),
    ],
)
def test_the_four_items_stand_where_they_belong(
    kind: CertificateKind,
    items: bytes,
    said: str,
    keys: Keys,
    issuers: dict[tuple[str, CertificateKind], Authority],
) -> None:
    form = template(
        SHAPES["specimen"], issuers["specimen", kind], municipality("132217")
    )
    with pytest.raises(ValueError, match=said):
        form.filled(
            serial=1,
            issued=datetime(2026, 11, 20, tzinfo=JST),
            last_day=date(2031, 1, 1),
            common_name="1",
            public_key=keys["holder-signature"][0],
            alternative_name=items,
        )


@pytest.mark.parametrize(
    ("seconds", "begins"),
    [
        (("first", -1), False),
        (("first", 0), True),
        (("last", 0), True),
        (("last", 1), False),
    ],
)
def test_a_form_is_begun_while_its_ca_certificate_is_valid(
    seconds: tuple[str, int],
    begins: bool,
    issuers: dict[tuple[str, CertificateKind], Authority],
) -> None:
    form = template(
        SHAPES["specimen"], issuers["specimen", SIGNATURE], municipality("132217")
    )
    end, ahead = seconds
    moment = getattr(form, end) + timedelta(seconds=ahead)
    if begins:
        assert form.begun(issued=moment, common_name="1").issued == moment
        return
    with pytest.raises(ValueError, match="not valid at the moment"):
        form.begun(issued=moment, common_name="1")


@pytest.mark.parametrize("serial", [-1, 0, 1, 1 << 63, (1 << 159) - 1, 1 << 159])
def test_serial_numbers_have_twenty_octets_at_most(
    serial: int, keys: Keys, issuers: dict[tuple[str, CertificateKind], Authority]
) -> None:
    """RFC 5280 section 4.1.2.2"""
    authentication = CertificateKind.AUTHENTICATION
    form = template(
        SHAPES["specimen"], issuers["specimen", authentication], municipality("132217")
    ).begun(issued=CA_ISSUED, common_name="1")
    holder = keys["holder-authentication"][0]
    if 0 < serial < 1 << 159:
        assert integer(serial) in form.filled(serial, LAST_DAY, holder)
        return
    with pytest.raises(ValueError, match="a serial number"):
        form.filled(serial, LAST_DAY, holder)


def test_keys_that_cannot_be_certified_are_refused(
    issuers: dict[tuple[str, CertificateKind], Authority], keys: Keys
) -> None:
    authentication = CertificateKind.AUTHENTICATION
    form = template(
        SHAPES["specimen"], issuers["specimen", authentication], municipality("132217")
    ).begun(issued=CA_ISSUED, common_name="1")
    usual = keys["holder-authentication"][0]
    for broken in (b"", usual[:-1], usual + b"\0", usual[:-3] + b"\x02\x01\x02"):
        with pytest.raises(ValueError):
            form.filled(1, LAST_DAY, broken)


@pytest.mark.parametrize("serial", [1, 99_999, 100_000, 4_300_000_007])
def test_a_form_of_one_moment_numbers_its_subjects(
    serial: int, signature_ca: Authority, keys: Keys, holder: Holder
) -> None:
    """RFC 5280 section 4.1.2.6: one subject, one name; the rest as filled in at once"""
    form = template(SHAPES["specimen"], signature_ca, municipality("132217"))
    name, public_key = alternative_name(holder), keys["holder-signature"][0]
    begun, whole = (
        common_name(requested=ISSUED, counter="13221003A", sequence=sequence)
        for sequence in (0, serial % 100_000)
    )
    assert form.begun(issued=ISSUED, common_name=begun, numbered=True).filled(
        serial, LAST_DAY, public_key, name
    ) == form.filled(
        serial=serial,
        issued=ISSUED,
        last_day=LAST_DAY,
        common_name=whole,
        public_key=public_key,
        alternative_name=name,
    )
