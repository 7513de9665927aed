"""What the commands answer about a box whose story is told, to people and programs."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from PIL import Image

from mynabox.settings import Settings
from mynabox.wiring import open_home
from tests.boxes import run, tool
from tests.cli.conftest import Mynabox, Said
from tests.number_secrets import digits_in

HOLDER = "31415926530"


def _names(value: Any) -> object:
    return [one["name"] for one in value]


JSON: list[tuple[str, Callable[[Any], object], object]] = [
    ("resident list --limit 2", len, 2),
    ("resident show 31415926530", lambda one: one["has_number"], True),
    (
        "resident show 31415926530",
        lambda one: [card["state"] for card in one["cards"]],
        ["active"],
    ),
    ("card list", lambda cards: [one["reader"] for one in cards], [0]),
    ("card show SERIAL", lambda one: len(one["certificates"]), 4),
    ("card insert SERIAL", lambda one: one["reader"], 0),
    ("card eject", lambda one: one["reader"], 0),
    ("ca list", _names, ["authentication-01", "signature-01"]),
    ("clock show", lambda one: one["now"].startswith("2026-11"), True),
    ("clock set 2026-12-01T09:00", lambda one: one["now"][:16], "2026-12-01T09:00"),
    (
        "clock set 2026-12-01T09:00Z",
        lambda one: one["now"][:16],
        "2026-12-01T18:00",
    ),
    ("log verify", lambda found: found, []),
    ("log show --limit 3", len, 3),
    ("log show SERIAL", lambda rows: rows[0]["action"], "produce_card"),
    (
        "doctor",
        lambda found: {one["state"] for one in found} <= {"good", "missing"},
        True,
    ),
]


@pytest.mark.parametrize(
    ("words", "look", "wanted"), JSON, ids=[f"{row[0]}" for row in JSON]
)
def test_json(
    mynabox: Mynabox,
    box: Path,
    serial: str,
    words: str,
    look: Callable[[Any], object],
    wanted: object,
) -> None:
    """one value, and nothing else on standard output"""
    said = mynabox(*words.replace("SERIAL", serial).split(), "--json", "--home", box)
    assert (said.status, said.err) == (0, "")
    found = look(said.json())
    assert (
        sorted(found) if isinstance(found, list) and words == "ca list" else found
    ) == wanted


PLAIN = [
    ("resident list --limit 1", r"^id\trecord code\tname\tborn\tmunicipality\tstate$"),
    ("resident show 31415926530", r"^箱田 太郎  res-\w+  \(registered\)$"),
    ("card list", r"^SERIAL\tres-\w+\tactive\t2026-\d\d-\d\d\t20\d\d-03-31\t0$"),
    ("card show SERIAL", r"^SERIAL: active since .* expires 20\d\d-03-31$"),
    ("ca list", r"^signature-01\tsignature\t"),
    ("clock show", r"^2026-11-\d\d \d\d:\d\d:\d\d JST \(\w+day\)$"),
    ("clock advance 1mo", r"^2026-12-\d\d .* JST"),
    ("log show --limit 1", r"^chain\trow\twhen\twho\twhat\tabout$"),
    ("log verify", r"^the journal is sound$"),
    ("reader env", r"^export PCSCLITE_CSOCK_NAME='/.*/pcscd\.comm'$"),
    ("card eject", r"^card SERIAL taken out of reader 0$"),
    ("card insert SERIAL", r"^card SERIAL lies in reader 0$"),
    ("db init", r"box: is up to date, 2 certificate authorities$"),
    ("ca crl signature-01", r"^-----BEGIN X509 CRL-----$"),
    ("doctor", r"^ok {7}journal: is sound$"),
]


@pytest.mark.parametrize(("words", "line"), PLAIN, ids=[row[0] for row in PLAIN])
def test_plain_lines(
    mynabox: Mynabox, box: Path, serial: str, words: str, line: str
) -> None:
    """where no terminal is: lines that other programs can cut"""
    said = mynabox(*words.replace("SERIAL", serial).split(), "--home", box)
    assert (said.status, said.err) == (0, "")
    assert re.search(line.replace("SERIAL", serial), said.out, re.M), said.out
    assert "\x1b" not in said.out


def test_the_number_is_never_shown(mynabox: Mynabox, box: Path, serial: str) -> None:
    """whether it is there, not what it is"""

    home = open_home(Settings(home=box))
    numbers = digits_in(home.box)
    home.close()
    assert numbers
    for words in (
        ("resident", "show", HOLDER),
        ("resident", "show", HOLDER, "--json"),
        ("resident", "list", "--limit", "1000"),
        ("card", "show", serial, "--json"),
        ("log", "show", "--limit", "10000", "--json"),
    ):
        said = mynabox(*words, "--home", box)
        assert sum(number in said.out + said.err for number in numbers) == 0


def test_both_faces_of_a_card(
    mynabox: Mynabox, box: Path, serial: str, tmp_path: Path
) -> None:
    """as PNG, of the size of a card"""
    said = mynabox(
        *("card", "show", serial, "--faces", tmp_path / "a/b", "--home", box),
        *("--purpose", "card_issue"),
    )
    assert said.status == 0
    for side in ("front", "back"):
        path = tmp_path / "a/b" / f"{serial}-{side}.png"
        assert str(path) in said.out
        with Image.open(path) as picture:
            assert picture.width / picture.height == pytest.approx(85.6 / 54, abs=0.02)


def test_the_authorities_in_files(mynabox: Mynabox, box: Path, tmp_path: Path) -> None:
    """OpenSSL reads them, and the list as DER"""
    assert mynabox("ca", "export", tmp_path / "ca", "--home", box).status == 0
    crl = tmp_path / "signature.crl"
    said = mynabox("ca", "crl", "signature-01", "--out", crl, "--home", box)
    assert f"{crl}: number" in said.out
    ca = tmp_path / "ca/signature-01.pem"
    shown = run(
        *(tool("openssl", "openssl"), "crl", "-inform", "DER", "-in", crl),
        *("-noout", "-CAfile", ca),
    )
    assert "verify OK" in shown.stdout + shown.stderr


def test_a_list_made_now(mynabox: Mynabox, box: Path, tmp_path: Path) -> None:
    """the next number; without ``--now`` the one that holds"""
    numbers = []
    for options in ((), (), ("--now",), ("--municipality", "082201")):
        out = tmp_path / "list.crl"
        words = ("ca", "crl", "signature-01", "--out", out, *options)
        assert mynabox(*words, "--home", box).status == 0
        found = x509.load_der_x509_crl(out.read_bytes())
        number = found.extensions.get_extension_for_class(x509.CRLNumber).value
        numbers.append(number.crl_number)
    first, same, next_one, part = numbers
    assert (same, next_one, part) == (first, first + 1, 1)


IMPORT = """\
record_code,municipality,name,kana,roman,alias,born,sex,address,nationality,\
residence_status,stay_until,registered,number
65115925951,082201,箱崎 花,,,,1990-01-01,female,つくば市1,JPN,japanese,,2026-04-01,
73015926088,082201,箱崎 \x1b]0;x\x07海,,,,1990-01-01,male,つくば市1,JPN,japanese,,2026-04-01,
80915926211,082201,箱崎 空,,,,1990-02-30,male,つくば市1,JPN,japanese,,2026-04-01,
"""


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(IMPORT, encoding="utf-8")
    return path


def imported(said: Said) -> list[str]:
    return said.out.splitlines()


def test_import_reports_line_by_line(
    mynabox: Mynabox, box: Path, register: Path
) -> None:
    """what was taken, what not and why; status 1 if anything was refused; names
    cannot send commands to the terminal"""
    said = mynabox("resident", "import", register, "--home", box)
    assert said.status == 1
    first, second, third, sums = imported(said)
    assert first.startswith("line 2 箱崎 花: registered")
    assert second.startswith("line 3 箱崎 ") and ": refused: " in second
    assert third.startswith("line 4 箱崎 空: refused: ") and "1990-02-30" in third
    assert sums == "2 refused, 1 registered"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said.out)
    again = mynabox("resident", "import", register, "--home", box)
    assert imported(again)[-1] == "1 already_there, 2 refused"


def test_import_quietly(mynabox: Mynabox, box: Path, register: Path) -> None:
    """only what was refused, and the sums"""
    said = mynabox("resident", "import", register, "--quiet", "--home", box)
    assert [line[:6] for line in imported(said)] == ["line 3", "line 4", "2 refu"]


def test_import_for_programs(mynabox: Mynabox, box: Path, register: Path) -> None:
    """codes, rules and words of every refusal"""
    said = mynabox("resident", "import", register, "--json", "--home", box)
    assert said.status == 1
    report = json.loads(said.out)
    assert report["sums"] == {"registered": 1, "refused": 2}
    assert [one["refused"] and one["refused"]["code"] for one in report["lines"]] == [
        None,
        "register.control_character",
        "register.no_such_day",
    ]


def test_import_makes_a_box(mynabox: Mynabox, register: Path, tmp_path: Path) -> None:
    """the first thing one does with a new box"""
    new = tmp_path / "new"
    assert mynabox("resident", "import", register, "--home", new).status == 1
    assert (new / "box.toml").exists()


def test_a_shape_is_chosen_once(mynabox: Mynabox, tmp_path: Path) -> None:
    """the switches of a new box; the commands after them need not be told"""
    home, witnesses = tmp_path / "new", ("--witness", "Tadano", "--witness", "Mihon")
    words = ("ca", "ceremony", "--operator", "Hako", *witnesses, "--home", home)
    assert mynabox(*words, "--production-shape", "--with-uri").status == 0
    listed = mynabox("ca", "list", "--home", home, "--json").json()
    assert isinstance(listed, list)
    for one in listed:
        name = x509.load_pem_x509_certificate(one["pem"].encode()).subject
        assert "O=JPKI-MYNABOX" in name.rfc4514_string()
    card = mynabox("card", "scenario", "fresh", "--home", home, "--json").json()
    assert isinstance(card, dict)
    for one in card["certificates"].values():
        made = x509.load_pem_x509_certificate(one["pem"].encode()).extensions
        assert x509.AuthorityInformationAccess.oid in [each.oid for each in made]


CLOCK = [
    # set to (Japan time), step, what the clock says
    ("2026-11-20T23:59:30", "30min", "2026-11-21T00:29"),
    ("2026-12-31T23:00", "2h", "2027-01-01T01:00"),
    ("2026-01-31T10:00", "1mo", "2026-02-28T10:00"),
    ("2028-02-29T10:00", "1y", "2029-02-28T10:00"),
    ("2026-11-20T10:00", "10y", "2036-11-20T10:00"),
    ("2026-11-20T10:00", "2w", "2026-12-04T10:00"),
    ("2026-11-20T10:00", "0d", "2026-11-20T10:00"),
]


@pytest.mark.parametrize(("start", "step", "wanted"), CLOCK)
def test_time_passes(
    mynabox: Mynabox, box: Path, start: str, step: str, wanted: str
) -> None:
    """by steps that a calendar knows"""
    assert mynabox("clock", "set", start, "--home", box).status == 0
    said = mynabox("clock", "advance", step, "--json", "--home", box)
    assert json.loads(said.out)["now"].startswith(wanted)


def test_every_turn_is_in_the_journal(mynabox: Mynabox, box: Path) -> None:
    """and the box can follow the machine again"""
    mynabox("clock", "set", "2030-01-01T00:00", "--home", box)
    said = mynabox("clock", "set", "machine", "--json", "--home", box)
    assert json.loads(said.out)["now"][:4] < "2030"
    rows = mynabox("log", "show", "--json", "--limit", "10000", "--home", box).json()
    assert isinstance(rows, list)
    before = [row["facts"]["from"] for row in rows if row["action"] == "turn_clock"]
    assert sum(moment.startswith("2030-01-01T00:00") for moment in before) == 1
