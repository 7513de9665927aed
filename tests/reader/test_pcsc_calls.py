"""What one program that is linked to libpcsclite meets, call by call."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mynabox.reader.daemon import ReaderDaemon

READER = "mynabox virtual reader 00 00"
OK = "SCARD_S_SUCCESS"
SHARED, EXCLUSIVE, DIRECT = 2, 1, 3
T0, T1, RAW, ANY, ANY_OLD = 1, 2, 4, 3, 0x1000
LEAVE, RESET, UNPOWER, EJECT = 0, 1, 2, 3
PRESENT = 0x34
ATR = "3BE000FF8131FE4514"


def test_readers_are_listed(program: Callable[[], Any]) -> None:
    assert program().call("readers") == [OK, [READER]]


def test_sixteen_readers_are_listed(tray: Any, folder: Path, use: Any) -> None:
    names = [f"テスト用カードリーダー {n:02X} 00" for n in range(16)]
    with ReaderDaemon(tray, folder / "s", readers=names) as daemon:
        assert use(daemon).call("readers") == [OK, names]


@pytest.mark.parametrize(
    ("mode", "protocols", "answer"),
    [
        (SHARED, ANY, (OK, T1)),
        (SHARED, T1, (OK, T1)),
        (SHARED, ANY_OLD, (OK, T1)),
        (EXCLUSIVE, ANY, (OK, T1)),
        (SHARED, RAW, (OK, RAW)),
        (DIRECT, 0, (OK, 0)),
        (DIRECT, ANY, (OK, 0)),
        (SHARED, T0, ("SCARD_E_PROTO_MISMATCH", 0)),
        (SHARED, 0, ("SCARD_E_PROTO_MISMATCH", 0)),
        (SHARED, 0x80, ("SCARD_E_PROTO_MISMATCH", 0)),
        (0, ANY, ("SCARD_E_INVALID_VALUE", 0)),
        (4, ANY, ("SCARD_E_INVALID_VALUE", 0)),
        (4, 0, ("SCARD_E_PROTO_MISMATCH", 0)),
    ],
)
def test_connect(
    program: Callable[[], Any], mode: int, protocols: int, answer: tuple[str, int]
) -> None:
    code, handle, protocol = program().call("connect", READER, mode, protocols)
    assert (code, protocol) == answer
    assert (handle != 0) == (code == OK)


def test_an_unknown_reader(program: Callable[[], Any]) -> None:
    assert program().call("connect", "Reader of Another Box 00 00", SHARED, ANY) == [
        "SCARD_E_UNKNOWN_READER",
        0,
        0,
    ]


def test_an_empty_reader(program: Callable[[], Any], tray: Any) -> None:
    tray.eject()
    one = program()
    one.call("change", 1000, {READER: 0x22})
    assert one.call("connect", READER, SHARED, ANY)[0] == "SCARD_E_NO_SMARTCARD"
    handle = one.connect(READER, DIRECT, 0)
    assert one.call("status", handle)[2] == 2
    assert one.call("transmit", handle, "80E0000000")[0] == "SCARD_E_NO_SMARTCARD"
    assert one.call("get_attribute", handle, 0x00090300) == [OK, "00", 1]
    assert one.call("get_attribute", handle, 0x00090303)[0] == (
        "SCARD_E_UNSUPPORTED_FEATURE"
    )
    assert one.call("reconnect", handle, SHARED, ANY, LEAVE)[0] == (
        "SCARD_E_NO_SMARTCARD"
    )


def test_the_protocol_stays_until_a_reset(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("connect", READER, SHARED, T0)[0] == "SCARD_E_PROTO_MISMATCH"
    assert one.call("reconnect", handle, SHARED, T0, LEAVE) == [
        "SCARD_E_PROTO_MISMATCH",
        0,
    ]
    assert one.call("reconnect", handle, SHARED, RAW, LEAVE) == [OK, RAW]
    assert one.call("connect", READER, SHARED, ANY)[0] == "SCARD_E_PROTO_MISMATCH"
    assert one.call("reconnect", handle, SHARED, ANY, RESET) == [OK, T1]


def test_status(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("status", handle) == [OK, READER, PRESENT, 1, T1, ATR]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 4096, 65535])
def test_transmit_carries_any_command_and_answer(
    program: Callable[[], Any], size: int
) -> None:
    one = program()
    handle = one.connect(READER)
    data = bytes(i * 7 & 0xFF for i in range(size)).hex().upper()
    assert one.call("transmit", handle, "80E0000000" + data) == [
        OK,
        data + "9000",
        size + 2,
    ]
    if size:
        code, answer, length = one.call("transmit", handle, f"00B0000000{size:04X}")
        assert (code, length, answer[-4:]) == (OK, size + 2, "9000")


def test_the_longest_answer(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER)
    code, answer, length = one.call("transmit", handle, "00B00000000000")
    assert (code, length, len(answer)) == (OK, 65538, 2 * 65538)


def test_an_answer_that_finds_no_room_names_its_length(
    program: Callable[[], Any],
) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("transmit", handle, "80E0000000AABB", 3) == [
        "SCARD_E_INSUFFICIENT_BUFFER",
        "",
        4,
    ]
    assert one.call("transmit", handle, "80E0000000AABB", 4) == [OK, "AABB9000", 4]


@pytest.mark.parametrize(
    ("protocol", "code"),
    [(T1, OK), (RAW, OK), (ANY_OLD, OK), (T0, "SCARD_E_PROTO_MISMATCH")],
)
def test_transmit_wants_the_protocol_in_use(
    program: Callable[[], Any], protocol: int, code: str
) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("transmit", handle, "80E0000000", 300, protocol)[0] == code


def test_a_card_that_breaks_down_breaks_nothing_else(
    program: Callable[[], Any],
) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("transmit", handle, "80FF0000")[0] == "SCARD_E_NOT_TRANSACTED"
    assert one.call("transmit", handle, "80E0000000")[0] == OK


@pytest.mark.parametrize(
    ("disposition", "resets", "code"),
    [
        (LEAVE, [], OK),
        (RESET, ["warm"], OK),
        (UNPOWER, ["cold"], OK),
        (EJECT, [], "SCARD_E_INVALID_VALUE"),
        (9, [], "SCARD_E_INVALID_VALUE"),
    ],
)
def test_reconnect_resets_as_told(
    program: Callable[[], Any],
    tray: Any,
    disposition: int,
    resets: list[str],
    code: str,
) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("reconnect", handle, SHARED, ANY, disposition)[0] == code
    assert tray.cards["A"].resets == resets
    assert one.call("transmit", handle, "80E0000000")[0] == OK


@pytest.mark.parametrize(
    ("disposition", "resets", "remembers", "state"),
    [
        (LEAVE, [], True, PRESENT),
        (RESET, ["warm"], True, PRESENT),
        (UNPOWER, [], False, 4),
        (EJECT, [], True, PRESENT),
    ],
)
def test_disconnect_leaves_the_card_as_told(
    program: Callable[[], Any],
    tray: Any,
    disposition: int,
    resets: list[str],
    remembers: bool,
    state: int,
) -> None:
    one = program()
    handle = one.connect(READER)
    one.call("transmit", handle, "80200000")
    assert one.call("disconnect", handle, disposition) == [OK]
    assert tray.cards["A"].resets == resets
    looking = one.connect(READER, DIRECT, 0)
    assert one.call("status", looking)[2] == state
    again = one.connect(READER)
    answer = "9000" if remembers else "6982"
    assert one.call("transmit", again, "80210000")[1] == answer


def test_a_wrong_disposition_closes_nothing(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("disconnect", handle, 4) == ["SCARD_E_INVALID_VALUE"]
    assert one.call("end", handle, 4) == ["SCARD_E_INVALID_VALUE"]
    assert one.call("disconnect", handle) == [OK]
    assert one.call("disconnect", handle) == ["SCARD_E_INVALID_HANDLE"]


def test_transactions_nest(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER)
    assert one.call("end", handle) == ["SCARD_E_NOT_TRANSACTED"]
    assert one.call("begin", handle) == [OK]
    assert one.call("begin", handle) == [OK]
    assert one.call("end", handle) == [OK]
    assert one.call("end", handle) == [OK]
    assert one.call("end", handle) == ["SCARD_E_NOT_TRANSACTED"]


@pytest.mark.parametrize(
    ("disposition", "resets"), [(RESET, ["warm"]), (UNPOWER, ["cold"])]
)
def test_a_reset_at_the_end_of_a_transaction_wants_a_reconnect(
    program: Callable[[], Any], tray: Any, disposition: int, resets: list[str]
) -> None:
    one = program()
    handle = one.connect(READER)
    one.call("begin", handle)
    assert one.call("end", handle, disposition) == [OK]
    assert tray.cards["A"].resets == resets
    assert one.call("status", handle)[0] == "SCARD_W_RESET_CARD"
    assert one.call("transmit", handle, "80E0000000")[0] == "SCARD_W_RESET_CARD"
    assert one.call("begin", handle) == ["SCARD_W_RESET_CARD"]
    assert one.call("reconnect", handle, SHARED, ANY, LEAVE) == [OK, T1]
    assert one.call("transmit", handle, "80E0000000")[0] == OK


ATTRIBUTES = [
    (0x00010100, b"mynabox\0".hex()),
    (0x00010101, b"virtual card reader\0".hex()),
    (0x00010103, b"00000000\0".hex()),
    (0x00020110, "0000F000"),
    (0x00030120, "03000000"),
    (0x0007A007, "0C000100"),
    (0x00080201, "02000000"),
    (0x00090300, "02"),
    (0x00090301, "FF"),
    (0x00090303, ATR),
    (0x00090304, "01"),
    (0x7FFF0001, "00000000"),
    (0x7FFF0002, "01000000"),
    (0x7FFF0003, READER.encode().hex() + "00"),
    (0x7FFF0004, READER.encode().hex() + "00"),
]


def test_attributes(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER)
    for tag, value in ATTRIBUTES:
        assert one.call("get_attribute", handle, tag) == [
            OK,
            value.upper(),
            len(value) // 2,
        ], hex(tag)
    assert one.call("get_attribute", handle, 0x00010102)[0] == OK
    assert one.call("get_attribute", handle, 0x00090303, 5) == [
        "SCARD_E_INSUFFICIENT_BUFFER",
        "",
        9,
    ]
    assert one.call("get_attribute", handle, 0x0007A0AA)[0] == (
        "SCARD_E_UNSUPPORTED_FEATURE"
    )
    assert one.call("set_attribute", handle, 0x00010100, "4D") == [
        "SCARD_E_UNSUPPORTED_FEATURE"
    ]


def test_the_reader_has_properties_and_no_keypad(program: Callable[[], Any]) -> None:
    one = program()
    handle = one.connect(READER, DIRECT, 0)
    code, features = one.call("control", handle, 0x42000D48)
    assert code == OK
    tags = bytes.fromhex(features)
    assert tags[0::6] == b"\x12"
    code, properties = one.call("control", handle, int.from_bytes(tags[2:6], "big"))
    assert code == OK
    assert "0A0400000100" in properties
    assert one.call("control", handle, 0x42000D48, "", 3) == [
        "SCARD_E_INSUFFICIENT_BUFFER",
        "",
    ]
    assert one.call("control", handle, 0x42330006, "00") == [
        "SCARD_E_UNSUPPORTED_FEATURE",
        "",
    ]


def test_a_released_context_has_let_go_of_everything(
    program: Callable[[], Any],
) -> None:
    one, two = program(), program()
    handle = one.connect(READER, EXCLUSIVE)
    assert one.call("release") == [OK]
    assert one.call("transmit", handle, "80E0000000")[0] == "SCARD_E_INVALID_HANDLE"
    two.connect(READER, EXCLUSIVE)


@pytest.mark.parametrize("scope", [0, 1, 2, 3])
def test_every_scope_will_do(program: Callable[[], Any], scope: int) -> None:
    one = program()
    assert one.call("release") == [OK]
    assert one.call("establish", scope) == [OK]
    assert one.call("readers")[0] == OK


def test_no_such_scope(program: Callable[[], Any]) -> None:
    assert program().call("establish", 4) == ["SCARD_E_INVALID_VALUE"]


def test_a_connection_has_two_hundred_handles(program: Callable[[], Any]) -> None:
    one = program()
    for _ in range(200):
        one.connect(READER)
    assert one.call("connect", READER, SHARED, ANY)[0] == "SCARD_E_NO_MEMORY"
