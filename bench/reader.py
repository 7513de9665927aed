"""The card reader beside its peers: signatures, round trips, commands, start, memory.

    python -m bench.reader [--quick]

Ours and the peer take turns in one run; ratios are of medians. Round trips are made on
one core: how long the kernel takes to wake a process on another one is no matter of
ours, and it changes its mind between runs. The bare socket beside them has the same
client, libpcsclite with all its reads and writes, and behind it a process that only
counts bytes. What needs namespaces (the system's pcscd) or vsmartcard's card
(``vicc``, package ``vsmartcard-vpicc``) is left out, with a word, where there are none.
Figures are kept in ``bench/results/reader.json``.
"""

import argparse
import gc
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.adapters.cards import CardFiles
from mynabox.adapters.randomness import SystemRandom
from mynabox.card import make_rsa_key
from mynabox.reader.daemon import ENVIRONMENT, ReaderDaemon
from mynabox.reader.vpcd import PORT
from mynabox.settings import Settings
from mynabox.terminal.issuer import CardApplication, CardSecret, IssuerSession
from mynabox.wiring import open_home
from tests.boxes import PROGRAM, served
from tests.boxes import run as run_program
from tests.interop.readers import (
    BOX,
    ROADS,
    SYSTEM,
    Reader,
    SystemReader,
    serving,
    started,
)
from tests.reader.programs import Program
from tests.reader.small_cards import SmallTray

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "reader.json"
VICC = Path("/usr/bin/vicc")
VICC_MODULES = Path("/usr/lib/python3/site-packages/virtualsmartcard")
VICC_NEEDS = "pycryptodome"
KEY, ISSUER_KEY = bytes(range(32)), bytes(range(32, 64))
SERIAL = "9000330000000025"
PIN = "1234"
MANY = 16
"""Cards at once, where memory is measured."""

SELECT_JPKI = "00A4040C0AD392F000260100000001"
PIN_FILE, KEY_FILE, CERTIFICATE = "00A4020C020018", "00A4020C020017", "00A4020C02000A"
QUERY, CHALLENGE, READ = "00200080", "0084000008", "00B0000000"
VERIFY = "0020008004" + PIN.encode().hex()
LETTER = "拝啓 これは見本です。\n".encode()
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
SIGN = "802A008033" + (DIGEST_INFO + sha256(LETTER).digest()).hex() + "00"
REQUEST, ANSWER = 8 + 32, 32
"""Bytes that libpcsclite and its daemon put around a command and its answer."""

Row = tuple[str, str, str, float, str]
Timed = Callable[[], float]


def alternating(rounds: int, **each: Timed) -> dict[str, list[float]]:
    """Seconds of every round of each; who begins changes."""
    found: dict[str, list[float]] = {name: [] for name in each}
    names = list(each)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(each[name]())
    return found


def micro(seconds: float) -> str:
    """Seconds as a person reads them."""
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


@contextmanager
def one_core() -> Iterator[None]:
    """This process, and those it starts, on one core."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


class Figures:
    """Rows for a person, rounds for whoever wants to count again."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.rounds: dict[str, dict[str, list[float]]] = {}
        self.left_out: list[str] = []

    def smaller_is_better(
        self, what: str, found: dict[str, list[float]], peer: str, target: str
    ) -> None:
        """The ratio is ours to the peer's."""
        ours, theirs = (statistics.median(found[name]) for name in ("ours", "peer"))
        self.rounds[what] = found
        row = (what, micro(ours), f"{peer} {micro(theirs)}", ours / theirs, target)
        self.rows.append(row)

    def bigger_is_better(
        self, what: str, found: dict[str, list[float]], peer: str, target: str
    ) -> None:
        """The ratio is of ours to the peer's per second."""
        ours, theirs = (statistics.median(found[name]) for name in ("ours", "peer"))
        self.rounds[what] = found
        told = f"{peer} {1 / theirs:,.0f}/s"
        self.rows.append((what, f"{1 / ours:,.0f}/s", told, theirs / ours, target))


# -- cards and clients ----------------------------------------------------------------


