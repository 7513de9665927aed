"""The named specimen cards as data: who holds each, and in what state it is."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mynabox.law.pins import pin_tries
from mynabox.lifecycle.card import CardState
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.registration import COLUMNS
from mynabox.lifecycle.secret import Pin
from mynabox.sandbox.specimen import SPECIMEN_PINS
from mynabox.usecases.chip import PINS

_TOWN = "082201"
_REGISTERED = date(2015, 4, 1)
_GOOD = "good"
_ABSENT = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One named card.

    ``what``      its documented state in words
    ``person``    the holder as a line of a register file, by column
    ``stay_days`` how long the holder may stay, counted from the day of registration
                  in the box; None where the register says it or nothing limits it
    ``card``      where the card stands in the register
    ``status``    what is known of the certificate of each kind on the card:
                  ``good``, ``revoked REASON``, ``over`` (past its last day), ``none``
                  (the card has none), ``unauthorized`` (the responder does not speak
                  for its issuer)
    ``tries``     wrong values that each of the four secrets still takes
    ``substitutes`` what stands for characters that certificates cannot hold
    ``without_pins`` whether it is a card without PINs
    ``profile``   the kind of chip, where it is not that of a card
    ``altered_birth`` the birth date that was written over the signed one
    ``strange_roots`` whether the CV certificates lead to roots that are not the box's
    """

    name: str
    what: str
    person: Mapping[str, str] = field(repr=False)
    stay_days: int | None
    card: CardState
    status: Mapping[CertificateKind, str]
    tries: Mapping[str, int]
    substitutes: Mapping[str, str]
    without_pins: bool
    profile: str | None
    altered_birth: date | None
    strange_roots: bool

    @property
    def born(self) -> date:
        """The holder's birth date."""
        return date.fromisoformat(self.person["born"])

    @property
    def pins(self) -> Mapping[str, Pin]:
        """The PINs of this card: the specimen's, as far as it has them."""
        return {
            kind: pin
            for kind, pin in SPECIMEN_PINS.items()
            if kind in self.tries
            and not self.without_pins
            and not (kind == "signature" and self.signs_not)
        }

    @property
    def signs_not(self) -> bool:
        """Whether the card has no signature certificate, and so no password."""
        return self.status[CertificateKind.SIGNATURE] == _ABSENT

    @property
    def mail(self) -> str:
        """Where the holder is reached."""
        return f"{self.name}@mynabox.invalid"

    def registration(self, *, on: date) -> dict[str, str]:
        """The holder as a line of a register file, entered on ``on``."""
        if self.stay_days is None:
            return dict(self.person)
        until = on + timedelta(days=self.stay_days)
        return {**self.person, "stay_until": until.isoformat()}


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by name, in the order of the catalogue."""
    text = files(__package__).joinpath("catalogue.toml").read_text("utf-8")
    return MappingProxyType(
        {name: _scenario(name, told) for name, told in tomllib.loads(text).items()}
    )


def _scenario(name: str, told: Mapping[str, Any]) -> Scenario:
    person = dict.fromkeys(COLUMNS, "") | {
        "municipality": _TOWN,
        "nationality": "JPN",
        "residence_status": "japanese",
        "registered": max(_REGISTERED, told["born"]).isoformat(),
        **{column: str(told[column]) for column in COLUMNS if column in told},
    }
    profile = told.get("profile")
    tries = {
        kind: pin_tries(kind=kind).value
        for kind in PINS
        if profile is None or kind in ("authentication", "signature")
    }
    status = told.get("status", {})
    return Scenario(
        name=name,
        what=told["what"],
        person=MappingProxyType(person),
        stay_days=told.get("stay_days"),
        card=CardState(told.get("card", CardState.ACTIVE.value)),
        status={kind: status.get(kind.value, _GOOD) for kind in CertificateKind},
        tries=tries | told.get("tries", {}),
        substitutes=told.get("substitutes", {}),
        without_pins=told.get("without_pins", False),
        profile=profile,
        altered_birth=told.get("altered_birth"),
        strange_roots=told.get("strange_roots", False),
    )
