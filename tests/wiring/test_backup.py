"""A box in one sealed file, and the same authorities out of it again."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mynabox.adapters.keys.envelope import open_records, seal_records
from mynabox.adapters.keys.errors import KeyStoreError, WrongPassphrase
from mynabox.adapters.randomness import SystemRandom
from mynabox.law.days import JST
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.pki.ocsp import Good, Revoked, Unknown
from mynabox.settings import Settings
from mynabox.usecases.assign_number import PERMUTATION, free_number
from mynabox.usecases.certify import certify
from mynabox.usecases.roll_over import roll_over
from mynabox.usecases.show import verify_journal
from mynabox.usecases.status import current_list, publish_list, status_of, view
from mynabox.usecases.verify_authorities import verify_authorities
from mynabox.wiring import BoxTrouble, Home, back_up, machine_now, open_home, restore
from mynabox.wiring.rotation import rotate_number_keys
from tests.number_secrets import digits_in
from tests.usecases.places import CITY, Place, build_stages, place_in, rows_in

pytestmark = pytest.mark.xdist_group("backup")
WORDS = "見本 backup"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A box with a suspended card, two generations and a list."""
    folder = tmp_path_factory.mktemp("lived")
    template = build_stages(folder)["suspended"]
    with place_in(template.folder, template.moment) as place:
        here = replace(place, hero=template.hero)
        roll_over(CertificateKind.SIGNATURE, here.box)
        current_list("signature-01", here.box)
        yield here


