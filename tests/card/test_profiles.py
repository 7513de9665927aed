"""Kinds of card as data: what they say of themselves, and that old images stay cards."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mynabox.card import (
    CARD,
    PROFILES,
    AtrObject,
    Chip,
    Confidence,
    Fact,
    KeyType,
    Profile,
    Secret,
    blank_image,
)
from mynabox.card.image import Image
from mynabox.card.profiles.answers_to_reset import ATRS
from mynabox.card.profiles.input_support import TRANSPORT_KEY
from mynabox.terminal.issuer import CardSecret
from tests.card import specimen
from tests.card.specimen import Cell, InProcess, stream
from tests.card.test_issuer_document import DOCUMENT

MAKEABLE = [profile for profile in PROFILES.values() if not profile.future]


def facts(profile: Profile) -> list[Fact[Any]]:
    made = profile.production
    return [
        value
        for name in made.__dataclass_fields__
        if isinstance(value := getattr(made, name), Fact)
    ]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_what_is_not_certain_says_where_it_is_from(profile: Profile) -> None:
    found: list[Fact[Any]] = [*facts(profile), TRANSPORT_KEY]
    assert len(found) == 8
    for fact in found:
        assert len(fact.source) > 20
        assert isinstance(fact.confidence, Confidence)


def test_the_choices_nobody_could_make_for_us() -> None:
    made = CARD.production
    assert made.printed_tries.value == 10
    assert made.foreign_birth_year.confidence is Confidence.LOW
    assert TRANSPORT_KEY.confidence is Confidence.LOW
    assert made.issuer_tries.confidence is Confidence.OURS


@pytest.mark.parametrize("name", ATRS)
def test_an_atr_is_one(name: str) -> None:
    """ISO/IEC 7816-3 §8.2: every byte is accounted for, and they add up to nothing."""
    atr = ATRS[name].value
    historical, at, follows = atr[1] & 0x0F, 2, atr[1] >> 4
    check = False
    while follows:
        at += bin(follows & 0x07).count("1")
        if not follows & 0x08:
            break
        check = check or bool(atr[at] & 0x0F)
        follows = atr[at] >> 4
        at += 1
    assert atr[0] == 0x3B
    assert check
    assert len(atr) == at + historical + 1
    total = 0
    for byte in atr[1:]:
        total ^= byte
    assert total == 0


@pytest.mark.parametrize("name", PROFILES)
def test_the_document_names_every_kind(name: str) -> None:
    assert f"`{name}`" in DOCUMENT


@pytest.mark.parametrize("profile", MAKEABLE, ids=lambda each: each.name)
def test_every_kind_can_be_made_filled_and_powered(profile: Profile) -> None:
    image = specimen.specimen(profile.name)
    chip = Chip(Cell(image), random=stream("x"))
    assert chip.power_on() == profile.atr
    assert Image.decode(image).profile == profile.name
    label = image_file(image, profile)[:32]
    assert label == profile.token.label.encode().ljust(32)


def image_file(image: bytes, profile: Profile) -> bytes:
    return Image.decode(image).files[profile.token_file]


def test_the_coming_card_cannot_be_made() -> None:
    (coming,) = [profile for profile in PROFILES.values() if profile.future]
    assert coming.production.key_type is KeyType.P_384
    with pytest.raises(ValueError, match="public nowhere"):
        specimen.blank(coming)


def test_the_birth_key_has_the_tries_of_number_b_unless_told_otherwise() -> None:
    told = {**specimen.TRIES, Secret.NUMBER_B: 7}
    del told[Secret.BIRTH]
    for tries, wanted in ((told, 7), ({**told, Secret.BIRTH: 4}, 4)):
        raw = blank_image(
            profile=CARD,
            serial=specimen.SERIAL,
            issuer_key=specimen.ISSUER_KEY,
            tries=tries,
            issuer_tries=3,
        )
        cell = Image.decode(raw).secrets["card-face", 0x11]
        assert cell.tries.limit == wanted


def test_a_secret_without_a_limit_outlives_a_reload() -> None:
    tries = {**specimen.TRIES, Secret.AUTHENTICATION: None}
    raw = blank_image(
        profile=CARD,
        serial=specimen.SERIAL,
        issuer_key=specimen.ISSUER_KEY,
        tries=tries,
        issuer_tries=3,
    )
    connection = InProcess(Chip(Cell(raw), random=stream("x")))
    specimen.issuer(connection).set_pin(CardSecret.AUTHENTICATION, "1234")
    jpki = bytes.fromhex("00A4040C0AD392F000260100000001")
    assert connection.transmit(jpki) == b"\x90\x00"
    verify = bytes.fromhex("002000980431323334")
    assert connection.transmit(verify) == b"\x90\x00"
    connection.chip.reload()
    sign = bytes.fromhex("802A0097014100")
    assert connection.transmit(sign) == b"\x69\x85"  # allowed, but no key was made


def test_an_image_of_the_first_kind_is_the_card_it_was() -> None:
    first = PROFILES["card-1"]
    assert [each.name for each in first.applications] == [
        "card-record",
        "juki",
        "input-support",
        "jpki",
    ]
    assert len(first.secrets()) == 7
    assert first.by_name["input-support"].transport_key is None


def test_where_the_contact_atr_is_answered_is_data() -> None:
    jpki = bytes.fromhex("00A4040C0AD392F000260100000001")
    ask = bytes.fromhex("00CA5F5100")
    answered = {
        AtrObject.DEFAULT: (True, False),
        AtrObject.APPLICATION: (False, True),
        AtrObject.ANYWHERE: (True, True),
    }
    for where, wanted in answered.items():
        kind = replace(CARD, atr_object_in=where)
        chip = Chip(Cell(specimen.specimen()), random=stream("x"), profile=kind)
        chip.power_on()
        outside = chip.transmit(ask)
        chip.transmit(jpki)
        inside = chip.transmit(ask)
        assert (outside[-2:] == b"\x90\x00", inside[-2:] == b"\x90\x00") == wanted


@pytest.mark.parametrize("ends", [True, False])
def test_whether_selecting_again_ends_secure_messaging_is_data(ends: bool) -> None:
    lines = (Path(__file__).parent / "data" / "secure_messaging.hex").read_text()
    set_key, verify_a, *_ = map(bytes.fromhex, lines.split())
    kind = replace(CARD, reselecting_ends_session=ends)
    chip = Chip(Cell(specimen.specimen()), random=stream("x"), profile=kind)
    chip.power_on()
    select = bytes.fromhex("00A4040C0AD3921000310001010408")
    pin = bytes.fromhex("002000910432343638")
    for command in (select, pin, set_key, select):
        assert chip.transmit(command) == b"\x90\x00"
    answer = chip.transmit(verify_a)
    assert answer == (b"\x69\xfc" if ends else b"\x90\x00")
