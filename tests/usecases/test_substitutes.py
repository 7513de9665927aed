"""Substitute characters chosen beforehand by the resident (代替文字)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.pki.reading import read_certificate
from mynabox.sandbox.specimen import specimen_portrait
from mynabox.usecases.show import show_resident
from mynabox.usecases.submit_application import SubmitApplication, submit_application
from tests.usecases.places import Place, particulars, refused

NAME = "\U00020bb7田 \u8d0b子"
"""One character outside JIS X 0208 and 0212 (𠮷), one rare one (贋) inside."""


def apply(place: Place, wishes: Mapping[str, str]) -> Place:
    hero = place.enter(particulars(name=NAME))
    hero.number()
    hero.notice()
    hero.open()
    ask = SubmitApplication(
        token=hero.token(),
        born=hero.resident.born,
        photo=specimen_portrait(),
        photo_taken=hero.today,
        substitutes=wishes,
    )
    submit_application(ask, hero.box)
    return hero


def items(certificate: Certificate) -> dict[int, str]:
    return read_certificate(certificate.der).four_items


def signature(place: Place) -> Certificate:
    return [one for one in place.certificates if one.kind is CertificateKind.SIGNATURE][
        -1
    ]


@pytest.mark.parametrize(
    ("wishes", "name", "flags"),
    [
        ({}, "吉田　贋子", "10000"),
        ({"\U00020bb7": "芳"}, "芳田　贋子", "10000"),
        ({"\U00020bb7": "ヨシ"}, "ヨシ田　贋子", "110000"),
    ],
)
def test_the_wish_stands_in_the_certificate_and_not_on_the_face(
    place: Place, wishes: dict[str, str], name: str, flags: str
) -> None:
    """one flag per character of what is written; kept for later certificates too"""
    hero = apply(place, wishes)
    assert dict(hero.application.substitutes) == wishes
    hero.on("2026-06-01").produce()
    hero.on("2026-06-10").hand_over()
    assert (items(signature(hero))[1], items(signature(hero))[2]) == (name, flags)
    assert hero.resident.name == NAME
    hero.lose()
    hero.on("2026-06-12").find()
    hero.reissue()
    again = signature(hero)
    assert (items(again)[1], items(again)[2]) == (name, flags)


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"田": "多"}, "application.substitute_not_needed"),
        ({"高": "多"}, "application.substitute_not_needed"),
        ({"\U00020bb7": "\U00020bb8"}, "application.substitute_not_possible"),
        ({"\U00020bb7": "한"}, "application.substitute_not_possible"),
        ({"\U00020bb7": ""}, "application.substitute_not_possible"),
    ],
)
def test_wishes_refused(place: Place, wishes: dict[str, str], code: str) -> None:
    """only where one is needed, and only what a certificate can hold"""
    hero = place.enter(particulars(name=NAME))
    hero.number()
    hero.notice()
    hero.open()
    token = hero.token()
    ask = SubmitApplication(
        token=token,
        born=hero.resident.born,
        photo=specimen_portrait(),
        photo_taken=hero.today,
        substitutes=wishes,
    )
    refused(hero, lambda: submit_application(ask, hero.box), code, "R145")
    submit_application(replace(ask, substitutes={}), hero.box)
    assert show_resident(hero.hero, hero.box).applications[-1].substitutes == {}
