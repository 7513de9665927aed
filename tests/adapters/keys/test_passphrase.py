"""A box whose keys open with a passphrase (argon2id)."""

import stat
from collections.abc import Callable
from pathlib import Path
from struct import pack_into

import pytest

from mynabox.adapters.keys.errors import (
    KeyStoreError,
    PassphraseNeeded,
    TornFile,
    WrongPassphrase,
)
from mynabox.adapters.keys.passphrase import Cost, lock, unlock
from mynabox.adapters.keys.sealed import BOX_KEY, LOCKED_KEY
from mynabox.adapters.keys.software import SoftwareKeys
from mynabox.adapters.randomness import SystemRandom
from mynabox.ports import KeysUnavailable

WORDS = "見本 correct horse"
CHEAP = Cost(iterations=1, memory=64, lanes=1)
KEY = bytes(range(32))


def keys(folder: Path, passphrase: str | None) -> SoftwareKeys:
    return SoftwareKeys(folder, SystemRandom(), ask=lambda: passphrase)


def test_a_new_box_with_a_passphrase_has_no_key_file(tmp_path: Path) -> None:
    secret = keys(tmp_path, WORDS).secret("journal")
    assert not (tmp_path / BOX_KEY).exists()
    locked = tmp_path / LOCKED_KEY
    assert stat.S_IMODE(locked.stat().st_mode) == 0o600
    assert keys(tmp_path, WORDS).secret("journal") == secret


@pytest.mark.parametrize(
    ("passphrase", "trouble"),
    [
        (None, PassphraseNeeded),
        ("", PassphraseNeeded),
        ("wrong", WrongPassphrase),
        (WORDS + " ", WrongPassphrase),
    ],
)
def test_nothing_opens_without_it(
    tmp_path: Path, passphrase: str | None, trouble: type[KeyStoreError]
) -> None:
    keys(tmp_path, WORDS).create("signature-01")
    with pytest.raises(trouble) as caught:
        keys(tmp_path, passphrase).sign("signature-01", b"data")
    assert isinstance(caught.value, KeysUnavailable)
    assert WORDS not in str(caught.value)
    assert not (tmp_path / BOX_KEY).exists()


def test_by_default_a_box_has_a_key_file(tmp_path: Path) -> None:
    keys(tmp_path, None).create("signature-01")
    assert (tmp_path / BOX_KEY).exists()
    assert not (tmp_path / LOCKED_KEY).exists()


def test_a_passphrase_comes_and_changes_and_goes(tmp_path: Path) -> None:
    """the sealed files stay as they are"""
    public = keys(tmp_path, None).create("signature-01")
    sealed = {one.name: one.read_bytes() for one in (tmp_path / "keys").iterdir()}
    steps: list[tuple[str | None, str | None]] = [
        (None, "first"),
        ("first", "second"),
        ("second", None),
    ]
    for now, then in steps:
        keys(tmp_path, now).lock(then)
        assert (tmp_path / BOX_KEY).exists() == (then is None)
        assert (tmp_path / LOCKED_KEY).exists() == (then is not None)
        assert keys(tmp_path, then).public_key("signature-01") == public
        if then is not None:
            with pytest.raises(KeyStoreError):
                keys(tmp_path, now).public_key("signature-01")
    assert sealed == {
        one.name: one.read_bytes() for one in (tmp_path / "keys").iterdir()
    }


def test_a_leftover_key_file_beside_a_locked_one(tmp_path: Path) -> None:
    """killed between locking and wiping: the passphrase rules already"""
    keys(tmp_path, None).create("signature-01")
    plain = (tmp_path / BOX_KEY).read_bytes()
    keys(tmp_path, None).lock(WORDS)
    (tmp_path / BOX_KEY).write_bytes(plain)
    with pytest.raises(PassphraseNeeded):
        keys(tmp_path, None).public_key("signature-01")
    assert keys(tmp_path, WORDS).public_key("signature-01")


def test_one_key_locked_twice_looks_different() -> None:
    first, second = (
        lock(KEY, WORDS, random=SystemRandom(), cost=CHEAP) for _ in range(2)
    )
    assert first != second
    for one in (first, second):
        assert unlock(one, WORDS, path=Path("x")) == KEY
        assert KEY not in one


def _bend(at: int) -> Callable[[bytearray], None]:
    def bend(data: bytearray) -> None:
        data[at] ^= 1

    return bend


def _cost(at: int, value: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        pack_into(">I", data, at, value)

    return change


_COSTS = len(b"mynabox locked key 1\n") + 16


@pytest.mark.parametrize(
    ("spoil", "trouble"),
    [
        (_bend(0), TornFile),
        (_bend(30), WrongPassphrase),
        (_bend(-1), WrongPassphrase),
        (_cost(_COSTS, 0), TornFile),
        (_cost(_COSTS, 2), WrongPassphrase),
        (_cost(_COSTS, 2**31), TornFile),
        (_cost(_COSTS + 4, 2**31), TornFile),
        (_cost(_COSTS + 4, 7), TornFile),
        (_cost(_COSTS + 8, 0), TornFile),
        (_cost(_COSTS + 8, 2**31), TornFile),
        (lambda data: data.__delitem__(slice(50, None)), TornFile),
        (lambda data: data.clear(), TornFile),
    ],
)
def test_spoilt_files(
    spoil: Callable[[bytearray], None], trouble: type[KeyStoreError]
) -> None:
    """costs beyond reason are refused before they are paid"""
    data = bytearray(lock(KEY, WORDS, random=SystemRandom(), cost=CHEAP))
    spoil(data)
    with pytest.raises(trouble):
        unlock(bytes(data), WORDS, path=Path("x"))


def test_an_empty_passphrase_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        lock(KEY, "", random=SystemRandom())
