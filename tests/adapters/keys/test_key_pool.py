"""Keys made ahead: each is used once or not at all, whoever dies when."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    generate_private_key,
)

from mynabox.adapters.keys.pool import KeyPool
from mynabox.adapters.keys.sealed import Seal
from mynabox.adapters.randomness import SystemRandom

_KEYS = [generate_private_key(65537, 1024) for _ in range(4)]


def pool_in(
    folder: Path, *, low: int = 2, high: int = 6, quick: bool = True
) -> KeyPool:
    random = SystemRandom()
    made = iter(range(10**9))

    def make() -> RSAPrivateKey:
        return _KEYS[next(made) % 4] if quick else generate_private_key(65537, 1024)

    return KeyPool(
        folder,
        seal=lambda: Seal.of(folder, random),
        random=random,
        low=low,
        high=high,
        make=make,
    )


def number(key: RSAPrivateKey) -> int:
    return key.public_key().public_numbers().n


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "pool").rglob("*") if path.is_file()]


def test_a_taken_key_is_gone_before_it_is_given_out(tmp_path: Path) -> None:
    pool = pool_in(tmp_path, quick=False)
    for _ in range(3):
        pool.add()
    names = {path.name for path in files(tmp_path)}
    assert pool.count() == len(names) == 3
    taken = {number(pool.take()) for _ in range(3)}
    assert len(taken) == 3
    assert files(tmp_path) == []


def test_an_empty_pool_makes_a_key_now(tmp_path: Path) -> None:
    pool = pool_in(tmp_path)
    assert pool.take() in _KEYS
    assert pool.count() == 0


def test_idle_threads_keep_between_the_marks(tmp_path: Path) -> None:
    """filled to the high mark; not touched above the low one; filled again below it"""
    pool = pool_in(tmp_path, low=2, high=6)
    with pool.filled():
        _until(lambda: pool.count() == 6 and not pool._filling.is_set())
        for _ in range(4):
            pool.take()
        time.sleep(1.2)
        assert pool.count() == 2
        pool.take()
        _until(lambda: pool.count() == 6)
    time.sleep(0.05)
    assert pool.count() == 6


def _until(what) -> None:  # type: ignore[no-untyped-def]
    patience = time.monotonic() + 20
    while not what():
        assert time.monotonic() < patience
        time.sleep(0.02)


@pytest.mark.parametrize(("low", "high"), [(3, 2), (-1, 5)])
def test_marks_the_wrong_way_round(tmp_path: Path, low: int, high: int) -> None:
    with pytest.raises(ValueError, match="low water mark"):
        pool_in(tmp_path, low=low, high=high)


@pytest.mark.parametrize("spoil", ["cut", "bent", "foreign"])
def test_a_spoilt_key_is_passed_over_and_wiped(tmp_path: Path, spoil: str) -> None:
    pool = pool_in(tmp_path, quick=False)
    pool.add()
    (path,) = files(tmp_path)
    data = path.read_bytes()
    if spoil == "cut":
        path.write_bytes(data[:100])
    elif spoil == "bent":
        path.write_bytes(data[:-1] + bytes((data[-1] ^ 1,)))
    else:
        path.rename(path.with_name("00.sealed"))
    assert isinstance(pool.take(), RSAPrivateKey)
    assert files(tmp_path) == []


def test_what_a_dead_taker_left_is_wiped_not_used(tmp_path: Path) -> None:
    pool = pool_in(tmp_path, quick=False)
    pool.add()
    (path,) = files(tmp_path)
    (tmp_path / "pool" / "taken").mkdir()
    path.rename(path.parent / "taken" / path.name)
    assert pool.count() == 0
    assert pool.clean() == 1
    assert files(tmp_path) == []
    assert pool.clean() == 0


def test_many_threads_never_share_a_key(tmp_path: Path) -> None:
    pool = pool_in(tmp_path, quick=False, high=40)
    for _ in range(24):
        pool.add()
    found: list[int] = []

    def take() -> None:
        for _ in range(6):
            found.append(number(pool.take()))

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 24


TAKER = """
import sys
from pathlib import Path
from mynabox.adapters.keys.pool import KeyPool
from mynabox.adapters.keys.sealed import Seal
from mynabox.adapters.randomness import SystemRandom

folder, random = Path(sys.argv[1]), SystemRandom()
pool = KeyPool(folder, seal=lambda: Seal.of(folder, random), random=random, low=0,
               high=0, make=lambda: sys.exit(0))
print("ready", flush=True)
sys.stdin.readline()
while True:
    print(pool.take().public_key().public_numbers().n, flush=True)
"""


def test_killed_takers_never_put_one_key_on_two_cards(tmp_path: Path) -> None:
    """four processes take; each is killed at some moment; every key was given to at
    most one of them, and none that was given is left in a file"""
    pool = pool_in(tmp_path, quick=False, high=400)
    made = 160
    for _ in range(made):
        pool.add()
    given: Counter[str] = Counter()
    for round_ in range(5):
        takers = [
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", TAKER, str(tmp_path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
            for _ in range(4)
        ]
        for taker in takers:
            assert taker.stdout is not None and taker.stdin is not None
            assert taker.stdout.readline() == "ready\n"
        for taker in takers:
            assert taker.stdin is not None
            taker.stdin.write("go\n")
            taker.stdin.flush()
        for number_, taker in enumerate(takers):
            time.sleep(0.002 * (1 + round_ + number_))
            taker.send_signal(signal.SIGKILL)
        for taker in takers:
            said, _ = taker.communicate(timeout=30)
            given.update(line for line in said.split("\n")[:-1] if line)
    assert given and set(given.values()) == {1}
    left = pool.count()
    pool.clean()
    rest = {str(number(pool.take())) for _ in range(left)}
    assert len(rest) == left
    assert not rest & set(given)
    assert len(given) + left <= made
    assert files(tmp_path) == []
