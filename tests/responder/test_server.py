"""The OCSP process at its socket: dialogues, bad company, and what it may cost."""

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest
from httpx2 import Response

from mynabox.pki import der
from mynabox.ports import KeysUnavailable
from mynabox.responder.server import Limits
from tests.ocsp_requests import request_about, told_of
from tests.responder.conftest import ISSUER, Client, Responding, posted, responding_in
from tests.site import client_of
from tests.usecases.places import Place

At = Callable[[str], Place]
TYPE = "application/ocsp-response"


def got(body: bytes, *, path: str = "/ocsp/", safe: str = "", more: str = "") -> bytes:
    text = quote(base64.b64encode(body).decode(), safe=safe)
    return f"GET {path}{text} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode()


# The same as the box's own pages say.


@pytest.mark.parametrize("mode", ["prompt", "immediate", "grid"])
def test_answers_and_headers_are_those_of_the_box(at: At, mode: str) -> None:
    """to the byte: by POST and GET, kept, signed, private, malformed, unauthorized"""
    place = at("suspended").on("2026-07-01T23:44:08")
    site = replace(place.box.site, status_mode=mode)  # type: ignore[arg-type]
    place = replace(
        place,
        box=replace(place.box, site=site),
        home=replace(place.home, box=replace(place.home.box, site=site)),
    )
    usual = client_of(place.home)
    with responding_in(place) as responding:
        foreign = bytearray(responding.request())
        foreign[foreign.index(b"\x04\x14") + 2] ^= 1
        requests = (
            responding.request(),
            responding.request(),
            responding.request(digest="sha256"),
            responding.request(nonce=b"n" * 32),
            responding.request(4711),
            responding.request(responding.serial, 4711),
            bytes(foreign),
            b"rubbish",
            b"",
        )
        for request in requests:
            for path in ("/ocsp", "/ocsp/signature", "/ocsp/authentication"):
                same(
                    responding.ask(posted(request, path=path)),
                    usual.post(
                        path,
                        content=request,
                        headers={"content-type": "application/ocsp-request"},
                    ),
                )
                if request:
                    text = quote(base64.b64encode(request).decode(), safe="")
                    same(
                        responding.ask(got(request, path=f"{path}/")),
                        usual.get(f"{path}/{text}"),
                    )


CACHING = (
    "cache-control", "content-length", "content-type", "etag", "expires", "last-modified",
)  # fmt: skip


def same(found: tuple[int, dict[str, str], bytes], usual: Response) -> None:
    status, headers, content = found
    assert (status, content) == (usual.status_code, usual.content)
    assert set(headers) <= {"date", *CACHING}
    for name in CACHING:
        assert headers.get(name) == usual.headers.get(name)


def test_a_kept_answer_counts_down(responding: Responding) -> None:
    """how long others may keep it is told anew in every second"""
    request = got(responding.request())
    client = responding.client()
    ages = []
    for second in (0, 0, 1, 60):
        responding.place.on(f"2026-07-01T10:{second // 60:02}:{second % 60:02}")
        client.send(request)
        status, headers, _ = client.answer()
        assert status == 200
        ages.append(int(headers["cache-control"].partition("=")[2].partition(",")[0]))
        assert parsedate_to_datetime(headers["date"]).tzinfo is not None
    assert ages == [900, 900, 899, 840]


@pytest.mark.parametrize("wanted", ["{tag}", '"x", {tag}', "W/{tag}", "*"])
def test_who_has_the_answer_is_told_so(responding: Responding, wanted: str) -> None:
    request = responding.request()
    _, headers, content = responding.ask(got(request))
    more = f"If-None-Match: {wanted.format(tag=headers['etag'])}\r\n"
    for _ in range(2):
        status, again, nothing = responding.ask(got(request, more=more))
        assert (status, nothing) == (304, b"")
        assert again["etag"] == headers["etag"]
        assert "content-type" not in again
    other = got(request, more='If-None-Match: "x"\r\n')
    assert responding.ask(other)[::2] == (200, content)
    usual = client_of(responding.place.home)
    text = quote(base64.b64encode(request).decode(), safe="")
    told = usual.get(f"/ocsp/{text}", headers={"if-none-match": headers["etag"]})
    assert told.status_code == 304


def test_the_head_alone(responding: Responding) -> None:
    """RFC 9110 section 9.3.2: what GET would say, without the content, new or kept"""
    client = responding.client()
    for body in (responding.request(), responding.request(), b"rubbish"):
        request = got(body)
        client.send(b"HEAD" + request[3:])
        status, headers, _ = client.answer(head_only=True)
        client.send(request)
        _, meant, content = client.answer()
        assert (status, int(headers["content-length"])) == (200, len(content))
        for name in ("content-type", "etag", "last-modified", "expires"):
            assert headers.get(name) == meant.get(name)


