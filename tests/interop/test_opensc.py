"""OpenSC as Debian ships it, run by an ordinary user, takes the card for a JPKI card."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.interop.readers import Reader, both_roads

pytestmark = pytest.mark.interop

ATR = "3b:e0:00:ff:81:31:fe:45:14"
PIN, PASSWORD = "1234", "ABC123"
SLOTS = [(0, "01", PIN), (1, "02", PASSWORD)]
"""Slot, key id and secret of the authentication key and of the signature key."""

OpenSC = Callable[..., str]


@pytest.fixture
def pkcs11(opensc: OpenSC, module: str) -> OpenSC:
    """Runs pkcs11-tool with OpenSC's library."""

    def run(*words: str, status: int | None = 0) -> str:
        return opensc("pkcs11-tool", "--module", module, *words, status=status)

    return run


@both_roads
def test_the_card_is_recognised(opensc: OpenSC) -> None:
    assert "jpki" in opensc("opensc-tool", "-n").splitlines()


@both_roads
def test_the_reader_is_listed(opensc: OpenSC, reader: Reader) -> None:
    lines = opensc("opensc-tool", "-l").splitlines()[-reader.number :]
    assert lines[0].split(maxsplit=2) == ["0", "Yes", reader.name]


@both_roads
def test_the_answer_to_reset(opensc: OpenSC) -> None:
    assert ATR in opensc("opensc-tool", "--atr").splitlines()


@both_roads
def test_what_lies_on_the_card(opensc: OpenSC) -> None:
    text = opensc("pkcs15-tool", "-D")
    kinds = ("PIN [", "Private RSA Key [", "Public RSA Key [", "X.509 Certificate [")
    assert [text.count(kind) for kind in kinds] == [2, 2, 2, 4]
    tries = [line.split()[-1] for line in text.splitlines() if "Tries left" in line]
    assert tries == ["3", "5"]


@both_roads
@pytest.mark.parametrize(
    ("number", "name"),
    [("1", "authentication"), ("3", "authentication CA"), ("4", "signature CA")],
)
def test_a_certificate_open_to_all(
    opensc: OpenSC,
    issued: Any,
    from_pem: Callable[[str], bytes],
    number: str,
    name: str,
) -> None:
    text = opensc("pkcs15-tool", "--read-certificate", number)
    assert from_pem(text) == issued.certificates[name]


@both_roads
def test_the_signature_certificate_wants_the_password(
    opensc: OpenSC, issued: Any, from_pem: Callable[[str], bytes]
) -> None:
    read = ("--read-certificate", "2")
    refused = opensc("pkcs15-tool", *read, status=None)
    assert "BEGIN CERTIFICATE" not in refused
    verify = ("--verify-pin", "--auth-id", "2", "--pin")
    wrong = opensc("pkcs15-tool", *verify, "XYZ999", *read, status=None)
    assert "BEGIN CERTIFICATE" not in wrong
    text = opensc("pkcs15-tool", *verify, PASSWORD, *read)
    assert from_pem(text) == issued.certificates["signature"]


@both_roads
@pytest.mark.parametrize(("slot", "key", "secret"), SLOTS)
def test_a_signature_that_openssl_verifies(
    pkcs11: OpenSC,
    reader: Reader,
    issued: Any,
    openssl: Callable[..., str],
    slot: int,
    key: str,
    secret: str,
) -> None:
    (reader.work / "letter").write_text("拝啓 これは見本です。\n")
    pkcs11(
        *("--slot-index", str(slot), "--login", "--pin", secret),
        *("--sign", "--id", key, "--mechanism", "SHA256-RSA-PKCS"),
        *("--input-file", "letter", "--output-file", "signature"),
    )
    name = "authentication" if key == "01" else "signature"
    (reader.work / "certificate").write_bytes(issued.certificates[name])
    openssl("x509", "-in", "certificate", "-pubkey", "-noout", "-out", "public")
    verify = ("dgst", "-sha256", "-verify", "public", "-signature", "signature")
    assert "Verified OK" in openssl(*verify, "letter")
    (reader.work / "letter").write_text("拝啓 これは偽物です。\n")
    assert "Verified OK" not in openssl(*verify, "letter", status=1)


@both_roads
def test_programs_that_sign_at_the_same_time(
    pkcs11: OpenSC, reader: Reader, issued: Any, openssl: Callable[..., str]
) -> None:
    """Six programs, two keys, one card: nobody gets a signature meant for another."""
    jobs = [(number, *SLOTS[number % 2]) for number in range(6)]
    for number, *_ in jobs:
        (reader.work / f"letter {number}").write_text(f"第{number}号の手紙\n")
    with ThreadPoolExecutor(len(jobs)) as together:
        running = [
            together.submit(
                pkcs11,
                *("--slot-index", str(slot), "--login", "--pin", secret),
                *("--sign", "--id", key, "--mechanism", "SHA256-RSA-PKCS"),
                *("--input-file", f"letter {number}"),
                *("--output-file", f"signature {number}"),
            )
            for number, slot, key, secret in jobs
        ]
        for job in running:
            job.result()
    for number, _, key, _ in jobs:
        name = "authentication" if key == "01" else "signature"
        (reader.work / "certificate").write_bytes(issued.certificates[name])
        openssl("x509", "-in", "certificate", "-pubkey", "-noout", "-out", "public")
        said = openssl(
            *("dgst", "-sha256", "-verify", "public"),
            *("-signature", f"signature {number}", f"letter {number}"),
        )
        assert "Verified OK" in said


