"""Terminal against card: the two sides were written apart from each other."""

import hashlib
from collections.abc import Callable
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.card import Chip
from mynabox.terminal.card_record import (
    COMMON_AID,
    JUKI_AID,
    CardRecord,
    JukiPinSession,
    change_juki_pin,
    read_card_record,
)
from mynabox.terminal.errors import (
    ApplicationMissing,
    CardError,
    CardNonsense,
    CardUnproven,
    IssuerRefused,
    LastTry,
    NothingThere,
    PinLocked,
    PinRequired,
    WrongPin,
)
from mynabox.terminal.input_support import (
    Attributes,
    InputSupportSession,
    attributes_file,
    number_file,
)
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
from mynabox.terminal.jpki import JpkiSession, Kind
from tests.card import specimen
from tests.card.specimen import Cell, InProcess, insert, stream

AUTH, SIGN = Kind.AUTHENTICATION, Kind.SIGNATURE
PIN = {AUTH: "1234", SIGN: "ABC123"}
KEY = {AUTH: 0, SIGN: 1}


def test_the_token_says_what_it_is() -> None:
    token = JpkiSession(insert()[1]).token()
    assert token.label == "JPKIAPICCTOKEN2"
    assert (token.model, token.serial) == ("MYNABOX1", specimen.SERIAL)


def test_certificates_of_the_authentication_side_are_free() -> None:
    session = JpkiSession(insert()[1])
    assert session.certificate(AUTH) == specimen.CERTIFICATES[0x0A]
    assert session.ca_certificate(AUTH) == specimen.CERTIFICATES[0x0B]
    assert session.ca_certificate(SIGN) == specimen.CERTIFICATES[0x02]
    assert session.has_certificate(SIGN)


def test_the_signature_certificate_wants_its_password() -> None:
    session = JpkiSession(insert()[1])
    with pytest.raises(PinRequired) as refusal:
        session.certificate(SIGN)
    assert refusal.value.sw == 0x6982
    session.verify(SIGN, "ABC123")
    assert session.certificate(SIGN) == specimen.CERTIFICATES[0x01]


@pytest.mark.parametrize("kind", Kind)
def test_one_pin_many_signatures(kind: Kind) -> None:
    session = JpkiSession(insert()[1])
    with pytest.raises(PinRequired):
        session.sign(kind, b"before")
    session.verify(kind, PIN[kind])
    public = specimen.private_keys()[KEY[kind]].public_key()
    for text in (b"one", b"two"):
        public.verify(session.sign(kind, text), text, PKCS1v15(), SHA256())


@pytest.mark.parametrize(("kind", "limit"), [(AUTH, 3), (SIGN, 5)])
def test_the_last_try_is_spent_only_when_told(kind: Kind, limit: int) -> None:
    cell, connection = insert()
    session = JpkiSession(connection)
    for left in range(limit - 1, 0, -1):
        with pytest.raises(WrongPin) as wrong:
            session.verify(kind, "000000" if kind is SIGN else "0000")
        assert wrong.value.tries_left == left == session.tries_left(kind)
    writes = cell.writes
    with pytest.raises(LastTry):
        session.verify(kind, PIN[kind])
    assert cell.writes == writes
    session.verify(kind, PIN[kind], last_try=True)
    assert session.tries_left(kind) == limit


def test_locked_is_said_without_trying() -> None:
    connection = insert()[1]
    session = JpkiSession(connection)
    for _ in range(3):
        with pytest.raises(WrongPin):
            session.verify(AUTH, "0000", last_try=True)
    connection.sent.clear()
    with pytest.raises(PinLocked):
        session.verify(AUTH, "1234", last_try=True)
    assert not [sent for sent in connection.sent if sent[1] == 0x20 and len(sent) > 4]


