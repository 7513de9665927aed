"""Keys in a PKCS#11 token (SoftHSM): made there, used there, never seen."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mynabox.adapters.keys.errors import NoSuchKey
from mynabox.adapters.keys.pkcs11 import PinRefused, TokenGone, TokenKeys
from mynabox.pki.algorithms import ECDSA_SHA384, RSA_SHA256, algorithm_of, verify
from mynabox.ports import KeysUnavailable
from tests.adapters.keys.conftest import PIN, Token

pytestmark = [pytest.mark.interop, pytest.mark.xdist_group("token")]


@pytest.fixture
def keys(token: Token) -> Iterator[TokenKeys]:
    opened = token.keys()
    opened._start_anew()  # the library has seen the token of the test before
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("elliptic", "algorithm"), [(False, RSA_SHA256), (True, ECDSA_SHA384)]
)
def test_a_key_signs(keys: TokenKeys, elliptic: bool, algorithm: str) -> None:
    public = keys.create("signature-01", elliptic=elliptic)
    assert algorithm_of(public) == algorithm
    assert keys.public_key("signature-01") == public
    assert keys.create("signature-01", elliptic=elliptic) == public
    for data in (b"", b"signed", bytes(100_000)):
        signature = keys.sign("signature-01", data)
        assert verify(public, algorithm, signature=signature, data=data)
        assert not verify(public, algorithm, signature=signature, data=data + b"x")
    assert keys.labels() == ("signature-01",)


@pytest.mark.parametrize("elliptic", [False, True])
def test_a_key_cannot_be_taken_out(
    keys: TokenKeys, token: Token, elliptic: bool
) -> None:
    """sensitive and unextractable since it was made, and neither can be changed"""
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error

    keys.create("signature-01", elliptic=elliptic)
    session: Any = keys._session
    private = session.get_key(object_class=ObjectClass.PRIVATE_KEY)
    for attribute, value in (
        (Attribute.SENSITIVE, True),
        (Attribute.ALWAYS_SENSITIVE, True),
        (Attribute.EXTRACTABLE, False),
        (Attribute.NEVER_EXTRACTABLE, True),
        (Attribute.LOCAL, True),
    ):
        assert private[attribute] == value
    secret = Attribute.VALUE if elliptic else Attribute.PRIVATE_EXPONENT
    with pytest.raises(PKCS11Error):
        _ = private[secret]
    with pytest.raises(PKCS11Error):
        private[Attribute.EXTRACTABLE] = True
    wrapping = session.generate_key(KeyType.AES, 256)
    with pytest.raises(PKCS11Error):
        wrapping.wrap_key(private, mechanism=Mechanism.AES_KEY_WRAP)


def test_no_such_key(keys: TokenKeys) -> None:
    for ask in (lambda: keys.public_key("other"), lambda: keys.sign("other", b"")):
        with pytest.raises(NoSuchKey):
            ask()  # type: ignore[no-untyped-call]


def test_a_token_that_goes_in_the_middle(keys: TokenKeys, token: Token) -> None:
    """a clear error while it is away, and on with the same key when it is back"""
    public = keys.create("signature-01")
    keys.sign("signature-01", b"before")
    token.pull_out()
    for _ in range(2):
        with pytest.raises(TokenGone, match="connect it again"):
            keys.sign("signature-01", b"meanwhile")
        with pytest.raises(KeysUnavailable):
            keys.create("signature-02")
        with pytest.raises(KeysUnavailable):
            keys.public_key("signature-01")
    token.put_back()
    signature = keys.sign("signature-01", b"after")
    assert verify(public, RSA_SHA256, signature=signature, data=b"after")
    assert keys.labels() == ("signature-01",)


def test_another_token_in_its_place(keys: TokenKeys, token: Token) -> None:
    """an empty one, of the same label: the key is missing, nothing is made in secret"""
    keys.create("signature-01")
    shutil.rmtree(token.tokens)
    token.tokens.mkdir()
    tool = shutil.which("softhsm2-util")
    assert tool
    subprocess.run(
        [
            *(tool, "--init-token", "--free", "--label", "mynabox"),
            *("--pin", PIN, "--so-pin", "975318642"),
        ],
        check=True,
        capture_output=True,
    )
    with pytest.raises((NoSuchKey, KeysUnavailable)):
        keys.sign("signature-01", b"data")
    with pytest.raises(NoSuchKey):
        keys.sign("signature-01", b"data")


def test_a_wrong_pin_is_tried_once(token: Token) -> None:
    """tokens lock after a few: the second use asks nobody and tries nothing"""
    asked = []

    def wrong() -> str:
        asked.append(1)
        return "00000000"

    keys = token.keys(pin=wrong)
    keys._start_anew()
    for _ in range(5):
        with pytest.raises(PinRefused) as caught:
            keys.create("signature-01")
        assert "00000000" not in str(caught.value)
    assert asked == [1]
    right = token.keys()
    right._start_anew()
    assert right.create("signature-01")
    right.close()


def test_two_processes_make_one_key(keys: TokenKeys, token: Token) -> None:
    """whoever comes second finds the first one's"""
    script = (
        "import sys; from pathlib import Path\n"
        "from mynabox.adapters.keys.pkcs11 import TokenKeys\n"
        "keys = TokenKeys(Path(sys.argv[1]), token='mynabox',"
        " pin=lambda: sys.argv[2], turns=Path(sys.argv[3]))\n"
        "print(keys.create('signature-01').hex())\n"
    )
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-c", script, str(token.library)),
                *(PIN, str(token.folder / "token.lock")),
            ],
            stdout=subprocess.PIPE,
            env=os.environ | token.environment,
            text=True,
        )
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert len(said) == 1
    assert keys.public_key("signature-01").hex() in said
    assert keys.labels() == ("signature-01",)


def test_a_library_that_is_none(tmp_path: Path) -> None:
    keys = TokenKeys(
        tmp_path / "nothing.so", token="x", pin=lambda: "", turns=tmp_path / "turns"
    )
    with pytest.raises(TokenGone):
        keys.create("signature-01")