@both_roads
@pytest.mark.parametrize(("slot", "key", "secret"), SLOTS)
def test_no_signature_without_the_secret(
    pkcs11: OpenSC, reader: Reader, slot: int, key: str, secret: str
) -> None:
    (reader.work / "letter").write_text("拝啓\n")
    pkcs11(
        *("--slot-index", str(slot), "--sign", "--id", key),
        *("--mechanism", "SHA256-RSA-PKCS"),
        *("--input-file", "letter", "--output-file", "signature"),
        status=1,
    )
    signature = reader.work / "signature"
    assert not signature.exists() or not signature.read_bytes()


@both_roads
@pytest.mark.parametrize(("slot", "key", "secret"), SLOTS)
def test_the_tool_tests_itself(
    pkcs11: OpenSC, slot: int, key: str, secret: str
) -> None:
    text = pkcs11("--slot-index", str(slot), "--login", "--pin", secret, "--test")
    assert "No errors" in text


@pytest.mark.parametrize(
    ("auth", "secret", "wrong", "limit"),
    [("1", PIN, "9999", 3), ("2", PASSWORD, "XYZ999", 5)],
)
@pytest.mark.parametrize("kill", [False, True])
def test_wrong_tries_lock_for_good(
    opensc: OpenSC,
    tool: Callable[[str, str], str],
    reader: Reader,
    auth: str,
    secret: str,
    wrong: str,
    limit: int,
    kill: bool,
) -> None:
    """R073: three wrong PINs, five wrong passwords in a row. Neither a restarted nor
    a killed daemon gives a try back."""

    def accepts(pin: str) -> bool:
        words = ("--verify-pin", "--auth-id", auth, "--pin", pin)
        done = reader.run(tool("pkcs15-tool", "opensc"), *words)
        assert done.status == 0 or "Operation failed" in done.text
        return bool(done.status == 0)

    def tries() -> str:
        text = opensc("pkcs15-tool", "--list-pins")
        left = [line.split()[-1] for line in text.splitlines() if "Tries left" in line]
        return left[int(auth) - 1]

    assert not accepts(wrong)
    assert accepts(secret)
    assert tries() == str(limit)
    for used in range(1, limit):
        assert not accepts(wrong)
        reader.restart(kill=kill)
        assert tries() == str(limit - used)
    assert not accepts(wrong)
    reader.restart(kill=kill)
    assert tries() == "0"
    assert not accepts(secret)
    other = "2" if auth == "1" else "1"
    opensc(
        *("pkcs15-tool", "--verify-pin", "--auth-id", other),
        *("--pin", PASSWORD if other == "2" else PIN),
    )


@both_roads
def test_a_locked_pin_is_shown_by_pkcs11(pkcs11: OpenSC) -> None:
    for left in ("2", "1", "0"):
        text = pkcs11("--login", "--pin", "9999", "--list-objects", status=1)
        assert "CKR_PIN_INCORRECT" in text, left
    assert "user PIN locked" in pkcs11("--list-token-slots")
    pkcs11("--login", "--pin", PIN, "--list-objects", status=1)


@both_roads
def test_the_card_taken_out_and_laid_in_again(
    opensc: OpenSC, issued: Any, reader: Reader
) -> None:
    def shown() -> str:
        lines = opensc("opensc-tool", "-l").splitlines()[-reader.number :]
        return lines[0].split()[1]

    slot = issued.home / "tray" / "0"
    lying = slot.read_bytes()
    slot.unlink()
    _until(lambda: shown() == "No")
    assert "jpki" not in opensc("opensc-tool", "-n", status=None).splitlines()
    slot.write_bytes(lying)
    _until(lambda: shown() == "Yes")
    assert "jpki" in opensc("opensc-tool", "-n").splitlines()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "the reader did not follow the tray"


SIGNING = """
import sys
import pkcs11
from pkcs11 import Mechanism, ObjectClass
module, label, pin, times = sys.argv[1:5]
library = pkcs11.lib(module)
token = library.get_token(token_label=label)
with token.open(user_pin=pin) as session:
    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY)
    signatures = {
        key.sign(b"letter", mechanism=Mechanism.SHA256_RSA_PKCS)
        for _ in range(int(times))
    }
assert len(signatures) == 1
print(signatures.pop().hex())
try:
    token.open(user_pin="0" * len(pin)).close()
except pkcs11.exceptions.PinIncorrect:
    print("refused")
"""


@both_roads
def test_python_pkcs11_signs(
    reader: Reader, issued: Any, module: str, openssl: Callable[..., str]
) -> None:
    label = "JPKI (User Authentication PIN)"
    done = reader.run(
        sys.executable, "-c", SIGNING, module, label, PIN, "20", plainly=False
    )
    assert done.status == 0, done.text
    signature, refused = done.text.split()
    assert refused == "refused"
    (reader.work / "letter").write_bytes(b"letter")
    (reader.work / "signature").write_bytes(bytes.fromhex(signature))
    (reader.work / "certificate").write_bytes(issued.certificates["authentication"])
    openssl("x509", "-in", "certificate", "-pubkey", "-noout", "-out", "public")
    verify = ("dgst", "-sha256", "-verify", "public", "-signature", "signature")
    assert "Verified OK" in openssl(*verify, "letter")


@both_roads
def test_pcsc_scan_sees_the_card(
    reader: Reader, tool: Callable[[str, str], str]
) -> None:
    done = reader.run(
        tool("timeout", "coreutils"), "2", tool("pcsc_scan", "pcsc-tools")
    )
    assert reader.name in done.text
    assert "Card inserted" in done.text
    assert ATR.replace(":", " ").upper() in done.text
