"""The card face, and whether a card is genuine: against the card, and against forgers."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mynabox.card import Chip
from mynabox.card.image import Image
from mynabox.pki.card_verifiable import public_key_objects
from mynabox.terminal.card_face import CardFaceSession, Opener, read_signed
from mynabox.terminal.card_verifiable import CvKey
from mynabox.terminal.errors import (
    CardError,
    CardNonsense,
    LastTry,
    NotGenuine,
    PinLocked,
    PinRequired,
    SessionLost,
    UnknownAuthority,
    WrongPin,
)
from mynabox.terminal.genuineness import verify_age, verify_face, verify_particulars
from mynabox.terminal.input_support import InputSupportSession
from mynabox.terminal.issuer import CardApplication, CardSecret
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.terminal.signed_files import number_picture_file
from tests.card import specimen
from tests.card.specimen import Cell, InProcess, insert, issuer, stream

NUMBER_B = "55021720352285"
DIGITS = {
    Opener.BIRTH: "550217",
    Opener.NUMBER_B: NUMBER_B,
    Opener.NUMBER_A: specimen.NUMBER,
}
RANDOM = stream("terminal")


def face_session(*openers: Opener, image: bytes | None = None) -> CardFaceSession:
    session = CardFaceSession(insert(image)[1])
    for opener in openers:
        session.verify(opener, DIGITS[opener])
    return session


def text_session(image: bytes | None = None) -> InputSupportSession:
    session = InputSupportSession(insert(image)[1])
    session.verify("2468")
    return session


# --- what opens what -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opener", "age", "face", "number"),
    [
        (None, False, False, False),
        (Opener.BIRTH, True, False, False),
        (Opener.NUMBER_B, False, True, False),
        (Opener.NUMBER_A, False, True, True),
    ],
)
def test_who_opens_what(
    opener: Opener | None, age: bool, face: bool, number: bool
) -> None:
    session = face_session(*([] if opener is None else [opener]))
    reads: list[tuple[bool, Callable[[], object]]] = [
        (age, session.age_record),
        (face, session.face_record),
        (number, session.number_record),
        (True, session.certificate),
        (True, session.information),
    ]
    for may, read in reads:
        if may:
            read()
        else:
            with pytest.raises(PinRequired):
                read()


@pytest.mark.parametrize("opener", Opener)
def test_ten_tries_the_last_of_them_only_when_told(opener: Opener) -> None:
    cell, connection = insert()
    session = CardFaceSession(connection)
    wrong = "0" * len(DIGITS[opener])
    for left in range(9, 0, -1):
        with pytest.raises(WrongPin) as refusal:
            session.verify(opener, wrong)
        assert refusal.value.tries_left == left == session.tries_left(opener)
    writes = cell.writes
    with pytest.raises(LastTry):
        session.verify(opener, DIGITS[opener])
    assert cell.writes == writes
    with pytest.raises(WrongPin):
        session.verify(opener, wrong, last_try=True)
    with pytest.raises(PinLocked):
        session.verify(opener, DIGITS[opener], last_try=True)
    others = [each for each in Opener if each is not opener]
    assert [session.tries_left(each) for each in others] == [10, 10]


def test_information_is_free() -> None:
    found = face_session().information()
    assert (found.version.hex(), found.municipality) == ("06030e01", "13101")


# --- a genuine card --------------------------------------------------------------------


def test_the_face_of_a_genuine_card() -> None:
    face = verify_face(
        face_session(Opener.NUMBER_A),
        roots=specimen.roots(),
        random=RANDOM,
        number=True,
    )
    assert (face.born, face.sex, face.expiry) == ("19800217", "2", "20350217")
    assert face.signer == "1310121"
    pictures = (face.name, face.address, face.number, face.security_code)
    assert all(png is not None and png[:4] == b"\x89PNG" for png in pictures)
    assert face.photo[4:8] == b"jP  "
    assert specimen.NUMBER not in repr(face)


def test_number_b_proves_the_face_without_the_number() -> None:
    session = face_session(Opener.NUMBER_B)
    face = verify_face(session, roots=specimen.roots(), random=RANDOM)
    assert face.number is None
    with pytest.raises(PinRequired):
        verify_face(session, roots=specimen.roots(), random=RANDOM, number=True)


def test_the_age_of_a_genuine_card() -> None:
    session = face_session(Opener.BIRTH)
    age = verify_age(session, roots=specimen.roots(), random=RANDOM)
    assert age == "19800217"


def test_particulars_of_a_genuine_card() -> None:
    found = verify_particulars(text_session(), roots=specimen.roots(), random=RANDOM)
    assert (found.number, found.attributes) == (specimen.NUMBER, specimen.ATTRIBUTES)
    assert found.signer == "1310131"
    session = InputSupportSession(insert()[1])
    session.verify_number_b(NUMBER_B)
    found = verify_particulars(
        session, roots=specimen.roots(), random=RANDOM, number=False
    )
    assert (found.number, found.attributes) == (None, specimen.ATTRIBUTES)


@pytest.mark.parametrize("profile", ["card-2", "card-2015-1", "card-2023-1"])
def test_every_generation_is_genuine(profile: str) -> None:
    image = specimen.specimen(profile)
    connection = InProcess(Chip(Cell(image), random=stream("x")))
    session = CardFaceSession(connection)
    session.verify(Opener.NUMBER_B, NUMBER_B)
    verify_face(session, roots=specimen.roots(), random=RANDOM)


# --- forgers ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Forgery:
    """A change of one file, and what is found wrong."""

    application: CardApplication
    file: int
    change: Callable[[bytes], bytes]
    found: str


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert content.count(old) == 1
        return content.replace(old, new)

    return change


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]


FACE, TEXT = CardApplication.CARD_FACE, CardApplication.INPUT_SUPPORT
FORGERIES = {
    "birth on the face": Forgery(FACE, 2, swapped(b"19800217", b"20000217"), "face"),
    "sex": Forgery(FACE, 2, swapped(b"\xdf\x23\x012", b"\xdf\x23\x011"), "face"),
    "photograph": Forgery(FACE, 2, swapped(b"jp2h", b"jp2x"), "face"),
    "number's picture": Forgery(FACE, 5, flipped(40), "record DF41"),
    "face certificate": Forgery(FACE, 4, flipped(60), "certificate"),
    "number": Forgery(TEXT, 1, swapped(b"9018", b"9026"), "number"),
    "filler behind the number": Forgery(TEXT, 1, flipped(16), "number"),
    "address": Forgery(
        TEXT, 2, swapped("千代田".encode(), "世田谷".encode()), "attributes"
    ),
    "digests": Forgery(TEXT, 3, flipped(10), "digests"),
    "text certificate": Forgery(TEXT, 4, flipped(60), "certificate"),
    "card key": Forgery(TEXT, 7, flipped(100), "card key"),
}


def forged(forgery: Forgery) -> bytes:
    cell, connection = insert()
    name = {FACE: "card-face", TEXT: "input-support"}[forgery.application]
    content = Image.decode(cell.image).files[name, forgery.file]
    changed = forgery.change(content)
    issuer(connection).write_file(forgery.application, forgery.file, changed)
    return cell.image


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_changed_file_is_found(forgery: Forgery) -> None:
    image = forged(forgery)
    with pytest.raises(NotGenuine) as refusal:
        if forgery.application is FACE:
            verify_face(
                face_session(Opener.NUMBER_A, image=image),
                roots=specimen.roots(),
                random=RANDOM,
                number=True,
            )
        else:
            verify_particulars(
                text_session(image), roots=specimen.roots(), random=RANDOM
            )
    assert refusal.value.what == forgery.found


def test_expiry_and_code_are_signed_by_nobody() -> None:
    """As on genuine cards: whoever relies on them is told so."""
    change = swapped(b"20350217", b"20990217")
    image = forged(Forgery(FACE, 2, change, ""))
    session = face_session(Opener.NUMBER_A, image=image)
    face = verify_face(session, roots=specimen.roots(), random=RANDOM)
    assert face.expiry == "20990217"


def test_a_copy_of_all_files_is_not_the_card() -> None:
    cell, connection = insert()
    chip = Chip(cell, random=stream("x"), make_key=lambda: specimen.private_keys()[7])
    session = issuer(InProcess(chip))
    session.generate_keys([(FACE, 0x1A), (TEXT, 0x13)])
    connection.chip.reload()
    face = CardFaceSession(InProcess(chip))
    face.verify(Opener.NUMBER_B, NUMBER_B)
    with pytest.raises(NotGenuine, match="has not the key"):
        verify_face(face, roots=specimen.roots(), random=RANDOM)
    with pytest.raises(NotGenuine, match="has not the key"):
        verify_particulars(
            text_session(cell.image), roots=specimen.roots(), random=RANDOM
        )


def test_another_cards_number_beside_this_face() -> None:
    """Both signed by the same municipality, but of different cards."""
    cell, connection = insert()
    other = number_picture_file(
        picture=b"another",
        public_key=public_key_objects(specimen.public(3)),
        sign=specimen.sealed,
    )
    issuer(connection).write_file(FACE, 0x05, other)
    with pytest.raises(NotGenuine, match="another card"):
        verify_face(
            face_session(Opener.NUMBER_A, image=cell.image),
            roots=specimen.roots(),
            random=RANDOM,
            number=True,
        )


def test_roots_are_the_callers_business() -> None:
    session = face_session(Opener.NUMBER_B)
    with pytest.raises(UnknownAuthority):
        verify_face(session, roots=[], random=RANDOM)
    stranger = specimen.private_keys()[0].public_key()
    impostor = [CvKey(specimen.roots()[0].name, stranger)]
    with pytest.raises(NotGenuine, match="certificate"):
        verify_face(session, roots=impostor, random=RANDOM)


def test_a_wrong_table_of_offsets() -> None:
    image = Image.decode(specimen.specimen())
    content = bytearray(image.files["card-face", 2])
    content[9] ^= 1
    bent = image.with_file(("card-face", 2), bytes(content)).encode()
    with pytest.raises(CardNonsense, match="offsets"):
        face_session(Opener.NUMBER_A, image=bent).face_record()


@pytest.mark.parametrize(
    "raw",
    ["", "FF10", "FF1003DF1105", "FF2000", "FF100ADF110101DF11010100"],
)
def test_what_is_no_record(raw: str) -> None:
    with pytest.raises(CardNonsense):
        read_signed(bytes.fromhex(raw), 0xFF10)


# --- secure messaging ------------------------------------------------------------------


def test_nothing_readable_travels_once_hidden() -> None:
    connection = insert()[1]
    heard: list[bytes] = []
    transmit = connection.transmit

    class Tapped(InProcess):
        def transmit(self, command: bytes) -> bytes:
            answer = transmit(command)
            heard.extend((command, answer))
            return answer

    tapped = Tapped.__new__(Tapped)
    session = InputSupportSession(tapped)
    session.verify("2468")
    session.hide(stream("seed"))
    heard.clear()
    session.verify_number_a(specimen.NUMBER)
    assert session.number() == specimen.NUMBER
    assert session.attributes() == specimen.ATTRIBUTES
    found = verify_particulars(session, roots=specimen.roots(), random=RANDOM)
    assert found.number == specimen.NUMBER
    secrets = [specimen.NUMBER.encode(), specimen.ATTRIBUTES.name.encode()]
    for said in heard:
        assert not any(secret in said for secret in secrets)
    assert sum(said[0] == 0x08 for said in heard[::2]) > 8


def test_hiding_needs_the_pin_and_not_number_a() -> None:
    session = InputSupportSession(insert()[1])
    with pytest.raises(PinRequired):
        session.hide(stream("seed"))
    session.verify_number_a(specimen.NUMBER)
    with pytest.raises(PinRequired):
        session.hide(stream("seed"))


def test_wrong_values_cost_tries_under_cover_too() -> None:
    session = InputSupportSession(insert()[1])
    session.verify("2468")
    session.hide(stream("seed"))
    with pytest.raises(WrongPin) as refusal:
        session.verify_number_b("0" * 14)
    assert refusal.value.tries_left == 9
    session.verify_number_b(NUMBER_B)
    assert session.attributes() == specimen.ATTRIBUTES


def test_a_session_the_card_forgot_is_said_so() -> None:
    connection = insert()[1]
    session = InputSupportSession(connection)
    session.verify("2468")
    session.hide(stream("seed"))
    CardFaceSession(connection)
    with pytest.raises(SessionLost):
        session.number()


def test_a_session_the_card_never_had() -> None:
    old = InputSupportSession(insert(specimen.specimen("card-1"))[1])
    old.verify("2468")
    with pytest.raises(CardError) as refusal:
        old.hide(stream("seed"))
    assert refusal.value.sw == 0x6D00


# --- the issuer, several orders as one -----------------------------------------------------


def test_orders_together_are_one_write() -> None:
    cell, connection = insert()
    session = issuer(connection)
    session.authenticate()
    writes = cell.writes
    with session.together():
        session.write_file(FACE, 0x06, b"a")
        session.put_data(0x00F2, b"20360217")
        session.write_records(CardApplication.JUKI, 0x02, [b"\x01\x01A"])
    assert cell.writes == writes + 1
    image = Image.decode(cell.image)
    assert image.files["card-face", 6] == b"a"
    assert image.objects[0x00F2] == b"20360217"


PINS_OF_HOLDER = {
    CardSecret.AUTHENTICATION: "5678",
    CardSecret.SIGNATURE: "QWERTY12",
    CardSecret.JUKI: "6789",
    CardSecret.INPUT_SUPPORT: "7890",
}


def test_all_pins_are_one_write() -> None:
    cell, connection = insert()
    session = issuer(connection)
    session.authenticate()
    writes = cell.writes
    session.set_pins(PINS_OF_HOLDER)
    assert cell.writes == writes + 1
    card = JpkiSession(connection)
    card.verify(Kind.SIGNATURE, "QWERTY12")
    card.verify(Kind.AUTHENTICATION, "5678")


def test_one_bad_pin_and_none_is_set() -> None:
    cell, connection = insert()
    session = issuer(connection)
    session.authenticate()
    before = cell.image
    with pytest.raises(CardError) as refusal:
        session.set_pins(PINS_OF_HOLDER | {CardSecret.SIGNATURE: "short"})
    assert (refusal.value.sw, cell.image) == (0x6A80, before)


def test_pins_of_a_card_without_an_application() -> None:
    """a telephone's token knows the certificates' PINs alone"""
    connection = insert(specimen.specimen("phone-android-1"))[1]
    session = issuer(connection)
    with pytest.raises(CardError) as refusal:
        session.set_pins(PINS_OF_HOLDER)
    assert refusal.value.sw == 0x6A82
    JpkiSession(connection).verify(Kind.SIGNATURE, "QWERTY12")


def test_one_bad_order_and_none_is_done() -> None:
    cell, connection = insert()
    session = issuer(connection)
    session.authenticate()
    before = cell.image
    with pytest.raises(CardError) as refusal, session.together():
        session.write_file(FACE, 0x06, b"a")
        session.write_file(FACE, 0x07, b"b")
    assert refusal.value.sw == 0x6A82
    assert cell.image == before
    with pytest.raises(KeyError), session.together():
        session.write_file(FACE, 0x06, b"a")
        raise KeyError
    assert cell.image == before


def test_what_answers_cannot_be_gathered() -> None:
    session = issuer(insert()[1])
    with session.together():
        for order in (
            lambda: session.generate_key(FACE, 0x1A),
            session.terminate,
            lambda: session.together().__enter__(),
        ):
            with pytest.raises(ValueError, match=r"together|gathered"):
                order()


def test_several_keys_or_none() -> None:
    cell, connection = insert()
    chip = Chip(cell, random=stream("x"))
    session = issuer(InProcess(chip))
    one, other = session.generate_keys([(FACE, 0x1A), (TEXT, 0x13)])
    assert one != other
    before = cell.image
    with pytest.raises(CardError):
        session.generate_keys([(FACE, 0x1A), (FACE, 0x11)])
    keys = [Image.decode(image).keys for image in (before, cell.image)]
    assert keys[0] == keys[1]
    connection.close()


def test_together_does_not_nest_terminate_or_itself() -> None:
    """Not even for an issuer who does not speak through this session."""
    for inside in ("FE0000", "100000", "AE0000", "D6"):
        cell, connection = insert()
        session = issuer(connection)
        session.authenticate()
        before = cell.image
        order = bytes.fromhex(inside)
        wrapped = b"\xe0" + bytes((len(order),)) + order
        with pytest.raises(CardError) as refusal:
            session._order("X", 0x10, 0, wrapped)
        assert refusal.value.sw == 0x6A80
        assert cell.image == before


def test_a_number_changed_takes_the_status_away() -> None:
    connection = insert()[1]
    face = CardFaceSession(connection)
    face.verify(Opener.NUMBER_B, NUMBER_B)
    session = issuer(connection)
    with session.together():
        session.put_data(0x00F2, b"20360217")
    face.face_record()
    with session.together():
        session.set_pin(CardSecret.NUMBER_B, NUMBER_B)
    with pytest.raises(PinRequired):
        face.face_record()