@pytest.fixture(scope="module")
def backup(lived: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("vault") / "box.backup"
    back_up(lived.home, file, passphrase=WORDS)
    return file


def restored(
    file: Path, home: Path, *, passphrase: str = WORDS, at: datetime | None = None
) -> Home:
    settings = Settings(home=home)
    machine = machine_now if at is None else lambda: at
    restore(file, settings, passphrase=passphrase, now=machine)
    return open_home(settings)


def test_an_empty_machine_becomes_the_same_authority(
    lived: Place, backup: Path, tmp_path: Path
) -> None:
    """keys, generations, certificates and what is stopped; the journal holds"""
    home = restored(backup, tmp_path / "new")
    try:
        checked = verify_authorities(home.box)
        assert checked.mismatches == ()
        with home.box.store.look() as work, lived.box.store.look() as before:
            authorities = tuple(work.statuses.authorities())
            assert authorities == tuple(before.statuses.authorities())
            for certificate in lived.certificates:
                assert work.certificates.find(certificate.serial) == certificate
                said = status_of(
                    work, certificate.issuer, certificate.serial, seen=view(home.box)
                )
                assert isinstance(said, Revoked)
        for authority in authorities:
            assert home.box.signer.sign(authority.name, b"x") == (
                lived.box.signer.sign(authority.name, b"x")
            )
        assert verify_journal(home.box) == []
        old, new = rows_in(lived.home.path), rows_in(home.path)
        drawn = {
            "changed_stops",
            "packed_stops",
            "status_changes",
        }  # from the rows, and made anew
        changed = {name for name in old if old[name] != new[name]} - drawn
        assert changed == {"counters", "journal", "journal_subjects", "journal_heads"}
    finally:
        home.close()


def test_no_number_comes_twice(lived: Place, backup: Path, tmp_path: Path) -> None:
    """what the old box gave after the backup is unknown to the new one, and never
    given by it; nor do two restores of one backup give the same"""
    with lived.box.store.work() as work:
        after_backup = {work.certificates.next_serial() for _ in range(50)}
    list_after = publish_list("signature-01", lived.box).number
    given = []
    for name in ("first", "second"):
        home = restored(backup, tmp_path / name)
        try:
            with home.box.store.work() as work:
                given.append({work.certificates.next_serial() for _ in range(50)})
                assert not after_backup & given[-1]
                lost = max(after_backup)
                said = status_of(work, "signature-01", lost, seen=view(home.box))
                assert said == Unknown()
            assert publish_list("signature-01", home.box).number > list_after
        finally:
            home.close()
    assert not given[0] & given[1]
    assert max(given[0] | given[1]) < 2**63


def drawn(home: Home | Place, count: int) -> set[str]:
    """So many Individual Numbers of the hero's municipality, used up by this."""
    key = home.box.vault.secret(PERMUTATION)
    with home.box.store.work() as work:
        return {free_number(CITY, work, key=key).digits for _ in range(count)}


def test_no_individual_number_is_given_to_somebody_else(
    lived: Place, backup: Path, tmp_path: Path
) -> None:
    """by a restored box: neither what the lost one gave after the backup nor what an
    earlier restore gave, and none that is in the register"""
    given = [digits_in(lived.box), drawn(lived, 60)]
    at = datetime(2031, 5, 1, 12, tzinfo=JST)
    for name, seconds in (("first", 0), ("second", 200), ("third", 3600)):
        moment = at + timedelta(seconds=seconds)
        home = restored(backup, tmp_path / name, at=moment)
        try:
            given.append(drawn(home, 60))
            again = tmp_path / f"{name}.backup"
            back_up(home, again, passphrase=WORDS)
            given.append(drawn(home, 60))
        finally:
            home.close()
        # a backup of the restored box, restored in the very same second
        home = restored(again, tmp_path / f"{name}-again", at=moment)
        try:
            given.append(drawn(home, 60))
        finally:
            home.close()
    every = [digits for part in given for digits in part]
    twice = len(every) - len(set(every))
    assert twice == 0


def test_the_restored_box_goes_on_issuing(
    lived: Place, backup: Path, tmp_path: Path
) -> None:
    """new certificates under the old authority, with numbers of the new block"""
    home = restored(backup, tmp_path / "new")
    try:
        certificate = lived.certificates[0]
        with home.box.store.work() as work:
            card = work.cards.get(certificate.card)
            resident = work.residents.get(certificate.resident)
            (issued,) = certify(
                work,
                home.box,
                resident=resident,
                card=card,
                keys={
                    CertificateKind.SIGNATURE: home.box.signer.public_key(
                        "signature-01"
                    )
                },
                at=home.box.clock.now(),
            )
        assert issued.serial > 2**32
        assert issued.issuer == "signature-02"
        with home.box.store.look() as work:
            said = status_of(work, issued.issuer, issued.serial, seen=view(home.box))
            assert said == Good()
        assert verify_authorities(home.box).mismatches == ()
    finally:
        home.close()


def test_a_passphrase_for_the_new_box(backup: Path, tmp_path: Path) -> None:
    """the backup's passphrase and the box's own are two things"""
    settings = Settings(home=tmp_path / "new", passphrase="of the box")
    restore(backup, settings, passphrase=WORDS)
    assert not (settings.home / "box.key").exists()
    with pytest.raises(BoxTrouble, match="MYNABOX_PASSPHRASE"):
        open_home(Settings(home=settings.home))
    home = open_home(settings)
    assert verify_authorities(home.box).mismatches == ()
    home.close()


def test_a_backup_holds_nothing_in_the_clear(lived: Place, backup: Path) -> None:
    data = backup.read_bytes()
    assert backup.stat().st_mode & 0o077 == 0
    for secret in (
        lived.home.keys.seal.key,
        lived.resident.name.encode(),
        lived.hero.encode(),
        b"signature-01",
    ):
        assert secret not in data


def test_chips_come_along_only_if_wished_for(lived: Place, tmp_path: Path) -> None:
    for with_chips in (False, True):
        file = tmp_path / f"{with_chips}.backup"
        back_up(lived.home, file, passphrase=WORDS, with_chips=with_chips)
        home = restored(file, tmp_path / f"home-{with_chips}")
        assert (home.path / "cards").exists() == with_chips
        if with_chips:
            home.cards.connect(lived.card.serial).close()
        home.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:40],
        lambda data: b"",
        lambda data: b"not a backup at all" * 30,
        lambda data: data[:-5] + bytes((data[-5] ^ 1,)) + data[-4:],
        lambda data: data[:400] + bytes((data[400] ^ 1,)) + data[401:],
        lambda data: data + b"\0",
    ],
)
def test_a_spoilt_backup_makes_no_box(
    backup: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """cut off, altered, extended: nothing is left behind"""
    file = tmp_path / "spoilt.backup"
    file.write_bytes(spoil(backup.read_bytes()))
    with pytest.raises(BoxTrouble, match="backup is no backup, or a damaged"):
        restore(file, Settings(home=tmp_path / "new"), passphrase=WORDS)
    assert [one.name for one in tmp_path.iterdir()] == ["spoilt.backup"]


def test_another_passphrase_opens_nothing(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BoxTrouble, match="passphrase does not open"):
        restore(backup, Settings(home=tmp_path / "new"), passphrase="other")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(lived: Place, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BoxTrouble, match="exists"):
        back_up(lived.home, backup, passphrase=WORDS)
    (tmp_path / "something").write_text("mine")
    with pytest.raises(BoxTrouble, match="not empty"):
        restore(backup, Settings(home=tmp_path), passphrase=WORDS)
    assert [one.name for one in tmp_path.iterdir()] == ["something"]
    with pytest.raises(BoxTrouble, match="no file"):
        restore(tmp_path / "none", Settings(home=tmp_path / "x"), passphrase=WORDS)
    with pytest.raises(BoxTrouble, match="give it a passphrase"):
        back_up(lived.home, tmp_path / "b", passphrase="")


def rewritten(
    backup: Path, file: Path, change: Callable[[bytes], bytes | None]
) -> Path:
    """The backup with other records in it, sealed as its owner could."""
    with backup.open("rb") as source, file.open("wb") as target:
        records = open_records(source, passphrase=WORDS, path=backup)
        changed = (new for one in records if (new := change(one)) is not None)
        seal_records(changed, target, passphrase=WORDS, random=SystemRandom())
    return file


def _without(part: bytes) -> Callable[[bytes], bytes | None]:
    return lambda record: None if part in record else record


def _with(old: bytes, new: bytes) -> Callable[[bytes], bytes | None]:
    return lambda record: record.replace(old, new)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_without(b'"file":"keys/signature-01'), "key_differs"),
        (_without(b'"name":"issuance number"'), "counter_behind"),
        (_without(b'"table":"authorities"'), "do not fit"),
        (_without(b'"box_key"'), "box key is missing"),
        (_with(b'"file":"keys/', b'"file":"../'), "no backup"),
        (_with(b'"file":"keys/', b'"file":"/etc/'), "no backup"),
        (_with(b'"table":"counters"', b'"table":"unknown"'), "no table"),
        (_with(b'"layout":2', b'"layout":3'), "newer than"),
        (_with(b'"layout":2', b'"layout":"x"'), "no backup of a box"),
        (_with(b'"table"', b'"tables"'), "no backup"),
    ],
)
def test_a_backup_that_does_not_fit_together(
    backup: Path, tmp_path: Path, change: Callable[[bytes], bytes | None], says: str
) -> None:
    """sealed by its owner, but with something missing or foreign in it"""
    file = rewritten(backup, tmp_path / "other.backup", change)
    with pytest.raises(BoxTrouble, match=says):
        restore(file, Settings(home=tmp_path / "new"), passphrase=WORDS)
    assert [one.name for one in tmp_path.iterdir()] == ["other.backup"]


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_records_come_out_as_they_went_in(tmp_path: Path, count: int) -> None:
    records = [bytes((number,)) * number * 100 for number in range(count)]
    path = tmp_path / "file"
    with path.open("wb") as file:
        seal_records(records, file, passphrase=WORDS, random=SystemRandom())
    with path.open("rb") as file:
        assert list(open_records(file, passphrase=WORDS, path=path)) == records
    with path.open("rb") as file, pytest.raises(WrongPassphrase):
        list(open_records(file, passphrase="x", path=path))


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    """also at the border between two records"""
    path = tmp_path / "file"
    with path.open("wb") as file:
        seal_records([b"one", b"two"], file, passphrase=WORDS, random=SystemRandom())
    whole = path.read_bytes()
    for size in range(len(whole) - 72, len(whole), 3):
        path.write_bytes(whole[:size])
        with path.open("rb") as file, pytest.raises(KeyStoreError):
            list(open_records(file, passphrase=WORDS, path=path))


