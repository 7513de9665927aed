"""Certificates of the box, seen by outside readers and by our own."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.municipality import municipalities, municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki import der
from mynabox.pki.algorithms import Sign, key_identifier
from mynabox.pki.certificate import Authority, ca_certificate, responder_certificate
from mynabox.pki.names import JST
from mynabox.pki.profile import (
    Addresses,
    ca_last_day,
    parameters,
    production_shape,
    specimen,
)
from mynabox.pki.reading import read_certificate

DATA = Path(__file__).parent / "data"
Run = Callable[..., str]
Issue = Callable[..., bytes]
Pem = Callable[[bytes], Path]
TEXT = ("openssl", "x509", "-inform", "DER", "-noout", "-text", "-nameopt", "utf8")


@pytest.mark.interop
@pytest.mark.parametrize("which", ["signature", "authentication", "signature-ca"])
def test_openssl_prints_the_certificate_as_written_down(
    which: str,
    issue_signature: Issue,
    issue_authentication: Issue,
    signature_ca: Authority,
    run: Run,
) -> None:
    """The golden texts are the whole output of ``openssl x509 -text``.

    Versions of OpenSSL differ in the spaces around ``=`` alone.
    """
    encoded = {
        "signature": issue_signature,
        "authentication": issue_authentication,
        "signature-ca": lambda: signature_ca.certificate,
    }[which]()
    golden = (DATA / f"{which}.txt").read_text("utf-8")
    said = run(*TEXT, into=encoded)
    assert said.replace(" = ", "=") == golden.replace(" = ", "=")


@pytest.mark.interop
def test_asn1parse_finds_the_four_items_in_card_order(
    issue_signature: Issue, run: Run
) -> None:
    facts = x509.load_der_x509_certificate(issue_signature())
    names = facts.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    encoded = names.value.public_bytes()
    said = run("openssl", "asn1parse", "-inform", "DER", "-i", into=encoded)
    order = re.findall(r"1\.2\.392\.200149\.8\.5\.5\.(\d)", said)
    assert order == ["1", "4", "3", "5", "2", "6"]
    assert said.count("UTF8STRING") == 6


def test_the_published_vector_reads_back(issue_signature: Issue) -> None:
    facts = read_certificate(issue_signature())
    assert facts.personal == (
        (1, "黒桐　幹也"),
        (4, "319800217"),
        (3, "1"),
        (5, "東京都清瀬市観布子南１２－７－２０２"),
        (2, "00000"),
        (6, "0" * 18),
    )
    assert facts.not_after == datetime(2030, 2, 17, 14, 59, 59, tzinfo=UTC)
    assert facts.policies == frozenset({"1.2.392.200149.8.5.1.0.20"})
    assert facts.key_usage == frozenset({"digitalSignature", "nonRepudiation"})


def test_an_authentication_certificate_tells_nothing_of_the_holder(
    issue_authentication: Issue,
) -> None:
    facts = read_certificate(issue_authentication())
    assert facts.personal == ()
    subject = x509.load_der_x509_certificate(facts.encoded).subject
    assert [attribute.oid._name for attribute in subject] == [
        "countryName",
        "commonName",
    ]
    assert facts.key_usage == frozenset({"digitalSignature"})


def test_client_auth_is_a_parameter_of_the_profile(
    issue_authentication: Issue,
) -> None:
    without = replace(specimen(), client_auth=False)
    assert read_certificate(issue_authentication()).extended_key_usage == frozenset(
        {"1.3.6.1.5.5.7.3.2"}
    )
    facts = read_certificate(issue_authentication(profile=without))
    assert facts.extended_key_usage is None
    assert parameters()["client_auth"].confidence == "assumed"


def test_with_uri_adds_addresses_and_nothing_else(
    issue_signature: Issue, addresses: Addresses
) -> None:
    plain = read_certificate(issue_signature())
    reachable = read_certificate(
        issue_signature(profile=specimen().with_uri(addresses))
    )
    assert plain.ocsp_addresses == ()
    assert reachable.ocsp_addresses == ("http://127.0.0.1:8780/ocsp",)
    assert reachable.distribution_points == (
        *plain.distribution_points,
        "http://127.0.0.1:8780/crl/signature/132217.crl",
    )


def test_production_shape_has_genuine_policies_and_names_of_our_own(
    keys: Mapping[str, tuple[bytes, Sign]], issue_authentication: Issue
) -> None:
    public, sign = keys["authentication-ca"]
    ca = ca_certificate(
        production_shape(),
        CertificateKind.AUTHENTICATION,
        public_key=public,
        sign=sign,
        serial=1,
        issued=datetime(2024, 1, 1, tzinfo=JST),
    )
    authority = Authority(
        kind=CertificateKind.AUTHENTICATION, certificate=ca, sign=sign
    )
    facts = read_certificate(
        issue_authentication(profile=production_shape(), authority=authority)
    )
    assert facts.policies == frozenset({"1.2.392.200149.8.5.1.3.30"})
    assert "mynabox specimen" in str(production_shape().ca_name(authority.kind))
    assert ("O", "JPKI") not in production_shape().ca_name(authority.kind).attributes


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (datetime(2015, 10, 20, 11, 40, 28, tzinfo=JST), date(2025, 10, 19)),
        (datetime(2023, 7, 16, 0, 50, 27, tzinfo=UTC), date(2033, 7, 15)),
        (datetime(2023, 7, 15, 15, 0, 0, tzinfo=UTC), date(2033, 7, 15)),
        (datetime(2024, 2, 29, 12, 0, 0, tzinfo=JST), date(2034, 2, 28)),
    ],
    ids=["signature 01", "signature 03", "midnight in Japan", "leap day"],
)
def test_a_ca_lives_to_the_eve_of_its_tenth_year(issued: datetime, last: date) -> None:
    assert ca_last_day(issued) == last


def test_the_ca_profile_has_no_authority_key_policies_or_access(
    signature_ca: Authority,
) -> None:
    certificate = x509.load_der_x509_certificate(signature_ca.certificate)
    certificate.verify_directly_issued_by(certificate)
    assert [extension.oid._name for extension in certificate.extensions] == [
        "keyUsage",
        "subjectAltName",
        "basicConstraints",
        "cRLDistributionPoints",
        "subjectKeyIdentifier",
    ]
    assert [extension.critical for extension in certificate.extensions] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_a_p384_key_uses_sha384(
    keys: Mapping[str, tuple[bytes, Sign]], issue_signature: Issue
) -> None:
    public, sign = keys["ca-next-p384"]
    ca = ca_certificate(
        specimen(),
        CertificateKind.SIGNATURE,
        public_key=public,
        sign=sign,
        serial=3,
        issued=datetime(2024, 1, 1, tzinfo=JST),
    )
    authority = Authority(kind=CertificateKind.SIGNATURE, certificate=ca, sign=sign)
    leaf = issue_signature(authority=authority, public_key=keys["holder-p384"][0])
    issuer = x509.load_der_x509_certificate(ca)
    certificate = x509.load_der_x509_certificate(leaf)
    certificate.verify_directly_issued_by(issuer)
    assert certificate.signature_algorithm_oid.dotted_string == "1.2.840.10045.4.3.3"


@pytest.mark.interop
def test_openssl_accepts_the_chain(
    issue_signature: Issue, signature_ca: Authority, pem: Pem, run: Run
) -> None:
    moment = str(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()))
    leaf, ca = pem(issue_signature()), pem(signature_ca.certificate)
    said = run(
        "openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", ca, leaf
    )
    assert said.endswith("OK\n")


@pytest.mark.interop
def test_gnutls_accepts_the_chain(
    issue_signature: Issue,
    keys: Mapping[str, tuple[bytes, Sign]],
    machine_now: datetime,
    pem: Pem,
    run: Run,
) -> None:
    """certtool knows no time but the machine's, so the chain is issued for it."""
    public, sign = keys["signature-ca"]
    kind, yesterday = CertificateKind.SIGNATURE, machine_now - timedelta(days=1)
    ca = ca_certificate(
        specimen(), kind, public_key=public, sign=sign, serial=1, issued=yesterday
    )
    leaf = issue_signature(
        authority=Authority(kind=kind, certificate=ca, sign=sign),
        issued=yesterday,
        last_day=(machine_now + timedelta(days=365)).date(),
    )
    said = run(
        "certtool", "--verify", "--load-ca-certificate", pem(ca), "--infile", pem(leaf)
    )
    assert "Chain verification output: Verified." in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"serial": 0}, "positive"),
        ({"serial": -1}, "positive"),
        ({"serial": 2**159}, "20 octets"),
        ({"last_day": date(2025, 10, 26)}, "cannot end before"),
        ({"issued": datetime(2033, 7, 16, tzinfo=JST)}, "CA certificate is not valid"),
        ({"issued": datetime(2025, 10, 27)}, "time zone|offset-naive"),  # noqa: DTZ001
        ({"public_key": b"\x30\x00"}, "SubjectPublicKeyInfo|public key"),
    ],
)
def test_what_cannot_be_certified_is_refused(
    change: dict[str, object], message: str, issue_signature: Issue
) -> None:
    change = dict(change)
    if "issued" in change:
        change["last_day"] = date(2040, 1, 1)
    with pytest.raises((ValueError, TypeError), match=message):
        issue_signature(**change)