@pytest.mark.parametrize(
    ("kind", "new", "fits"),
    [
        (AUTH, "9876", True),
        (AUTH, "12345", False),
        (AUTH, "123", False),
        (AUTH, "12A4", False),
        (SIGN, "XYZ789", True),
        (SIGN, "ABCDEFGH12345678", True),
        (SIGN, "ABCDE", False),
        (SIGN, "abc123", False),
        (SIGN, "ABC-123", False),
    ],
)
def test_change(kind: Kind, new: str, fits: bool) -> None:
    cell, connection = insert()
    session = JpkiSession(connection)
    if fits:
        session.change_pin(kind, old=PIN[kind], new=new)
    else:
        with pytest.raises(CardError) as refusal:
            session.change_pin(kind, old=PIN[kind], new=new)
        assert refusal.value.sw == 0x6A80
    after = JpkiSession(insert(cell.image)[1])
    after.verify(kind, new if fits else PIN[kind])


def test_change_with_a_wrong_old_pin_costs_a_try_and_changes_nothing() -> None:
    session = JpkiSession(insert()[1])
    with pytest.raises(WrongPin):
        session.change_pin(AUTH, old="1111", new="9876")
    assert session.tries_left(AUTH) == 2
    session.verify(AUTH, "1234")


def test_an_unpersonalised_card() -> None:
    """No PIN is set: locked. No certificate and no key: nothing there."""
    session = JpkiSession(insert(specimen.blank())[1])
    assert session.tries_left(AUTH) == 0
    assert not session.has_certificate(AUTH)
    with pytest.raises(PinLocked):
        session.verify(AUTH, "1234")
    with pytest.raises(NothingThere):
        session.certificate(AUTH)


def test_a_key_that_was_never_made() -> None:
    cell, connection = insert(specimen.blank())
    specimen.issuer(connection).set_pin(CardSecret.AUTHENTICATION, "1234")
    session = JpkiSession(connection)
    session.verify(AUTH, "1234")
    with pytest.raises(NothingThere):
        session.sign(AUTH, b"text")
    assert cell.writes


def test_a_childs_card_has_no_signature_certificate() -> None:
    connection = insert()[1]
    specimen.issuer(connection).write_file(CardApplication.JPKI, 0x01, b"")
    session = JpkiSession(connection)
    assert (session.has_certificate(SIGN), session.has_certificate(AUTH)) == (
        False,
        True,
    )
    session.verify(SIGN, "ABC123")
    with pytest.raises(NothingThere):
        session.certificate(SIGN)


# --- input support ---------------------------------------------------------------


def test_the_pin_opens_number_and_attributes() -> None:
    session = InputSupportSession(insert()[1])
    session.verify("2468")
    assert session.number() == specimen.NUMBER
    assert session.attributes() == specimen.ATTRIBUTES


def test_number_a_and_b_open_one_each() -> None:
    session = InputSupportSession(insert()[1])
    session.verify_number_a(specimen.NUMBER)
    assert session.number() == specimen.NUMBER
    with pytest.raises(PinRequired):
        session.attributes()

    session = InputSupportSession(insert()[1])
    session.verify_number_b("55021720352285")
    assert session.attributes() == specimen.ATTRIBUTES
    with pytest.raises(PinRequired):
        session.number()


def test_the_cards_own_key_signs_without_a_pin() -> None:
    session = InputSupportSession(insert()[1])
    info = bytes.fromhex("3031300D060960864801650304020105000420")
    signature = session.sign_challenge(info + hashlib.sha256(b"nonce").digest())
    public = specimen.private_keys()[2].public_key()
    public.verify(signature, b"nonce", PKCS1v15(), SHA256())


def test_input_support_pin_changes() -> None:
    cell, connection = insert()
    InputSupportSession(connection).change_pin(old="2468", new="1357")
    after = InputSupportSession(insert(cell.image)[1])
    with pytest.raises(WrongPin):
        after.verify("2468")
    after.verify("1357")
    assert after.tries_left() == 3


def test_number_file_is_seventeen_bytes() -> None:
    assert (
        number_file("123456789018").hex() == "ff100c" + b"123456789018".hex() + "ffff"
    )
    with pytest.raises(ValueError, match="twelve"):
        number_file("12345678901")


