"""The wire: bytes in, requests out; answers as the bytes a 64-bit libpcsclite reads."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.reader import messages
from mynabox.reader.codes import Code
from mynabox.reader.messages import ReaderState, Request
from mynabox.reader.protocol import Command, Decoder, Malformed

OK = Code.SCARD_S_SUCCESS
FULL = Code.SCARD_E_INSUFFICIENT_BUFFER


def frame(command: int, body: str = "") -> bytes:
    raw = bytes.fromhex(body)
    return struct.pack("=II", len(raw), command) + raw


def name(text: str) -> str:
    return text.encode().hex().ljust(256, "0")


REQUESTS: list[tuple[bytes, Request]] = [
    (frame(0x11, "04000000 04000000 00000000"), messages.Version(4, 4)),
    (frame(0x01, "02000000 00000000 00000000"), messages.Establish(2)),
    (frame(0x02, "78563412 00000000"), messages.Release(0x12345678)),
    (
        frame(0x04, "01000000" + name("R 00") + "02000000 03000000" + "00" * 12),
        messages.Connect(1, "R 00", 2, 3),
    ),
    (
        frame(
            0x04,
            "01000000" + name("R 00")[:200] + "02000000 03000000" + "00" * 12,
        ),
        messages.Connect(1, "R 00", 2, 3, old=True),
    ),
    (
        frame(0x05, "07000000 01000000 02000000 01000000 00000000 00000000"),
        messages.Reconnect(7, 1, 2, 1),
    ),
    (frame(0x06, "07000000 02000000 00000000"), messages.Disconnect(7, 2)),
    (frame(0x07, "07000000 00000000"), messages.Begin(7)),
    (frame(0x08, "07000000 01000000 00000000"), messages.End(7, 1)),
    (
        frame(
            0x09,
            "07000000 02000000 10000000 05000000 03000000 10000000 02010000 00000000",
        )
        + bytes.fromhex("00B0000000"),
        messages.Transmit(7, 2, 16, 3, 16, 258, bytes.fromhex("00B0000000")),
    ),
    (
        frame(0x0A, "07000000 480D0042 02000000 04010000 00000000 00000000")
        + b"\x01\x02",
        messages.Control(7, 0x42000D48, 260, b"\x01\x02"),
    ),
    (frame(0x0B, "07000000 00000000"), messages.Status(7)),
    (frame(0x0D, "09000000 00000000"), messages.Cancel(9)),
    (
        frame(0x0F, "07000000 03030900" + "00" * 264 + "08010000 1D001080"),
        messages.GetAttribute(7, 0x00090303, 264),
    ),
    (
        frame(0x10, "07000000 01000042 AABB" + "00" * 262 + "02000000 00000000"),
        messages.SetAttribute(7, 0x42000001, b"\xaa\xbb"),
    ),
    (frame(0x12), messages.GetStates()),
    (frame(0x13), messages.WaitForChange()),
    (frame(0x13, "E8030000 00000000"), messages.WaitForChange(silent=True)),
    (frame(0x14), messages.StopWaiting()),
    (frame(0x14, "00000000 00000000"), messages.StopWaiting(always=True)),
    (frame(0x15), messages.GetReaderEvents()),
    (frame(0x16), messages.CountStates()),
    (frame(0x17), messages.GetStates(exact=True)),
]


@pytest.mark.parametrize(("data", "request_"), REQUESTS)
def test_a_request_is_read(data: bytes, request_: Request) -> None:
    decoder = Decoder()
    decoder.feed(data)
    assert decoder.next() == request_
    assert decoder.next() is None
    assert not decoder.unfinished


def test_every_command_is_read_by_some_row() -> None:
    commands = {struct.unpack_from("=II", data)[1] for data, _ in REQUESTS}
    assert commands == set(Command)


@given(cuts=st.lists(st.integers(1, 40), max_size=60))
def test_where_the_stream_is_cut_does_not_matter(cuts: list[int]) -> None:
    stream = b"".join(data for data, _ in REQUESTS)
    decoder, found = Decoder(), []
    for size in [*cuts, len(stream)]:
        decoder.feed(stream[:size])
        stream = stream[size:]
        while (request := decoder.next()) is not None:
            found.append(request)
    assert found == [request for _, request in REQUESTS]
    assert not decoder.unfinished


def test_half_a_request_is_unfinished() -> None:
    decoder = Decoder()
    decoder.feed(frame(0x07, "07000000 00000000")[:-1])
    assert decoder.next() is None
    assert decoder.unfinished


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (frame(0x00), "no such command"),
        (frame(0x03), "reserved: list readers"),
        (frame(0x0C), "reserved: get status change"),
        (frame(0x0E), "reserved: cancel transaction"),
        (frame(0x18), "no such command yet"),
        (frame(0xFFFFFFFF), "no such command"),
        (frame(0x07, "07000000"), "body too short"),
        (frame(0x07, "07000000 00000000 00"), "body too long"),
        (struct.pack("=II", 0xFFFFFFFF, 0x07), "body of four gigabytes"),
        (frame(0x12, "00"), "body where there is none"),
        (frame(0x09, "00" * 31), "transmit too short"),
        (
            frame(0x09, "00" * 12 + struct.pack("=I", 65549).hex() + "00" * 16),
            "65,549 bytes to send",
        ),
        (frame(0x0A, "00" * 8 + "FFFFFFFF" + "00" * 12), "a long control"),
        (frame(0x0F, "00" * 272 + "09010000 00000000"), "room for 265 bytes"),
        (frame(0x10, "00" * 272 + "09010000 00000000"), "value of 265 bytes"),
    ],
)
def test_what_is_not_the_language(data: bytes, why: str) -> None:
    decoder = Decoder()
    decoder.feed(data)
    with pytest.raises(Malformed):
        decoder.next()


@given(garbage=st.binary(max_size=400))
def test_garbage_is_malformed_or_unfinished_and_nothing_else(garbage: bytes) -> None:
    decoder = Decoder()
    decoder.feed(garbage)
    try:
        while decoder.next() is not None:
            continue
    except Malformed:
        return


@pytest.mark.parametrize(
    ("major", "minor", "answer"),
    [
        (4, 1, (4, 6, 0x8010001E)),
        (4, 2, (4, 2, 0)),
        (4, 3, (4, 3, 0)),
        (4, 4, (4, 4, 0)),
        (4, 5, (4, 5, 0)),
        (4, 6, (4, 6, 0)),
        (4, 7, (4, 6, 0x8010001E)),
        (3, 4, (4, 6, 0x8010001E)),
        (5, 4, (4, 6, 0x8010001E)),
        (-1, -1, (4, 6, 0x8010001E)),
    ],
)
def test_the_version_is_agreed(
    major: int, minor: int, answer: tuple[int, int, int]
) -> None:
    assert struct.unpack("=iiI", messages.Version(major, minor).answer()) == answer


def transmit(room: int) -> messages.Transmit:
    return messages.Transmit(7, 2, 16, 3, 16, room, b"\0\xb0\0\0\2")


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (messages.Establish(2).answer(OK, 5), "02000000 05000000 00000000"),
        (messages.Release(5).answer(OK), "05000000 00000000"),
        (
            messages.Connect(5, "R", 2, 3).answer(OK, 7, 2),
            "05000000" + name("R") + "02000000 03000000 07000000 02000000 00000000",
        ),
        (
            messages.Reconnect(7, 2, 3, 1).answer(OK, 2),
            "07000000 02000000 03000000 01000000 02000000 00000000",
        ),
        (
            messages.Disconnect(7, 1).answer(Code.SCARD_E_INVALID_HANDLE),
            "07000000 01000000 03001080",
        ),
        (messages.Begin(7).answer(Code.SCARD_E_SHARING_VIOLATION), "07000000 0B001080"),
        (messages.End(7, 0).answer(OK), "07000000 00000000 00000000"),
        (messages.Status(7).answer(Code.SCARD_W_RESET_CARD), "07000000 68001080"),
        (
            transmit(4).answer(OK, b"\xaa\xbb\x90\x00"),
            "07000000 02000000 10000000 05000000 03000000 10000000 04000000"
            + "00" * 4
            + "AABB9000",
        ),
        (
            transmit(3).answer(OK, b"\xaa\xbb\x90\x00"),
            "07000000 02000000 10000000 05000000 03000000 10000000 04000000 08001080",
        ),
        (
            messages.Control(7, 1, 1, b"").answer(OK, b"\x01\x02"),
            "07000000 01000000 00000000 01000000 02000000 08001080",
        ),
        (
            messages.Control(7, 1, 2, b"").answer(OK, b"\x01\x02"),
            "07000000 01000000 00000000 02000000 02000000 00000000 0102",
        ),
        (
            messages.GetAttribute(7, 1, 264).answer(OK, b"\x3b"),
            "07000000 01000000 3B" + "00" * 263 + "01000000 00000000",
        ),
        (
            messages.GetAttribute(7, 1, 1).answer(OK, b"\x3b\x3b"),
            "07000000 01000000" + "00" * 264 + "02000000 08001080",
        ),
        (messages.Cancel(5).answer(OK), "05000000 00000000"),
        (messages.CountStates().answer(2), "02000000"),
        (messages.GetReaderEvents().answer(0), "00000000 00000000"),
        (messages.notice(Code.SCARD_E_CANCELLED), "00000000 02001080"),
    ],
)
def test_an_answer_is_written(answer: bytes, body: str) -> None:
    assert answer == bytes.fromhex(body)


def test_a_reader_state_lies_as_in_the_c_structure() -> None:
    packed = ReaderState(
        name="R", events=3, flags=0x34, users=-1, atr=b"\x3b\x80", protocol=2
    ).pack()
    assert len(packed) == 184
    assert packed == (
        b"R".ljust(128, b"\0")
        + bytes.fromhex("03000000 34000000 FFFFFFFF")
        + b"\x3b\x80".ljust(33, b"\0")
        + bytes(3)
        + bytes.fromhex("02000000 02000000")
    )
