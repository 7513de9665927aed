"""Answers that are given again: as long as they are so, and not a request longer."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pytest

from mynabox.lifecycle.certificate import Certificate, CertificateKind
from mynabox.pki.ocsp_request import parse_request
from mynabox.ports import Box, Busy, StatusRow, StatusWatch
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.status import answer_ocsp
from mynabox.usecases.status_desk import Kept, StatusDesk, key_of
from tests.ocsp_requests import request_about, told_of
from tests.usecases.places import Place

At = Callable[[str], Place]
ISSUER = "signature-01"


@dataclass
class Counting:
    """A signer that tells how often it was asked to sign."""

    box: Box
    signed: int = 0

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        return self.box.signer.create(key, elliptic=elliptic)

    def public_key(self, key: str) -> bytes:
        return self.box.signer.public_key(key)

    def sign(self, key: str, data: bytes) -> bytes:
        self.signed += 1
        return self.box.signer.sign(key, data)


@dataclass
class Asking:
    """A desk, and everybody who asks it about one certificate."""

    place: Place
    desk: StatusDesk
    signer: Counting

    @property
    def certificate(self) -> Certificate:
        return next(one for one in self.place.certificates if one.issuer == ISSUER)

    def request(self, *serials: int, **how: object) -> bytes:
        wanted = serials or (self.certificate.serial,)
        issuer = str(how.pop("issuer", ISSUER))
        return request_about(*wanted, issuer=issuer, box=self.place.box, **how)  # type: ignore[arg-type]

    def given(self, encoded: bytes) -> Kept:
        """As a process does it: look, then what is kept, then a signature."""
        asked = parse_request(encoded)
        self.desk.look_up()
        kept = None if asked.nonce else self.desk.kept(key_of(asked))
        return kept or self.desk.answer(asked)

    def told(self, *serials: int, **how: object) -> list[str]:
        return told_of(self.given(self.request(*serials, **how)).given.answer.encoded)

    def signings(self, *serials: int, **how: object) -> int:
        before = self.signer.signed
        self.told(*serials, **how)
        return self.signer.signed - before


@contextmanager
def asking_in(place: Place, **how: object) -> Iterator[Asking]:
    signer = Counting(place.box)
    box = replace(place.box, signer=signer)
    with place.home.store.watch() as watch:
        desk = StatusDesk(box, watch, **how)  # type: ignore[arg-type]
        yield Asking(replace(place, box=box), desk, signer)


@pytest.fixture
def active(at: At) -> Iterator[Asking]:
    with asking_in(at("active").on("2026-07-01")) as asking:
        asking.told()  # its responders are there
        yield asking


def in_mode(mode: str, place: Place) -> Place:
    site = replace(place.box.site, status_mode=mode)  # type: ignore[arg-type]
    return replace(place, box=replace(place.box, site=site))


def test_what_was_signed_is_given_again(active: Asking) -> None:
    first, again = active.given(active.request()), active.given(active.request())
    assert first.given.answer.encoded == again.given.answer.encoded
    assert active.signings() == 0


@pytest.mark.parametrize("mode", ["prompt", "immediate", "grid"])
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize("nonce", [b"", b"n" * 32])
def test_both_ways_give_the_same_bytes(
    at: At, mode: str, digest: str, nonce: bytes
) -> None:
    """in the same second, of every status, and of several certificates at once"""
    place = in_mode(mode, at("suspended").on("2026-07-01T23:44:08"))
    with asking_in(place) as asking:
        serial = asking.certificate.serial
        for serials in ((serial,), (99_999,), (serial, 99_999, serial)):
            one = asking.request(*serials, digest=digest, nonce=nonce)
            usual = answer_ocsp(one, place.box)
            desk = asking.given(one).given
            assert desk == usual
            assert usual.answer.cacheable is (not nonce or len(serials) > 1)


def test_a_hold_is_told_to_the_next_who_asks(active: Asking) -> None:
    assert active.told() == ["good"]
    active.place.lose()
    assert active.told() == ["certificateHold"]
    assert active.signings() == 0


def test_a_hold_among_several(active: Asking) -> None:
    serials = (77, active.certificate.serial, 78)
    assert active.told(*serials) == ["unknown", "good", "unknown"]
    active.place.lose()
    assert active.told(*serials) == ["unknown", "certificateHold", "unknown"]


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-07-01T10:07:00", "good"),
        ("2026-07-01T10:14:59", "good"),
        ("2026-07-01T10:15:00", "certificateHold"),
    ],
)
def test_on_the_grid_a_hold_is_told_with_the_next_quarter(
    at: At, moment: str, told: str
) -> None:
    with asking_in(in_mode("grid", at("active").on("2026-07-01T10:07:00"))) as asking:
        assert asking.told() == ["good"]
        asking.place.lose()
        asking.place.on(moment)
        assert asking.told() == [told]


@pytest.mark.parametrize(
    ("mode", "since", "fresh", "stale"),
    [
        ("prompt", "10:07:08", "10:14:59", "10:15:00"),
        ("immediate", "10:07:08", "10:14:37", "10:14:38"),
        ("grid", "10:07:08", "10:14:59", "10:15:00"),
    ],
)
def test_how_long_an_answer_is_given(
    at: At, mode: str, since: str, fresh: str, stale: str
) -> None:
    """to the end of its quarter of an hour; half of its own, where it has its own"""
    place = in_mode(mode, at("active").on(f"2026-07-01T{since}"))
    with asking_in(place) as asking:
        assert asking.told() == ["good"]
        place.on(f"2026-07-01T{fresh}")
        assert asking.signings() == 0
        place.on(f"2026-07-01T{stale}")
        assert asking.signings() == 1


@pytest.mark.parametrize("back", ["2026-07-01T09:59:59", "2026-06-30", "2026-06-11"])
def test_a_clock_that_steps_back(active: Asking, back: str) -> None:
    """an answer from the future is not given; a hold is not forgotten"""
    active.told()
    active.place.on(back)
    given = active.given(active.request()).given
    assert given.this_update <= given.at == active.place.box.clock.now()
    active.place.on("2026-07-01").lose()
    active.place.on(back)
    assert active.told() == ["certificateHold"]


def test_a_clock_that_steps_ahead_of_everything(active: Asking) -> None:
    """the responder's certificate has run out: another one answers, valid then"""
    before = active.given(active.request())
    active.place.on("2027-03-01")
    after = active.given(active.request())
    assert told_of(after.given.answer.encoded) == ["good"]
    assert after.given.answer.encoded != before.given.answer.encoded
    assert active.given(active.request()) is after


