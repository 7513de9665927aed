"""Revocation lists, seen by outside readers; and how long a large one takes."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.days import JST
from mynabox.law.municipality import municipality
from mynabox.lifecycle.certificate import StopReason
from mynabox.pki.certificate import Authority, ca_certificate
from mynabox.pki.crl import Revocation, revocation_list
from mynabox.pki.crl_entry import entry, split
from mynabox.pki.profile import Addresses, specimen
from mynabox.pki.reading import read_certificate
from mynabox.ports import written

Run = Callable[..., str]
Pem = Callable[..., Path]
Issue = Callable[..., bytes]

MADE = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
NEXT = MADE + timedelta(days=1)
KIYOSE = municipality("132217")


def listed(authority: Authority, *revocations: Revocation, **changes: object) -> bytes:
    values: dict[str, object] = {
        "number": 41,
        "this_update": MADE,
        "next_update": NEXT,
        "profile": specimen(),
    } | changes
    return revocation_list(authority, revocations, **values)  # type: ignore[arg-type]


def stop(serial: int, reason: StopReason) -> Revocation:
    return Revocation(serial, datetime(2026, 2, 28, 3, 4, 5, tzinfo=UTC), reason)


def test_a_list_reads_back(signature_ca: Authority) -> None:
    encoded = listed(
        signature_ca, *(stop(n, reason) for n, reason in enumerate(StopReason, 100))
    )
    parsed = x509.load_der_x509_crl(encoded)
    ca = x509.load_der_x509_certificate(signature_ca.certificate)
    assert parsed.is_signature_valid(ca.public_key())  # type: ignore[arg-type]
    assert (parsed.last_update_utc, parsed.next_update_utc) == (MADE, NEXT)
    number = parsed.extensions.get_extension_for_class(x509.CRLNumber).value
    assert number.crl_number == 41
    key = parsed.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert key.key_identifier == signature_ca.facts.key_identifier
    seen = {}
    for each in parsed:
        reasons = [one.value.reason.value for one in each.extensions]
        seen[each.serial_number] = reasons
        assert each.revocation_date_utc == datetime(2026, 2, 28, 3, 4, 5, tzinfo=UTC)
    assert seen == {
        100: [],
        101: ["keyCompromise"],
        102: ["affiliationChanged"],
        103: ["superseded"],
        104: ["cessationOfOperation"],
        105: ["certificateHold"],
    }


def test_an_empty_list_has_no_list_of_entries(signature_ca: Authority) -> None:
    """RFC 5280 section 5.1.2.6: absent, not empty."""
    parsed = x509.load_der_x509_crl(listed(signature_ca))
    assert len(parsed) == 0
    without = len(listed(signature_ca))
    assert len(listed(signature_ca, stop(1, StopReason.UNSPECIFIED))) == without + 22


@pytest.mark.parametrize("with_uri", [False, True])
def test_a_partition_names_the_point_its_certificates_name(
    with_uri: bool,
    signature_ca: Authority,
    issue_signature: Issue,
    addresses: Addresses,
) -> None:
    profile = specimen().with_uri(addresses) if with_uri else specimen()
    parsed = x509.load_der_x509_crl(
        listed(signature_ca, profile=profile, partition=KIYOSE)
    )
    extension = parsed.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert extension.critical
    names = tuple(name.value for name in extension.value.full_name or ())
    leaf = read_certificate(issue_signature(profile=profile))
    assert names == leaf.distribution_points
    assert len(names) == (2 if with_uri else 1)


@given(
    entries=st.lists(
        st.tuples(
            st.integers(1, 2**159 - 1),
            st.datetimes(
                datetime(1990, 1, 1),  # noqa: DTZ001
                datetime(2090, 1, 1),  # noqa: DTZ001
                timezones=st.just(UTC),
            ),
            st.sampled_from(StopReason),
        ),
        max_size=8,
    )
)
def test_any_entries_read_back(
    entries: list[tuple[int, datetime, StopReason]], signature_ca: Authority
) -> None:
    parsed = x509.load_der_x509_crl(
        listed(signature_ca, *(Revocation(*each) for each in entries))
    )
    assert [(one.serial_number, one.revocation_date_utc) for one in parsed] == [
        (serial, at.replace(microsecond=0)) for serial, at, _ in entries
    ]


def test_a_serial_number_has_a_length(signature_ca: Authority) -> None:
    with pytest.raises(ValueError, match="20 octets"):
        listed(signature_ca, stop(2**159, StopReason.SUPERSEDED))


def test_a_list_must_end_after_it_begins(signature_ca: Authority) -> None:
    with pytest.raises(ValueError, match="replaced after"):
        listed(signature_ca, next_update=MADE)


def test_a_hundred_thousand_entries_take_under_a_second(
    signature_ca: Authority,
) -> None:
    reasons = list(StopReason)
    rows = [
        Revocation(2**31 + n, MADE - timedelta(seconds=n), reasons[n % len(reasons)])
        for n in range(100_000)
    ]
    started = time.process_time()
    encoded = revocation_list(
        signature_ca,
        rows,
        number=1,
        this_update=MADE,
        next_update=NEXT,
        profile=specimen(),
    )
    assert time.process_time() - started < 1
    assert len(x509.load_der_x509_crl(encoded)) == 100_000


@pytest.mark.interop
@pytest.mark.parametrize("partition", [None, KIYOSE], ids=["whole", "partition"])
@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (None, "OK"),
        (StopReason.SUPERSEDED, "revoked"),
        (StopReason.CERTIFICATE_HOLD, "revoked"),
    ],
)
def test_openssl_checks_a_certificate_against_it(
    reason: StopReason | None,
    verdict: str,
    partition: object,
    signature_ca: Authority,
    issue_signature: Issue,
    pem: Pem,
    run: Run,
) -> None:
    entries = [stop(5, StopReason.SUPERSEDED)]
    if reason is not None:
        entries.append(stop(20_000_001, reason))
    encoded = listed(signature_ca, *entries, partition=partition)
    said = run(
        "openssl", "verify", "-x509_strict", "-crl_check",
        "-attime", str(int((MADE + timedelta(hours=1)).timestamp())),
        "-CAfile", pem(signature_ca.certificate),
        "-CRLfile", pem(encoded, "X509 CRL"),
        pem(issue_signature()),
        status=0 if reason is None else 2,
    )  # fmt: skip
    assert verdict in said


@pytest.mark.interop
def test_openssl_refuses_the_list_of_another_municipality(
    signature_ca: Authority, issue_signature: Issue, pem: Pem, run: Run
) -> None:
    encoded = listed(signature_ca, partition=municipality("082201"))
    said = run(
        "openssl", "verify", "-crl_check",
        "-attime", str(int((MADE + timedelta(hours=1)).timestamp())),
        "-CAfile", pem(signature_ca.certificate),
        "-CRLfile", pem(encoded, "X509 CRL"),
        pem(issue_signature()),
        status=2,
    )  # fmt: skip
    assert "crl scope" in said.lower()


@pytest.mark.interop
def test_openssl_and_gnutls_print_it(
    signature_ca: Authority, pem: Pem, run: Run
) -> None:
    encoded = listed(
        signature_ca, stop(20_000_001, StopReason.CERTIFICATE_HOLD), partition=KIYOSE
    )
    said = run(
        "openssl", "crl", "-inform", "DER", "-noout", "-text", "-verify",
        "-CAfile", pem(signature_ca.certificate), into=encoded,
    )  # fmt: skip
    assert "verify OK" in said
    assert "Serial Number: 01312D01" in said
    assert "Certificate Hold" in said
    assert "CN = Kiyose-shi CRLDP" in said or "CN=Kiyose-shi CRLDP" in said
    said = run("certtool", "--crl-info", "--inder", into=encoded)
    assert "Revoked certificates (1)" in said
    assert "Serial Number (hex): 01312d01" in said


@pytest.mark.interop
def test_gnutls_verifies_it(
    signature_ca: Authority, machine_now: datetime, pem: Pem, run: Run
) -> None:
    """certtool knows no time but the machine's, so the list is made for it."""
    ca = ca_certificate(
        specimen(),
        signature_ca.kind,
        public_key=signature_ca.facts.public_key,
        sign=signature_ca.sign,
        serial=1,
        issued=machine_now - timedelta(days=1),
    )
    encoded = listed(
        replace(signature_ca, certificate=ca),
        stop(5, StopReason.SUPERSEDED),
        this_update=machine_now - timedelta(hours=1),
        next_update=machine_now + timedelta(days=1),
    )
    said = run(
        "certtool", "--verify-crl",
        "--load-ca-certificate", pem(ca),
        "--infile", pem(encoded, "X509 CRL"),
    )  # fmt: skip
    assert "Verification output: Verified" in said


@given(
    entries=st.lists(
        st.tuples(
            st.integers(1, 2**63 - 1),
            st.datetimes(
                datetime(1990, 1, 1),  # noqa: DTZ001
                datetime(2090, 1, 1),  # noqa: DTZ001
                timezones=st.just(JST),
            ),
            st.sampled_from(StopReason),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_entries_that_are_ready_make_the_same_octets(
    entries: list[tuple[int, datetime, StopReason, bool]], signature_ca: Authority
) -> None:
    """joined or not, from moments or from their texts"""
    one_by_one = [Revocation(serial, at, reason) for serial, at, reason, _ in entries]
    ready = [
        entry(Revocation(serial, written(at), reason)) if is_ready else one
        for (serial, at, reason, is_ready), one in zip(entries, one_by_one, strict=True)
    ]
    meant = listed(signature_ca, *one_by_one)
    assert listed(signature_ca, *ready) == meant  # type: ignore[arg-type]
    joined = b"".join(map(entry, one_by_one))
    assert listed(signature_ca, joined) == meant  # type: ignore[arg-type]
    assert list(split(joined)) == [(one.serial, entry(one)) for one in one_by_one]
