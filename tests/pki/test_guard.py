"""The guard rail: official names and genuine keys never enter."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.algorithms import Sign
from mynabox.pki.certificate import Authority, ca_certificate
from mynabox.pki.guard import Genuine, refuse_genuine, refuse_official_name
from mynabox.pki.names import JST, Name
from mynabox.pki.profile import production_shape, specimen
from mynabox.pki.reading import read_certificate

AGENCY = "Japan Agency for Local Authority Information Systems"


@pytest.mark.parametrize(
    "attributes",
    [
        (
            ("C", "JP"),
            ("O", "JPKI"),
            ("OU", "JPKI for digital signature"),
            ("OU", AGENCY),
        ),
        (("C", "JP"), ("O", "JPKI"), ("OU", "anything")),
        (("C", "JP"), ("O", "JPKI-TEST"), ("OU", AGENCY)),
        (("C", "JP"), ("O", "jpki ")),
        (("C", "JP"), ("O", "ＪＰＫＩ")),
        (("C", "JP"), ("O", "Mine"), ("OU", AGENCY.replace(" ", "  ").upper())),
    ],
)
def test_official_names_are_refused(attributes: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(Genuine):
        refuse_official_name(Name(attributes))


@pytest.mark.parametrize("kind", CertificateKind)
def test_our_own_names_pass(kind: CertificateKind) -> None:
    for profile in (specimen(), production_shape()):
        refuse_official_name(profile.ca_name(kind))
        refuse_official_name(profile.responder_name(kind))


@pytest.mark.parametrize(
    "change", [{"organisation": "JPKI"}, {"unit": AGENCY}, {"organisation": "Ｊｐｋｉ"}]
)
def test_no_ca_is_made_under_an_official_name(
    change: dict[str, str], keys: Mapping[str, tuple[bytes, Sign]]
) -> None:
    public, sign = keys["signature-ca"]
    with pytest.raises(Genuine):
        ca_certificate(
            replace(specimen(), **change),  # type: ignore[arg-type]
            CertificateKind.SIGNATURE,
            public_key=public,
            sign=sign,
            serial=1,
            issued=datetime(2024, 1, 1, tzinfo=JST),
        )


@pytest.mark.parametrize(
    "key",
    [
        "0D034CBB34D0714F45E45A1CAFD8FD143FAB54A7",
        "9567951B5CA70D84A0FFF1D85A87F1AAB1340385",
        "D21EA55895617E93ADBF966B941AB4EDF653F08F",
        "1AC100F596A3BC8C4B3DF195E32699249E9E308A",
    ],
)
@pytest.mark.parametrize("place", ["key_identifier", "authority_key_identifier"])
def test_a_certificate_naming_a_genuine_key_is_refused(
    key: str, place: str, issue_signature: Callable[..., bytes]
) -> None:
    """Both a genuine root and anything issued under it."""
    ours = read_certificate(issue_signature())
    refuse_genuine(ours)
    with pytest.raises(Genuine, match="key of the genuine service"):
        refuse_genuine(replace(ours, **{place: bytes.fromhex(key)}))  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["subject", "issuer"])
def test_a_certificate_under_an_official_name_is_refused(
    place: str, signature_ca: Authority
) -> None:
    name = Name((("C", "JP"), ("O", "JPKI"), ("OU", AGENCY))).encode()
    with pytest.raises(Genuine, match="name"):
        refuse_genuine(replace(signature_ca.facts, **{place: name}))  # type: ignore[arg-type]