@pytest.mark.parametrize(
    ("address", "long_form", "head"),
    [
        ("短", False, "ff20"),
        ("短", True, "ff2082"),
        ("長" * 100, False, "ff2082"),
    ],
)
def test_the_offset_table_points_at_each_part(
    address: str, long_form: bool, head: str
) -> None:
    attributes = Attributes(
        name="甲\u3000乙", address=address, birth="20010101", sex="1"
    )
    content = attributes_file(attributes, long_form=long_form)
    assert content.hex().startswith(head)
    at = content.index(b"\xdf\x21\x08") + 3
    offsets = [int.from_bytes(content[i : i + 2]) for i in range(at, at + 8, 2)]
    tags = [content[offset : offset + 2].hex() for offset in offsets]
    assert tags == ["df22", "df23", "df24", "df25"]

    connection = insert()[1]
    specimen.issuer(connection).write_file(CardApplication.INPUT_SUPPORT, 0x02, content)
    session = InputSupportSession(connection)
    session.verify("2468")
    assert session.attributes() == attributes


def test_nonsense_in_a_file_is_named_as_such() -> None:
    connection = insert()[1]
    write = specimen.issuer(connection)
    write.write_file(CardApplication.INPUT_SUPPORT, 0x01, b"\xff\x10\x03123")
    write.write_file(CardApplication.INPUT_SUPPORT, 0x02, b"\xff\x20\x03\xdf\x22\x00")
    session = InputSupportSession(connection)
    session.verify("2468")
    with pytest.raises(CardNonsense):
        session.number()
    with pytest.raises(CardNonsense):
        session.attributes()


# --- the card's record and the juki PIN --------------------------------------------


def test_the_record_of_the_card() -> None:
    connection = insert()[1]
    assert read_card_record(connection) == specimen.RECORD
    assert len(specimen.RECORD.encode()) == 30


@pytest.mark.parametrize(
    "record",
    [
        CardRecord("1", "13101", "20350217"),
        CardRecord("900033000000001", "1310１", "20350217"),
    ],
)
def test_a_record_has_fixed_widths(record: CardRecord) -> None:
    with pytest.raises(ValueError, match="ASCII digits"):
        record.encode()


def test_the_juki_pin_is_kept_twice_with_tries_of_its_own() -> None:
    connection = insert()[1]
    with pytest.raises(WrongPin):
        JukiPinSession(connection, COMMON_AID).verify("0000")
    assert JukiPinSession(connection, COMMON_AID).tries_left() == 2
    assert JukiPinSession(connection, JUKI_AID).tries_left() == 3
    change_juki_pin(connection, old="5678", new="8765")
    for aid in (COMMON_AID, JUKI_AID):
        JukiPinSession(connection, aid).verify("8765")


def test_a_juki_pin_that_parted_is_changed_in_neither_copy() -> None:
    connection = insert()[1]
    JukiPinSession(connection, JUKI_AID).change_pin(old="5678", new="1111")
    with pytest.raises(WrongPin):
        change_juki_pin(connection, old="5678", new="8765")
    JukiPinSession(connection, COMMON_AID).verify("5678")


# --- the issuer ----------------------------------------------------------------------


def test_personalised_by_the_issuer_alone() -> None:
    """The specimen exists only because these commands work; made twice, it is equal."""
    specimen.specimen.cache_clear()
    first = specimen.specimen()
    specimen.specimen.cache_clear()
    assert first == specimen.specimen()
    connection = insert()[1]
    assert connection.transmit(bytes.fromhex("00CA00F200")) == b"20350217\x90\x00"
    assert connection.transmit(bytes.fromhex("00CA004500"))[:-2] == (
        specimen.SERIAL.encode()
    )


def test_a_key_made_in_the_chip_signs() -> None:
    cell, connection = insert()
    spki = specimen.issuer(connection).generate_key(CardApplication.JPKI, 0x17)
    session = JpkiSession(insert(cell.image)[1])
    session.verify(AUTH, "1234")
    public = specimen.public_key(spki)
    assert public.key_size == 2048
    public.verify(session.sign(AUTH, b"text"), b"text", PKCS1v15(), SHA256())


def test_unlocking_gives_a_new_pin_and_all_tries() -> None:
    connection = insert()[1]
    session = JpkiSession(connection)
    for _ in range(3):
        with pytest.raises(WrongPin):
            session.verify(AUTH, "0000", last_try=True)
    specimen.issuer(connection).set_pin(CardSecret.AUTHENTICATION, "4321")
    session = JpkiSession(connection)
    assert session.tries_left(AUTH) == 3
    session.verify(AUTH, "4321")