@pytest.mark.parametrize("safe", ["", "/", "/+="])
def test_paths_are_spelt_in_many_ways(responding: Responding, safe: str) -> None:
    """a hash in which there are slashes, plusses and two slashes in a row"""
    serial = next(
        number
        for number in range(1, 10**7)
        if b"//" in base64.b64encode(responding.request(0x7FFF000000000000 + number))
    )
    request = responding.request(0x7FFF000000000000 + serial)
    status, _, content = responding.ask(got(request, safe=safe))
    assert (status, told_of(content)) == (200, ["unknown"])


# Connections.


def test_a_connection_serves_many(responding: Responding) -> None:
    client = responding.client()
    for serial in (responding.serial, 7, responding.serial, 8, responding.serial):
        client.send(posted(responding.request(serial)))
        expected = "good" if serial == responding.serial else "unknown"
        assert told_of(client.answer()[2]) == [expected]


def test_requests_in_a_row_are_answered_in_their_order(responding: Responding) -> None:
    """some kept, some to be signed, some private, some refused"""
    client = responding.client()
    wanted = [
        (posted(responding.request(serial, nonce=nonce)), told)
        for serial, nonce, told in (
            (1, b"", "unknown"),
            (responding.serial, b"n" * 16, "good"),
            (responding.serial, b"", "good"),
            (1, b"", "unknown"),
            (responding.serial, b"", "good"),
            (2, b"n" * 16, "unknown"),
        )
    ]
    client.send(b"".join(data for data, _ in wanted) + got(b"?"))
    for _, told in wanted:
        assert told_of(client.answer()[2]) == [told]
    assert told_of(client.answer()[2]) == ["malformed_request"]


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("twice", [False, True])
def test_a_connection_that_ends_with_its_answer(
    responding: Responding, version: int, twice: bool
) -> None:
    more = "Connection: close\r\n" if version else ""
    request = posted(responding.request(), more=more)
    request = request.replace(b"HTTP/1.1", b"HTTP/1.%d" % version)
    for _ in range(2 if twice else 1):
        client = responding.client()
        client.send(request)
        status, headers, content = client.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert told_of(content) == ["good"]
        assert client.ended()


def test_who_has_said_everything_still_hears_the_answer(
    responding: Responding,
) -> None:
    """a client that closes its sending half while its answer is being signed"""
    client = responding.client()
    client.send(posted(responding.request(5, nonce=b"n" * 8)))
    client.sock.shutdown(socket.SHUT_WR)
    assert told_of(client.answer()[2]) == ["unknown"]
    assert client.ended()


def test_a_request_octet_by_octet(responding: Responding) -> None:
    client = responding.client()
    for octet in posted(responding.request()):
        client.send(bytes((octet,)))
    assert told_of(client.answer()[2]) == ["good"]


def test_a_body_that_waits_to_be_asked_for(responding: Responding) -> None:
    client = responding.client()
    body = responding.request()
    request = posted(body, more="Expect: 100-continue\r\n")
    client.send(request[: -len(body)])
    assert client.answer()[0] == 100
    client.send(body)
    assert told_of(client.answer()[2]) == ["good"]


# Bad company.


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /ocsp HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"HEAD /ocsp HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"DELETE /ocsp/signature HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 415),
        (b"POST /ocsp/other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
        (b"GET /ocsp/" + b"A" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (posted(b"x" * 65_537), 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400),
        (b"\r\n\r\n\r\n \r\n\r\n", 400),
        (posted(b"x").replace(b"Host: x\r\n", b""), 400),
    ],
)
def test_what_is_not_asked_for_well(
    responding: Responding, data: bytes, status: int
) -> None:
    """a status of the client's fault, and the next client is served"""
    found, headers, content = responding.ask(data)
    assert found == status
    assert len(content) == int(headers["content-length"]) < 100
    assert told_of(responding.ask(posted(responding.request()))[2]) == ["good"]


