"""The box's clock as several processes turn it, and bytes by seed."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mynabox.adapters.clock import BoxClock, MachineClock
from mynabox.adapters.randomness import SeededRandom, SystemRandom
from mynabox.law.days import JST

NOON = datetime(2026, 11, 20, 12, tzinfo=JST)
BIRTHDAY = datetime(2036, 4, 1, 0, 0, 0, 123456, tzinfo=JST)


class Tower:
    """A machine's clock that a test moves on."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def test_the_machines_clock_tells_the_time_in_japan() -> None:
    before = MachineClock().now()
    told = float(
        subprocess.run(["date", "+%s.%N"], capture_output=True, check=True).stdout
    )
    after = MachineClock().now()
    assert before.utcoffset() == timedelta(hours=9)
    assert before.timestamp() <= told <= after.timestamp()


def test_a_box_without_a_turned_clock_follows_the_machine(tmp_path: Path) -> None:
    tower = Tower(NOON)
    clock = BoxClock(tmp_path / "clock.json", machine=tower)
    assert clock.now() == NOON
    tower.moment += timedelta(seconds=5)
    assert clock.now() == NOON + timedelta(seconds=5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "moment",
    [
        BIRTHDAY,
        datetime(2015, 10, 5, tzinfo=JST),
        datetime(2026, 11, 20, 3, 0, 1, tzinfo=UTC),
        NOON,
    ],
)
def test_a_turned_clock_goes_on_ticking(tmp_path: Path, moment: datetime) -> None:
    tower = Tower(NOON)
    clock = BoxClock(tmp_path / "home" / "clock.json", machine=tower)
    clock.set(moment)
    assert clock.now() == moment
    assert clock.now().utcoffset() == timedelta(hours=9)
    tower.moment += timedelta(days=1, microseconds=1)
    assert clock.now() == moment + timedelta(days=1, microseconds=1)
    clock.set(moment)
    assert clock.now() == moment
    clock.follow()
    assert clock.now() == tower.moment
    clock.follow()
    assert [file.name for file in (tmp_path / "home").iterdir()] == []


def test_a_clock_that_looks_now_and_then(tmp_path: Path) -> None:
    """the machine's seconds go on meanwhile, and in the end it knows"""
    path, tower = tmp_path / "clock.json", Tower(NOON)
    clock = BoxClock(path, machine=tower, look_every=0.05)
    assert clock.now() == NOON
    BoxClock(path, machine=tower).set(BIRTHDAY)
    while (told := clock.now()) != BIRTHDAY:
        assert told == NOON
    tower.moment += timedelta(seconds=1)
    assert clock.now() == BIRTHDAY + timedelta(seconds=1)


def test_turning_is_seen_by_a_clock_that_runs_already(tmp_path: Path) -> None:
    path, tower = tmp_path / "clock.json", Tower(NOON)
    server, shell = BoxClock(path, machine=tower), BoxClock(path, machine=tower)
    assert server.now() == NOON
    for step in range(200):  # faster than a file's time stamp changes
        shell.set(BIRTHDAY + timedelta(days=step))
        assert server.now() == BIRTHDAY + timedelta(days=step)
    shell.follow()
    assert server.now() == NOON


def test_another_process_turns_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    clock = BoxClock(path)
    script = (
        "import sys; from datetime import datetime; from pathlib import Path;"
        "from mynabox.adapters.clock import BoxClock;"
        "BoxClock(Path(sys.argv[1])).set(datetime.fromisoformat(sys.argv[2]))"
    )
    subprocess.run(
        [sys.executable, "-c", script, path, BIRTHDAY.isoformat()],
        check=True,
        timeout=60,
    )
    assert BIRTHDAY <= clock.now() < BIRTHDAY + timedelta(minutes=1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b'{"microseconds_ah'),
        lambda path: path.write_bytes(b"\xff\x00"),
        lambda path: path.write_bytes(b"[]"),
        lambda path: path.write_bytes(b"{}"),
        lambda path: path.write_bytes(b'{"microseconds_ahead": "soon"}'),
        lambda path: path.write_bytes(b'{"microseconds_ahead": true}'),
        lambda path: path.write_bytes(b'{"microseconds_ahead": 1e30}'),
        lambda path: path.write_bytes(b'{"microseconds_ahead": 9' + b"0" * 17 + b"}"),
        lambda path: path.write_bytes(b'{"microseconds_ahead": 9' + b"0" * 40 + b"}"),
        lambda path: (path.unlink(missing_ok=True), path.mkdir()),
    ],
)
def test_a_torn_file_is_told_and_time_goes_on(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    path, tower = tmp_path / "clock.json", Tower(NOON)
    told: list[str] = []
    fresh = BoxClock(path, machine=tower, report=told.append)
    running = BoxClock(path, machine=tower, report=told.append)
    running.set(BIRTHDAY)
    assert running.now() == BIRTHDAY
    spoil(path)
    for _ in range(3):
        assert fresh.now() == NOON
        assert running.now() == BIRTHDAY
    assert len(told) == 2
    assert running.trouble == told[0]
    assert str(path) in told[0]
    assert "set the clock again" in told[0]


def test_a_torn_file_is_mended_by_setting_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    told: list[str] = []
    clock = BoxClock(path, machine=Tower(NOON), report=told.append)
    path.write_bytes(b"{")
    assert clock.now() == NOON
    clock.set(BIRTHDAY)
    assert clock.now() == BIRTHDAY
    assert clock.trouble is None
    assert clock.ahead == BIRTHDAY - NOON
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_moment_without_a_zone_is_no_moment(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        BoxClock(tmp_path / "clock.json").set(NOON.replace(tzinfo=None))


def test_the_systems_bytes_differ() -> None:
    random = SystemRandom()
    assert [len(random(size)) for size in (0, 1, 32)] == [0, 1, 32]
    assert len({random(16) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "sizes", [[100], [1] * 100, [0, 63, 1, 36], [64, 36], [65, 35]]
)
def test_a_seed_gives_the_same_bytes_however_they_are_asked_for(
    sizes: list[int],
) -> None:
    random = SeededRandom("demo")
    stream = b"".join(random(size) for size in sizes)
    assert stream == SeededRandom("demo")(100)
    assert len(stream) == 100


def test_other_seeds_give_other_bytes() -> None:
    assert len({SeededRandom(seed)(16) for seed in ("demo", "", 1, 2, "Demo")}) == 5
    assert SeededRandom(1)(16) == SeededRandom("1")(16)
    stream = SeededRandom(7)(65_536)
    assert all(220 < stream.count(bytes([value])) < 300 + 40 for value in range(256))
    with pytest.raises(ValueError, match="negative"):
        SeededRandom(1)(-1)