def _official_root() -> bytes:
    """A root under the genuine service's names, made with a key of our own."""
    key = generate_private_key(65537, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "JPKI"),
            x509.NameAttribute(
                NameOID.ORGANIZATIONAL_UNIT_NAME, "JPKI for digital signature"
            ),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 4, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 4, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.DER)


@pytest.mark.parametrize("table", ["authorities", "certificates"])
def test_nothing_genuine_comes_in_by_a_backup(
    backup: Path, tmp_path: Path, table: str
) -> None:
    """design's guard rail: official names, wherever they could enter"""
    foreign = b64encode(_official_root())

    def change(record: bytes) -> bytes:
        if not record.startswith(b'{"table":"' + table.encode() + b'"'):
            return record
        return re.sub(
            rb'"der":\{"octets":"[^"]+"', b'"der":{"octets":"' + foreign + b'"', record
        )

    file = rewritten(backup, tmp_path / "other.backup", change)
    with pytest.raises(BoxTrouble, match="genuine_service"):
        restore(file, Settings(home=tmp_path / "new"), passphrase=WORDS)
    assert [one.name for one in tmp_path.iterdir()] == ["other.backup"]


def test_numbers_open_in_the_restored_box(
    lived: Place, backup: Path, tmp_path: Path
) -> None:
    """they lie sealed in the backup, with what opens them; also when the box has
    exchanged its keys and destroyed the old ones since"""
    before = digits_in(lived.box)
    assert before
    for name, opened in (("first", lived.home), ("second", None)):
        if opened is not None:
            rotate_number_keys(opened, lambda done, of: None)
            assert digits_in(lived.box) == before
        home = restored(backup, tmp_path / name)
        try:
            assert digits_in(home.box) == before
            with home.box.store.look() as work:
                for digits in before:
                    assert work.numbers.owner(IndividualNumber(digits)) is not None
        finally:
            home.close()


