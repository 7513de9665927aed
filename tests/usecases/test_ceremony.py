"""The key ceremony, and the check that keys and certificates fit together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from mynabox.lifecycle.authority import Authority
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.ports import Signer
from mynabox.settings import Settings
from mynabox.usecases.hold_ceremony import Ceremony, grouped, hold_ceremony
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.status import answer_ocsp
from mynabox.usecases.verify_authorities import Mismatch, verify_authorities
from mynabox.wiring import Home, open_home
from tests.usecases.places import Place

At = Callable[[str], Place]


def asked(*witnesses: str, kinds: tuple[CertificateKind, ...] = ()) -> Ceremony:
    return Ceremony(
        operator="箱田", witnesses=witnesses, keys_in="sealed files", kinds=kinds
    )


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    """A box without authorities."""
    home = open_home(Settings(home=tmp_path / "box"), create=True)
    yield home
    home.close()


def authorities(home: Home) -> list[Authority]:
    with home.box.store.look() as work:
        return list(work.statuses.authorities())


def test_the_first_ceremony_makes_both_authorities(empty: Home) -> None:
    """the transcript bears names and hashes, and the journal the transcript's hash"""
    done = hold_ceremony(asked("見本", "只野"), empty.box)
    made = authorities(empty)
    assert list(done.authorities) == made
    assert [one.name for one in made] == ["signature-01", "authentication-01"]
    for part in ("箱田", "見本", "只野", "sealed files", "SPECIMEN", "0 mismatches"):
        assert part in done.text
    for one in made:
        digest = sha256(one.der).hexdigest()
        assert digest in done.text
        assert grouped(digest) in done.text
    assert done.digest == sha256(done.text.encode()).hexdigest()
    with empty.box.store.look() as work:
        row = list(work.journal.about("signature-01"))[-1].entry
    assert (row.action, row.actor) == ("hold_ceremony", "箱田")
    assert row.facts["transcript"] == done.digest
    assert row.facts["witnesses"] == "見本, 只野"


def test_a_later_ceremony_makes_the_next_generation(empty: Home) -> None:
    hold_ceremony(asked("見本", "只野"), empty.box)
    done = hold_ceremony(
        asked("見本", "只野", kinds=(CertificateKind.AUTHENTICATION,)), empty.box
    )
    assert [one.name for one in done.authorities] == ["authentication-02"]
    assert "signature-02" not in done.text


@pytest.mark.parametrize(
    "witnesses",
    [
        (),
        ("見本",),
        ("見本", "見本"),
        ("見本", "箱田"),
        ("見本", " "),
        ("見本", "見本 "),
    ],
)
def test_too_few_witnesses(empty: Home, witnesses: tuple[str, ...]) -> None:
    """two people besides the operator; nothing is made"""
    with pytest.raises(Refused) as caught:
        hold_ceremony(asked(*witnesses), empty.box)
    assert caught.value.code == "ceremony.too_few_witnesses"
    assert authorities(empty) == []


def test_nothing_to_make(empty: Home) -> None:
    hold_ceremony(asked("見本", "只野"), empty.box)
    with pytest.raises(Refused) as caught:
        hold_ceremony(asked("見本", "只野"), empty.box)
    assert caught.value.code == "ceremony.nothing_to_make"


@dataclass(frozen=True)
class Swapped:
    """Keys of which two have changed places."""

    keys: Signer

    def _other(self, key: str) -> str:
        pair = {"signature-01": "signature-02", "signature-02": "signature-01"}
        return pair.get(key, key)

    def create(self, key: str, *, elliptic: bool = False) -> bytes:
        return self.keys.create(key, elliptic=elliptic)

    def public_key(self, key: str) -> bytes:
        return self.keys.public_key(self._other(key))

    def sign(self, key: str, data: bytes) -> bytes:
        return self.keys.sign(self._other(key), data)


def test_everything_fits(at: At) -> None:
    place = at("reissued")
    answer_ocsp(b"", place.box)
    found = verify_authorities(place.box)
    assert (found.authorities, found.responders, found.certificates) == (2, 2, 4)
    assert found.mismatches == ()


def test_swapped_keys_are_found(at: At) -> None:
    place = at("active")
    roll_over(CertificateKind.SIGNATURE, place.box)
    found = verify_authorities(
        replace(place.box, signer=Swapped(place.box.signer))
    ).mismatches
    assert set(found) == {
        Mismatch(what="signature-01", code="key_differs"),
        Mismatch(what="signature-02", code="key_differs"),
    }


def test_a_lost_responder_key_is_found(at: At) -> None:
    place = at("active")
    answer_ocsp(b"", place.box)
    for path in (place.home.path / "keys").glob("ocsp-*"):
        path.unlink()
    codes = {one.code for one in verify_authorities(place.box).mismatches}
    assert codes == {"key_missing"}


def test_a_certificate_under_another_issuers_name(at: At) -> None:
    """a row that names the wrong generation"""
    place = at("active")
    second = roll_over(CertificateKind.SIGNATURE, place.box)
    certificate = next(
        one for one in place.certificates if one.kind is CertificateKind.SIGNATURE
    )
    with place.box.store.work() as work:
        work.certificates.add(
            replace(
                certificate,
                serial=work.certificates.next_serial(),
                issuer=second.name,
                card=place.card.serial,
                state=certificate.state.REVOKED,
                stopped=place.box.clock.now(),
            )
        )
    (found,) = verify_authorities(place.box).mismatches
    assert found.code == "other_serial"
