"""The two certificates (R130 to R141)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.law.certificates import (
    CertificateKind,
    certificate_expiries,
    certificate_expiry,
    certificate_renewal,
    certificates_needed,
    home_use_needs,
)
from mynabox.law.errors import BadArgument, NotYetInForce
from mynabox.law.validity import renewal_opens

D = date.fromisoformat


def maybe(day: str | None) -> date | None:
    return None if day is None else D(day)


ROWS = [
    # kind, born, issued, card, authentication, renewed from, expiry, why
    ("authentication", "1980-02-17", "2025-10-27", "2035-02-17", None, None, "2030-02-17", "R131, a printed card"),
    ("authentication", "1980-02-17", "2025-02-17", "2035-02-17", None, None, "2030-02-17", "R093: issued on a birthday"),
    ("authentication", "1980-02-17", "2025-02-16", "2035-02-17", None, None, "2029-02-17", "R093: the day before"),
    ("authentication", "1980-02-17", "2025-10-27", "2027-06-30", None, None, "2027-06-30", "R132"),
    ("signature", "1980-02-17", "2025-10-27", "2035-02-17", None, None, "2030-02-17", "no other certificate"),
    ("signature", "1980-02-17", "2025-10-27", "2035-02-17", "2028-01-01", None, "2028-01-01", "R133"),
    ("authentication", "1980-02-17", "2025-10-27", "2035-02-17", "2028-01-01", None, "2030-02-17", "R133 binds signatures only"),
    ("signature", "1980-02-17", "2025-10-27", "2027-06-30", "2028-01-01", None, "2027-06-30", "R132 before R133"),
    ("authentication", "1980-02-17", "2029-12-01", "2035-02-17", None, "2030-02-17", "2035-02-17", "R134: sixth birthday"),
    ("authentication", "1980-02-17", "2029-11-17", "2036-02-17", None, "2030-02-17", "2035-02-17", "R134: first day"),
    ("authentication", "1980-02-17", "2029-11-16", "2036-02-17", None, "2030-02-17", "2034-02-17", "too early for R134"),
    ("authentication", "1980-02-17", "2030-02-17", "2036-02-17", None, "2030-02-17", "2036-02-17", "R134: last day"),
    ("authentication", "1980-02-17", "2030-02-18", "2036-02-17", None, "2030-02-17", "2035-02-17", "lapsed: fifth"),
    ("signature", "2000-02-29", "2023-01-10", "2032-02-29", None, None, "2027-02-28", "R096"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "born", "issued", "card", "other", "renewed", "expiry", "why"), ROWS
)
def test_expiry(
    kind: CertificateKind,
    born: str,
    issued: str,
    card: str,
    other: str | None,
    renewed: str | None,
    expiry: str,
    why: str,
) -> None:
    answer = certificate_expiry(
        kind=kind,
        born=D(born),
        issued=D(issued),
        card_expiry=D(card),
        authentication_expiry=maybe(other),
        renewed_from=maybe(renewed),
    )
    assert answer.value == D(expiry), why


def test_many_at_once_are_as_one_by_one() -> None:
    rows: list[tuple[CertificateKind, date, date, date, date | None]] = [
        (kind, D(born), D(issued), D(card), maybe(other))  # type: ignore[misc]
        for kind, born, issued, card, other, renewed, _, _ in ROWS
        if renewed is None
    ]
    assert list(certificate_expiries(rows)) == [
        certificate_expiry(*row).value for row in rows
    ]


@pytest.mark.parametrize(
    ("born", "issued", "card", "other", "name"),
    [
        ("2025-10-28", "2025-10-27", "2035-02-17", None, "issued"),
        ("1980-02-17", "2025-10-27", "2025-10-26", None, "card_expiry"),
        ("1980-02-17", "2025-10-27", "2035-02-17", "2025-10-26", "authentication_expiry"),
    ],
)  # fmt: skip
def test_many_at_once_refuse_the_same(
    born: str, issued: str, card: str, other: str | None, name: str
) -> None:
    row = ("signature", D(born), D(issued), D(card), maybe(other))
    with pytest.raises(BadArgument, match=f"argument '{name}'") as one:
        certificate_expiry(*row)  # type: ignore[arg-type]
    with pytest.raises(BadArgument) as many:
        list(certificate_expiries([row]))  # type: ignore[list-item]
    assert str(many.value) == str(one.value)


@given(
    kind=st.sampled_from(("signature", "authentication")),
    born=st.dates(D("1920-01-01"), D("2025-01-01")),
    issued=st.dates(D("2020-02-01"), D("2026-11-20")),
    card=st.integers(0, 3660),
    other=st.none() | st.integers(0, 3660),
)
def test_any_of_many_is_as_one(
    kind: CertificateKind, born: date, issued: date, card: int, other: int | None
) -> None:
    if born > issued:
        born, issued = issued, born
    row = (
        *(kind, born, issued, issued + timedelta(card)),
        None if other is None else issued + timedelta(other),
    )
    assert list(certificate_expiries([row])) == [certificate_expiry(*row).value]


def test_rules_of_the_answer() -> None:
    born, issued, card = D("1980-02-17"), D("2025-10-27"), D("2035-02-17")
    plain = certificate_expiry("signature", born, issued, card)
    assert plain.rules == ("R131", "R093", "R132")
    beside = certificate_expiry("signature", born, issued, card, D("2028-01-01"))
    assert beside.rules == ("R131", "R093", "R132", "R133")
    early = certificate_expiry(
        "authentication", born, D("2029-12-01"), card, renewed_from=D("2030-02-17")
    )
    assert early.rules == ("R134", "R093", "R132")
    assert early.disputes[0].source == "seed 003:191"


def test_a_certificate_is_not_issued_on_a_dead_card() -> None:
    born, issued = D("1980-02-17"), D("2025-10-27")
    with pytest.raises(BadArgument, match="'card_expiry'"):
        certificate_expiry("signature", born, issued, D("2025-10-26"))
    assert certificate_expiry("signature", born, issued, issued).value == issued
    with pytest.raises(BadArgument, match="'authentication_expiry'"):
        certificate_expiry("signature", born, issued, D("2035-02-17"), D("2025-10-26"))
    beside = certificate_expiry("signature", born, issued, D("2035-02-17"), issued)
    assert beside.value == issued
    with pytest.raises(BadArgument, match="'issued'"):
        certificate_expiry("signature", D("2025-10-28"), issued, D("2035-02-17"))
    with pytest.raises(NotYetInForce):
        certificate_expiry("signature", born, D("2015-12-31"), D("2026-02-17"))


@given(
    st.dates(date(1920, 1, 1), date(2015, 12, 31)),
    st.dates(date(2016, 1, 1), date(2035, 12, 31)),
    st.integers(0, 4000),
    st.integers(0, 2500),
)
def test_no_certificate_outlives_what_carries_it(
    born: date, issued: date, card: int, other: int
) -> None:
    card_ends = issued + timedelta(days=card)
    other_ends = issued + timedelta(days=other)
    authentication = certificate_expiry("authentication", born, issued, card_ends).value
    signature = certificate_expiry(
        "signature", born, issued, card_ends, other_ends
    ).value
    assert issued <= authentication <= card_ends
    assert issued <= signature <= min(card_ends, other_ends)


@pytest.mark.parametrize(
    ("on", "allowed", "code", "rules"),
    [
        ("2029-11-16", False, "renewal.too_early", ("R098", "R137")),
        ("2029-11-17", True, None, ("R098", "R137", "R273")),
        ("2030-02-17", True, None, ("R098", "R137", "R273")),
        ("2030-02-18", True, None, ("R098", "R137", "R273", "R141")),
        ("2034-02-17", True, None, ("R098", "R137", "R273", "R141")),
        ("2034-02-18", False, "renewal.card_expired", ("R137", "R097")),
    ],
)
def test_renewing_certificates_alone(
    on: str, allowed: bool, code: str | None, rules: tuple[str, ...]
) -> None:
    answer = certificate_renewal(D("2030-02-17"), D("2034-02-17"), D(on))
    assert answer.value.allowed is allowed
    assert answer.value.codes == (() if code is None else (code,))
    assert answer.rules == rules


def test_what_follows_a_renewal() -> None:
    def following(on: str) -> str | None:
        return certificate_renewal(D("2030-02-17"), D("2034-02-17"), D(on)).next

    assert following("2029-11-16") == "renewal.wait_until_open"
    assert following("2029-11-17") == "renewal.bring_card_and_pins"
    assert following("2034-02-18") == "card.apply_anew"
    early = certificate_renewal(D("2030-02-17"), D("2034-02-17"), D("2029-01-01"))
    assert early.value.reasons[0].facts == {
        "opens": renewal_opens(D("2030-02-17")).value
    }
    late = certificate_renewal(D("2030-02-17"), D("2034-02-17"), D("2034-03-01"))
    assert late.value.reasons[0].facts == {"expired": D("2034-02-17")}
    assert (early.value.reasons[0].rule, late.value.reasons[0].rule) == ("R098", "R097")


@pytest.mark.parametrize(
    ("use", "needed"),
    [
        ("etax", ("signature", "authentication")),
        ("electronic_application", ("signature",)),
        ("move_out_online", ("signature",)),
        ("kiosk", ("authentication",)),
        ("health_card", ("authentication",)),
    ],
)
def test_what_a_use_needs(use: str, needed: tuple[str, ...]) -> None:
    assert certificates_needed(use).value == needed
    assert certificates_needed(use).rules == ("R130",)


def test_an_unknown_use_is_named() -> None:
    with pytest.raises(
        BadArgument, match="'use': one of electronic_application, etax, "
    ):
        certificates_needed("cooking")


def test_home_use() -> None:
    answer = home_use_needs()
    assert "client_software" in answer.value
    assert answer.rules == ("R139", "R280")