def test_ten_megabytes(responding: Responding) -> None:
    """announced, in chunks, as a path, and as no HTTP at all: refused in words that
    arrive, although the sender goes on sending"""
    much = b"x" * 10_000_000
    post = posted(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    for data, status in (
        (posted(much), 413),
        (post + b"%x\r\n" % len(much) + much, 413),
        (post + b"1000\r\n%b\r\n" % (b"x" * 4096) * 2400, 413),
        (b"GET /ocsp/" + much + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"POST /ocsp HTTP/1.1\r\nA: " + much, 431),
        (bytes(len(much)), 414),
    ):
        client = responding.client()
        client.send(data)
        assert client.answer()[0] == status
        assert client.ended()


@pytest.mark.parametrize(
    ("count", "told"),
    [(128, "unknown"), (129, "malformed_request"), (1000, "malformed_request")],
)
def test_many_certificates_at_once(
    responding: Responding, count: int, told: str
) -> None:
    one = responding.request(99_999_999, 1)
    single = der.read(one).children()[0].children()[0].children()[0].encoded
    body = der.sequence(der.sequence(der.sequence(*[single] * count)))
    status, _, content = responding.ask(posted(body))
    assert (status, set(told_of(content))) == (200, {told})


def test_ten_thousand_certificates_at_once(responding: Responding) -> None:
    one = responding.request(99_999_999, 1)
    single = der.read(one).children()[0].children()[0].children()[0].encoded
    body = der.sequence(der.sequence(der.sequence(*[single] * 10_000)))
    client = responding.client()
    client.send(posted(body))
    assert client.answer()[0] == 413
    assert client.ended()


def test_after_something_wrong_nothing_more_is_heard(responding: Responding) -> None:
    """what follows a request that cannot be read is not taken for another one"""
    client = responding.client()
    bad = posted(b"abc", more="Transfer-Encoding: chunked\r\n")
    client.send(bad + posted(responding.request()))
    assert client.answer()[0] == 400
    assert client.ended()


@pytest.fixture
def short(at: At) -> Iterator[Responding]:
    """With little patience."""
    limits = Limits(connections=8, idle=0.6, request=0.6, stalled=0.6, parting=0.6)
    with responding_in(at("active").on("2026-07-01"), limits=limits) as found:
        yield found


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"P", 408),
        (b"GET /ocsp/", 408),
        (posted(b"x" * 100)[:-1], 408),
        (got(b"?"), 200),
    ],
)
def test_whoever_lets_others_wait_is_parted_with(
    short: Responding, data: bytes, status: int
) -> None:
    client = short.client()
    client.send(data)
    assert client.answer()[0] == status
    assert client.ended()


def test_whoever_trickles_is_parted_with(short: Responding) -> None:
    """an octet now and then does not extend the time for a request"""
    client = short.client()
    began = time.monotonic()
    for octet in b"GET /ocsp/" + b"A" * 500:
        try:
            client.send(bytes((octet,)))
        except OSError:
            break
        client.sock.settimeout(0.05)
        try:
            if client.sock.recv(100):
                break
        except TimeoutError:
            continue
    assert time.monotonic() - began < 10


def test_whoever_does_not_read_is_parted_with(short: Responding) -> None:
    """and holds up nobody"""
    client = short.client()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    request = posted(short.request())
    client.sock.setblocking(False)
    began = time.monotonic()
    while time.monotonic() - began < 10:
        try:
            client.sock.send(request * 100)
        except BlockingIOError:
            assert told_of(short.ask(request)[2]) == ["good"]
            time.sleep(0.05)
        except OSError:
            break
    else:
        raise AssertionError("it was never parted with")
    assert told_of(short.ask(request)[2]) == ["good"]


def test_more_connections_than_there_is_room_for(short: Responding) -> None:
    """those that ask nothing make room"""
    silent = [short.client() for _ in range(30)]
    for client in silent:
        client.send(b"G")
    for _ in range(10):
        assert told_of(short.ask(posted(short.request()))[2]) == ["good"]


# What it may cost.


def test_private_answers_have_a_rate(at: At) -> None:
    """beyond it the client is told to try later; the others notice nothing"""
    with responding_in(at("active").on("2026-07-01"), nonces=3) as responding:
        client = responding.client()
        told = []
        for number in range(1, 30):
            client.send(posted(responding.request(nonce=bytes((number,)) * 16)))
            told += told_of(client.answer()[2])
        assert told[:3] == ["good"] * 3
        assert "try_later" in told
        assert told_of(responding.ask(posted(responding.request()))[2]) == ["good"]


def test_a_rate_of_nothing(at: At) -> None:
    with responding_in(at("active"), nonces=0) as responding:
        private = posted(responding.request(nonce=b"n" * 16))
        assert told_of(responding.ask(private)[2]) == ["try_later"]
        assert told_of(responding.ask(posted(responding.request()))[2]) == ["good"]


def test_too_many_who_wait_for_a_signature(at: At) -> None:
    limits = Limits(waiting=2, slice=0)
    with responding_in(at("active"), limits=limits) as responding:
        clients = [responding.client() for _ in range(20)]
        requests = [posted(responding.request(number)) for number in range(1, 21)]
        for client, request in zip(clients, requests, strict=True):
            client.send(request)
        told = [told_of(client.answer()[2]) for client in clients]
        assert all(one in (["unknown"], ["try_later"]) for one in told)
        assert ["unknown"] in told


