"""OCSP servers side by side, in a network of their own.

    python -m bench._serving FOLDER ROUNDS

To be run inside ``unshare -n``: ``openssl ocsp`` listens on every address there is.
Prints the figures as JSON. The folder holds a box, ``openssl ocsp``'s index of the same
certificates, and what nginx serves.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

from bench._asking import (
    Asked,
    Judge,
    answered,
    ask_on,
    checking,
    connect,
    get,
    requests_in,
    stops_in,
)
from bench._stopping import stop
from mynabox.settings import Settings
from mynabox.wiring import open_home

SECONDS, PAUSE, STARTS, HOLDS = 1.5, 0.1, 5, 400
"""Of a turn; between two stops, which is ten times as often as in the whole country;
how often it is started; how many holds are waited for."""
OURS, OPENSSL, NGINX = 8781, 8782, 8783
PROGRAM = Path(sys.executable).with_name("mynabox")


def processor(pid: int) -> float:
    """Seconds that a process and its children have had of any processor."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
        for child in (task / "children").read_text().split():
            total += int(processor(int(child)) * 1e9)
    return total / 1e9


def memory(pid: int, what: str = "VmRSS") -> float:
    """MiB of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(what)


def listening(port: int) -> bool:
    """Whether somebody listens there. Looked up, not tried: ``openssl ocsp`` does not
    get over a connection that asks nothing."""
    mark = f":{port:04X} "
    return any(
        mark in line and " 0A " in line
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()
    )


@contextmanager
def running(*command: object, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server, ended when the block ends, once it can be reached."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"MYNABOX_STATUS_MODE": "immediate"},
    )
    try:
        while not listening(port):
            assert process.poll() is None, f"{command[0]} has ended"
            time.sleep(0.002)
        yield process
    finally:
        process.terminate()
        process.wait()


def ours(home: Path) -> tuple[object, ...]:
    return (PROGRAM, "ocsp", "serve", "--home", home, "--port", OURS)


def rate(pid: int, work: float, count: int) -> float:
    return count / (processor(pid) - work)


class Arena:
    """The servers, and the questions put to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "box"
        self.judge = Judge((folder / "ca.der").read_bytes())
        self.check = checking(self.judge, set())
        self.stops = stops_in(folder)
        self.keeping = cycle(requests_in(folder))
        self.closing = cycle(requests_in(folder, close=True))
        self.file = (folder / "www" / "answer.der").read_bytes()
        self.from_file = cycle([(get("/answer.der"), 0, 0)])

    def same(self, encoded: bytes, one: Asked, before: bool) -> None:
        assert encoded == self.file

    def serve(self, rounds: int) -> dict[str, list[float]]:
        """Answers per second of the server's processor time, in turns."""
        found: dict[str, list[float]] = {
            "ours": [], "ours keeping": [], "openssl": [], "nginx": []
        }  # fmt: skip
        folder = self.folder
        with ExitStack() as stack:
            mine = stack.enter_context(running(*ours(self.home), port=OURS))
            other = stack.enter_context(
                running(
                    *(
                        "openssl",
                        "ocsp",
                        "-port",
                        OPENSSL,
                        "-index",
                        folder / "index.txt",
                    ),
                    *("-CA", folder / "ca.pem", "-rsigner", folder / "responder.pem"),
                    *("-rkey", folder / "responder.key", "-resp_key_id", "-nmin", "15"),
                    port=OPENSSL,
                )
            )
            web = stack.enter_context(
                running(
                    *(folder / "nginx", "-e", folder / "nginx.log", "-p", folder),
                    *("-c", folder / "nginx.conf"),
                    port=NGINX,
                )
            )
            for one in requests_in(folder, close=True):  # all are asked for once
                for port in (OURS, OPENSSL):
                    sock = connect(port)
                    sock.sendall(one[0])
                    self.check(answered(sock), one, False)
                    sock.close()
            count = (len(self.stops) // 2) // rounds
            turns = ["ours", "openssl", "ours keeping", "nginx"]
            for number in range(rounds):
                stopping = subprocess.Popen(
                    [sys.executable, "-m", "bench._stopping", str(self.home),
                     str(folder), str(number * count), str(count), str(PAUSE)]
                )  # fmt: skip
                time.sleep(0.8)  # it has begun
                for turn in turns if number % 2 == 0 else reversed(turns):
                    pid = {"openssl": other.pid, "nginx": web.pid}.get(turn, mine.pid)
                    before = processor(pid)
                    answers = self._turn(turn)
                    found[turn].append(rate(pid, before, answers))
                stopping.terminate()
                stopping.wait()
        return found

    def _turn(self, turn: str) -> int:
        match turn:
            case "openssl":
                return ask_on(
                    OPENSSL, self.closing, self.check, seconds=SECONDS, keep=False
                )
            case "nginx":
                return ask_on(
                    NGINX, self.from_file, self.same, seconds=SECONDS, keep=True
                )
            case _:
                keep = turn == "ours keeping"
                return ask_on(
                    OURS,
                    self.keeping if keep else self.closing,
                    self.check,
                    seconds=SECONDS,
                    keep=keep,
                    stops=self.stops,
                )

    def refuse(self) -> list[float]:
        """Milliseconds from a hold's return to the answer *revoked*, while others ask
        without a pause."""
        home = open_home(Settings(home=self.home))
        asked = requests_in(self.folder)
        waiting = [one for one in asked if not self.stops[one[2]]][-HOLDS:]
        found = []
        with running(*ours(self.home), port=OURS), subprocess.Popen(
            [sys.executable, "-m", "bench._asking", str(self.folder), str(OURS), "300"]
        ) as others:  # fmt: skip
            time.sleep(1.0)
            sock = connect(OURS)
            for data, serial, place in waiting:
                sock.sendall(data)
                answered(sock)
                stop(home, serial)
                returned = time.perf_counter()
                self.stops[place] = 1
                sock.sendall(data)
                encoded = answered(sock)
                found.append((time.perf_counter() - returned) * 1000)
                assert self.judge.read(encoded) == (serial, True)
            assert others.poll() is None, "an answer was not as it should be"
            others.terminate()
        home.close()
        return sorted(found)

    def start(self, home: Path, folder: Path) -> tuple[float, ...]:
        """Seconds to the first answer, seconds of the processor; MiB then, and after a
        thousand more."""
        asked = requests_in(folder)
        judge = Judge((folder / "ca.der").read_bytes())
        began = time.perf_counter()
        with running(*ours(home), port=OURS) as process:
            sock = connect(OURS)
            sock.sendall(asked[0][0])
            assert judge.read(answered(sock))[0] == asked[0][1]
            seconds = time.perf_counter() - began
            spent, first = processor(process.pid), memory(process.pid)
            for data, serial, _ in asked[:1000]:
                sock.sendall(data)
                assert judge.read(answered(sock))[0] == serial
            return seconds, spent, first, memory(process.pid)


def main() -> int:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    arena = Arena(folder)
    starts: dict[str, list[tuple[float, ...]]] = {"few": [], "many": []}
    for _ in range(STARTS):
        for which in starts:
            place = folder / which if which == "few" else folder
            starts[which].append(arena.start(place / "box", place))
    rates = arena.serve(rounds)
    refused = arena.refuse()
    figures = {
        **{name: statistics.median(each) for name, each in rates.items()},
        "rounds": rates,
        "refused": [refused[int(len(refused) * part)] for part in (0.5, 0.99)],
        **{
            name: [statistics.median(column) for column in zip(*each, strict=True)]
            for name, each in starts.items()
        },
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
