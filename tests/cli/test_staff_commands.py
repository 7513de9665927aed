"""Accounts, access logs and keys on the command line."""

import json
import re
import signal
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from mynabox.lifecycle.staff import Role
from mynabox.settings import Settings
from mynabox.usecases.sign_in import sign_in, whose
from mynabox.wiring import open_home
from mynabox.wiring.rotation import rotate_number_keys
from tests.cli.conftest import Mynabox
from tests.cli.test_as_a_process import said_until, started
from tests.number_secrets import digits_in

HOLDER = "31415926530"
PASSWORD = "correct horse battery"


def with_password(monkeypatch: pytest.MonkeyPatch, word: str = PASSWORD) -> None:
    monkeypatch.setenv("MYNABOX_STAFF_PASSWORD", word)


def test_the_life_of_an_account(
    mynabox: Mynabox, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_password(monkeypatch)
    home = ("--home", box)
    said = mynabox(
        *("staff", "add", "hanako", "--role", "clerk", "--role", "supervisor"),
        *("--municipality", "082201", *home),
    )
    assert (said.status, said.out) == (0, "hanako: clerk supervisor, 082201\n")
    token = mynabox("staff", "token", "hanako", "--label", "import", *home)
    assert token.status == 0
    (one,) = _json(mynabox("staff", "list", "--json", *home).out)
    assert one == {
        "name": "hanako",
        "roles": ["clerk", "supervisor"],
        "municipality": "082201",
        "state": "active",
        "created": one["created"],
        "open": 1,
    }
    opened = open_home(Settings(home=box))
    actor = whose(token.out.strip(), opened.box)
    assert actor is not None
    assert actor.roles == {Role.CLERK, Role.SUPERVISOR}
    sign_in("hanako", PASSWORD, opened.box)
    opened.close()
    with_password(monkeypatch, "another long password")
    assert mynabox("staff", "password", "hanako", *home).status == 0
    assert mynabox("staff", "end", "hanako", *home).status == 0
    table = mynabox("staff", "list", *home).out.splitlines()
    assert table[1].split("\t") == [
        "hanako",
        "clerk supervisor",
        "082201",
        "ended",
        "0",
    ]
    for words in (("list",), ("list", "--json")):
        assert PASSWORD not in mynabox("staff", *words, *home).out


def _json(text: str) -> Any:
    return json.loads(text)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("staff add Hanako --role clerk", 1, "account name"),
        ("staff add hanako --role king", 2, "king"),
        ("staff add hanako", 2, "--role"),
        ("staff add hanako --role clerk --municipality 999999", 1, "999999"),
        ("staff password nobody", 1, "no account nobody"),
        ("staff token nobody", 1, "no account nobody"),
        ("staff end nobody", 1, "no account nobody"),
        ("log access res-nobody", 1, "no resident"),
        ("log verify --copy x", 2, "--resident"),
    ],
)
def test_what_is_refused(
    mynabox: Mynabox,
    box: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    status: int,
    said: str,
) -> None:
    with_password(monkeypatch)
    answer = mynabox(*words.split(), "--home", box)
    assert answer.status == status
    assert said in answer.err
    assert PASSWORD not in answer.err


def test_a_password_nobody_can_be_asked_for(
    mynabox: Mynabox, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MYNABOX_STAFF_PASSWORD", raising=False)
    said = mynabox("staff", "add", "hanako", "--role", "clerk", "--home", box)
    assert said.status == 2
    assert "MYNABOX_STAFF_PASSWORD" in said.err
    no_password = ("--no-password", "--home", box)
    said = mynabox("staff", "add", "hanako", "--role", "clerk", *no_password)
    assert said.status == 0


# The access log


def test_the_access_log_and_its_copy(
    mynabox: Mynabox, box: Path, serial: str, tmp_path: Path
) -> None:
    home = ("--home", box)
    table = mynabox("log", "access", HOLDER, *home).out.splitlines()
    assert table[0].split("\t")[:4] == ["when", "who", "for whom", "for what"]
    assert [line.split("\t")[3] for line in table[1:]] == [
        "assignment",
        "notification",
        "card_issue",
        "card_issue",
    ]
    copy = tmp_path / "copy.json"
    copy.write_text(mynabox("log", "access", HOLDER, "--json", *home).out, "utf-8")
    faces = ("--faces", tmp_path, "--purpose", "card_issue")
    assert mynabox("card", "show", serial, *faces, *home).status == 0
    check = ("log", "verify", "--resident", HOLDER, "--copy", copy, *home)
    sound = mynabox(*check)
    assert (sound.status, sound.out) == (
        0,
        "the access log tells 5 looks\nthe journal is sound\n",
    )
    kept = json.loads(copy.read_text("utf-8"))
    kept["looks"][-1]["who"] = "nobody"
    copy.write_text(json.dumps(kept), "utf-8")
    changed = mynabox(*check)
    assert changed.status == 1
    assert "copy was changed" in changed.out
    copy.write_text("{}", "utf-8")
    none = mynabox(*check)
    assert none.status == 2
    assert "no copy of an access log" in none.err
    alone = mynabox("log", "verify", "--resident", HOLDER, "--json", *home)
    assert (alone.status, alone.json()) == (0, [])


# The keys of the numbers


def test_keys_are_exchanged_and_the_old_one_destroyed(
    mynabox: Mynabox, box: Path
) -> None:
    opened = open_home(Settings(home=box))
    before = digits_in(opened.box)
    old = box / "secrets/number-key-1.sealed"
    assert old.exists()
    opened.close()
    said = mynabox("db", "rotate-number-keys", "--home", box)
    assert (said.status, said.out) == (0, "every number lies under key 2\n")
    assert not old.exists()
    assert (box / "secrets/number-key-2.sealed").exists()
    again = mynabox("db", "rotate-number-keys", "--json", "--home", box)
    assert again.json() == {"key": 3}
    opened = open_home(Settings(home=box))
    assert digits_in(opened.box) == before
    opened.close()
    rows = mynabox("log", "show", "000000", "--json", "--home", box)
    assert rows.status == 0
    assert mynabox("log", "verify", "--home", box).status == 0
    assert mynabox("db", "check", "--home", box).status == 0


def test_an_open_store_goes_on_while_keys_are_exchanged(box: Path) -> None:
    """another process (a served box) holds it open all the time"""
    serving, rotating = open_home(Settings(home=box)), open_home(Settings(home=box))
    before = digits_in(serving.box)
    heard: list[tuple[int, int]] = []
    assert rotate_number_keys(rotating, lambda done, of: heard.append((done, of))) == 2
    assert heard[-1] == (len(before), len(before))
    assert digits_in(serving.box) == before
    serving.close()
    rotating.close()


# Served


@pytest.mark.parametrize(
    ("words", "says", "status"),
    [
        ((), "Authority: open", 200),
        (("--authority", "required"), "Authority: required", 401),
    ],
)
def test_a_served_box_says_who_may(
    box: Path, tmp_path: Path, words: tuple[str, ...], says: str, status: int
) -> None:
    with started("serve", "--port", "0", "--home", box, *words, cwd=tmp_path) as served:
        said = said_until(served, "Authority:")
        assert says in said
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found is not None
        try:
            with urlopen(f"{found[0]}/api/v1/residents") as answer:
                assert answer.status == status
        except HTTPError as refused:
            with refused:
                assert refused.code == status
                assert json.load(refused)["code"] == "authority.sign_in_first"
        served.send_signal(signal.SIGTERM)
        assert served.wait(timeout=20) == 0