def test_setting_a_pin_takes_back_what_the_old_one_opened() -> None:
    connection = insert()[1]
    session = JpkiSession(connection)
    session.verify(AUTH, "1234")
    specimen.issuer(connection).set_pin(CardSecret.AUTHENTICATION, "4321")
    with pytest.raises(PinRequired):
        session.sign(AUTH, b"text")


def test_a_pin_of_the_wrong_form_is_refused_and_ends_the_session() -> None:
    connection = insert()[1]
    session = specimen.issuer(connection)
    with pytest.raises(CardError) as refusal:
        session.set_pin(CardSecret.AUTHENTICATION, "12345")
    assert refusal.value.sw == 0x6A80
    session.set_expiry(date(2036, 1, 1))
    assert connection.transmit(bytes.fromhex("00CA00F200")) == b"20360101\x90\x00"


@pytest.mark.parametrize("what", ["key", "serial"])
def test_ten_wrong_issuers_close_the_door_for_ever(what: str) -> None:
    cell, connection = insert()
    stranger = IssuerSession(
        connection,
        key=bytes(32) if what == "key" else specimen.ISSUER_KEY,
        serial="9" * 16 if what == "serial" else specimen.SERIAL,
        random=stream("stranger"),
    )
    for left in range(9, -1, -1):
        with pytest.raises(IssuerRefused) as refusal:
            stranger.authenticate()
        assert refusal.value.tries_left == left
    connection = insert(cell.image)[1]
    with pytest.raises(IssuerRefused) as closed:
        specimen.issuer(connection).authenticate()
    assert closed.value.sw == 0x6984
    JpkiSession(connection).verify(AUTH, "1234")


def test_a_right_issuer_gives_the_tries_back() -> None:
    connection = insert()[1]
    stranger = IssuerSession(
        connection, key=bytes(32), serial=specimen.SERIAL, random=stream("stranger")
    )
    left = []
    for session in (stranger, stranger, specimen.issuer(connection), stranger):
        try:
            session.authenticate()
        except IssuerRefused as refusal:
            left.append(refusal.tries_left)
    assert left == [9, 8, 9]


def test_the_end_of_a_card() -> None:
    cell, connection = insert()
    specimen.issuer(connection).terminate()
    for pin in ("1234", "ABC123", "2468", specimen.NUMBER):
        assert pin.encode().hex().encode() not in cell.image
    assert specimen.ISSUER_KEY.hex().encode() not in cell.image
    assert b'"keys":{}' in cell.image
    assert b'"files":{}' in cell.image
    for card in (connection, insert(cell.image)[1]):
        with pytest.raises(CardError) as refusal:
            JpkiSession(card)
        assert refusal.value.sw == 0x6985


def test_a_card_without_the_application() -> None:
    connection = insert()[1]
    with pytest.raises(ApplicationMissing):
        JukiPinSession(connection, bytes.fromhex("D3921000310001010999"))


class Between(InProcess):
    """Someone in the line between terminal and card."""

    def __init__(self, chip: Chip) -> None:
        super().__init__(chip)
        self.bend = False

    def transmit(self, command: bytes) -> bytes:
        answer = super().transmit(command)
        if self.bend and len(answer) > 2:
            return bytes((answer[0] ^ 1,)) + answer[1:]
        return answer


@pytest.mark.parametrize("when", ["proof", "answer"])
def test_a_bent_answer_is_not_believed(when: str) -> None:
    connection = Between(Chip(Cell(specimen.specimen()), random=stream("card")))
    session = specimen.issuer(connection)
    if when == "answer":
        session.authenticate()
        connection.bend = True
        with pytest.raises(CardUnproven):
            session.generate_key(CardApplication.JPKI, 0x17)
        return

    class BendsProof(Between):
        def transmit(self, command: bytes) -> bytes:
            self.bend = command[1] == 0x82
            return super().transmit(command)

    connection = BendsProof(Chip(Cell(specimen.specimen()), random=stream("card")))
    with pytest.raises(CardUnproven):
        specimen.issuer(connection).authenticate()


