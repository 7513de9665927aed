"""Files that are there whole or not at all, and locks between processes."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SHORTEST, _LONGEST = 0.0002, 0.005  # pauses between two looks at a lock, seconds


class LockTimeout(Exception):
    """Somebody kept a file's lock for longer than one is ready to wait."""


def make_private(directory: Path) -> None:
    """Make a directory that is its owner's alone, and all above it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def replace_file(path: Path, content: bytes, *, via: Path | None = None) -> None:
    """Put ``content`` at ``path``: whoever reads it, even after a power cut, finds
    the old content or the new, and after the return the new.

    ``via`` is a name for the meantime that nobody else uses now; without it one is
    made up from this thread's. Only the owner may read the file.
    """
    if via is None:
        me = f"{os.getpid()}-{threading.get_native_id()}"
        via = path.with_name(f".{path.name}.{me}.new")
    descriptor = os.open(
        via, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600
    )
    try:
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        via.replace(path)
    except BaseException:
        with suppress(OSError):
            via.unlink()
        raise
    sync_directory(path.parent)


def remove_file(path: Path) -> None:
    """Take a file away for good, if it is there."""
    with suppress(FileNotFoundError):
        path.unlink()
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, patience: float) -> Iterator[None]:
    """Have the lock file ``path`` to oneself within the block, among all threads and
    processes; the kernel gives it back when a process dies.

    Raises :class:`LockTimeout` after ``patience`` seconds.
    """
    descriptor = take_lock(path, until=time.monotonic() + patience)
    try:
        yield
    finally:
        os.close(descriptor)


def take_lock(path: Path, *, until: float) -> int:
    """An open file that has the lock; closing it gives the lock back.

    Whoever wants the lock first takes the place *next in line* (the file
    ``<path>-next``), waits there for the lock itself, and only then frees the place.
    Who has just given the lock back must go for that place again and cannot overtake
    the one that stands there, however quick.

    Raises :class:`LockTimeout` at ``until`` on the monotonic clock.
    """
    name = str(path)
    place = _take(f"{name}-next", until)
    try:
        return _take(name, until)
    finally:
        os.close(place)


def _take(name: str, until: float) -> int:
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        pause = _SHORTEST
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise LockTimeout(Path(name).name) from None
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST)
            else:
                return descriptor
    except BaseException:
        os.close(descriptor)
        raise