def fill(cards: CardFiles, serial: str, certificate: bytes) -> None:
    """A card with keys, certificates and a PIN."""
    tries = {"authentication": 3, "signature": 5, "juki": 3, "input_support": 3}
    tries |= {"number_a": 10, "number_b": 10}
    cards.make(serial, issuer_key=ISSUER_KEY, tries=tries, issuer_tries=10)
    card = cards.connect(serial)
    session = IssuerSession(card, key=ISSUER_KEY, serial=serial, random=SystemRandom())
    for key, files in ((0x17, (0x0A, 0x0B)), (0x1A, (0x01, 0x02))):
        session.generate_key(CardApplication.JPKI, key)
        for file in files:
            session.write_file(CardApplication.JPKI, file, certificate)
    session.set_pin(CardSecret.AUTHENTICATION, PIN)
    session.set_pin(CardSecret.SIGNATURE, "ABC123")
    card.close()


def card_files(
    home: Path, key: RSAPrivateKey, *, slots: int = 1, trace: bool = False
) -> CardFiles:
    """The cards under a folder; their keys are all ``key``."""
    told: list[str] = []
    return CardFiles(
        home,
        key=KEY,
        random=SystemRandom(),
        slots=slots,
        make_key=lambda: key,
        trace=told.append if trace else None,
    )


class Client:
    """A program at a reader, linked to libpcsclite, with the card selected."""

    def __init__(self, reader: Reader, name: str, *selects: str) -> None:
        self._program = Program(reader.environment, reader.words(plainly=False))
        assert self._program.call("establish") == ["SCARD_S_SUCCESS"]
        self._handle = self._program.connect(name)
        for command in selects:
            self.transmit(command)

    def transmit(self, command: str) -> str:
        """The answer, whose status word is good."""
        code, answer, _ = self._program.call("transmit", self._handle, command)
        assert code == "SCARD_S_SUCCESS", code
        assert answer[-4:] in ("9000", "63C3"), answer
        return str(answer)

    def median(self, times: int, command: str) -> float:
        """Seconds of one command, the median of many."""
        (took,) = self._program.call("repeat", times, self._handle, command)
        return float(statistics.median(took))

    def end(self) -> None:
        """Let go of the card."""
        self._program.end()


