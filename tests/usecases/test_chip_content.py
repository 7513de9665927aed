"""What production writes into a chip, read and checked as any relying party would."""

from dataclasses import replace
from pathlib import Path

import pytest

from mynabox.card import CARD, PROFILES, make_rsa_key
from mynabox.card.image import Image
from mynabox.iso7816 import SW, Command
from mynabox.lifecycle.card import Card
from mynabox.papers.chip_pictures import text_png
from mynabox.terminal.card_face import CardFaceSession, Opener
from mynabox.terminal.card_record import read_card_record
from mynabox.terminal.card_verifiable import CvCertificate, chain_verified
from mynabox.terminal.connection import Connection
from mynabox.terminal.dialogue import Dialogue
from mynabox.terminal.errors import CardError, NotGenuine, UnknownAuthority
from mynabox.terminal.genuineness import verify_age, verify_face, verify_particulars
from mynabox.terminal.input_support import InputSupportSession
from mynabox.usecases.card_seal import cv_roots, make_cv_keys, municipal_seal
from mynabox.usecases.chip import make_chip, personalise
from mynabox.usecases.chip_content import birth_digits, number_b
from tests.boxes import box_in
from tests.usecases.conftest import At
from tests.usecases.places import CITY, Place, foreigner, particulars, refused


def produced(place: Place, **other: str) -> Card:
    """Somebody with these particulars, and the card made for them."""
    place = place.enter(particulars(**other)) if other else place
    place.apply()
    return place.produce().card


def opened(place: Place, card: Card) -> Connection:
    return place.box.cards.connect(card.serial)


def number_of(place: Place) -> str:
    with place.box.store.look() as work:
        assignment = work.numbers.current(place.hero)
    assert assignment is not None
    return assignment.number.digits


def test_a_produced_card_is_genuine_all_through(at: At) -> None:
    place = at("produced")
    card, roots, random = place.card, cv_roots(place.box), place.box.random
    connection = opened(place, card)
    face_session = CardFaceSession(connection)
    face_session.verify(Opener.NUMBER_A, number_of(place))
    face = verify_face(face_session, roots=roots, random=random, number=True)
    assert (face.born, face.sex) == ("19900331", "1")
    assert face.expiry == f"{card.expires:%Y%m%d}"
    assert face.signer == f"{CITY[:5]}21"
    assert face.photo[4:8] == b"jP  "
    assert face_session.information().municipality == CITY[:5]
    face_session.verify(Opener.BIRTH, birth_digits(place.resident, profile=CARD))
    assert verify_age(face_session, roots=roots, random=random) == "19900331"

    text = InputSupportSession(connection)
    text.verify_number_a(number_of(place))
    found = verify_particulars(text, roots=roots, random=random, attributes=False)
    assert found.number == number_of(place)
    text.verify_number_b(number_b(card, place.resident, profile=CARD))
    found = verify_particulars(text, roots=roots, random=random)
    assert found.attributes is not None
    assert found.attributes.name == place.resident.name
    record = read_card_record(connection)
    assert record.expiry == face.expiry
    assert record.municipality == CITY[:5]
    connection.close()


def test_a_card_of_another_box_is_not_genuine_here(at: At, tmp_path: Path) -> None:
    """Roots of two boxes have one name, and not one key."""
    there = at("produced")
    session = CardFaceSession(opened(there, there.card))
    session.verify(Opener.NUMBER_A, number_of(there))
    with (
        box_in(tmp_path / "other", keys="new") as home,
        pytest.raises(NotGenuine, match="certificate"),
    ):
        verify_face(session, roots=cv_roots(home.box), random=home.box.random)


def test_the_default_application_shows_its_chain(at: At) -> None:
    place = at("produced")
    card = Dialogue(opened(place, place.card))

    def told(tag: int, le: int = 65536) -> bytes:
        answer = card.ask(Command(0x00, 0xCA, tag >> 8, tag & 0xFF, b"", le))
        if answer.sw != SW.OK:
            raise CardError("GET DATA", answer.sw)
        return answer.data

    assert told(0x0045).decode() == place.card.serial
    assert told(0x00F0).decode() == CITY[:5]
    assert told(0x00F2).decode() == f"{place.card.expires:%Y%m%d}"
    chain = [CvCertificate.decode(told(tag)) for tag in (0x00F8, 0x7F21)]
    end = chain_verified(chain, cv_roots(place.box))
    assert end.name == told(0x0042)
    assert chain[1].issuer == told(0x00F7)
    assert told(0x0066)[:4] == bytes.fromhex("732F0607")
    for tag in (0x00F8, 0x7F21):
        with pytest.raises(CardError) as refusal:
            told(tag, le=256)
        assert refusal.value.sw == 0x6700
    with pytest.raises(UnknownAuthority):
        chain_verified(chain[1:], cv_roots(place.box))