@pytest.mark.parametrize("mode", ["prompt", "immediate", "grid"])
def test_a_change_of_address_counts_from_midnight(at: At, mode: str) -> None:
    """nobody recorded anything at midnight, and no answer lasts longer than that"""
    place = in_mode(mode, at("active").on("2026-07-01T23:55:00"))
    with asking_in(place) as asking:
        moved = ChangeParticulars(
            resident=place.hero, address="茨城県つくば市別の町二丁目2番2号"
        )
        change_particulars(moved, place.box)
        assert asking.told() == ["good"]
        place.on("2026-07-01T23:59:59")
        assert asking.signings() == 0
        place.on("2026-07-02T00:00:00")
        assert asking.told() == ["affiliationChanged"]


def test_a_certificate_issued_since_is_good_at_once(at: At) -> None:
    """*unknown* may be kept as well, until somebody has the number"""
    place = at("found").on("2026-07-02")
    with asking_in(place) as asking:
        coming = max(one.serial for one in place.certificates) + 1
        near = range(coming, coming + 6)
        assert {told for one in near for told in asking.told(one)} == {"unknown"}
        assert sum(asking.signings(one) for one in near) == 0
        new = next(one for one in place.reissue() if one.issuer == ISSUER)
        assert new.serial in near
        assert asking.told(new.serial) == ["good"]


