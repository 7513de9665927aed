"""The software key store: what it keeps, what it refuses, what it survives."""

import hashlib
import hmac
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynabox.adapters.keys.errors import (
    BoxKeyMissing,
    ForeignFile,
    KeyStoreError,
    NoSuchKey,
    ReadOnlyStore,
    TornFile,
    UnreadableFile,
    UnsafeFile,
)
from mynabox.adapters.keys.software import SoftwareKeys
from mynabox.ports import Signer, Vault

RandomBytes = Callable[[int], bytes]


def predictable(seed: str) -> RandomBytes:
    """A different, repeatable stream for every seed."""
    counter = count()

    def draw(size: int) -> bytes:
        return hashlib.shake_256(f"{seed} {next(counter)}".encode()).digest(size)

    return draw


@pytest.fixture
def keys(tmp_path: Path) -> SoftwareKeys:
    return SoftwareKeys(tmp_path / "keys", predictable("box"))


def again(path: Path, seed: str = "another run") -> SoftwareKeys:
    return SoftwareKeys(path / "keys", predictable(seed))


def sealed(path: Path) -> Path:
    (found,) = (path / "keys").glob("*/*.sealed")
    return found


def test_it_is_a_signer_and_a_vault(keys: SoftwareKeys) -> None:
    signer: Signer = keys
    vault: Vault = keys
    assert signer.create("ca/signature/1") == signer.public_key("ca/signature/1")
    assert len(vault.secret("numbers")) == len(vault.derive("numbers", b"x")) == 32


def test_a_key_outlives_the_process(keys: SoftwareKeys, tmp_path: Path) -> None:
    made = keys.create("ca/signature/1")
    later = again(tmp_path)
    assert later.create("ca/signature/1") == made == later.public_key("ca/signature/1")
    public = load_der_public_key(made)
    assert isinstance(public, rsa.RSAPublicKey)
    assert (public.key_size, public.public_numbers().e) == (2048, 65537)
    public.verify(
        later.sign("ca/signature/1", b"document"),
        b"document",
        padding.PKCS1v15(),
        hashes.SHA256(),
    )


def test_labels_are_kept_apart(keys: SoftwareKeys) -> None:
    labels = ["a", "A", "a/b", "a%2Fb", "../box", "box", ".", "..", "署名", "a b"]
    assert len({keys.create(label) for label in labels}) == len(labels)


@pytest.mark.parametrize("label", ["", "x" * 121])
def test_a_label_has_a_length(keys: SoftwareKeys, label: str) -> None:
    with pytest.raises(ValueError, match="1 to 120"):
        keys.create(label)


