"""HTTP/1.1 as it comes: what is read, what is refused, in whatever pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.responder.http import Bad, Message, Reader

HOST = b"Host: x\r\n"
POST = b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, *, piece: int = 1 << 20) -> list[Message | int]:
    """Every message in these bytes, fed piece by piece; last, what was wrong."""
    reader, found = Reader(), list[Message | int]()
    for start in range(0, len(data), piece):
        reader.feed(data[start : start + piece])
        try:
            while (message := reader.next()) is not None:
                found.append(message)
        except Bad as bad:
            return [*found, bad.status]
    return found


def one(data: bytes) -> Message:
    (message,) = read(data)
    assert isinstance(message, Message)
    return message


@pytest.mark.parametrize(
    ("data", "path", "body", "close"),
    [
        (b"GET /ocsp/MA HTTP/1.1\r\n" + HOST + b"\r\n", b"/ocsp/MA", b"", False),
        (b"GET /a?b#c HTTP/1.1\r\n" + HOST + b"\r\n", b"/a", b"", False),
        (b"GET http://y:80/a//b HTTP/1.1\r\n" + HOST + b"\r\n", b"/a//b", b"", False),
        (b"\r\n\r\nGET /a HTTP/1.1\r\n" + HOST + b"\r\n", b"/a", b"", False),
        (b"GET /a HTTP/1.0\r\n\r\n", b"/a", b"", True),
        (b"GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", b"/a", b"", False),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"Connection: x, Close\r\n\r\n", b"/a", b"", True),
        (b"GET /a HTTP/1.1\r\nhOsT:x\r\n\r\n", b"/a", b"", False),
        (POST + b"Content-Length: 3\r\n\r\nabc", b"/ocsp", b"abc", False),
        (POST + b"Content-Length: 0\r\n\r\n", b"/ocsp", b"", False),
        (POST + b"\r\n", b"/ocsp", b"", False),
        (CHUNKED + b"3\r\nabc\r\n2 ;x=y\r\nde\r\n0\r\n\r\n", b"/ocsp", b"abcde", False),
        (CHUNKED + b"A\r\n0123456789\r\n00\r\nA: b\r\nC: d\r\n\r\n", b"/ocsp", b"0123456789", False),
    ],
)  # fmt: skip
def test_what_is_read(data: bytes, path: bytes, body: bytes, close: bool) -> None:
    message = one(data)
    assert (message.path, message.body, message.close) == (path, body, close)
    for piece in (1, 2, 7):
        assert read(data, piece=piece) == [message]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /a HTTP/1.1\r\n\r\n", 400),
        (b"GET /a HTTP/2.0\r\n" + HOST + b"\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET  /a HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /a\r\n" + HOST + b"\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET /a HTTP/1.1\n" + HOST + b"\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + b" folded\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"A : b\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"A: \x01\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 101 + b"\r\n", 400),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"A: " + b"b" * 17000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 100_000, 414),
        (b"GET /a HTTP/1.1\r\nA: " + b"b" * 100_000, 431),
        (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        (POST + b"Content-Length: 1, 1\r\n\r\na", 400),
        (POST + b"Content-Length: -1\r\n\r\na", 400),
        (POST + b"Content-Length: +1\r\n\r\na", 400),
        (POST + b"Content-Length: 0x1\r\n\r\na", 400),
        (POST + "Content-Length: １\r\n\r\na".encode(), 400),
        (POST + b"Content-Length: 65537\r\n\r\na", 413),
        (POST + b"Content-Length: 99999999999999999999\r\n\r\na", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /ocsp HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (POST + b"Expect: a miracle\r\n\r\n", 417),
        (CHUNKED + b"x\r\n", 400),
        (CHUNKED + b"\r\n", 400),
        (CHUNKED + b"-1\r\n", 400),
        (CHUNKED + b"3\r\nabcde\r\n", 400),
        (CHUNKED + b"10001\r\n", 413),
        (CHUNKED + b"FFFFFFFF\r\n", 413),
        (CHUNKED + b"1FFFFFFFF\r\n", 400),
        (CHUNKED + b"1;" + b"x" * 300 + b"\r\n", 400),
        (CHUNKED + b"1;" + b"x" * 300, 400),
        (CHUNKED + b"1;" + b"x" * 200 + b"\r\na\r\n0;", None),
        (CHUNKED + (b"1;" + b"x" * 200 + b"\r\na\r\n") * 3000, 413),
        (CHUNKED + b"0\r\nno trailer\r\n\r\n", 400),
        (CHUNKED + b"0\r\n" + b"A: b\r\n" * 100_000, 413),
    ],
)  # fmt: skip
def test_what_is_refused(data: bytes, status: int | None) -> None:
    assert read(data) == ([] if status is None else [status])
    assert read(data, piece=1000) == ([] if status is None else [status])


def test_a_sender_that_waits_is_told_once() -> None:
    reader = Reader()
    reader.feed(POST + b"Content-Length: 3\r\nExpect: 100-Continue\r\n\r\n")
    assert reader.next() is None
    assert [reader.wants_continue(), reader.wants_continue()] == [True, False]
    reader.feed(b"abc")
    message = reader.next()
    assert message is not None
    assert message.body == b"abc"
    assert reader.empty


def test_a_sender_that_did_not_wait_is_not_told() -> None:
    reader = Reader()
    reader.feed(POST + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\na")
    assert reader.next() is None
    assert not reader.wants_continue()


WHOLE = (
    b"GET /ocsp/MA HTTP/1.1\r\nHost: x\r\n\r\n",
    POST + b"Content-Length: 5\r\n\r\n\r\n\r\n\r",
    CHUNKED + b"3\r\nabc\r\n0\r\n\r\n",
    b"GET /b HTTP/1.0\r\n\r\n",
)


@given(st.lists(st.sampled_from(WHOLE), max_size=6), st.data())
def test_pieces_make_no_difference(wholes: list[bytes], data: st.DataObject) -> None:
    """several requests in a row, cut anywhere"""
    sent = b"".join(wholes)
    expected = [one(whole) for whole in wholes]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    reader, found = Reader(), []
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        reader.feed(sent[start:end])
        while (message := reader.next()) is not None:
            found.append(message)
    assert found == expected
    assert reader.empty


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=3)), max_size=4))  # fmt: skip
def test_whatever_comes_it_is_read_or_refused(
    whole: bytes, edits: list[tuple[int, bytes]]
) -> None:
    """and nothing else is ever raised"""
    changed = bytearray(whole)
    for place, octets in edits:
        changed[place : place + 1] = octets
    for piece in (1, 1000):
        found = read(bytes(changed), piece=piece)
        assert all(400 <= one < 500 for one in found if isinstance(one, int))
