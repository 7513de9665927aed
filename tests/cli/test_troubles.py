"""What cannot be done ends in one clear sentence, and nothing is changed."""

import os
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.boxes import PROGRAM, served, tool
from tests.cli.conftest import Mynabox

HOLDER = "31415926530"


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _newer_tables(box: Path) -> None:
    with closing(sqlite3.connect(box / "box.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")


HOMES: list[tuple[str, Callable[[Path], object], str]] = [
    (
        "a newer layout",
        lambda box: _text(box / "box.toml", 'made_by = "9.9.9"\nformat = 99\n'),
        "was made by mynabox 9.9.9, which is newer than this one",
    ),
    ("newer tables", _newer_tables, "was written by a newer mynabox"),
    (
        "an empty mark",
        lambda box: _text(box / "box.toml", ""),
        "this is no usable box",
    ),
    (
        "a mark that is no TOML",
        lambda box: _text(box / "box.toml", "made_by = "),
        "this is no usable box",
    ),
    (
        "a format that is no number",
        lambda box: _text(box / "box.toml", 'made_by = "0.1.0"\nformat = "old"\n'),
        "this is no usable box",
    ),
    (
        "a mark of other bytes",
        lambda box: (box / "box.toml").write_bytes(b"\xff\xfe\x00"),
        "this is no usable box",
    ),
    (
        "a store that is none",
        lambda box: (box / "box.db").write_bytes(b"no database at all" * 999),
        "box.db",
    ),
    ("no key", lambda box: (box / "box.key").unlink(), "box.key"),
    (
        "another box's key",
        lambda box: (box / "box.key").write_bytes(bytes(32)),
        "",
    ),
]


@pytest.mark.parametrize(
    ("damage", "sentence"), [row[1:] for row in HOMES], ids=[row[0] for row in HOMES]
)
@pytest.mark.parametrize("words", [("card", "list"), ("db", "init")], ids=" ".join)
def test_homes_that_cannot_be_opened(
    mynabox: Mynabox,
    box: Path,
    damage: Callable[[Path], object],
    sentence: str,
    words: tuple[str, ...],
) -> None:
    """status 2; what is there stays as it is"""
    damage(box)
    before = {
        path.name: path.read_bytes()
        for path in box.iterdir()
        if path.is_file() and "-turn" not in path.name and "-shm" not in path.name
    }
    said = mynabox(*words, "--home", box)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("mynabox: ")
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    after = {name: (box / name).read_bytes() for name in before}
    assert after == before


@pytest.mark.parametrize(
    "words",
    [
        ("card", "list"),
        ("resident", "show", HOLDER),
        ("log", "verify"),
        ("clock", "show"),
        ("ca", "list"),
        ("reader", "env"),
    ],
    ids=" ".join,
)
def test_no_box(mynabox: Mynabox, tmp_path: Path, words: tuple[str, ...]) -> None:
    """how to make one; nothing is made by looking"""
    said = mynabox(*words, "--home", tmp_path / "none")
    assert (said.status, said.out) == (2, "")
    assert "there is no box in" in said.err
    assert "mynabox demo" in said.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "words",
    [("db", "init"), ("serve", "--port", "0"), ("demo", "--exit")],
    ids=" ".join,
)
def test_somebody_elses_folder(
    mynabox: Mynabox, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """a folder with other files, and a file, are no place for a box"""
    (tmp_path / "letters").mkdir()
    _text(tmp_path / "letters/letter.txt", "Dear box")
    for home in (tmp_path / "letters", tmp_path / "letters/letter.txt"):
        said = mynabox(*words, "--home", home)
        assert (said.status, said.out) == (2, "")
        assert "is not a box; nothing was changed" in said.err
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["letter.txt"]


def bound_by_permissions(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the program as somebody whom the permissions of files bind."""
    command = [str(PROGRAM), *map(str, words)]
    if os.getuid() == 0:
        command = [
            tool("setpriv", "util-linux"),
            "--bounding-set=-dac_override,-dac_read_search,-fowner",
            "--inh-caps=-all",
            *command,
        ]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_box_that_cannot_be_written(box: Path, tmp_path: Path) -> None:
    """and a place where none can be made"""
    box.chmod(0o555)
    (tmp_path / "shelf").mkdir(mode=0o555)
    try:
        for words in (
            ("card", "list", "--home", box),
            ("clock", "advance", "1d", "--home", box),
        ):
            said = bound_by_permissions(*words)
            assert (said.returncode, said.stdout) == (2, "")
            assert said.stderr == (
                f"mynabox: {box} cannot be written: make it writable, or use another "
                "--home\n"
            )
        said = bound_by_permissions("db", "init", "--home", tmp_path / "shelf/box")
        assert (said.returncode, said.stdout) == (2, "")
        assert "cannot be used (Permission denied)" in said.stderr
        assert "Traceback" not in said.stderr
    finally:
        box.chmod(0o755)
        (tmp_path / "shelf").chmod(0o755)


UNKNOWN: list[tuple[str, int, str]] = [
    ("card show 0000000000000000", 1, "there is no card 0000000000000000"),
    ("card show abc", 1, "there is no card abc"),
    ("card insert 0000000000000000", 1, "there is no card 0000000000000000"),
    ("card insert SERIAL --reader 1", 2, "the box has 1 reader(s)"),
    ("card insert SERIAL --reader 99", 2, "--reader"),
    ("card eject --reader 1", 2, "the box has 1 reader(s)"),
    ("resident show nobody", 1, "there is no resident nobody"),
    ("ca crl signature-99", 1, "there is no authority signature-99"),
    ("ca crl signature-01 --municipality 999999", 2, "no municipality"),
    ("ca crl signature-01 --municipality abc", 2, "no municipality"),
    ("ca crl signature-01 --out TMP/no/where.crl", 2, "No such file or directory"),
    ("ca export TMP/file", 2, "TMP/file"),
    ("card show SERIAL --faces TMP/file", 2, "TMP/file"),
    ("resident import TMP/none.csv", 2, "there is no file"),
    ("resident import TMP", 2, "there is no file"),
    ("resident import TMP/file", 1, "columns"),
    ("clock set tomorrow", 2, "a moment looks like"),
    ("clock set 2026-13-01T00:00", 2, "a moment looks like"),
    ("clock set 2026-02-29T00:00", 2, "a moment looks like"),
    ("clock set 2026-11-20T10:00+99:00", 2, "a moment looks like"),
    ("clock set 0001-01-01T00:00", 2, "1900"),
    ("clock set 0001-01-01T00:00+14:00", 2, "1900"),
    ("clock set 9999-12-31T23:59-12:00", 2, "9900"),
    ("clock set 9999-12-31T23:59", 2, "9900"),
    ("clock advance 1", 2, "a step looks like"),
    ("clock advance -- -3d", 2, "a step looks like"),
    ("clock advance 1s", 2, "a step looks like"),
    ("clock advance 1d2h", 2, "a step looks like"),
    ("clock advance ３d", 2, "a step looks like"),
    ("clock advance 999999y", 2, "calendar"),
    ("clock advance 7950y", 2, "9900"),
    ("log show --limit 0", 2, "--limit"),
    ("demo --photo TMP/none.jpg", 2, "cannot be read"),
]


@pytest.mark.parametrize(
    ("words", "status", "sentence"), UNKNOWN, ids=[row[0] for row in UNKNOWN]
)
def test_what_is_not_there(
    mynabox: Mynabox,
    box: Path,
    serial: str,
    tmp_path: Path,
    words: str,
    status: int,
    sentence: str,
) -> None:
    """1 for what is refused or not found, 2 for what cannot be done as asked"""
    _text(tmp_path / "file", "x\n")

    def filled(text: str) -> str:
        return text.replace("SERIAL", serial).replace("TMP", str(tmp_path))

    tokens = [filled(word) for word in words.split()]
    at = tokens.index("--") if "--" in tokens else len(tokens)
    said = mynabox(*tokens[:at], "--home", box, *tokens[at:])
    assert (said.status, said.out) == (status, "")
    assert filled(sentence) in " ".join(said.err.split())


def test_the_clock_stays_after_a_wrong_moment(mynabox: Mynabox, box: Path) -> None:
    """and no row is written of it"""
    before = mynabox("log", "show", "--json", "--home", box).out
    clock = (box / "clock.json").read_bytes()
    for moment in ("yesterday", "9999-12-31T23:59", "0001-01-01T00:00"):
        assert mynabox("clock", "set", moment, "--home", box).status == 2
    assert (box / "clock.json").read_bytes() == clock
    assert mynabox("log", "show", "--json", "--home", box).out == before


def test_a_card_whose_chip_is_gone(mynabox: Mynabox, box: Path, serial: str) -> None:
    """its file was taken away, or is not what it was"""
    path = box / "cards" / f"{serial}.card"
    mynabox("card", "eject", "--home", box)
    path.rename(path.with_suffix(".away"))
    said = mynabox("card", "insert", serial, "--home", box)
    assert (said.status, said.out) == (1, "")
    assert "there is no chip" in said.err


def test_a_port_that_is_taken(mynabox: Mynabox, box: Path) -> None:
    """by whatever it is"""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = mynabox("serve", "--port", port, "--home", box)
    assert said.status == 2
    assert f"cannot serve on 127.0.0.1:{port}" in said.err
    assert "choose another with --port" in said.err


def test_an_address_that_is_not_ours(mynabox: Mynabox, box: Path) -> None:
    """TEST-NET (RFC 5737), and a word that is no address"""
    for host in ("192.0.2.1", "nowhere.invalid"):
        said = mynabox("serve", "--host", host, "--port", "0", "--home", box)
        assert (said.status, said.out) == (2, "")
        assert f"cannot serve on {host}" in said.err


def test_a_box_is_served_once(mynabox: Mynabox, box: Path) -> None:
    """the second is told who serves it; the first goes on; other commands work"""
    from urllib.request import urlopen

    with served(box) as first:
        for words in (("serve", "--port", "0"), ("demo", "--exit")):
            said = mynabox(*words, "--home", box)
            assert (said.status, said.out) == (2, "")
            assert f"(process {first.process.pid})" in said.err
        assert mynabox("card", "list", "--home", box).status == 0
        with urlopen(f"{first.address}/ca/signature-01.pem", timeout=10) as answer:
            assert answer.status == 200
    said = mynabox("card", "list", "--home", box)
    assert said.status == 0


LAST = "sequence = (SELECT max(sequence) FROM journal WHERE {here})"
FURTHER = "municipality, sequence + 1, at, actor, action, facts, previous, hash, NULL"
TAMPERING = [
    # what is done to the rows of the town's chain, and what is found
    (
        "UPDATE journal SET actor = 'nobody' WHERE {here} AND sequence = 3",
        ["row 3: changed"],
    ),
    (
        "UPDATE journal SET facts = '{{}}' WHERE {here} AND action = 'hand_over'",
        ["changed"],
    ),
    ("DELETE FROM journal WHERE {here} AND sequence = 4", ["row 4: removed"]),
    (f"DELETE FROM journal WHERE {{here}} AND {LAST}", ["removed"]),
    (
        f"INSERT INTO journal SELECT {FURTHER} FROM journal WHERE {{here}} AND {LAST}",
        ["inserted"],
    ),
    (
        "DELETE FROM journal_subjects WHERE {here} AND sequence = 5",
        ["row 5: changed"],
    ),
    ("DELETE FROM journal_heads WHERE {here}", ["not sealed"]),
    (
        "UPDATE journal_heads SET seal = hash WHERE {here}",
        ["seal of the chain's end is not the box's"],
    ),
]


@pytest.mark.parametrize(("statement", "wanted"), TAMPERING)
def test_log_verify_names_the_row(
    mynabox: Mynabox, box: Path, statement: str, wanted: list[str]
) -> None:
    """whoever has the file and takes the guards away still cannot hide it"""
    with closing(sqlite3.connect(box / "box.db")) as db, db:
        guards = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in guards.fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        done = db.execute(statement.format(here="municipality = '082201'"))
        assert done.rowcount >= 1
    said = mynabox("log", "verify", "--home", box)
    assert said.status == 1
    assert all(line.startswith("chain 082201, row ") for line in said.out.splitlines())
    for words in wanted:
        assert words in said.out
    as_json = mynabox("log", "verify", "--json", "--home", box)
    assert as_json.status == 1
    damages = as_json.json()
    assert isinstance(damages, list)
    assert len(damages) == len(said.out.splitlines())
    doctor = mynabox("doctor", "--home", box)
    assert doctor.status == 1
    assert "BAD      journal" in doctor.out


def test_the_guards_of_the_rows(box: Path) -> None:
    """with them in place the database itself refuses"""
    with closing(sqlite3.connect(box / "box.db")) as db:
        for statement in (
            "UPDATE journal SET actor = 'nobody' WHERE sequence = 3",
            "DELETE FROM journal WHERE sequence = 3",
        ):
            with pytest.raises(sqlite3.IntegrityError), db:
                db.execute(statement)


def test_a_doctor_without_a_box(mynabox: Mynabox, tmp_path: Path) -> None:
    """nothing that is needed is missing; it says how to make one"""
    said = mynabox("doctor", "--home", tmp_path / "none")
    assert said.status == 0
    assert "mynabox demo" in said.out
    assert not (tmp_path / "none").exists()


def test_a_doctor_of_a_damaged_box(mynabox: Mynabox, box: Path) -> None:
    """told, with status 1, not a trace of the program's inside"""
    _text(box / "box.toml", "made_by = ")
    said = mynabox("doctor", "--home", box)
    assert said.status == 1
    assert "this is no usable box" in said.out
