"""A box in a folder: opening it, making it, refusing what is none.

One folder (the *home*) holds one box::

    box.toml     what made it, and in which shape
    box.db       the store (SQLite), unless a database URL is given
    box.key      opens everything that is sealed: keys/, secrets/, pool/ and cards/;
                 box.key.locked instead, where a passphrase guards it
    keys/        keys of the authorities (unless an HSM has them); secrets/ the box's
    pool/        keys made ahead for chips and for municipalities' seals
    cards/ tray/ chips, and which of them lies in which reader
    post/ mail/  what was sent
    papers/      card faces and other papers written for looking at
    clock.json   what time it is in the box
"""

import fcntl
import os
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from getpass import getpass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from threading import get_ident
from typing import Any

from mynabox import __version__
from mynabox.adapters.cards import CardFileDamaged, CardFiles
from mynabox.adapters.clock import BoxClock
from mynabox.adapters.keys.errors import KeyStoreError
from mynabox.adapters.keys.pkcs11 import TokenKeys
from mynabox.adapters.keys.pool import KeyPool
from mynabox.adapters.keys.sealed import LOCKED_KEY
from mynabox.adapters.keys.software import SoftwareKeys
from mynabox.adapters.mail import FolderMail
from mynabox.adapters.post import FolderPost
from mynabox.adapters.randomness import SystemRandom
from mynabox.adapters.store import BoxUnusable, SqlStore, open_store
from mynabox.adapters.trays import InReaders
from mynabox.card import make_rsa_key
from mynabox.ports import Box, Busy, KeysUnavailable, Signer, Site
from mynabox.settings import Settings
from mynabox.usecases.turn_clock import finish_turning

MARK = "box.toml"
SHAPE = ("with_uri", "production_shape", "next_card")
"""Settings that a box keeps from the moment it is made."""

FORMAT = 1
"""Of the home's layout; a home with a higher one was made by a newer mynabox."""

JOURNAL_SECRET = "journal"
CARDS_SECRET = "cards"
SOCKET = "pcscd.comm"
CLOCK = "clock.json"
_NEW_MARK = "box.new"
LONGEST_SOCKET_PATH = 100
"""Bytes; Linux has room for 107, and clients copy the path into as much."""


class BoxTrouble(Exception):
    """A box cannot be opened, made or served; the text says why and what to do."""


TROUBLES = (
    BoxTrouble,
    BoxUnusable,
    Busy,
    CardFileDamaged,
    KeyStoreError,
)
"""What the parts of a box raise when a folder, file or lock stands in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An open box with what the outermost layer needs besides the ports."""

    path: Path
    settings: Settings
    box: Box
    store: SqlStore
    clock: BoxClock
    cards: CardFiles
    post: FolderPost
    mail: FolderMail
    keys: SoftwareKeys
    pool: KeyPool | None

    @property
    def socket(self) -> Path:
        """Where the card reader listens while the box is served.

        In the home, or, where its path is too long for a socket, in a folder of
        this user's under the system's temporary folder, named after the home.
        """
        inside = self.path.resolve() / SOCKET
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        mark = sha256(os.fsencode(self.path.resolve())).hexdigest()[:16]
        return Path(gettempdir()) / f"mynabox-{os.getuid()}-{mark}" / SOCKET

    @property
    def clock_file(self) -> Path:
        """What time it is in the box, for every process that uses it."""
        return self.path / CLOCK

    @property
    def trace(self) -> Path:
        """Where a served box writes what is said in its readers, if it is told to."""
        return self.path / "trace.apdu"

    def in_readers(self, trace: Callable[[str], None] | None = None) -> InReaders:
        """The cards as readers meet them: with the faults they were given."""
        cards = self.cards if trace is None else self.cards.traced(trace)
        return InReaders(cards, self.path, trace=trace)

    @property
    def papers(self) -> Path:
        """Where papers are put for looking at."""
        return self.path / "papers"

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def open_home(settings: Settings, *, create: bool = False) -> Home:
    """Open the box of ``settings.home``, or make it if ``create``.

    Raises ``BoxTrouble`` for a home that does not exist, belongs to something else,
    was made by a newer version, or cannot be written.
    """
    path = settings.home
    _check_home(path, create=create, shape=shape_of(settings))
    settings = _in_its_shape(settings)
    try:
        random = SystemRandom()
        keys = SoftwareKeys(path, random=random, ask=partial(_passphrase, settings))
        store = open_store(
            settings.database or path / "box.db",
            journal_key=keys.secret(JOURNAL_SECRET),
            number_secret=keys.secret,
        )
    except (BoxUnusable, KeyStoreError, Busy) as trouble:
        raise BoxTrouble(str(trouble)) from trouble
    except OSError as error:
        raise BoxTrouble(_cannot(path, error)) from error
    clock = BoxClock(path / CLOCK)
    pool = _pool(path, settings, keys, random)
    fresh_key = make_rsa_key if pool is None else pool.take
    cards = CardFiles(
        path,
        key=keys.secret(CARDS_SECRET),
        random=random,
        slots=settings.readers,
        make_key=fresh_key,
    )
    post, mail = FolderPost(path / "post"), FolderMail(path / "mail")
    home = Home(
        path=path,
        settings=settings,
        box=Box(
            store=store,
            clock=clock,
            random=random,
            signer=_signer(path, settings, keys),
            fresh_key=fresh_key,
            vault=keys,
            post=post,
            mail=mail,
            cards=cards,
            site=Site(
                address=settings.address,
                with_uri=settings.with_uri,
                production_shape=settings.production_shape,
                next_card=settings.next_card,
                status_mode=settings.status_mode,
                authority=settings.authority,
                answer_hours=settings.answer_hours,
            ),
        ),
        store=store,
        clock=clock,
        cards=cards,
        post=post,
        mail=mail,
        keys=keys,
        pool=pool,
    )
    with suppress(Busy):  # whoever opens it next
        finish_turning(home.box, clock)
    return home


