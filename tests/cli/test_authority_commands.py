"""``mynabox ca``: ceremony, generations, lists, check, passphrase, backup, restore."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

Mynabox = Callable[..., Any]
PEOPLE = ("--operator", "Hako", "--witness", "Tadano", "--witness", "Mihon")


@pytest.fixture
def home(
    mynabox: Mynabox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Path]:
    """A box whose authorities a ceremony has made."""
    for name in ("PASSPHRASE", "NEW_PASSPHRASE", "BACKUP_PASSPHRASE"):
        monkeypatch.delenv(f"MYNABOX_{name}", raising=False)
    folder = tmp_path / "box"
    done = mynabox(
        "ca", "ceremony", *PEOPLE, "--home", folder, "--out", tmp_path / "transcript"
    )
    assert done.status == 0, done.err
    return ("--home", folder)


def test_the_transcript_is_the_same_in_the_file(
    home: tuple[str, Path], tmp_path: Path, mynabox: Mynabox
) -> None:
    text = (tmp_path / "transcript").read_text(encoding="utf-8")
    assert "Witness    Tadano" in text
    shown = mynabox("log", "show", "signature-01", "--json", *home)
    rows = [row for row in shown.json() if row["action"] == "hold_ceremony"]
    digests = [row["facts"]["transcript"] for row in rows]
    assert digests == [sha256(text.encode()).hexdigest()]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ca", "ceremony", *PEOPLE), "no key to make"),
        (("ca", "ceremony", *PEOPLE[:4]), "at least 2 witnesses"),
    ],
)
def test_ceremonies_refused(
    home: tuple[str, Path], mynabox: Mynabox, words: tuple[str, ...], says: str
) -> None:
    done = mynabox(*words, *home)
    assert done.status == 1
    assert says in done.err


def test_rolling_over(home: tuple[str, Path], mynabox: Mynabox) -> None:
    one = mynabox("ca", "rollover", "signature", *home)
    assert one.out.startswith("signature-02: until ")
    both = mynabox("ca", "rollover", *home)
    assert [line[:17] for line in both.out.splitlines()] == [
        "signature-03: unt",
        "authentication-02",
    ]
    names = [row["name"] for row in mynabox("ca", "list", "--json", *home).json()]
    assert names == [
        *("signature-01", "authentication-01"),
        *("signature-02", "signature-03", "authentication-02"),
    ]


def test_lists_and_deltas(
    home: tuple[str, Path], tmp_path: Path, mynabox: Mynabox
) -> None:
    base, delta = tmp_path / "base.crl", tmp_path / "delta.crl"
    assert mynabox("ca", "crl", "signature-01", "--out", base, *home).status == 0
    done = mynabox("ca", "crl", "signature-01", "--delta", "--out", delta, *home)
    assert done.status == 0
    parsed = x509.load_der_x509_crl(delta.read_bytes())
    indicator = parsed.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    number = x509.load_der_x509_crl(base.read_bytes()).extensions
    own = number.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert indicator.value.crl_number == own
    assert mynabox("ca", "crl", "signature-01", "--delta", "--now", *home).status == 2
    assert mynabox("ca", "crl", "signature-99", *home).status == 1


def test_the_check(home: tuple[str, Path], mynabox: Mynabox) -> None:
    assert mynabox("ca", "verify", *home).out.endswith(": 0 mismatches\n")
    (home[1] / "keys" / "signature-01.sealed").unlink()
    done = mynabox("ca", "verify", "--json", *home)
    assert done.status == 1
    found = done.json()["mismatches"]
    assert found == [{"what": "signature-01", "code": "key_differs"}]


def test_a_passphrase_comes_and_goes(
    home: tuple[str, Path], mynabox: Mynabox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mynabox("ca", "passphrase", *home).status == 2
    monkeypatch.setenv("MYNABOX_NEW_PASSPHRASE", "見本")
    assert mynabox("ca", "passphrase", *home).status == 0
    assert not (home[1] / "box.key").exists()
    locked = mynabox("ca", "verify", *home)
    assert locked.status == 2
    assert "MYNABOX_PASSPHRASE" in locked.err
    monkeypatch.setenv("MYNABOX_PASSPHRASE", "other")
    wrong = mynabox("ca", "verify", *home)
    assert (wrong.status, "does not open" in wrong.err) == (2, True)
    monkeypatch.setenv("MYNABOX_PASSPHRASE", "見本")
    assert mynabox("ca", "verify", *home).status == 0
    assert mynabox("ca", "passphrase", "--remove", *home).status == 0
    monkeypatch.delenv("MYNABOX_PASSPHRASE")
    assert mynabox("ca", "verify", *home).status == 0


def test_out_of_a_backup(
    home: tuple[str, Path],
    tmp_path: Path,
    mynabox: Mynabox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, new = tmp_path / "box.backup", tmp_path / "new"
    asked = mynabox("ca", "backup", file, *home)
    assert (asked.status, file.exists()) == (2, False)
    assert "MYNABOX_BACKUP_PASSPHRASE" in asked.err
    monkeypatch.setenv("MYNABOX_BACKUP_PASSPHRASE", "見本 backup")
    assert mynabox("ca", "backup", file, *home).status == 0
    assert mynabox("ca", "backup", file, *home).status == 2
    done = mynabox("ca", "restore", file, "--home", new)
    assert done.status == 0, done.err
    assert "numbers go on from" in done.out
    assert mynabox("ca", "restore", file, "--home", new).status == 2
    assert mynabox("ca", "verify", "--home", new).status == 0
    for command in (("ca", "list", "--json"),):
        assert mynabox(*command, *home).out == mynabox(*command, "--home", new).out
