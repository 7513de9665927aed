"""Boxes in folders: made once, found again, wherever they lie."""

import os
import stat
from datetime import datetime
from pathlib import Path

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.outgoing import Carrier, Outgoing
from mynabox.settings import Settings
from mynabox.usecases.open_box import open_box
from mynabox.usecases.show import list_authorities
from mynabox.wiring import BoxTrouble, examine_machine, only_server, open_home
from mynabox.wiring.home import LONGEST_SOCKET_PATH
from tests.boxes import box_in

LETTER = Outgoing(
    id="out-x",
    carrier=Carrier.POST,
    municipality="082201",
    to="somewhere",
    title="notice",
    content=b"%PDF-1.7",
    created=datetime(2026, 4, 1, tzinfo=JST),
)


def test_a_new_home_is_nobody_elses(tmp_path: Path) -> None:
    """others may pass through to the reader's socket; what is in it is closed"""
    with box_in(tmp_path / "a/b/box") as home:
        assert stat.S_IMODE(home.path.stat().st_mode) == 0o711
        home.post.deliver(LETTER)
        open_ones = {
            path.name
            for path in home.path.iterdir()
            if stat.S_IMODE(path.stat().st_mode) & 0o077
        }
        assert open_ones <= {"box.toml", "clock.json"}


@pytest.mark.parametrize("left", ["nothing", "a mark half made"])
def test_what_a_start_that_was_cut_short_leaves(tmp_path: Path, left: str) -> None:
    """is no obstacle to the next"""
    folder = tmp_path / "box"
    folder.mkdir()
    if left == "a mark half made":
        (folder / "box.new").write_text("made_by", "utf-8")
    with box_in(folder) as home:
        assert len(list_authorities(home.box)) == 2


def test_a_box_is_the_same_when_it_is_opened_again(tmp_path: Path) -> None:
    """keys, secrets and authorities"""
    with box_in(tmp_path / "box") as home:
        first = list_authorities(home.box)
        secret = home.box.vault.secret("numbers")
    with box_in(tmp_path / "box") as home:
        assert list_authorities(home.box) == first
        assert home.box.vault.secret("numbers") == secret
        assert not open_box(home.box).made


def test_two_boxes_share_nothing(tmp_path: Path) -> None:
    """other keys, other secrets"""
    with (
        box_in(tmp_path / "one", keys="new") as one,
        box_in(tmp_path / "two", keys="new") as two,
    ):
        assert one.box.vault.secret("numbers") != two.box.vault.secret("numbers")
        ders = [{a.der for a in list_authorities(home.box)} for home in (one, two)]
        assert not ders[0] & ders[1]


@pytest.mark.parametrize("longer", [-1, 0, 1, 60])
def test_the_socket_of_a_home_far_away(tmp_path: Path, longer: int) -> None:
    """in the home while its path fits a socket's address, else near, and the same
    for everybody who asks"""
    room = LONGEST_SOCKET_PATH - len(os.fsencode(tmp_path)) - len("//pcscd.comm")
    folder = tmp_path / ("x" * (room + longer))
    with box_in(folder) as home:
        inside = home.socket.parent == folder
        assert inside == (longer <= 0)
        assert len(os.fsencode(home.socket)) <= 107
        again = open_home(Settings(home=folder))
        assert again.socket == home.socket
        again.close()


def test_a_home_by_another_way(tmp_path: Path) -> None:
    """a link and a relative path lead to the same socket"""
    with box_in(tmp_path / "box") as home:
        (tmp_path / "link").symlink_to(tmp_path / "box")
        other = open_home(Settings(home=tmp_path / "link"))
        assert other.socket == home.socket
        other.close()


def test_one_server_at_a_time(tmp_path: Path) -> None:
    """the second is told who has it; afterwards the place is free again"""
    taken = rf"\(process {os.getpid()}\)"
    with box_in(tmp_path / "box") as home:
        with (
            only_server(home),
            pytest.raises(BoxTrouble, match=taken),
            only_server(home),
        ):
            pass
        with only_server(home):
            pass


def test_a_machine_is_examined(tmp_path: Path) -> None:
    """programs, fonts, disk; then the box itself"""
    settings = Settings(home=tmp_path / "box")
    without = {one.what: one for one in examine_machine(settings)}
    assert without[f"box {tmp_path / 'box'}"].state == "missing"
    assert not any(one.state == "bad" for one in without.values())
    with box_in(tmp_path / "box"):
        pass
    found = {one.what: one for one in examine_machine(settings)}
    for what in (f"box {tmp_path / 'box'}", "journal", "outbox", "paper fonts"):
        assert found[what].state == "good"
        assert found[what].needed


def test_a_program_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """is told with the package that has it; a box can do without"""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {one.what: one for one in examine_machine(Settings(home=tmp_path / "box"))}
    for what, package in (("opensc-tool", "opensc"), ("openssl", "openssl")):
        assert found[what].state == "missing"
        assert f"apt-get install {package}" in found[what].says
        assert not found[what].needed


def test_keys_come_from_the_pool_while_it_lasts(tmp_path: Path) -> None:
    """each once; without one they are made when they are asked for"""
    pooled = Settings(home=tmp_path / "box", key_pool_low=1, key_pool_high=2)
    home = open_home(pooled, create=True)
    try:
        assert home.pool is not None
        home.pool.add()
        assert home.pool.count() == 1
        moduli = {home.box.fresh_key().public_key().public_numbers().n for _ in "12"}
        assert (home.pool.count(), len(moduli)) == (0, 2)
    finally:
        home.close()
    with box_in(tmp_path / "other") as plain:
        assert plain.pool is None
        assert plain.box.fresh_key().key_size == 2048