def test_a_backup_of_before_numbers_were_sealed(
    lived: Place, backup: Path, tmp_path: Path
) -> None:
    """its numbers, and the letters that waited, are sealed as they are restored"""
    with lived.box.store.look() as work:
        numbers = {
            person.id: work.numbers.current(person.id)
            for person in work.residents.list()
        }

    def plain(record: bytes) -> bytes | None:
        read = json.loads(record)
        if "layout" in read:
            return json.dumps({**read, "layout": 1}).encode()
        if read.get("file", "").startswith("secrets/number-key"):
            return None
        if read.get("table") == "numbers":
            row = read["row"]
            assignment = numbers[row["resident"]]
            assert assignment is not None
            kept = ("resident", "municipality", "assigned", "state")
            read["row"] = {name: row[name] for name in kept}
            read["row"]["number"] = assignment.number.digits
        if read.get("table") == "outbox":
            read["row"]["delivered"] = None
            read["row"]["content"] = {"octets": b64encode(b"%PDF old").decode()}
        return json.dumps(read).encode()

    old = rewritten(backup, tmp_path / "old.backup", plain)
    home = restored(old, tmp_path / "new")
    try:
        assert digits_in(home.box) == digits_in(lived.box)
        with home.box.store.look() as work:
            waiting = [one.content for one in work.outbox.waiting()]
        assert set(waiting) == {b"%PDF old"}
        held = b"".join(path.read_bytes() for path in home.path.glob("box.db*"))
        assert b"%PDF old" not in held
        assert not any(digits.encode() in held for digits in digits_in(home.box))
    finally:
        home.close()
