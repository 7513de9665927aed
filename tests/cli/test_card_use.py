"""The card commands: as processes of their own over PC/SC with a served box, and in
this process with one that is not served, where the card is asked directly."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.boxes import PROGRAM, box_in, served, tool
from tests.cli.conftest import Mynabox

pytestmark = pytest.mark.xdist_group("card commands")

Told = dict[str, Any]


class Run(Protocol):
    """Runs the program on a box; what it said on standard output, or, where another
    status than 0 is expected, on standard error."""

    def __call__(self, *words: str | Path, text: str = "", status: int = 0) -> str: ...


@pytest.fixture(scope="module")
def served_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A served box whose readers are traced."""
    folder = tmp_path_factory.mktemp("use") / "box"
    with served(folder, "--trace"):
        yield folder


@pytest.fixture(scope="module")
def plain_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box that nobody serves."""
    folder = tmp_path_factory.mktemp("use") / "box"
    with box_in(folder):
        return folder


def placed(words: tuple[str | Path, ...], home: Path) -> list[str | Path]:
    """The words with the box named, before a program's own words."""
    end = words.index("--") if "--" in words else len(words)
    return [*words[:end], "--home", home, *words[end:]]


@pytest.fixture
def outside(served_home: Path) -> Run:
    """The program as a process, which reaches the card over PC/SC."""

    def run(*words: str | Path, text: str = "", status: int = 0) -> str:
        done = subprocess.run(
            [PROGRAM, *placed(words, served_home)],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        if status == 0 or "--json" in words:
            return done.stdout
        return done.stdout + done.stderr

    return run


@pytest.fixture
def here(mynabox: Mynabox, plain_home: Path) -> Run:
    """The program in this process, which asks the card directly."""

    def run(*words: str | Path, text: str = "", status: int = 0) -> str:
        assert not text
        said = mynabox(*placed(words, plain_home))
        assert said.status == status, said.out + said.err
        if status == 0 or "--json" in words:
            return said.out
        return said.out + said.err

    return run


@pytest.fixture
def fresh(here: Run) -> Told:
    """The fresh card in the tray of the box that is not served."""
    return told(here("card", "scenario", "fresh", "--json"))


@pytest.fixture
def in_reader(outside: Run) -> Told:
    """The fresh card in the reader of the served box."""
    return told(outside("card", "scenario", "fresh", "--json"))


def told(text: str) -> Told:
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def secret_file(folder: Path, *lines: str) -> Path:
    path = folder / "pins"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_scenario_tells_all_that_a_test_needs(in_reader: Told) -> None:
    assert in_reader["reader"] == "mynabox virtual reader 00 00"
    assert re.fullmatch(r"3B[0-9A-F]+", in_reader["atr"])
    assert in_reader["pins"] == {
        "authentication": "1234",
        "signature": "ABC123",
        "juki": "2345",
        "input_support": "3456",
    }
    assert in_reader["verification_a"] == in_reader["number"] == "903100000016"
    assert in_reader["birth"] == "630412"
    assert re.fullmatch(r"630412[0-9]{8}", in_reader["verification_b"])
    assert in_reader["attributes"] == {
        "name": "箱見 ひらき",
        "address": "茨城県つくば市箱の内九丁目1番地1",
        "born": "1988-04-12",
        "sex": "female",
    }
    for kind in ("authentication", "signature"):
        known = in_reader["certificates"][kind]
        assert isinstance(known["issuance_number"], int)
        assert known["pem"].startswith("-----BEGIN CERTIFICATE-----\n")
    assert re.fullmatch(r"[0-9]{4}-04-12", in_reader["expires"])
    assert Path(in_reader["socket"]).is_socket()


def test_the_list_of_scenarios(here: Run) -> None:
    lines = here("card", "scenario", "--list").splitlines()
    names = [line.split("\t")[0] for line in lines]
    assert names[:3] == ["name", "fresh", "locked-auth"]
    assert len(names) == 21
    found = json.loads(here("card", "scenario", "--json"))
    assert [one["name"] for one in found] == names[1:]


def test_a_scenario_in_words(here: Run) -> None:
    said = here("card", "scenario", "held")
    assert "suspended" in said
    assert "authentication certificate" in said
    assert "revoked certificateHold" in said
    assert "PIN signature: ABC123, tries left: 5" in said


def test_a_scenario_that_is_none(here: Run) -> None:
    assert "--list" in here("card", "scenario", "frsh", status=2)
    assert "1 reader" in here("card", "scenario", "fresh", "--reader", "3", status=2)


def test_reading_without_a_pin(outside: Run, in_reader: Told) -> None:
    found = told(outside("card", "read", "--json"))
    assert found["atr"] == in_reader["atr"]
    assert found["token"]["label"] == "JPKIAPICCTOKEN2"
    assert found["expires"] == in_reader["expires"]
    authentication = found["certificates"]["authentication"]
    known = in_reader["certificates"]["authentication"]
    assert authentication["issuance_number"] == known["issuance_number"]
    assert found["certificates"]["signature"] == {
        "present": True,
        "readable": "with its PIN",
    }
    assert not {"attributes", "number"} & found.keys()


def test_reading_with_the_pin(outside: Run, in_reader: Told) -> None:
    asked = ("card", "read", "--json", "--reader", "mynabox")
    found = told(outside(*asked, "--pin-file", "-", text="3456\n"))
    assert found["attributes"] == in_reader["attributes"]
    assert "number" not in found
    found = told(outside(*asked, "--pin", "3456", "--number"))
    assert found["number"] == in_reader["number"]


def test_no_such_reader(outside: Run, in_reader: Told) -> None:
    said = outside("card", "read", "--reader", "keyboard", status=2)
    assert "'keyboard'" in said
    assert "mynabox virtual reader 00 00" in said


def test_where_no_service_answers_it_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROGRAM, "card", "pin", "status"],
        env={**os.environ, "PCSCLITE_CSOCK_NAME": str(tmp_path / "nobody")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no PC/SC service answers" in done.stderr
    assert "--home" in done.stderr
    assert "mynabox reader env" in done.stderr


def test_reading_in_words(here: Run, fresh: Told) -> None:
    said = here("card", "read", "--pin", "3456")
    assert "signature certificate: there, readable with its PIN" in said
    assert f"card expires {fresh['expires']}" in said
    assert "name: 箱見 ひらき" in said
    assert fresh["number"] not in said
    assert fresh["number"] in here("card", "read", "--pin", "3456", "--number")


@pytest.mark.parametrize(
    ("name", "label", "expires"),
    [("minor", "JPKIAPICCTOKEN2", True), ("phone-android", "JPKIAPGPSETOKEN", False)],
)
def test_reading_other_cards(here: Run, name: str, label: str, expires: bool) -> None:
    here("card", "scenario", name)
    found = told(here("card", "read", "--json"))
    assert found["token"]["label"] == label
    assert (found["expires"] is not None) is expires
    if name == "minor":
        assert found["certificates"]["signature"] == {"present": False}
    else:
        said = here("card", "read", "--pin", "3456", status=1)
        assert "does not have that application" in said


def test_a_pin_is_not_guessed(here: Run, fresh: Told, tmp_path: Path) -> None:
    assert "--pin-file" in here("card", "read", "--attributes", status=2)
    for file in (secret_file(tmp_path), tmp_path / "none"):
        assert str(file) in here("card", "read", "--pin-file", file, status=2)
    assert told(here("card", "pin", "status", "--json"))["input_support"] == 3


def test_what_cannot_be_the_secret_costs_no_try(
    here: Run, fresh: Told, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("I was here.")
    for arguments in (
        ("sign", letter, "--pin", "1234"),  # the other certificate's PIN
        ("sign", letter, "--kind", "authentication", "--pin", "ABC123"),
        ("read", "--pin", "345"),
        ("pin", "change", "juki", "--pin", "23456", "--new", "5432"),
    ):
        assert "was not presented" in here("card", *arguments, status=1)
    tries = told(here("card", "pin", "status", "--json"))
    assert (tries["signature"], tries["authentication"]) == (5, 3)
    assert (tries["input_support"], tries["juki"]) == (3, 3)


def test_the_last_try_is_kept(here: Run, fresh: Told) -> None:
    wrong = ("card", "read", "--pin", "0000")
    assert "tries left: 2" in here(*wrong, status=1)
    assert "tries left: 1" in here(*wrong, status=1)
    assert "--last-try" in here(*wrong, status=1)
    assert told(here("card", "pin", "status", "--json"))["input_support"] == 1
    assert "tries left: 0" in here(*wrong, "--last-try", status=1)
    assert "no tries are left" in here(*wrong, status=1)


@pytest.mark.parametrize("way", ["here", "outside"])
def test_a_card_without_pins(
    way: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """R081: the box knows that it is one, over PC/SC too; whatever is typed is refused
    with what to do, and the card is shown as what it is"""
    run: Run = request.getfixturevalue(way)
    card = told(run("card", "scenario", "without-pins", "--json"))
    assert card["without_pins"] is True
    assert set(card["tries"].values()) == {0}
    out = tmp_path / "signature"
    for typed in (
        ("pin", "change", "authentication", "--pin", "1234", "--new", "4321"),
        ("read", "--pin", "3456"),
        (
            "sign",
            Path(__file__),
            "--kind",
            "authentication",
            "--pin",
            "1234",
            "--out",
            out,
        ),
    ):
        said = run("card", *typed, status=1)
        assert "[R081] Have PINs set" in said
    assert not out.exists()
    assert "checked by the face" in run("card", "show", card["serial"])


def test_pin_status(here: Run, fresh: Told) -> None:
    assert told(here("card", "pin", "status", "--json")) == {
        "authentication": 3,
        "signature": 5,
        "juki": 3,
        "juki (common)": 3,
        "input_support": 3,
        "verification_a": 10,
        "verification_b": 10,
        "verification_a (input_support)": 10,
        "verification_b (input_support)": 10,
        "birth": 10,
    }
    here("card", "scenario", "phone-iphone")
    assert told(here("card", "pin", "status", "--json")) == {
        "authentication": 3,
        "signature": 5,
    }
    assert "signature\t5" in here("card", "pin", "status")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("authentication", "1234", "8642"),
        ("signature", "ABC123", "NEW456"),
        ("juki", "2345", "9753"),
        ("input_support", "3456", "8080"),
    ],
)
def test_changing_a_pin(
    here: Run, fresh: Told, tmp_path: Path, kind: str, old: str, new: str
) -> None:
    change = ("card", "pin", "change", kind)
    here(*change, "--pin-file", secret_file(tmp_path, old, new))
    assert "tries left" in here(*change, "--pin", old, "--new", new, status=1)
    assert told(here(*change, "--pin", new, "--new", old, "--json")) == {
        "changed": kind
    }


@pytest.mark.parametrize("new", ["12a4", "123", "12345"])
def test_a_new_pin_of_the_wrong_form_never_reaches_the_card(
    here: Run, fresh: Told, tmp_path: Path, new: str
) -> None:
    change = ("card", "pin", "change", "authentication")
    assert new not in here(*change, "--pin", "0000", "--new", new, status=1)
    here(*change, "--pin-file", secret_file(tmp_path, "1234"), status=2)
    assert told(here("card", "pin", "status", "--json"))["authentication"] == 3


@pytest.mark.interop
@pytest.mark.parametrize(
    ("kind", "pin"), [("signature", "ABC123"), ("authentication", "1234")]
)
def test_signatures_hold_for_openssl(
    here: Run, fresh: Told, tmp_path: Path, kind: str, pin: str
) -> None:
    openssl = tool("openssl", "openssl")
    letter = tmp_path / "letter.txt"
    letter.write_text("箱の中より\n", encoding="utf-8")
    sign = ("card", "sign", letter, "--kind", kind, "--pin", pin)
    found = told(here(*sign, "--cms", "--json"))
    assert found["file"] == f"{letter}.p7s"
    here(*sign, "--out", tmp_path / "bare.sig")
    known = fresh["certificates"][kind]
    (tmp_path / "ca.pem").write_text(known["authority_pem"])
    (tmp_path / "card.pem").write_text(known["pem"])
    files = "-in letter.txt.p7s -content letter.txt -out same.txt"
    for command in (
        f"cms -verify -binary -inform DER -purpose any -CAfile ca.pem {files}",
        "x509 -in card.pem -pubkey -noout -out card.pub",
        "dgst -sha256 -verify card.pub -signature bare.sig letter.txt",
    ):
        subprocess.run(
            [openssl, *command.split()], check=True, capture_output=True, cwd=tmp_path
        )
    assert (tmp_path / "same.txt").read_bytes() == letter.read_bytes()


def test_signing_over_pcsc(outside: Run, in_reader: Told, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("letter")
    said = outside("card", "sign", letter, "--pin-file", "-", text="ABC123\n")
    assert said == f"{letter}.sig: 256 bytes\n"
    wrong = outside("card", "sign", letter, "--pin", "WRONG1", status=1)
    assert "tries left: 4" in wrong


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--fail-reads", "1"), "6F00"),
        (("--fail-reads", "1", "--silent"), "SCARD_E_NOT_TRANSACTED"),
        (("--remove-after", "3"), "taken out of the reader"),
    ],
)
def test_faults_seen_over_pcsc(
    outside: Run, options: tuple[str, ...], says: str
) -> None:
    outside("card", "scenario", "fresh", *options)
    assert says in outside("card", "read", status=1)
    if "--remove-after" in options:
        assert "no card" in outside("card", "read", status=2)