def test_without_its_keys(at: At) -> None:
    """a token that has gone: try later; when it is back, it goes on"""

    class Token:
        gone = False

        def create(self, key: str, *, elliptic: bool = False) -> bytes:
            return signer.create(key, elliptic=elliptic)

        def public_key(self, key: str) -> bytes:
            return signer.public_key(key)

        def sign(self, key: str, data: bytes) -> bytes:
            if self.gone:
                raise KeysUnavailable("the token has gone: put it back")
            return signer.sign(key, data)

    place, token = at("active").on("2026-07-01"), Token()
    signer = place.box.signer
    box = replace(place.box, signer=token)
    with responding_in(replace(place, box=box)) as responding:
        kept, new = posted(responding.request()), posted(responding.request(5))
        assert told_of(responding.ask(kept)[2]) == ["good"]
        token.gone = True
        assert told_of(responding.ask(new)[2]) == ["try_later"]
        assert told_of(responding.ask(kept)[2]) == ["good"]
        token.gone = False
        assert told_of(responding.ask(new)[2]) == ["unknown"]


def test_a_mistake_of_ours_is_told_as_one(at: At) -> None:
    """internalError in OCSP's own words, and the operator hears what kind it was"""

    class Broken:
        def create(self, key: str, *, elliptic: bool = False) -> bytes:
            return signer.create(key, elliptic=elliptic)

        def public_key(self, key: str) -> bytes:
            return signer.public_key(key)

        def sign(self, key: str, data: bytes) -> bytes:
            if key.startswith("ocsp"):
                raise RuntimeError("nobody thought of this")
            return signer.sign(key, data)

    place = at("active").on("2026-07-01")
    signer = place.box.signer
    box = replace(place.box, signer=Broken())
    with responding_in(replace(place, box=box)) as responding:
        status, _, content = responding.ask(posted(responding.request()))
        assert (status, told_of(content)) == (200, ["internal_error"])
        assert [type(error) for error in responding.errors] == [RuntimeError]
        responding.errors.clear()


def test_stopped_in_the_middle(at: At) -> None:
    """who has asked is answered; who has not is let go"""
    with responding_in(at("active"), limits=Limits(ending=5.0)) as responding:
        silent, asking = responding.client(), responding.client()
        silent.send(got(b"?"))
        silent.answer()
        asking.send(posted(responding.request())[:-1])
        responding.ask(posted(responding.request()))
        responding.server.stop()
        assert silent.ended()
        asking.send(posted(responding.request())[-1:])
        assert told_of(asking.answer()[2]) == ["good"]
        assert asking.ended()
        responding.server.stop()  # again, when it has ended


# Nobody is told an older truth.


@pytest.mark.parametrize("clients", [1, 8])
def test_after_a_hold_nobody_is_told_good(at: At, clients: int) -> None:
    """many ask all the time; whoever asks after the hold has returned hears of it"""
    with responding_in(at("active").on("2026-07-01")) as responding:
        request = posted(responding.request())
        returned = threading.Event()
        late: list[str] = []

        def ask_on() -> None:
            client = Client(responding.port)
            after = 0
            while after < 20:
                known = returned.is_set()
                client.send(request)
                told = told_of(client.answer()[2])
                if known:
                    after += 1
                    late.extend(told)
            client.close()

        threads = [threading.Thread(target=ask_on) for _ in range(clients)]
        for thread in threads:
            thread.start()
        assert told_of(responding.ask(request)[2]) == ["good"]
        responding.place.lose()
        returned.set()
        for thread in threads:
            thread.join(timeout=30)
        assert late == ["certificateHold"] * 20 * clients


def test_revocations_in_a_stream(at: At) -> None:
    """each is told as soon as it has returned, and the others stay good"""
    with responding_in(at("active").on("2026-07-01")) as responding:
        place = responding.place
        client = responding.client()
        usual = client_of(place.home)
        for round_ in range(4):
            certificate = next(
                one for one in reversed(place.certificates) if one.issuer == ISSUER
            )
            about = request_about(certificate.serial, issuer=ISSUER, box=place.box)
            client.send(posted(about))
            assert told_of(client.answer()[2]) == ["good"]
            place.on(f"2026-07-0{2 + 2 * round_}").lose()
            client.send(posted(about))
            assert told_of(client.answer()[2]) == ["certificateHold"]
            place.find()
            place.reissue()
            client.send(posted(about))
            assert told_of(client.answer()[2]) == ["certificateHold"]
            said = usual.post(
                "/ocsp",
                content=about,
                headers={"content-type": "application/ocsp-request"},
            )
            assert told_of(said.content) == ["certificateHold"]
