"""The certificate profile of a box: names, policies and addresses as data.

Three shapes exist, and one to come. ``specimen()`` is the default: the test environment's layout
under names of our own. ``production_shape()`` carries the genuine policy OIDs for
readers that check them, still under names that cannot pass for genuine.
``with_uri()`` adds HTTP addresses to either, for clients that cannot look up a
directory name. ``for_next_card()`` is the one announced for the next card.
"""

import tomllib
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

from mynabox.law.municipality import Municipality
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.pki.names import JST, Name


@dataclass(frozen=True, slots=True)
class Parameter:
    """One fact of the profile with where it comes from and how sure it is."""

    value: str | int | bool
    source: str
    confidence: str


@cache
def parameters() -> dict[str, Parameter]:
    """All parameters by dotted name, as ``docs/pki.md`` lists them."""
    text = (files("mynabox.pki") / "data" / "profile.toml").read_text("utf-8")
    return dict(_flatten("", tomllib.loads(text)))


def _flatten(prefix: str, table: dict[str, Any]) -> list[tuple[str, Parameter]]:
    found = []
    for key, value in table.items():
        if "is" in value:
            one = Parameter(value["is"], value["source"], value["confidence"])
            found.append((prefix + key, one))
        else:
            found += _flatten(f"{prefix}{key}.", value)
    return found


def text(name: str) -> str:
    """A parameter that is text."""
    value = parameters()[name].value
    if not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value


def number(name: str) -> int:
    """A parameter that is a whole number."""
    value = parameters()[name].value
    if not isinstance(value, int):
        raise TypeError(f"{name} is not a number")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a box answers over HTTP, e.g. ``http://127.0.0.1:8780``."""

    base: str

    def ocsp(self) -> str:
        """The OCSP responder of both hierarchies."""
        return f"{self.base}/ocsp"

    def crl(self, authority: str, municipality: Municipality) -> str:
        """The revocation list of one municipality, by its code. ``authority`` is the
        name of the CA generation: each signs lists of its own."""
        return f"{self.base}/crl/{authority}/{municipality.code6}.crl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What distinguishes the certificates of one box from another's."""

    organisation: str
    unit: str
    policies: tuple[tuple[CertificateKind, str], ...]
    cps: str
    client_auth: bool
    """Whether user authentication certificates carry EKU clientAuth."""
    addresses: Addresses | None = None
    next_card: bool = False
    """Whether new CA generations are those announced for the next card (P-384)."""

    def policy(self, kind: CertificateKind) -> str:
        """The certificate policy OID of a hierarchy."""
        return dict(self.policies)[kind]

    def ca_name(self, kind: CertificateKind) -> Name:
        """The distinguished name shared by all generations of one CA."""
        return Name(
            (
                ("C", "JP"),
                ("O", self.organisation),
                ("OU", text(f"organisational_unit.{kind.value}")),
                ("OU", self.unit),
            )
        )

    def ca_alternative_name(self, kind: CertificateKind) -> Name:
        """The CA's name in Japanese."""
        return Name(
            (
                *self.issuer_alternative_name().attributes,
                ("OU", text(f"alternative_unit.{kind.value}")),
            )
        )

    def issuer_alternative_name(self) -> Name:
        """The short Japanese name written into end-entity certificates."""
        return Name((("C", "JP"), ("O", text("alternative_organisation"))))

    def responder_name(self, kind: CertificateKind) -> Name:
        """The subject of the delegated OCSP responder."""
        return Name((*self.ca_name(kind).attributes, ("CN", "OCSP Responder")))

    def partition(self, kind: CertificateKind, municipality: Municipality) -> Name:
        """The distribution point of one municipality's revocation list."""
        return Name(
            (
                *self.ca_name(kind).attributes[:3],
                ("OU", text("partition_unit")),
                ("OU", municipality.roman_prefecture),
                ("CN", f"{municipality.roman_name} CRLDP"),
            )
        )

    @property
    def elliptic(self) -> bool:
        """Whether new CA generations and their responders have P-384 keys."""
        return self.next_card and text("next_card.key") == "P-384"

    @property
    def ca_years(self) -> int:
        """How long a CA generation lasts."""
        return number("next_card.ca_years" if self.next_card else "ca_years")

    @property
    def covers_years(self) -> int:
        """The longest life of a certificate that a CA must be able to cover."""
        name = "generation_covers_years"
        return number(f"next_card.{name}" if self.next_card else name)

    def for_next_card(self) -> "Profile":
        """This profile as announced for the next card: not in force, for trials."""
        return replace(self, next_card=True)

    def with_uri(self, addresses: Addresses) -> "Profile":
        """This profile with HTTP revocation lists and an OCSP address."""
        return replace(self, addresses=addresses)


def specimen() -> Profile:
    """The default: test policy OIDs, names of our own."""
    return _profile("organisation", "policy")


def production_shape() -> Profile:
    """Genuine policy OIDs under names that can never pass for genuine."""
    return _profile("organisation_production_shape", "policy_production_shape")


def _profile(organisation: str, policy: str) -> Profile:
    return Profile(
        organisation=text(organisation),
        unit=text("unit"),
        policies=tuple(
            (kind, text(f"{policy}.{kind.value}")) for kind in CertificateKind
        ),
        cps=text("cps"),
        client_auth=parameters()["client_auth"].value is True,
    )


def end_of_day(day: date) -> datetime:
    """The last second of a day in Japan: how certificates of the service end."""
    return datetime.combine(day, time(23, 59, 59), JST)


def ca_last_day(issued: datetime, *, years: int | None = None) -> date:
    """The last day of a CA certificate issued at a moment: the eve of the tenth year,
    or of another."""
    first = issued.astimezone(JST).date()
    year = first.year + (years or number("ca_years"))
    if (first.month, first.day) == (2, 29):
        return date(year, 2, 28)
    return date.fromordinal(first.replace(year=year).toordinal() - 1)