def test_secrets_are_made_once_and_derived_apart(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    first = keys.secret("numbers")
    assert again(tmp_path).secret("numbers") == first
    assert keys.secret("other") != first
    derived = {keys.derive("numbers", context) for context in (b"", b"a", b"b")}
    assert len(derived | {first}) == 4
    assert again(tmp_path).derive("numbers", b"a") == keys.derive("numbers", b"a")


def test_derivation_is_hkdf_of_rfc_5869(keys: SoftwareKeys) -> None:
    """Spelled out with HMAC, so that another program can derive the same."""
    pseudorandom = hmac.digest(bytes(32), keys.secret("numbers"), "sha256")
    expected = hmac.digest(pseudorandom, b"context\x01", "sha256")
    assert keys.derive("numbers", b"context") == expected


def test_files_are_private_and_hold_no_plain_key(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    keys.create("ca")
    secret = keys.secret("numbers")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        assert secret not in content
        assert b"PRIVATE" not in content
        # rsaEncryption inside a PKCS #8 INTEGER 0 header never appears in the clear
        assert bytes.fromhex("020100300d06092a864886f7") not in content
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_missing_key_says_so(keys: SoftwareKeys) -> None:
    for ask in (keys.public_key, lambda label: keys.sign(label, b"")):
        with pytest.raises(NoSuchKey, match="has not been created"):
            ask("nobody")
    with pytest.raises(KeyError):
        keys.public_key("nobody")


@pytest.mark.parametrize("cut", [0, 1, 16, 17, 25, 29, 40, 300, -1, -17])
def test_a_cut_off_file_is_torn(cut: int, keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.create("ca")
    path = sealed(tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    for act in (SoftwareKeys.create, SoftwareKeys.public_key):
        with pytest.raises(TornFile, match="backup"):
            act(again(tmp_path), "ca")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_altered_octet_is_noticed(
    place: float, flip: int, keys: SoftwareKeys, tmp_path: Path
) -> None:
    made = keys.secret("numbers")
    path = sealed(tmp_path)
    whole = path.read_bytes()
    spoiled = bytearray(whole)
    spoiled[int(place * len(spoiled))] ^= flip
    path.write_bytes(spoiled)
    try:
        with pytest.raises((TornFile, ForeignFile)) as refusal:
            again(tmp_path).secret("numbers")
        assert made.hex() not in str(refusal.value)
    finally:
        path.write_bytes(whole)


def test_octets_left_over_are_noticed(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.secret("numbers")
    path = sealed(tmp_path)
    path.write_bytes(path.read_bytes() + b"\x00")
    with pytest.raises(TornFile):
        again(tmp_path).secret("numbers")


def test_a_file_of_another_box_is_foreign(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.create("ca")
    other = SoftwareKeys(tmp_path / "other", predictable("other box"))
    other.create("ca")
    path = sealed(tmp_path)
    path.write_bytes((tmp_path / "other" / "keys" / path.name).read_bytes())
    with pytest.raises(ForeignFile, match="another box"):
        again(tmp_path).sign("ca", b"")


def test_a_renamed_file_is_foreign(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.create("ca")
    path = sealed(tmp_path)
    path.rename(path.with_name("responder.sealed"))
    with pytest.raises(ForeignFile):
        again(tmp_path).create("responder")


def test_a_lost_box_key_is_never_replaced(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.create("ca")
    (tmp_path / "keys" / "box.key").unlink()
    with pytest.raises(BoxKeyMissing, match="restore it"):
        again(tmp_path).create("ca")
    assert not (tmp_path / "keys" / "box.key").exists()


@pytest.mark.parametrize("content", [b"", b"short", bytes(31), bytes(33)])
def test_a_damaged_box_key_is_torn(
    content: bytes, keys: SoftwareKeys, tmp_path: Path
) -> None:
    keys.create("ca")
    (tmp_path / "keys" / "box.key").write_bytes(content)
    with pytest.raises(TornFile):
        again(tmp_path).create("ca")


def test_a_box_key_open_to_others_is_refused(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    keys.create("ca")
    (tmp_path / "keys" / "box.key").chmod(0o640)
    with pytest.raises(UnsafeFile, match="chmod 600"):
        again(tmp_path).create("ca")


def test_a_folder_in_place_of_a_file_is_unreadable(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    keys.create("ca")
    path = sealed(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UnreadableFile):
        again(tmp_path).create("ca")


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder nobody may write to, seen as an ordinary user even when run by root."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if user == 0:
            os.seteuid(0)
        folder.rmdir()


def test_a_read_only_folder_says_so(read_only: Path) -> None:
    with pytest.raises(ReadOnlyStore, match="nothing can be written"):
        SoftwareKeys(read_only, predictable("box")).create("ca")


def test_a_crash_before_the_name_leaves_nothing_torn(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    (tmp_path / "keys" / "keys").mkdir(parents=True)
    (tmp_path / "keys" / "keys" / ".new-0011223344556677").write_bytes(b"half")
    assert keys.create("ca") == again(tmp_path).public_key("ca")


def test_threads_agree_on_one_key(keys: SoftwareKeys) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(keys.create, ["ca"] * 8))
        secrets = set(pool.map(keys.secret, ["numbers"] * 8))
    assert len(made) == len(secrets) == 1


def test_processes_agree_on_one_key(tmp_path: Path) -> None:
    program = """
import sys, os
from pathlib import Path
from mynabox.adapters.keys.software import SoftwareKeys
keys = SoftwareKeys(Path(sys.argv[1]), os.urandom)
print(keys.create("ca").hex(), keys.derive("numbers", b"x").hex())
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "keys")],
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0] * 4
    assert len(said) == 1
    assert not list(tmp_path.rglob(".new-*"))


def test_a_random_source_that_runs_dry_is_noticed(tmp_path: Path) -> None:
    box = predictable("box")
    SoftwareKeys(tmp_path / "keys", box).secret("first")
    starved = SoftwareKeys(tmp_path / "keys", lambda size: box(size // 2))
    with pytest.raises(ValueError, match="too few"):
        starved.secret("second")
    with pytest.raises(ValueError, match="too few"):
        SoftwareKeys(tmp_path / "other", lambda size: b"").create("ca")
    assert not list((tmp_path / "other").rglob("*"))


def test_every_error_is_a_key_store_error() -> None:
    errors = (
        NoSuchKey,
        BoxKeyMissing,
        TornFile,
        ForeignFile,
        UnsafeFile,
        UnreadableFile,
        ReadOnlyStore,
    )
    for error in errors:
        assert issubclass(error, KeyStoreError)
        assert str(error(Path("/box/keys"))) == f"/box/keys: {error.advice}"
