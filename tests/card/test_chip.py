"""What the transcripts cannot say: signatures that verify, memory, reload, trace."""

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.card import CARD, PROFILES, Chip, ImageDamaged, Secret, blank_image
from mynabox.card.image import Counter, Image
from mynabox.card.layout import FREE, Application, Transparent
from mynabox.terminal.errors import CardError
from mynabox.terminal.issuer import CardApplication, CardSecret
from tests.card import specimen
from tests.card.specimen import (
    Cell,
    InProcess,
    insert,
    issuer,
    private_keys,
    stream,
)

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
PIN = bytes.fromhex("002000980431323334")
PASSWORD = bytes.fromhex("0020009B06414243313233")
SIGN = bytes.fromhex("802A0097014100")


def say(card: InProcess, *commands: str | bytes) -> list[str]:
    """The answers to some commands, in hexadecimal."""
    return [
        card.transmit(bytes.fromhex(each) if isinstance(each, str) else each).hex()
        for each in commands
    ]


def unpadded(public: RSAPublicKey, signature: bytes) -> bytes:
    """What lies behind 00 01 FF .. FF 00 in a signature (RFC 8017 §9.2)."""
    numbers = public.public_numbers()
    block = pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(256)
    padding, zero, data = block[2:].partition(b"\x00")
    assert block[:2] == b"\x00\x01"
    assert zero
    assert padding == b"\xff" * (253 - len(data))
    return data


# --- signatures --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verify", "key", "index"), [(PIN, "97", 0), (PASSWORD, "9A", 1)]
)
@pytest.mark.parametrize("p1", range(6))
def test_each_mode_is_the_signature_it_says(
    verify: bytes, key: str, index: int, p1: int
) -> None:
    card = insert()[1]
    data = hashlib.sha256(b"text").digest() if p1 in (2, 4) else b"text"
    command = f"802A{p1:02X}{key}{len(data):02X}{data.hex()}00"
    answer = bytes.fromhex(say(card, SELECT, verify, command)[-1])
    assert answer[-2:] == b"\x90\x00"
    public = private_keys()[index].public_key()
    pss = PSS(mgf=MGF1(SHA256()), salt_length=32)
    match p1:
        case 0:
            assert unpadded(public, answer[:-2]) == data
        case 1:
            assert unpadded(public, answer[:-2]) == hashlib.sha256(data).digest()
        case 2 | 3:
            public.verify(answer[:-2], b"text", PKCS1v15(), SHA256())
        case _:
            public.verify(answer[:-2], b"text", pss, SHA256())


def test_malformed_digest_infos_are_signed_as_they_are() -> None:
    """pyjpki omits the NULL parameters; the card does not mend it."""
    broken = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + bytes(32)
    command = f"802A0097{len(broken):02X}{broken.hex()}00"
    answer = bytes.fromhex(say(insert()[1], SELECT, PIN, command)[-1])
    public = private_keys()[0].public_key()
    assert unpadded(public, answer[:-2]) == broken


def test_a_new_key_takes_the_place_of_the_old_one_at_once() -> None:
    cell, _ = insert()
    chip = Chip(cell, random=stream("x"), make_key=lambda: private_keys()[3])
    card = InProcess(chip)
    before = say(card, SELECT, PIN, SIGN)[-1]
    issuer(card).generate_key(CardApplication.JPKI, 0x17)
    after = bytes.fromhex(say(card, SIGN)[0])
    assert after.hex() != before
    assert unpadded(private_keys()[3].public_key(), after[:-2]) == b"A"


def test_a_challenge_answered_by_the_common_applications_key() -> None:
    challenge = b"\x41" * 8
    answer = say(
        insert()[1],
        "00A4040C0AD3921000310001010100",
        f"0088009908{challenge.hex()}00",
    )[-1]
    public = private_keys()[3].public_key()
    public.verify(bytes.fromhex(answer)[:-2], challenge, PKCS1v15(), SHA256())


# --- the image -----------------------------------------------------------------------


def test_an_image_reads_back() -> None:
    image = Image.decode(specimen.specimen())
    assert image.encode() == specimen.specimen()
    assert image.serial == specimen.SERIAL


def test_the_image_shows_no_secret() -> None:
    shown = repr(Image.decode(specimen.specimen()))
    for secret in (b"ABC123", b"1234", specimen.ISSUER_KEY):
        assert secret.hex() not in shown
        assert repr(secret) not in shown


