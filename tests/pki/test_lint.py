"""Every certificate that a resident of any kind can be given is without fault."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynabox.law.municipality import municipalities, municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import der
from mynabox.pki.algorithms import Sign, identifier
from mynabox.pki.certificate import (
    Authority,
    authentication_certificate,
    ca_certificate,
    responder_certificate,
    signature_certificate,
)
from mynabox.pki.holder import BirthDate, Holder
from mynabox.pki.lint import Role, lint
from mynabox.pki.names import JST, common_name
from mynabox.pki.profile import Addresses, production_shape, specimen

Keys = Mapping[str, tuple[bytes, Sign]]
ADDRESSES = Addresses(base="http://127.0.0.1:8780")
SHAPES = {
    "specimen": specimen(),
    "specimen with URI": specimen().with_uri(ADDRESSES),
    "production shape": production_shape(),
    "production shape with URI": production_shape().with_uri(ADDRESSES),
    "next card": specimen().for_next_card(),
    "next card with URI": specimen().for_next_card().with_uri(ADDRESSES),
    "without client authentication": replace(specimen(), client_auth=False),
}
CA_ISSUED = datetime(2026, 4, 1, 9, 0, tzinfo=JST)
CODES = tuple(one.code6 for one in municipalities())

TEXTS = st.text(
    st.characters(
        codec="utf-8", categories=("L", "M", "N", "P", "Zs", "S"), max_codepoint=0x2FA1F
    ),
    min_size=1,
    max_size=40,
).filter(lambda text: bool(text.strip()))
"""Any letters whatever: kanji outside JIS, Latin, Thai, combining marks, symbols."""
WISHES = st.sampled_from("高崎吉斎アカ")


@pytest.fixture(scope="session")
def authorities(keys: Keys) -> dict[tuple[str, CertificateKind], Authority]:
    """A CA of each shape and kind, P-384 for the next card."""
    found = {}
    for name, profile in SHAPES.items():
        for kind in CertificateKind:
            label = "ca-next-p384" if profile.elliptic else f"{kind.value}-ca"
            public, sign = keys[label]
            found[name, kind] = Authority(
                kind=kind,
                name=f"{kind.value}-01",
                sign=sign,
                certificate=ca_certificate(
                    profile,
                    kind,
                    public_key=public,
                    sign=sign,
                    serial=1,
                    issued=CA_ISSUED,
                ),
            )
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", CertificateKind)
def test_authorities_and_responders(
    shape: str,
    kind: CertificateKind,
    keys: Keys,
    authorities: dict[tuple[str, CertificateKind], Authority],
) -> None:
    authority, profile = authorities[shape, kind], SHAPES[shape]
    own = authority.certificate
    assert lint(own, issuer=own, role=Role.AUTHORITY, profile=profile) == ()
    responder = responder_certificate(
        profile,
        authority,
        public_key=keys["signature-responder"][0],
        serial=3,
        issued=CA_ISSUED + timedelta(days=3, seconds=5),
        until=CA_ISSUED + timedelta(days=33, seconds=5),
    )
    assert lint(responder, issuer=own, role=Role.RESPONDER, profile=profile) == ()


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_every_resident(
    data: st.DataObject,
    keys: Keys,
    authorities: dict[tuple[str, CertificateKind], Authority],
) -> None:
    """any name, address, birth date, sex, municipality, shape and number"""
    shape = data.draw(st.sampled_from(sorted(SHAPES)))
    profile = SHAPES[shape]
    place = municipality(data.draw(st.sampled_from(CODES)))
    issued = data.draw(
        st.datetimes(
            min_value=CA_ISSUED.replace(tzinfo=None),
            max_value=CA_ISSUED.replace(tzinfo=None, year=2030),
            timezones=st.just(JST),
        )
    )
    last_day = issued.date() + timedelta(days=data.draw(st.integers(0, 2000)))
    serial = data.draw(st.integers(1, 2**63 - 1))
    name, address = data.draw(TEXTS), data.draw(TEXTS)
    born = data.draw(st.dates(date(1868, 9, 8), date(2026, 3, 31)))
    holder = Holder(
        name=name,
        born=data.draw(
            st.sampled_from(
                [
                    BirthDate.of(born),
                    BirthDate(born.year, born.month),
                    BirthDate(born.year),
                    BirthDate(0),
                ]
            )
        ),
        sex=data.draw(st.sampled_from("1239")),
        address=address,
        chosen=data.draw(
            st.dictionaries(st.sampled_from(sorted({*name, *address})), WISHES)
        ),
    )
    named = common_name(
        requested=issued,
        counter=f"{place.code6[:5]}003A",
        sequence=data.draw(st.one_of(st.none(), st.integers(0, 99999))),
    )
    signature = authorities[shape, CertificateKind.SIGNATURE]
    authentication = authorities[shape, CertificateKind.AUTHENTICATION]
    for role, authority, encoded in (
        (
            Role.SIGNATURE,
            signature,
            signature_certificate(
                profile,
                signature,
                public_key=keys["holder-signature"][0],
                serial=serial,
                issued=issued,
                last_day=last_day,
                common_name=named,
                municipality=place,
                holder=holder,
            ),
        ),
        (
            Role.AUTHENTICATION,
            authentication,
            authentication_certificate(
                profile,
                authentication,
                public_key=keys["holder-authentication"][0],
                serial=serial,
                issued=issued,
                last_day=last_day,
                common_name=named,
                municipality=place,
            ),
        ),
    ):
        found = lint(encoded, issuer=authority.certificate, role=role, profile=profile)
        assert found == ()


Change = Callable[[bytes], bytes]


def _resigned(sign: Sign, encoded: bytes, change: Change) -> bytes:
    """The certificate with other content under a right signature."""
    outside = der.read(encoded).children()
    inside = change(outside[0].encoded)
    return der.sequence(
        inside,
        identifier("1.2.840.113549.1.1.11"),
        der.bit_string(sign(inside)),
    )


def _swap(old: bytes, new: bytes) -> Change:
    assert len(old) == len(new)

    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_swap("幹也".encode(), "𠮷a".encode() + b"b"), "substitute_flags"),
        (_swap("清瀬".encode(), "ＡＢ".encode()), None),
        (_swap("黒".encode(), "한".encode()), "outside_the_repertoire"),
        (_swap(b"319800217", b"31980021x"), "birth_date"),
        (_swap(b"319800217", b"619800217"), "birth_date"),
        (_swap(b"300217145959Z", b"300217150000Z"), "does_not_end_with_a_day"),
        (_swap(b"300217145959Z", b"340217145959Z"), "outlives_its_issuer"),
        (_swap(b"\x13\x02JP", b"\x0c\x02JP"), "issuer_name_differs"),
        (_swap(b"20251027103015", b"20251327103015"), "common_name_form"),
        (_swap(b"\x03\x02\x06\xc0", b"\x03\x02\x07\x80"), "key_usage"),
        (
            _swap(bytes.fromhex("0603551d200101ff"), bytes.fromhex("0603551d21010100")),
            "unreadable",
        ),
    ],
)
def test_the_checks_see_faults(
    change: Change,
    code: str | None,
    issue_signature: Callable[..., bytes],
    signature_ca: Authority,
) -> None:
    """each fault alone, well signed"""
    bent = _resigned(signature_ca.sign, issue_signature(), change)
    found = lint(
        bent,
        issuer=signature_ca.certificate,
        role=Role.SIGNATURE,
        profile=specimen(),
    )
    codes = {one.code for one in found}
    assert (code in codes) if code else codes == set()


def test_one_role_is_not_another(
    issue_signature: Callable[..., bytes],
    issue_authentication: Callable[..., bytes],
    signature_ca: Authority,
    authentication_ca: Authority,
) -> None:
    """crossed roles, hierarchies and shapes are all faults"""
    for encoded, issuer, role, profile in (
        (issue_signature(), signature_ca, Role.AUTHENTICATION, specimen()),
        (issue_authentication(), authentication_ca, Role.SIGNATURE, specimen()),
        (issue_signature(), authentication_ca, Role.SIGNATURE, specimen()),
        (issue_signature(), signature_ca, Role.SIGNATURE, production_shape()),
        (
            issue_signature(),
            signature_ca,
            Role.SIGNATURE,
            specimen().with_uri(ADDRESSES),
        ),
        (signature_ca.certificate, signature_ca, Role.SIGNATURE, specimen()),
    ):
        assert lint(encoded, issuer=issuer.certificate, role=role, profile=profile)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_bent_octet_passes(
    at: int, bit: int, issue_signature: Callable[..., bytes], signature_ca: Authority
) -> None:
    """a flipped bit anywhere is a fault, and never an exception"""
    encoded = bytearray(_ISSUED.setdefault("one", issue_signature()))
    encoded[at % len(encoded)] ^= 1 << bit
    assert lint(
        bytes(encoded),
        issuer=signature_ca.certificate,
        role=Role.SIGNATURE,
        profile=specimen(),
    )


_ISSUED: dict[str, bytes] = {}