class Scripted:
    """A card that says what it is told to say."""

    atr = b""

    def __init__(self, **answers: str) -> None:
        self._answers = {key: bytes.fromhex(each) for key, each in answers.items()}
        self.sent: list[str] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command.hex())
        return self._answers.get("x" + command.hex(), b"\x90\x00")

    def reset(self, *, cold: bool = False) -> None: ...

    def close(self) -> None: ...


def test_answers_that_come_in_parts_are_put_together() -> None:
    card = Scripted(
        x00b0000008="6C05",
        x00b0000005="308200ff016103",
        x00c0000003="AABBCC9000",
    )
    session = JpkiSession(card)
    with pytest.raises(CardNonsense):  # it ends before the 259 bytes it announces
        session.certificate(AUTH)
    assert "00c0000003" in card.sent


def test_an_answer_that_never_ends_is_given_up() -> None:
    for part in ("6101", "AA" * 200 + "61C8"):
        session = JpkiSession(
            Scripted(x00b0000000=part, x00c0000001=part, x00c00000c8=part)
        )
        with pytest.raises(CardNonsense):
            session.token()


@pytest.mark.parametrize("pin", ["", "12345678901234567", "一二三四五六"])
def test_what_no_card_could_take_is_not_sent(pin: str) -> None:
    connection = insert()[1]
    session = JpkiSession(connection)
    connection.sent.clear()
    with pytest.raises(ValueError, match="1 to 16"):
        session.verify(AUTH, pin)
    session.verify(AUTH, "1234")
    with pytest.raises(ValueError, match="1 to 16"):
        session.change_pin(AUTH, old="1234", new=pin)
    assert session.tries_left(AUTH) == 3


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"x00b0000000": "AABB9000"}, "token"),
        ({"x00b0000000": "8F9000"}, "has_certificate"),
        ({"x00b0000008": "30859000"}, "certificate"),
    ],
)
def test_files_no_card_of_this_kind_has(answers: dict[str, str], asked: str) -> None:
    session = JpkiSession(Scripted(**answers))
    asks: dict[str, Callable[[], object]] = {
        "token": session.token,
        "has_certificate": lambda: session.has_certificate(AUTH),
        "certificate": lambda: session.certificate(AUTH),
    }
    with pytest.raises(CardNonsense):
        asks[asked]()


def test_an_empty_certificate_file_holds_nothing() -> None:
    with pytest.raises(NothingThere):
        JpkiSession(Scripted(x00b0000008="6B00")).certificate(AUTH)


@pytest.mark.parametrize("record", ["", "01", "011C" + "30" * 10, "0201303", "010130"])
def test_records_of_another_form(record: str) -> None:
    raw = bytes.fromhex(record if len(record) % 2 == 0 else record + "0")
    with pytest.raises(CardNonsense):
        CardRecord.decode(raw)


def test_files_of_other_tags_are_nonsense() -> None:
    connection = insert()[1]
    write = specimen.issuer(connection)
    write.write_file(CardApplication.INPUT_SUPPORT, 0x01, b"\xff\x10")
    write.write_file(CardApplication.INPUT_SUPPORT, 0x02, bytes.fromhex("FF3000"))
    session = InputSupportSession(connection)
    session.verify("2468")
    with pytest.raises(CardNonsense):
        session.number()
    with pytest.raises(CardNonsense, match="another tag"):
        session.attributes()


@pytest.mark.parametrize("word", ["6983", "6984"])
def test_both_words_for_locked_are_understood(word: str) -> None:
    session = JpkiSession(Scripted(x00200080=word))
    assert session.tries_left(AUTH) == 0


def test_a_query_nobody_explains() -> None:
    with pytest.raises(CardError) as refusal:
        JpkiSession(Scripted(x00200080="6D00")).tries_left(AUTH)
    assert refusal.value.sw == 0x6D00


def test_an_answer_without_status() -> None:
    with pytest.raises(CardNonsense):
        JpkiSession(Scripted(x00200080="90")).tries_left(AUTH)


def test_errors_show_no_pin() -> None:
    session = JpkiSession(insert()[1])
    with pytest.raises(WrongPin) as wrong:
        session.verify(SIGN, "SECRET99")
    assert "SECRET99" not in str(wrong.value) + repr(wrong.value.args)