def test_a_generation_that_was_made_since(active: Asking) -> None:
    """asked for under its own key; nothing that was kept is lost for that"""
    active.told()
    roll_over(CertificateKind.SIGNATURE, active.place.box)
    assert active.told(1, issuer="signature-02") == ["unknown"]
    assert active.signings() == 0


def test_a_foreign_authority(active: Asking) -> None:
    wrong = bytearray(active.request())
    place = wrong.index(b"\x04\x14") + 2
    wrong[place] ^= 1
    assert told_of(active.given(bytes(wrong)).given.answer.encoded) == ["unauthorized"]


def test_the_other_hierarchy_does_not_know_the_number(active: Asking) -> None:
    assert active.told(active.certificate.serial, issuer="authentication-01") == [
        "unknown"
    ]


def test_an_answer_with_a_nonce_is_for_one(active: Asking) -> None:
    assert active.signings(nonce=b"1" * 16) == 1
    assert active.signings(nonce=b"1" * 16) == 1
    assert active.signings() == 0


def test_only_so_many_are_kept(at: At) -> None:
    """and those that are asked for stay"""
    with asking_in(at("active"), most_kept=10) as asking:
        for serial in range(1000, 1040):
            asking.told(serial)
            assert asking.signings(1000) == 0
        assert asking.signings(1001) == 1
        assert len(asking.desk._young) + len(asking.desk._old) <= 10


@dataclass
class Blind:
    """A watch that sees nothing from the n-th question on."""

    watch: StatusWatch
    sight: int
    asked: Iterator[int]

    def _look(self) -> None:
        if next(self.asked) >= self.sight:
            raise Busy("nothing to be seen")

    def mark(self) -> object:
        self._look()
        return self.watch.mark()

    def changed(self) -> Collection[int] | None:
        self._look()
        return self.watch.changed()

    def row(self, serial: int) -> StatusRow | None:
        self._look()
        return self.watch.row(serial)


@pytest.mark.parametrize("sight", [1, 2, 3])
def test_a_store_that_cannot_be_read(at: At, sight: int) -> None:
    """nothing is known for sure, so nothing is said, kept answers included"""
    place = at("active")
    with place.home.store.watch() as watch:
        asking = Asking(place, StatusDesk(place.box, watch), Counting(place.box))
        asking.told()
        asking.desk._watch = Blind(watch, sight, count())
        serials = (asking.certificate.serial, 1, 2)
        assert asking.told(*serials) == ["try_later"]
        asking.desk._watch = Blind(watch, 0, count())
        assert asking.told() == ["try_later"]
        asking.desk._watch = watch
        assert asking.told() == ["good"]


@pytest.mark.parametrize("mode", ["prompt", "immediate", "grid"])
def test_many_steps_and_never_an_older_truth(at: At, mode: str) -> None:
    """whatever happens between two questions, the second is answered as the store
    would answer it itself"""
    place = in_mode(mode, at("active").on("2026-07-01T23:00:00"))
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: place.on("2026-07-01T23:20:00"),
        place.lose,
        lambda: place.on("2026-07-01T22:00:00"),
        lambda: place.on("2026-07-01T23:40:00"),
        lambda: place.on("2026-07-02T09:00:00"),
        place.find,
        place.reissue,
        lambda: place.on("2026-07-02T09:10:00"),
    ]
    with asking_in(place) as asking:
        for step in steps:
            step()
            for one in place.certificates:
                about = asking.request(one.serial, issuer=one.issuer)
                usual = answer_ocsp(about, place.box)
                given = asking.given(about).given
                assert told_of(given.answer.encoded) == told_of(usual.answer.encoded)
                assert given.at <= usual.at < given.next_update
                assert given.at > usual.at - timedelta(minutes=15)
