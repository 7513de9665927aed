"""A whole box in one sealed file, and a box out of it (``mynabox ca backup``).

The file holds everything that the box cannot be made again from: the box key, the
sealed keys and secrets, every row of the store, and the chips of a sandbox if wished
for. Keys in a token are not in it: they never leave the token.
"""

import json
import re
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from mynabox import __version__
from mynabox.adapters.files import make_private, replace_file, sync_directory
from mynabox.adapters.keys.envelope import open_records, seal_records
from mynabox.adapters.keys.errors import KeyStoreError, TornFile
from mynabox.adapters.keys.sealed import BOX_KEY
from mynabox.adapters.randomness import SystemRandom
from mynabox.adapters.store import BoxUnusable
from mynabox.settings import Settings
from mynabox.usecases.go_on_restored import go_on_restored
from mynabox.usecases.verify_authorities import verify_authorities
from mynabox.wiring.home import (
    FORMAT,
    SHAPE,
    BoxTrouble,
    Home,
    open_home,
    shape_of,
    write_mark,
)
from mynabox.wiring.moment import machine_now

LAYOUT = 2
"""Of the file's records; in the first, numbers were not sealed by themselves."""

_FILES = re.compile(
    r"(keys|secrets)/[A-Za-z0-9._~%-]{1,400}\.sealed|cards/[0-9]{16}\.card|clock\.json"
)
"""Files that may come out of a backup, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What went into a backup."""

    files: int
    rows: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came out of one, and where its numbers go on."""

    files: int
    rows: int
    first_number: int


def back_up(
    home: Home, file: Path, *, passphrase: str, with_chips: bool = False
) -> Written:
    """Write everything to *file*, which must not exist, sealed with the passphrase.

    The rows are of one moment; keys are read after that moment, so that every
    certificate's key is there. Raises ``BoxTrouble``.
    """
    if not passphrase:
        raise BoxTrouble("a backup holds every key of the box: give it a passphrase")
    counts = {"file": 0, "row": 0}

    def records() -> Iterator[bytes]:
        yield _record(
            mynabox=__version__,
            layout=LAYOUT,
            format=FORMAT,
            shape=shape_of(home.settings),
        )
        rows = home.store.rows()
        held = list(islice(rows, 1))  # from now on the rows stand still
        yield _record(box_key=_written(home.keys.seal.key))
        for path in _files(home.path, with_chips=with_chips):
            counts["file"] += 1
            name = path.relative_to(home.path).as_posix()
            yield _record(file=name, content=_written(path.read_bytes()))
        for table, row in chain(held, rows):
            counts["row"] += 1
            yield _record(table=table, row={k: _written(v) for k, v in row.items()})

    if file.exists():
        raise BoxTrouble(f"{file} exists: name a new file for the backup")
    new = file.with_name(f".{file.name}.new")
    try:
        with new.open("xb") as stream:
            new.chmod(0o600)
            seal_records(
                records(), stream, passphrase=passphrase, random=SystemRandom()
            )
            stream.flush()
        new.replace(file)
        sync_directory(file.absolute().parent)
    except OSError as error:
        raise BoxTrouble(f"{file} cannot be written ({error.strerror})") from error
    finally:
        new.unlink(missing_ok=True)
    return Written(files=counts["file"], rows=counts["row"], digest=_digest(file))


def restore(
    file: Path,
    settings: Settings,
    *,
    passphrase: str,
    now: Callable[[], datetime] = machine_now,
) -> Restored:
    """Make the box of *settings* out of a backup, all or nothing.

    The home must not exist, or be empty, and so must the database. What comes out is
    checked like any box's authorities before it counts; a certificate of the genuine
    service, or a key that does not belong to its certificate, ends it. The numbers go
    on in a new block, Individual Numbers in a part of their own that goes on with the
    machine's clock (``now``), so none is given twice. Raises ``BoxTrouble``.
    """
    target = settings.home
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BoxTrouble(f"{target} exists and is not empty: restore into a new --home")
    building = target.absolute().with_name(f".{target.absolute().name}.restoring")
    shutil.rmtree(building, ignore_errors=True)
    try:
        with _readable(file) as stream:
            done = _build(
                building, file, stream, settings, passphrase=passphrase, at=now()
            )
        if target.exists():
            target.rmdir()
        building.rename(target)
        sync_directory(target.absolute().parent)
    except OSError as error:
        raise BoxTrouble(f"{target} cannot be made ({error.strerror})") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return done


def _build(
    building: Path,
    file: Path,
    stream: BinaryIO,
    settings: Settings,
    *,
    passphrase: str,
    at: datetime,
) -> Restored:
    records = map(_read, open_records(stream, passphrase=passphrase, path=file))
    counts = {"file": 0, "row": 0}
    rows: Iterator[dict[str, Any]] = iter(())
    try:
        head = next(records, {})
        layout = _check_layout(file, head)
        make_private(building)
        for record in records:
            if "table" in record:
                rows = chain([record], records)
                break
            counts["file"] += _put(record, building)

        def put_back() -> Iterator[tuple[str, dict[str, object]]]:
            for record in rows:
                counts["row"] += 1
                row = {name: _value(one) for name, one in record["row"].items()}
                yield record["table"], row

        shape = head.get("shape") or ()
        write_mark(building, [name for name in SHAPE if name in shape])
        home = open_home(
            settings.model_copy(update={"home": building, "passphrase": None})
        )
        try:
            home.store.fill(put_back(), plain=layout == 1)
            _check(home, file)
            first = go_on_restored(home.box, backup=_digest(file), at=at)
            if settings.passphrase is not None:
                home.keys.lock(settings.passphrase.get_secret_value())
        finally:
            home.close()
    except (KeyStoreError, BoxUnusable) as trouble:
        if isinstance(trouble, TornFile) and trouble.path == file:
            raise BoxTrouble(
                f"{file} is no backup, or a damaged one; nothing was restored: use "
                "another copy"
            ) from trouble
        raise BoxTrouble(str(trouble)) from trouble
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BoxTrouble(f"{file} is no backup that can be read") from error
    building.chmod(0o711)
    return Restored(files=counts["file"] - 1, rows=counts["row"], first_number=first)


def _check_layout(file: Path, head: dict[str, object]) -> int:
    layout, made = head.get("layout"), head.get("format")
    if not isinstance(layout, int) or not isinstance(made, int):
        raise BoxTrouble(f"{file} is no backup of a box")
    if layout > LAYOUT or made > FORMAT:
        raise BoxTrouble(
            f"{file} was made by mynabox {head.get('mynabox')}, which is newer than "
            f"this one ({__version__}): use that version"
        )
    return layout


def _check(home: Home, file: Path) -> None:
    """Refuse a backup whose authorities are not in order."""
    found = verify_authorities(home.box)
    if not found.authorities:
        raise BoxTrouble(f"{file} holds no certificate authority")
    if found.mismatches:
        first = found.mismatches[0]
        raise BoxTrouble(
            f"{file} is not in order ({first.what}: {first.code}, and "
            f"{len(found.mismatches) - 1} more): nothing was restored"
        )


def _put(record: dict[str, Any], building: Path) -> int:
    """Put one file in its place; raises ``ValueError`` for one that is not a box's."""
    if "box_key" in record:
        name, content = BOX_KEY, _value(record["box_key"])
    else:
        name, content = str(record["file"]), _value(record["content"])
        if not _FILES.fullmatch(name):
            raise ValueError("a file that is not a box's")
    if not isinstance(content, bytes):
        raise TypeError("content is octets")
    path = building / name
    make_private(path.parent)
    replace_file(path, content)
    return 1


def _files(home: Path, *, with_chips: bool) -> Iterator[Path]:
    for pattern in ("keys/*.sealed", "secrets/*.sealed", "clock.json"):
        yield from sorted(home.glob(pattern))
    if with_chips:
        yield from sorted(home.glob("cards/*.card"))


@contextmanager
def _readable(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as stream:
            yield stream
    except FileNotFoundError:
        raise BoxTrouble(f"there is no file {file}") from None


def _record(**values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _read(encoded: bytes) -> dict[str, Any]:
    found = json.loads(encoded)
    if not isinstance(found, dict):
        raise ValueError("not a record")
    return found


def _written(value: object) -> object:
    """A value of a row as JSON can hold it."""
    match value:
        case bytes() | bytearray() | memoryview():
            return {"octets": b64encode(bytes(value)).decode("ascii")}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case _:
            return value


def _value(written: object) -> object:
    match written:
        case {"octets": str(text)}:
            return b64decode(text, validate=True)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case _:
            return written


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        digest = sha256()
        while part := stream.read(2**20):
            digest.update(part)
    return digest.hexdigest()