@pytest.mark.parametrize("at", range(0, 3000, 97))
def test_every_flipped_byte_is_noticed(at: int) -> None:
    good = specimen.specimen()
    bad = good[:at] + bytes((good[at] ^ 0x01,)) + good[at + 1 :]
    with pytest.raises(ImageDamaged):
        Chip(Cell(bad), random=stream("x")).power_on()


@pytest.mark.parametrize("raw", [b"", b"mynabox-card 1 ", b"{}", b"\n", bytes(100)])
def test_foreign_bytes_are_no_card(raw: bytes) -> None:
    with pytest.raises(ImageDamaged):
        Image.decode(raw)


def test_half_an_image_is_no_card() -> None:
    good = specimen.specimen()
    with pytest.raises(ImageDamaged):
        Image.decode(good[: len(good) // 2])


def test_a_card_of_another_kind() -> None:
    image = replace(Image.decode(specimen.specimen()), profile="card-99").encode()
    with pytest.raises(ImageDamaged, match="card-99"):
        Chip(Cell(image), random=stream("x")).power_on()
    with pytest.raises(ImageDamaged, match="card-99"):
        Chip(Cell(image), random=stream("x"), profile=CARD).power_on()


def test_a_card_without_the_secrets_of_its_kind() -> None:
    image = replace(Image.decode(specimen.specimen()), secrets={}).encode()
    with pytest.raises(ImageDamaged, match="secrets"):
        Chip(Cell(image), random=stream("x")).power_on()


def test_a_try_counter_above_its_limit_is_no_card() -> None:
    image = replace(Image.decode(specimen.specimen()), issuer_tries=Counter(11, 10))
    with pytest.raises(ImageDamaged):
        Image.decode(image.encode())


@pytest.mark.parametrize(
    ("serial", "key", "tries", "issuer_tries"),
    [
        ("1", bytes(32), 3, 10),
        ("９" * 16, bytes(32), 3, 10),
        ("9" * 16, bytes(16), 3, 10),
        ("9" * 16, bytes(32), 0, 10),
        ("9" * 16, bytes(32), 16, 10),
        ("9" * 16, bytes(32), 3, 0),
    ],
)
def test_a_blank_card_needs_good_values(
    serial: str, key: bytes, tries: int, issuer_tries: int
) -> None:
    with pytest.raises(ValueError, match=r"serial|key|tries"):
        blank_image(
            profile=CARD,
            serial=serial,
            issuer_key=key,
            tries=dict.fromkeys(Secret, tries),
            issuer_tries=issuer_tries,
        )


def test_limits_come_with_the_image() -> None:
    tries = {**specimen.TRIES, Secret.AUTHENTICATION: 7}
    image = blank_image(
        profile=CARD,
        serial=specimen.SERIAL,
        issuer_key=specimen.ISSUER_KEY,
        tries=tries,
        issuer_tries=2,
    )
    card = insert(image)[1]
    issuer(card).set_pin(CardSecret.AUTHENTICATION, "1234")
    assert say(card, SELECT, "00200098") == ["9000", "63c7"]


def test_profiles_are_found_by_the_name_images_carry() -> None:
    assert all(PROFILES[name].name == name for name in PROFILES)


def test_two_files_of_one_name_are_no_application() -> None:
    twice = (Transparent(0x01, FREE), Transparent(0x21, FREE))
    with pytest.raises(ValueError, match="share"):
        Application(name="x", aid=b"\xd3", files=twice)


# --- power and reload ------------------------------------------------------------------


def test_without_power_there_is_no_answer_but_6f00() -> None:
    chip = Chip(Cell(specimen.specimen()), random=stream("x"))
    chip.reload()
    assert not chip.powered
    assert chip.transmit(SELECT) == b"\x6f\x00"
    assert chip.power_on() == bytes.fromhex("3BE000FF8131FE4514")
    assert chip.powered
    chip.power_off()
    assert chip.transmit(SELECT) == b"\x6f\x00"
    assert chip.warm_reset() == bytes.fromhex("3BE000FF8131FE4514")
    assert chip.transmit(SELECT) == b"\x90\x00"


def elsewhere(cell: Cell, *, end: bool = False) -> InProcess:
    """The same card's memory in another process."""
    other = Cell(cell.image)
    card = InProcess(
        Chip(other, random=stream("elsewhere"), make_key=lambda: private_keys()[2])
    )
    session = issuer(card, "elsewhere")
    if end:
        session.terminate()
    else:
        session.write_file(CardApplication.JPKI, 0x0B, b"\x30\x01A")
    cell.image = other.image
    return card


def test_reload_sees_what_another_wrote_and_keeps_the_status() -> None:
    cell, card = insert()
    say(card, SELECT, PIN, "00A4020C02000B")
    elsewhere(cell)
    assert say(card, "00B0000004")[0] == "3082" + "03fc" + "9000"
    card.chip.reload()
    assert say(card, "00B0000004") == ["3001419000"]
    assert say(card, SIGN)[0].endswith("9000")


def test_reload_takes_back_the_status_of_a_changed_or_locked_pin() -> None:
    for bend in ("changed", "locked"):
        cell, card = insert()
        say(card, SELECT, PIN, PASSWORD)
        other = Cell(cell.image)
        there = InProcess(Chip(other, random=stream("there")))
        if bend == "changed":
            say(there, SELECT, PIN, "002401980434333231")
        else:
            say(there, SELECT, *["002000980430303030"] * 3)
        cell.image = other.image
        card.chip.reload()
        assert say(card, SIGN) == ["6982"]
        assert say(card, SIGN.hex().replace("0097", "009a"))[0].endswith("9000")


def test_reload_of_another_card_forgets_everything() -> None:
    cell, card = insert()
    say(card, SELECT, PIN)
    cell.image = replace(Image.decode(cell.image), serial="1" * 16).encode()
    card.chip.reload()
    assert say(card, SIGN) == ["6a88"]


def test_reload_of_an_ended_card() -> None:
    cell, card = insert()
    say(card, SELECT, PIN)
    elsewhere(cell, end=True)
    card.chip.reload()
    assert say(card, SIGN, SELECT, "") == ["6985"] * 3


def test_reload_of_a_torn_memory_leaves_the_chip_mute() -> None:
    cell, card = insert()
    good, cell.image = cell.image, b"torn"
    with pytest.raises(ImageDamaged):
        card.chip.reload()
    assert say(card, SELECT) == ["6581"]
    cell.image = good
    card.chip.reload()
    assert say(card, SELECT) == ["9000"]


def test_an_issuer_session_outlives_a_reload_unless_its_key_changed() -> None:
    cell, card = insert()
    session = issuer(card)
    session.authenticate()
    card.chip.reload()
    session.set_pin(CardSecret.AUTHENTICATION, "4321")
    session.authenticate()
    cell.image = replace(Image.decode(cell.image), issuer_key=bytes(32)).encode()
    card.chip.reload()
    assert say(card, "84DA00F210" + "00" * 16 + "00") == ["6982"]


# --- the issuer's channel -----------------------------------------------------------------


def recorded() -> tuple[InProcess, list[bytes]]:
    """A card, and the two sealed commands it was just sent."""
    card = insert()[1]
    session = issuer(card)
    session.put_data(0x00F2, b"20300101")
    session.put_data(0x00F2, b"20310101")
    return card, [sent for sent in card.sent if sent[0] == 0x84]


def test_a_replayed_command_ends_the_session() -> None:
    card, (first, second) = recorded()
    assert say(card, second) == ["6988"]
    assert say(card, first, second) == ["6982", "6982"]


def test_commands_of_an_old_session_are_worthless_in_a_new_one() -> None:
    card, (first, _) = recorded()
    issuer(card, "later").authenticate()
    assert say(card, first) == ["6988"]
    assert say(card, "00CA00F200")[0] == b"20310101".hex() + "9000"


def test_a_recorded_authentication_opens_nothing() -> None:
    card = insert()[1]
    issuer(card).authenticate()
    proof = next(sent for sent in card.sent if sent[:2] == b"\x80\x82")
    say(card, "0084000010")
    assert say(card, proof) == ["63c9"]


@pytest.mark.parametrize("at", [0, 1, 2, 3, 7, 12, -3])
def test_any_bent_byte_ends_the_session(at: int) -> None:
    class Bending(InProcess):
        on = False

        def transmit(self, command: bytes) -> bytes:
            if self.on:
                index = at % len(command)
                bent = bytes((command[index] ^ 1,))
                command = command[:index] + bent + command[index + 1 :]
            return super().transmit(command)

    card = Bending(Chip(Cell(specimen.specimen()), random=stream("bending")))
    session = issuer(card)
    session.authenticate()
    card.on = True
    with pytest.raises(CardError, match=r"69|6D|6E|6A|67"):
        session.put_data(0x00F2, b"20300101")
    card.on = False
    assert say(card, "00CA00F200")[0] == b"20350217".hex() + "9000"


@pytest.mark.parametrize("how", ["warm reset", "power", "wrong issuer"])
def test_what_ends_an_issuer_session(how: str) -> None:
    card = insert()[1]
    session = issuer(card)
    session.authenticate()
    if how == "warm reset":
        card.reset()
    elif how == "power":
        card.reset(cold=True)
    else:
        say(card, "8082000020" + "00" * 32 + "00")
    assert say(card, "84DA00F210" + "00" * 16 + "00") == ["6982"]


def test_plain_commands_in_between_do_no_harm() -> None:
    card = insert()[1]
    session = issuer(card)
    session.authenticate()
    say(card, SELECT, PIN, "00B0860000")
    session.put_data(0x00F2, b"20300101")
    say(card, "00A4040C07A0000001510000")
    assert say(card, "00CA00F200")[0] == b"20300101".hex() + "9000"


@pytest.mark.parametrize(
    ("fid", "refusal"), [(0x18, "6981"), (0x17, "6981"), (0x08, "6981"), (0x03, "6A82")]
)
def test_what_is_no_file_is_not_written(fid: int, refusal: str) -> None:
    with pytest.raises(CardError, match=refusal):
        issuer(insert()[1]).write_file(CardApplication.JPKI, fid, b"x")


AID = "840AD392F000260100000001"
RECORDS = "840AD3921000310001010100"


@pytest.mark.parametrize(
    ("ins", "p1p2", "content", "refusal"),
    [
        (0xD6, 0x0001, AID + "8302000A" + "530141", "6A86"),
        (0xD6, 0, "", "6A80"),
        (0xD6, 0, "8302000A" + AID + "530141", "6A80"),
        (0xD6, 0, AID + "8302000A" + "540141", "6A80"),
        (0xD6, 0, AID + "8302000A" + "5305", "6A80"),
        (0xD6, 0, AID + "8302000A", "6A80"),
        (0xD6, 0, AID + "8302000A" + "530141530142", "6A80"),
        (0xD6, 0, "8409D392F0002601000000" + "8302000A" + "530141", "6A82"),
        (0xD6, 0, RECORDS + "83020001" + "5300", "6A80"),
        (0xD6, 0, RECORDS + "83020001" + "530141" * 255, "6A80"),
        (0x46, 0, AID + "8302000A", "6981"),
        (0x46, 0, AID + "83020017" + "530141", "6A80"),
        (0x46, 0, AID + "83020003", "6A82"),
        (0x2C, 0, AID + "83020017" + "530431323334", "6981"),
        (0x2C, 0, AID + "83020017", "6981"),
        (0x2C, 0, AID + "83020018" + "5300", "6A80"),
        (0x2C, 0, AID + "83020018" + "530431323334" * 2, "6A80"),
        (0xDA, 0x00F2, "00" * 0x8000, "6A80"),
        (0xFE, 0x0001, "", "6A86"),
        (0xFE, 0, "00", "6A80"),
    ],
)
def test_orders_refused_change_nothing_and_end_the_session(
    ins: int, p1p2: int, content: str, refusal: str
) -> None:
    cell, card = insert()
    session = issuer(card)
    session.authenticate()
    with pytest.raises(CardError, match=refusal):
        session._order("ORDER", ins, p1p2, bytes.fromhex(content))
    assert cell.image == specimen.specimen()
    assert say(card, "84DA00F210" + "00" * 16 + "00") == ["6982"]


TRIES_OF_THE_PIN, TRIES_OF_THE_PASSWORD = "00200098", "0020009B"


def test_a_secret_that_was_taken_away_opens_nothing() -> None:
    """R081: as one that was never set. Whatever is typed finds it locked; a right value
    typed before is worth nothing any more; power and other secrets change nothing; only
    the issuer's next value brings its tries back"""
    cell, card = insert()
    assert say(card, SELECT, PIN, SIGN)[-1].endswith("9000")
    issuer(card).take_pin(CardSecret.AUTHENTICATION)
    locked = ["9000", "63c0", "6984", "6984", "6982"]
    typed = (SELECT, TRIES_OF_THE_PIN, PIN, "0020009804FFFFFFFF", SIGN)
    assert say(card, *typed) == locked
    change = "0024019804" + "39" * 4
    assert say(card, change, PASSWORD, TRIES_OF_THE_PIN) == ["6982", "9000", "63c0"]
    again = InProcess(Chip(cell, random=stream("again")))
    assert say(again, *typed) == locked
    issuer(again).set_pin(CardSecret.SIGNATURE, "NEW123")
    assert say(again, *typed) == locked
    issuer(again).set_pin(CardSecret.AUTHENTICATION, "1234")
    assert say(again, SELECT, TRIES_OF_THE_PIN, PIN) == ["9000", "63c3", "9000"]
    assert say(again, SIGN)[0].endswith("9000")


def test_a_secret_is_taken_away_by_the_issuer_alone() -> None:
    """the order in clear, and sealed with another card's key, takes nothing"""
    cell, card = insert()
    order = AID + "83020018"
    assert say(card, f"842C0000{len(order) // 2:02X}{order}00") == ["6982"]
    assert cell.image == specimen.specimen()
    assert say(card, SELECT, TRIES_OF_THE_PIN) == ["9000", "63c3"]


def test_both_copies_of_the_juki_pin_are_taken_away_as_one_write() -> None:
    cell, card = insert()
    session = issuer(card)
    session.authenticate()
    before = cell.writes
    session.take_pins((CardSecret.JUKI, CardSecret.SIGNATURE))
    assert cell.writes == before + 1
    for aid in ("D3921000310001010100", "D3921000310001010401"):
        assert say(card, f"00A4040C0A{aid}", "0020009C")[1] == "63c0"
    assert say(card, SELECT, TRIES_OF_THE_PASSWORD) == ["9000", "63c0"]


def test_a_sealed_command_needs_its_tag_and_an_le() -> None:
    for short in ("84DA00F20F" + "00" * 15 + "00", "84DA00F210" + "00" * 16):
        card = insert()[1]
        issuer(card).authenticate()
        assert say(card, short) == ["6988"]


def test_a_record_file_can_be_emptied() -> None:
    card = insert()[1]
    issuer(card).write_records(CardApplication.CARD_RECORD, 0x01, [])
    read = ("00A4040C0AD3921000310001010100", "00B2010C00")
    assert say(card, *read) == ["9000", "6a83"]


def test_a_data_object_can_be_taken_away() -> None:
    card = insert()[1]
    issuer(card).put_data(0x00F2, b"")
    assert say(card, "00CA00F200") == ["6a88"]


def test_a_file_beyond_the_reach_of_its_offsets_is_refused() -> None:
    card = insert()[1]
    issuer(card).write_file(CardApplication.JPKI, 0x0A, bytes(0x7FFF))
    with pytest.raises(CardError, match="6A80"):
        issuer(card).write_file(CardApplication.JPKI, 0x0A, bytes(0x8000))


def test_data_objects_the_profile_does_not_know_are_refused() -> None:
    with pytest.raises(CardError, match="6A88"):
        issuer(insert()[1]).put_data(0x0045, b"1")


# --- the trace ---------------------------------------------------------------------------


def traced(*commands: str | bytes) -> list[str]:
    lines: list[str] = []
    chip = Chip(Cell(specimen.specimen()), random=stream("x"), trace=lines.append)
    card = InProcess(chip)
    say(card, *commands)
    return lines


def test_the_trace_reads_like_a_transcript() -> None:
    assert traced(SELECT, "00A4020C020006", "00B0000004", "00200098") == [
        "> 00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01",
        "< 90 00",
        "> 00 A4 02 0C 02 00 06",
        "< 90 00",
        "> 00 B0 00 00 04",
        "< 4A 50 4B 49 90 00",
        "> 00 20 00 98",
        "< 63 C3",
    ]


@pytest.mark.parametrize(
    "command",
    [
        PIN,
        PASSWORD,
        "00200098000004" + "31323334",
        "80200098" + "04" + "31323334",
        "00210098" + "04" + "31323334",
        "00200098" + "05" + "31323334",
        "00240198" + "04" + "31323334",
        "8032009C" + "04" + "31323334",
        "802A0097" + "04" + "31323334" + "00",
        "84D60000" + "04" + "31323334",
        "84A40000" + "04" + "31323334",
    ],
)
def test_secrets_are_masked_in_the_trace(command: str | bytes) -> None:
    text = "\n".join(traced(SELECT, command))
    assert "31 32 33" not in text
    assert "41 42 43 31" not in text


def test_the_number_is_masked_in_the_trace() -> None:
    lines = traced("00A4040C0AD3921000310001010408", "002000910432343638", "00B0810011")
    assert lines[-2:] == ["> 00 B0 81 00 11", "< [masked] 90 00"]
    lines = traced(SELECT, "00B08A00000000")
    assert lines[-1].startswith("< 30 82 05 6A AA AA")
    assert lines[-1].endswith("90 00 (1392 bytes)")
