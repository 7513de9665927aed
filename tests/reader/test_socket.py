"""Where the daemon listens, who may come, and what a killed daemon leaves behind."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mynabox.reader.daemon import ENVIRONMENT, ReaderDaemon
from mynabox.reader.server import LONGEST_PATH, SocketInUse, SocketPathTooLong

OK = "SCARD_S_SUCCESS"
LISTENER = """
import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print(flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("access", "mode"), [("owner", 0o600), ("everyone", 0o666)])
def test_who_may_come(tray: Any, folder: Path, access: Any, mode: int) -> None:
    path = folder / "s"
    with ReaderDaemon(tray, path, access=access):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert not path.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(("access", "code"), [("owner", False), ("everyone", True)])
def test_another_user(tray: Any, folder: Path, access: Any, code: bool) -> None:
    path = folder / "s"
    probe = f"import socket; s=socket.socket(socket.AF_UNIX); s.connect({str(path)!r})"
    with ReaderDaemon(tray, path, access=access):
        done = subprocess.run(
            [
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "/usr/bin/python3" if Path("/usr/bin/python3").exists() else "python3",
                "-c",
                probe,
            ],
            capture_output=True,
            text=True,
        )
    assert (done.returncode == 0) is code, done.stderr
    assert code or "PermissionError" in done.stderr


def test_the_environment_names_the_socket(tray: Any, folder: Path) -> None:
    daemon = ReaderDaemon(tray, folder / "s")
    assert daemon.environment == {ENVIRONMENT: str(folder / "s")}


@pytest.mark.parametrize("length", [LONGEST_PATH, LONGEST_PATH + 1])
def test_a_long_path(tray: Any, folder: Path, use: Any, length: int) -> None:
    path = folder / ("s" * (length - len(str(folder)) - 1))
    assert len(str(path)) == length
    daemon = ReaderDaemon(tray, path)
    if length > LONGEST_PATH:
        with pytest.raises(SocketPathTooLong, match="108 bytes"):
            daemon.start()
        assert tray.cards["A"].powered == 0
    else:
        with daemon:
            assert use(daemon).call("readers")[0] == OK


def test_a_second_daemon_is_refused(
    tray: Any, folder: Path, use: Callable[[ReaderDaemon], Any]
) -> None:
    with ReaderDaemon(tray, folder / "s") as first:
        with pytest.raises(SocketInUse, match="another daemon"):
            ReaderDaemon(tray, folder / "s").start()
        assert use(first).call("readers")[0] == OK


def test_a_file_that_is_no_socket_is_left_alone(tray: Any, folder: Path) -> None:
    path = folder / "s"
    path.write_text("a letter")
    with pytest.raises(SocketInUse, match="no socket"):
        ReaderDaemon(tray, path).start()
    assert path.read_text() == "a letter"


def test_a_folder_that_is_missing(tray: Any, folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ReaderDaemon(tray, folder / "none" / "s").start()


def test_what_a_killed_daemon_left_is_replaced(
    tray: Any, folder: Path, use: Callable[[ReaderDaemon], Any]
) -> None:
    path = folder / "s"
    victim = subprocess.Popen(
        [
            sys.executable,
            "-c",
            LISTENER,
            str(path),
        ],
        stdout=subprocess.PIPE,
    )
    assert victim.stdout is not None
    victim.stdout.readline()
    with pytest.raises(SocketInUse):
        ReaderDaemon(tray, path).start()
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    assert path.exists()
    with ReaderDaemon(tray, path) as daemon:
        assert use(daemon).call("readers")[0] == OK


def test_of_many_daemons_one_starts(tray: Any, folder: Path) -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(folder / "s"))
    stale.close()
    daemons = [ReaderDaemon(tray, folder / "s") for _ in range(8)]
    outcomes: list[bool] = []

    def start(daemon: ReaderDaemon) -> None:
        try:
            daemon.start()
        except SocketInUse:
            outcomes.append(False)
        else:
            outcomes.append(True)

    threads = [threading.Thread(target=start, args=(d,)) for d in daemons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]
    for daemon in daemons:
        daemon.stop()
    assert not (folder / "s").exists()


def test_a_stopped_daemon_lets_its_clients_go(
    tray: Any, folder: Path, use: Callable[[ReaderDaemon], Any]
) -> None:
    daemon = ReaderDaemon(tray, folder / "s")
    daemon.start()
    one, two = use(daemon), use(daemon)
    handle = one.connect(daemon.reader_names[0], 1)
    two.ask("change", 60000, {daemon.reader_names[0]: 0xA0})
    assert two.is_waiting(0.1)
    daemon.stop()
    daemon.stop()
    assert tray.cards["A"].powered == 0
    two.told(2)  # told that it is cut off, or a moment before that the reader is free
    assert two.call("readers")[0] != OK
    assert one.call("transmit", handle, "80E0000000")[0] != OK
    assert one.call("establish") == ["SCARD_E_NO_SERVICE"]
    daemon.start()
    assert one.call("establish") == [OK]
    daemon.stop()


def test_starting_twice_is_a_mistake(tray: Any, folder: Path) -> None:
    with ReaderDaemon(tray, folder / "s") as daemon, pytest.raises(RuntimeError):
        daemon.start()


@pytest.mark.parametrize(
    "readers", [0, 17, [], [""], ["a", "a"], ["a\0b"], ["x" * 128], ["あ" * 43]]
)
def test_names_clients_could_not_read(tray: Any, folder: Path, readers: Any) -> None:
    with pytest.raises(ValueError, match="reader"):
        ReaderDaemon(tray, folder / "s", readers=readers)


def test_a_tray_that_cannot_be_read_keeps_its_cards(
    tray: Any, folder: Path, use: Callable[[ReaderDaemon], Any]
) -> None:
    class Jammed(type(tray)):  # type: ignore[misc]
        jammed = False

        def tray(self) -> tuple[str | None, ...]:
            if self.jammed:
                raise OSError("the tray is jammed")
            return tuple(super().tray())

    jam = Jammed()
    jam.make("A")
    jam.insert("A")
    with ReaderDaemon(jam, folder / "s", look=0.005) as daemon:
        one = use(daemon)
        jam.jammed = True
        handle = one.connect(daemon.reader_names[0])
        assert one.call("transmit", handle, "80E0000000")[0] == OK
        jam.eject()
        jam.jammed = False
        assert one.call("change", 1000, {daemon.reader_names[0]: 0x120})[0] == OK