@pytest.mark.parametrize(
    ("name", "born", "sex", "digits"),
    [
        ("箱田 太郎", "1990-03-31", "male", "020331"),
        ("箱田 花子", "1989-01-07", "female", "640107"),
        ("箱田 花子", "1989-01-08", "female", "010108"),
        ("箱田 一", "2019-05-01", "unknown", "010501"),
    ],
)
def test_number_b_of_japanese_people_has_the_era(
    place: Place, name: str, born: str, sex: str, digits: str
) -> None:
    place = place.enter(particulars(name=name, born=born, sex=sex))
    assert birth_digits(place.resident, profile=CARD) == digits


def test_number_b_of_others_has_the_gregorian_year_for_all_we_know(
    place: Place,
) -> None:
    place = place.enter(foreigner("2027-03-31"))
    assert birth_digits(place.resident, profile=CARD) == "900331"


@pytest.mark.parametrize("name", ["𠮷田 太郎", "辻\U000e0100 太郎"])
def test_rare_characters_are_drawn(place: Place, name: str) -> None:
    place = place.enter(particulars(name=name))
    card = produced(place)
    session = CardFaceSession(opened(place, card))
    session.verify(Opener.NUMBER_A, number_of(place))
    face = verify_face(session, roots=cv_roots(place.box), random=place.box.random)
    assert face.name == text_png(name.replace("\u3000", " "), what="name")
    assert face.name != text_png("吉田 太郎", what="name")


def test_what_cannot_be_drawn_stops_production(place: Place) -> None:
    place = place.enter(particulars(name="\U0002ebf0田 太郎"))
    place.number()
    said = refused(place, lambda: place.apply(), "paper.no_glyph")
    assert said.facts["characters"] == "U+2EBF0"


def test_writing_the_face_again_keeps_pins_and_certificates(at: At) -> None:
    place = at("active")
    card = place.card
    with place.box.store.look() as work:
        assignment = work.numbers.current(place.hero)
    assert assignment is not None
    before = opened(place, card)
    text = InputSupportSession(before)
    assert text.tries_left() == 3
    personalise(card, place.resident, assignment.number, place.box)
    face = CardFaceSession(before)
    face.verify(Opener.NUMBER_A, assignment.number.digits)
    verify_face(face, roots=cv_roots(place.box), random=place.box.random)
    assert InputSupportSession(before).tries_left() == 3


def test_a_token_without_a_face_is_left_alone(at: At) -> None:
    place = at("active")
    android = PROFILES["phone-android-1"]
    make_chip(place.card.serial, place.box, profile=android)
    with place.box.store.look() as work:
        assignment = work.numbers.current(place.hero)
    assert assignment is not None
    personalise(
        place.card, place.resident, assignment.number, place.box, profile=android
    )
    with pytest.raises(CardError):
        CardFaceSession(opened(place, place.card))


def test_roots_stay_and_seals_do_not(at: At) -> None:
    box = at("registered").box
    roots = cv_roots(box)
    one, other = (municipal_seal(CITY, box) for _ in range(2))
    assert one.face_certificate != other.face_certificate
    for seal in (one, other):
        face = CvCertificate.decode(seal.face_certificate).verified(roots)
        text = CvCertificate.decode(seal.text_certificate).verified(roots)
        assert face.key == text.key == seal.key.public_key()
        assert (face.number, text.number) == (f"{CITY[:5]}21", f"{CITY[:5]}31")
        assert repr(seal) == "Seal(····)"
    assert [root.number for root in roots] == ["9000020", "9000023", "9000033"]
    again = [root.key.public_numbers() for root in cv_roots(box)]
    assert again == [root.key.public_numbers() for root in roots]


def test_a_seal_is_the_key_that_the_box_gives(at: At) -> None:
    """once asked for, for each card"""
    box, ready = at("registered").box, [make_rsa_key(), make_rsa_key()]
    with_pool = replace(box, fresh_key=iter(ready).__next__)
    assert [municipal_seal(CITY, with_pool).key for _ in ready] == ready


def test_keys_made_beforehand_are_all_that_production_needs(at: At) -> None:
    place = at("applied")
    make_cv_keys(place.box)
    before = place.kept()["keys"]
    place.produce()
    assert place.kept()["keys"] == before


def test_production_writes_its_files_as_one(at: At) -> None:
    """Whatever is there of the face is there whole."""
    place = at("produced")
    image = Image.decode(place.home.cards._file(place.card.serial).read())
    faces = {fid for name, fid in image.files if name == "card-face"}
    texts = {fid for name, fid in image.files if name == "input-support"}
    assert faces == set(range(1, 7))
    assert texts == set(range(1, 9))
    assert len(image.files["input-support", 3]) == 336
    assert len(image.files["input-support", 4]) == 568
    assert len(image.files["input-support", 5]) == 256
    assert len(image.files["input-support", 1]) == 17
