"""A token of SoftHSM's for each test."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mynabox.adapters.keys.pkcs11 import TokenKeys

PIN = "135792468"
LABEL = "mynabox"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True)
class Token:
    """SoftHSM's token, which is a folder that can be pulled out and put back."""

    library: Path
    folder: Path

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"

    def pull_out(self) -> None:
        self.tokens.rename(self.folder / "away")

    def put_back(self) -> None:
        (self.folder / "away").rename(self.tokens)

    def keys(self, *, pin: Callable[[], str] = lambda: PIN) -> TokenKeys:
        return TokenKeys(
            self.library, token=LABEL, pin=pin, turns=self.folder / "token.lock"
        )

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One configuration for the whole process: the library reads it once."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\n"
        "objectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    return folder


@pytest.fixture
def token(softhsm: Path) -> Iterator[Token]:
    library = next((Path(one) for one in MODULES if Path(one).exists()), None)
    tool = shutil.which("softhsm2-util")
    assert library and tool, "SoftHSM is missing: apt-get install softhsm2"
    (softhsm / "tokens").mkdir()
    subprocess.run(
        [
            *(tool, "--init-token", "--free", "--label", LABEL),
            *("--pin", PIN, "--so-pin", "975318642"),
        ],
        check=True,
        capture_output=True,
    )
    made = Token(library, softhsm)
    yield made
    for name in ("tokens", "away"):
        shutil.rmtree(softhsm / name, ignore_errors=True)