def test_faults_are_gone_when_the_card_is_asked_for_again(
    outside: Run, in_reader: Told
) -> None:
    outside("card", "read")


def test_faults_where_the_card_is_asked_directly(here: Run) -> None:
    here("card", "scenario", "fresh", "--fail-reads", "1", "--silent")
    assert "no answer" in here("card", "read", status=1)
    here("card", "scenario", "fresh", "--latency", "50")
    began = time.perf_counter()
    here("card", "pin", "status")
    assert time.perf_counter() - began > 0.8, "sixteen commands and more"


@pytest.mark.interop
def test_a_program_is_recorded_and_repeated(
    outside: Run, in_reader: Told, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("letter\n")
    tape = tmp_path / "signing.apdu"
    outside(
        *("card", "record", tape, "--"),
        *(tool("pkcs11-tool", "opensc"), "--module", "opensc-pkcs11.so"),
        *("--login", "--pin", "1234", "--sign", "--id", "01"),
        *("--mechanism", "SHA256-RSA-PKCS", "--input-file", letter),
        *("--output-file", tmp_path / "letter.sig"),
    )
    text = tape.read_text()
    assert text.splitlines()[0].startswith("# pkcs11-tool and a card with the ATR 3B")
    assert text.splitlines()[1].startswith("# Source: ")
    assert "> 00 20 00 80 {authentication}" in text
    assert "> 80 2A 00 80 33 41*51 00" in text
    assert "31 32 33 34" not in text
    known = ("card", "replay", tape, "--json", "--pin", "authentication=1234")
    found = told(outside(*known))
    assert found["different"] == []
    assert found["commands"] > 20
    outside("card", "scenario", "locked-auth")
    found = told(outside(*known, status=1))
    assert found["different"][0]["answer"] == "63 C0"


def test_a_replay_keeps_the_last_try(here: Run, tmp_path: Path) -> None:
    tape = tmp_path / "wrong.apdu"
    tape.write_text(
        "> 00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01\n< 90 00\n"
        "> 00 20 00 98 {wrong-authentication}\n< 63 C2\n"
    )
    here("card", "scenario", "one-try-left")
    replay = ("card", "replay", tape, "--pin-file")
    file = secret_file(tmp_path, "# a remark", "", "wrong-authentication = 0000")
    assert "--last-try" in here(*replay, file, status=1)
    assert told(here("card", "pin", "status", "--json"))["authentication"] == 1
    said = here(*replay, file, "--last-try", status=1)
    assert "line 4: > 00 20 00 98 {wrong-authentication}" in said
    assert "answered 63 C0" in said
    assert "2 commands, 1 answered otherwise" in said


def test_a_transcript_that_is_none(here: Run, fresh: Told, tmp_path: Path) -> None:
    tape = tmp_path / "some.apdu"
    tape.write_text("nonsense\n")
    assert "nonsense" in here("card", "replay", tape, status=2)
    tape.write_text("> 00 20 00 98 {authentication}\n< 90 00\n")
    here("card", "replay", tape, status=2)
    file = secret_file(tmp_path, "authentication 1234")
    assert "line 1" in here("card", "replay", tape, "--pin-file", file, status=2)


def test_a_recording_ends_as_the_program_does(
    here: Run, fresh: Told, tmp_path: Path
) -> None:
    tape = tmp_path / "none.apdu"
    here("card", "record", tape, "--", "sh", "-c", "exit 7", status=7)
    assert tape.read_text().splitlines()[2] == "! power on"
    here("card", "record", tape, "--", "no-such-program", status=2)
    here("card", "record", tape, status=2)


def test_the_trace_of_a_served_box(
    outside: Run, served_home: Path, in_reader: Told
) -> None:
    with subprocess.Popen(
        [PROGRAM, "card", "trace", "--all", "--home", served_home],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as following:
        try:
            assert following.stdout is not None
            outside("card", "read", "--pin", "3456", "--number")
            seen = []
            for line in following.stdout:
                seen.append(line.rstrip())
                if line.startswith("< [masked]") and "> 00 20 00 80 [masked]" in seen:
                    break
        finally:
            following.terminate()
    assert "! power on" in seen
    every = outside("card", "trace", "--all", "--no-follow")
    for secret in (in_reader["number"], "3456"):
        assert secret not in every
        assert secret.encode().hex(" ").upper() not in every


def test_a_box_that_is_not_traced(here: Run) -> None:
    assert "--trace" in here("card", "trace", status=2)


def test_an_empty_tray(here: Run, fresh: Told) -> None:
    here("card", "eject")
    assert "no card" in here("card", "read", status=2)