def test_a_ca_issues_only_its_own_kind(
    issue_signature: Issue, authentication_ca: Authority
) -> None:
    with pytest.raises(ValueError, match="issues no signature certificate"):
        issue_signature(authority=authentication_ca)


def test_the_responder_is_delegated_and_unchecked(
    signature_ca: Authority, keys: Mapping[str, tuple[bytes, Sign]]
) -> None:
    issued = datetime(2026, 1, 1, tzinfo=JST)
    facts = read_certificate(
        responder_certificate(
            specimen(),
            signature_ca,
            public_key=keys["signature-responder"][0],
            serial=9,
            issued=issued,
            until=issued + timedelta(days=30),
        )
    )
    assert facts.no_check
    assert facts.extended_key_usage == frozenset({"1.3.6.1.5.5.7.3.9"})
    assert facts.key_usage == frozenset({"digitalSignature"})
    assert not facts.is_ca


def test_every_municipality_can_be_certified(issue_signature: Issue) -> None:
    seen = set()
    for one in municipalities()[::97]:
        facts = read_certificate(issue_signature(municipality=one))
        subject = x509.load_der_x509_certificate(facts.encoded).subject
        seen.add(subject.rfc4514_string())
    assert len(seen) == len(municipalities()[::97])


@given(
    serial=st.integers(min_value=1, max_value=2**159 - 1),
    issued=st.integers(0, 6 * 365 * 86400).map(
        lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    years=st.integers(min_value=0, max_value=40),
)
def test_any_serial_and_day_reads_back(
    serial: int,
    issued: datetime,
    years: int,
    issue_authentication: Issue,
) -> None:
    last = (issued + timedelta(days=1 + 365 * years)).date()
    facts = read_certificate(
        issue_authentication(serial=serial, issued=issued, last_day=last)
    )
    assert facts.serial == serial
    assert facts.not_before == issued.replace(microsecond=0)
    assert facts.not_after == datetime(
        last.year, last.month, last.day, 14, 59, 59, tzinfo=UTC
    )


def test_key_identifiers_chain(issue_signature: Issue, signature_ca: Authority) -> None:
    leaf = read_certificate(issue_signature())
    assert leaf.authority_key_identifier == signature_ca.facts.key_identifier
    assert signature_ca.facts.key_identifier == key_identifier(
        signature_ca.facts.public_key
    )


def test_a_partition_is_named_like_the_published_ones() -> None:
    name = specimen().partition(CertificateKind.SIGNATURE, municipality("132217"))
    assert str(name) == (
        "C=JP, O=JPKI-TEST, OU=JPKI for digital signature, "
        "OU=CRL Distribution Points, OU=Tokyo-to, CN=Kiyose-shi CRLDP"
    )
    assert der.read(name.encode()).tag == der.SEQUENCE