def _passphrase(settings: Settings) -> str | None:
    """What opens the keys: from the environment, else asked on the terminal, where
    the box has keys that are locked."""
    if settings.passphrase is not None:
        return settings.passphrase.get_secret_value()
    if (settings.home / LOCKED_KEY).exists() and sys.stdin.isatty():
        return getpass("Passphrase of the box: ")
    return None


def _signer(path: Path, settings: Settings, keys: SoftwareKeys) -> Signer:
    """The authorities' keys: in a token where the settings name one."""
    if settings.hsm_library is None:
        return keys

    def pin() -> str:
        if settings.hsm_pin is not None:
            return settings.hsm_pin.get_secret_value()
        if sys.stdin.isatty():
            return getpass(f"PIN of the token {settings.hsm_token}: ")
        raise KeysUnavailable("the token needs its PIN: give it as MYNABOX_HSM_PIN")

    return TokenKeys(
        settings.hsm_library,
        token=settings.hsm_token,
        pin=pin,
        turns=path / "token.lock",
    )


def _pool(
    path: Path, settings: Settings, keys: SoftwareKeys, random: SystemRandom
) -> KeyPool | None:
    """Keys made ahead; a command that is not the server takes from what is there."""
    if not settings.key_pool_high:
        return None
    return KeyPool(
        path,
        seal=lambda: keys.seal,
        random=random,
        low=settings.key_pool_low,
        high=settings.key_pool_high,
    )


def shape_of(settings: Settings) -> tuple[str, ...]:
    """The settings of a box's shape that are on."""
    return tuple(name for name in SHAPE if getattr(settings, name))


def _in_its_shape(settings: Settings) -> Settings:
    """The settings, and of the shape what the box was made in, unless told now."""
    made = _mark(settings.home / MARK)["shape"]
    kept = {
        name: name in made for name in SHAPE if name not in settings.model_fields_set
    }
    return settings.model_copy(update=kept)


def _mark(mark: Path) -> dict[str, Any]:
    try:
        made = tomllib.loads(mark.read_text("utf-8"))
        return {
            "made_by": str(made["made_by"]),
            "format": int(made["format"]),
            "shape": tuple(made.get("shape", ())),
        }
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as error:
        raise BoxTrouble(
            f"{mark} cannot be read ({error}): this is no usable box"
        ) from error


def _check_home(path: Path, *, create: bool, shape: Iterable[str]) -> None:
    mark = path / MARK
    if mark.exists():
        made = _mark(mark)
        made_by, layout = made["made_by"], made["format"]
        if layout > FORMAT:
            raise BoxTrouble(
                f"{path} was made by mynabox {made_by}, which is newer than this "
                f"one ({__version__}): use that version, or another --home"
            )
        if not os.access(path, os.W_OK | os.X_OK):
            raise BoxTrouble(
                f"{path} cannot be written: make it writable, or use another --home"
            )
        return
    if not create:
        raise BoxTrouble(
            f"there is no box in {path}: make one with 'mynabox demo' or "
            f"'mynabox db init', or say where it is with --home"
        )
    if path.exists() and (not path.is_dir() or _holds_something(path)):
        if mark.exists():  # somebody else has just made it
            _check_home(path, create=create, shape=shape)
            return
        raise BoxTrouble(
            f"{path} exists and is not a box; nothing was changed: use another --home"
        )
    try:
        path.mkdir(mode=0o711, parents=True, exist_ok=True)
        path.chmod(0o711)
        write_mark(path, shape)
    except OSError as error:
        raise BoxTrouble(_cannot(path, error)) from error


def _holds_something(path: Path) -> bool:
    """Whether there is more than what a start that was cut short leaves behind."""
    return any(not entry.name.startswith(_NEW_MARK) for entry in path.iterdir())


def write_mark(path: Path, shape: Iterable[str]) -> None:
    """Make the folder a box of this version, made in this shape."""
    mark = path / MARK
    names = ", ".join(f'"{name}"' for name in shape)
    text = f'made_by = "{__version__}"\nformat = {FORMAT}\nshape = [{names}]\n'
    new = mark.with_name(f"{_NEW_MARK}-{os.getpid()}-{get_ident()}")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(mark)


def _cannot(path: Path, error: OSError) -> str:
    return (
        f"{path} cannot be used ({error.strerror}): make it writable, or use "
        "another --home"
    )


@contextmanager
def only_server(home: Home) -> Iterator[None]:
    """Hold the right to serve this box; a second server is told who has it."""
    path = home.path / "serve.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise BoxTrouble(
                f"{home.path} is being served already (process {holder}): "
                "stop that one first, or use another --home"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
