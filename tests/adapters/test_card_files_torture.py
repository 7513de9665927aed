"""A card under two masters, and under one that is killed: no try comes back."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TRIES = 15

LIFE = """
import hashlib, json, os, signal, sys, time
from pathlib import Path
from mynabox.adapters.cards import CardFiles
from mynabox.adapters.randomness import SystemRandom
from mynabox.terminal.issuer import CardSecret, IssuerSession
from mynabox.terminal.jpki import JpkiSession, Kind

HOME, SERIAL, KEY = Path(sys.argv[1]), "9000330000000017", bytes(range(32))
LIMITS = dict.fromkeys(
    ("authentication", "signature", "juki", "input_support", "number_a", "number_b"),
    15,
)
VERIFY = bytes.fromhex("0020008004") + b"4321"


def cards():
    return CardFiles(HOME, key=KEY, random=SystemRandom())


def open_pin():
    # The authentication PIN's file is current: VERIFY speaks of it.
    connection = cards().connect(SERIAL)
    JpkiSession(connection).tries_left(Kind.AUTHENTICATION)
    return connection


def set_pin():
    connection = cards().connect(SERIAL)
    session = IssuerSession(
        connection, key=KEY, serial=SERIAL, random=SystemRandom()
    )
    session.authenticate()
    session.set_pin(CardSecret.AUTHENTICATION, "1234")
    connection.close()


def tries():
    connection = cards().connect(SERIAL)
    left = JpkiSession(connection).tries_left(Kind.AUTHENTICATION)
    connection.close()
    return left


def child(life):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            life(lambda text: os.write(writing, f"{text} ".encode()))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    return pid, reading


def told(reading):
    with os.fdopen(reading, "rb") as file:
        return file.read().decode().split()


cards().make(SERIAL, issuer_key=KEY, tries=LIMITS, issuer_tries=10)
set_pin()
"""


def run(script: str, home: Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", LIFE + script, home],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_processes_spend_every_try_once(tmp_path: Path) -> None:
    """Each try's answer (15 - n left) is given exactly once, to one of the two."""
    script = """
rounds = []
for turn in range(20):
    set_pin()
    ready, go = os.pipe()

    def life(tell):
        connection = open_pin()
        os.read(ready, 1)
        while True:
            answer = connection.transmit(VERIFY).hex()
            tell(answer)
            if answer[:3] != "63c" or answer == "63c0":
                return

    pair = [child(life) for _ in range(2)]
    time.sleep(0.01)
    os.write(go, b"..")
    rounds.append([told(reading) for _, reading in pair])
    for pid, _ in pair:
        assert os.waitpid(pid, 0)[1] == 0
    os.close(ready), os.close(go)
    assert tries() == 0
print(json.dumps(rounds))
"""
    rounds = run(script, tmp_path)
    assert len(rounds) == 20
    shared = 0
    for first, second in rounds:
        spent = [answer for answer in first + second if answer.startswith("63c")]
        assert sorted(spent, reverse=True) == [
            f"63c{left:x}" for left in reversed(range(TRIES))
        ]
        assert set(first + second) - set(spent) <= {"6984", "6983"}
        shared += len(first) > 1 and len(second) > 1
    assert shared > 1, "the two hardly met"


def test_a_killed_process_gains_no_try_and_loses_no_card(tmp_path: Path) -> None:
    """A hundred times: a process that tries wrong PINs is killed in the middle. What
    is left is what it was told last, or one less (a try whose answer was cut off)."""
    script = """
import hashlib
checked = []
left = 15
for turn in range(100):
    if left < 8:
        set_pin()
        left = 15

    def life(tell):
        connection = open_pin()
        tell(".")
        while True:
            answer = connection.transmit(VERIFY).hex()
            if answer[:3] != "63c":
                time.sleep(60)
            tell(int(answer[3], 16))

    pid, reading = child(life)
    heard = b""
    while heard.count(b" ") < 1 + turn % 4:  # it has begun, and got some answers
        heard += os.read(reading, 100)
    time.sleep(hashlib.sha256(bytes([turn])).digest()[0] / 255 * 0.004)
    os.kill(pid, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == 9
    answers = heard.decode().split()[1:] + told(reading)
    now = tries()
    checked.append([left, [int(each) for each in answers], now])
    left = now
print(json.dumps(checked))
"""
    checked = run(script, tmp_path)
    assert len(checked) == 100
    cut_off = 0
    for before, answers, now in checked:
        assert answers == list(range(before - 1, before - 1 - len(answers), -1))
        last = answers[-1] if answers else before
        assert now in (last, last - 1)
        cut_off += now == last - 1
    assert cut_off > 1, "hardly any was killed in the middle of a try"