@contextmanager
def echoing(folder: Path, kind: str, asked: int, answered: int) -> Iterator[str]:
    """Where a process listens that does nothing but answer so many bytes."""
    path = folder / f"echo-{kind}-{asked}"
    words = (kind, str(path), str(asked), str(answered))
    server = subprocess.Popen(
        [sys.executable, str(HERE / "peers" / "echo.py"), *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.wait(20)
        server.stdout.close()
        path.unlink(missing_ok=True)


@contextmanager
def bare_unix(folder: Path, command: str, answered: int) -> Iterator[Timed]:
    """The same program with the same library sends the same command, and a process
    that looks at nothing sends as many bytes back: seconds, the median of many."""
    asked = REQUEST + len(command) // 2
    with echoing(folder, "unix", asked, ANSWER + answered) as where:
        program = Program({ENVIRONMENT: where})
        assert program.call("establish") == ["SCARD_S_SUCCESS"]
        handle = program.connect("echo")

        def median() -> float:
            (took,) = program.call("repeat", 1000, handle, command)
            return float(statistics.median(took))

        try:
            yield median
        finally:
            program.end()


@contextmanager
def bare_tcp(folder: Path, command: str, answered: int) -> Iterator[Timed]:
    """A command and its answer over TCP, each its length and itself, in the pieces in
    which vpcd sends and reads them: seconds, the median of many."""
    body = bytes(len(command) // 2)
    length = len(body).to_bytes(2, "big")
    with echoing(folder, "tcp", 2 + len(body), 2 + answered) as where:
        client = socket.create_connection(("127.0.0.1", int(where)))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def once() -> float:
            start = time.perf_counter()
            client.sendall(length)
            client.sendall(body)
            client.recv(2, socket.MSG_WAITALL)
            client.recv(answered, socket.MSG_WAITALL)
            return time.perf_counter() - start

        try:
            yield lambda: statistics.median(once() for _ in range(1000))
        finally:
            client.close()


@contextmanager
def vicc_python(folder: Path) -> Iterator[dict[str, Any] | None]:
    """How to start Python where vsmartcard's card can be imported, or nothing.

    Debian's package lacks a module that only PyPI has by now; it is installed into a
    throw-away environment.
    """
    place = folder / "vicc"
    if not VICC.exists():
        yield None
        return
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    got = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", VICC_NEEDS], check=False
    )
    if got.returncode:
        yield None
        return
    yield {"python": str(python), "env": os.environ | {"PYTHONPATH": str(VICC_MODULES)}}


# -- measurements -----------------------------------------------------------------------


def signatures(figures: Figures, rounds: int, folder: Path, key: RSAPrivateKey) -> None:
    """A signature through libpcsclite, daemon and card, and one without them."""
    with serving(BOX, folder, KEY) as reader:
        client = Client(reader, reader.name, SELECT_JPKI, PIN_FILE, VERIFY, KEY_FILE)
        signature = bytes.fromhex(client.transmit(SIGN))[:-2]
        key.public_key().verify(signature, LETTER, PKCS1v15(), SHA256())

        def bare() -> float:
            took = []
            for _ in range(100):
                start = time.perf_counter()
                key.sign(LETTER, PKCS1v15(), SHA256())
                took.append(time.perf_counter() - start)
            return statistics.median(took)

        found = alternating(rounds, ours=partial(client.median, 100, SIGN), peer=bare)
        client.end()
    figures.bigger_is_better(
        "RSA-2048 signatures through the daemon", found, "bare cryptography", ">= 0.90"
    )


def round_trips(figures: Figures, rounds: int, folder: Path) -> None:
    """Commands through the box's daemon, beside a bare socket: to a card in memory,
    which is the reader alone, and to a card of the box."""
    small = folder / "small"
    small.mkdir()
    words = (sys.executable, "-m", "bench.reader", "--small", str(small))
    with started(Reader(small, *words)) as alone, serving(BOX, folder, KEY) as whole:
        for what, reader, command, answer, selects in (
            ("READ BINARY 16, reader alone", alone, "00B0000010", 18, ()),
            ("PIN query", whole, QUERY, 2, (SELECT_JPKI, PIN_FILE)),
            ("READ BINARY 256", whole, READ, 258, (SELECT_JPKI, CERTIFICATE)),
        ):
            client = Client(reader, reader.name, *selects)
            with bare_unix(folder, command, answer) as bare:
                found = alternating(
                    rounds, ours=partial(client.median, 1000, command), peer=bare
                )
            client.end()
            figures.smaller_is_better(
                f"{what}, through the daemon", found, "bare unix socket", "<= 2"
            )


def by_the_system(
    figures: Figures, rounds: int, folder: Path, vicc: dict[str, Any] | None
) -> None:
    """Commands through pcscd and vpcd, beside bare sockets and vsmartcard's card in the
    second slot of the same reader."""
    with serving(SYSTEM, folder, KEY) as reader, ExitStack() as opened:
        assert isinstance(reader, SystemReader)
        client = Client(reader, reader.name, SELECT_JPKI, PIN_FILE)
        opened.callback(client.end)
        unix = opened.enter_context(bare_unix(folder, QUERY, 2))
        tcp = opened.enter_context(bare_tcp(folder, QUERY, 2))
        found = alternating(
            rounds,
            ours=partial(client.median, 500, QUERY),
            peer=lambda: unix() + tcp(),
        )
        figures.smaller_is_better(
            "PIN query through pcscd and vpcd", found, "bare unix + TCP socket", "<= 2"
        )
        if vicc is None:
            return
        words = (vicc["python"], str(VICC), "-P", str(PORT + 1))
        other = subprocess.Popen(
            reader.words(*words, plainly=False),
            env=vicc["env"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        opened.callback(other.wait, 20)
        opened.callback(other.terminate)
        theirs = until(lambda: Client(reader, "Virtual PCD 00 01", CHALLENGE))
        opened.callback(theirs.end)
        found = alternating(
            min(rounds, 5),
            ours=partial(client.median, 300, CHALLENGE),
            peer=partial(theirs.median, 30, CHALLENGE),
        )
        figures.bigger_is_better(
            "GET CHALLENGE through pcscd and vpcd", found, "vsmartcard's vicc", "> 1"
        )


def until(make: Callable[[], Client]) -> Client:
    """A client, once its card is there."""
    end = time.monotonic() + 10
    while True:
        try:
            return make()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def commands(
    figures: Figures,
    rounds: int,
    folder: Path,
    key: RSAPrivateKey,
    vicc: dict[str, Any],
) -> None:
    """Commands to the card in-process: access rules, a sealed file and the trace on
    our side."""
    card = card_files(folder, key, trace=True).connect(SERIAL)
    for command in (SELECT_JPKI, PIN_FILE):
        assert card.transmit(bytes.fromhex(command)) == b"\x90\x00"
    other = subprocess.Popen(
        [vicc["python"], str(HERE / "peers" / "vicc_card.py")],
        env=vicc["env"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    times, raw = 2000, bytes.fromhex(CHALLENGE)

    def ours() -> float:
        start = time.perf_counter()
        for _ in range(times):
            card.transmit(raw)
        return (time.perf_counter() - start) / times

    def theirs() -> float:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(f"{times} {CHALLENGE}\n")
        other.stdin.flush()
        return float(other.stdout.readline()) / times

    assert card.transmit(raw)[-2:] == b"\x90\x00"
    found = alternating(rounds, ours=ours, peer=theirs)
    other.stdin.close()
    other.wait(20)
    other.stdout.close()
    card.close()
    figures.bigger_is_better(
        "GET CHALLENGE in-process, rules and trace", found, "vsmartcard's card", "> 1"
    )


def start(figures: Figures, rounds: int, folder: Path) -> None:
    """From ``mynabox card insert`` in a cold shell to the first answer, beside what
    Python and the libraries alone need to start."""
    box = folder / "box"
    run_program(PROGRAM, "demo", "--exit", "--quiet", "--home", box)
    home = open_home(Settings(home=box))
    (serial,) = home.cards.tray()
    assert serial is not None
    name = "mynabox virtual reader 00 00"

    def ours() -> float:
        home.cards.eject()
        client = Program({"PCSCLITE_CSOCK_NAME": there.socket})
        client.call("establish")
        known = 0
        while not known & 0x10:
            known = client.call("change", 5000, {name: known})[1][name]
        began = time.perf_counter()
        shell = subprocess.Popen(
            ["sh", "-c", f"{PROGRAM} card insert {serial} --home {box}"],
            stdout=subprocess.DEVNULL,
        )
        while not known & 0x20:
            known = client.call("change", 5000, {name: known & ~2})[1][name]
        handle = client.connect(name)
        assert client.call("transmit", handle, SELECT_JPKI)[1] == "9000"
        took = time.perf_counter() - began
        assert shell.wait(20) == 0
        client.end()
        return took

    def libraries() -> float:
        needed = "import pydantic_settings, rich.console, sqlalchemy, structlog, typer"
        began = time.perf_counter()
        subprocess.run(["sh", "-c", f"{sys.executable} -c '{needed}'"], check=True)
        return time.perf_counter() - began

    with served(box) as there:
        found = alternating(min(rounds, 7), ours=ours, peer=libraries)
    home.close()
    figures.smaller_is_better(
        "card insert to the first answer", found, "its libraries alone", "< 1 s"
    )


def memory(
    figures: Figures,
    folder: Path,
    key: RSAPrivateKey,
    certificate: bytes,
    vicc: dict[str, Any] | None,
) -> None:
    """What a process grows by with each card in a reader, beside a process of vicc."""
    home = folder / "many"
    home.mkdir()
    cards = card_files(home, key, slots=MANY)
    for number in range(MANY):
        fill(cards, f"90003300000{number:05d}", certificate)
    done = subprocess.run(
        [sys.executable, "-m", "bench.reader", "--grow", str(home)],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    ours = float(done.stdout)
    theirs = float("nan") if vicc is None else vicc_kilobytes(vicc)
    figures.rounds["memory"] = {"ours": [ours], "peer": [theirs]}
    figures.rows.append(
        (
            "memory of a card in a reader",
            f"{ours:,.0f} kB",
            "vicc not here" if vicc is None else f"a process of vicc {theirs:,.0f} kB",
            ours / theirs,
            "< 1",
        )
    )


def vicc_kilobytes(vicc: dict[str, Any]) -> float:
    """A process of vsmartcard with one card."""
    code = (
        "from virtualsmartcard.CardGenerator import CardGenerator;"
        "from virtualsmartcard.VirtualSmartcard import Iso7816OS;"
        "card = Iso7816OS(*CardGenerator('iso7816').getCard());"
        "print(open('/proc/self/status').read())"
    )
    done = subprocess.run(
        [vicc["python"], "-c", code],
        env=vicc["env"],
        capture_output=True,
        text=True,
        check=True,
    )
    return kilobytes(done.stdout)


def kilobytes(status: str) -> float:
    """Resident memory, out of a process's status."""
    return float(status.split("VmRSS:", 1)[1].split()[0])


def small(home: Path) -> None:
    """In a process of its own: serves a card in memory until standard input ends."""
    tray = SmallTray()
    tray.make("A")
    tray.insert("A")
    with ReaderDaemon(tray, home / "pcscd.comm"):
        print("ready", flush=True)
        sys.stdin.read()


def grow(home: Path) -> None:
    """In a process of its own: says how much each further card in a reader takes."""
    cards = card_files(home, make_rsa_key(), slots=MANY)
    names = sorted(path.stem for path in (home / "cards").glob("*.card"))
    status = Path("/proc/self/status")
    with ReaderDaemon(cards, home / "s", idle=3600) as daemon:
        cards.insert(names[0], 0)
        daemon.notice()
        time.sleep(0.5)
        gc.collect()
        before = kilobytes(status.read_text())
        for slot, name in enumerate(names[1:], start=1):
            cards.insert(name, slot)
        daemon.notice()
        time.sleep(1)
        gc.collect()
        after = kilobytes(status.read_text())
    print((after - before) / (len(names) - 1))


# -- all of it ----------------------------------------------------------------------------


def run(quick: bool = False) -> list[Row]:
    """All measurements, kept as JSON."""
    rounds = 5 if quick else 15
    figures = Figures()
    key = make_rsa_key()
    certificate = SystemRandom()(1232)
    with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as name:
        folder = Path(name)
        cards = card_files(folder, key)
        fill(cards, SERIAL, certificate)
        cards.insert(SERIAL)
        with vicc_python(folder) as vicc:
            if vicc is None:
                figures.left_out.append("vicc: apt-get install vsmartcard-vpicc")
            with one_core():
                signatures(figures, rounds, folder, key)
                round_trips(figures, rounds, folder)
            if SYSTEM in ROADS:
                with one_core():
                    by_the_system(figures, rounds, folder, vicc)
            else:
                figures.left_out.append("pcscd and vpcd: need root and namespaces")
            if vicc is not None:
                commands(figures, rounds, folder, key, vicc)
            start(figures, rounds, folder)
            memory(figures, folder, key, certificate, vicc)
    for what in figures.left_out:
        print(f"not measured here: {what}")
    keep(figures, rounds)
    return figures.rows


def keep(figures: Figures, rounds: int) -> None:
    """Write everything down."""
    names = ("what", "ours", "peer", "ratio", "target")
    told = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "rounds": rounds,
        "left_out": figures.left_out,
        "figures": [dict(zip(names, row, strict=True)) for row in figures.rows],
        "medians_of_rounds_in_seconds": figures.rounds,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def main(words: Sequence[str] | None = None) -> int:
    """As a program of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--grow", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--small", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.small is not None:
        small(asked.small)
        return 0
    if asked.grow is not None:
        grow(asked.grow)
        return 0
    for what, ours, peer, ratio, target in run(asked.quick):
        print(f"{what:44} {ours:>16} {peer:>32} {ratio:>8.2f}   {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
