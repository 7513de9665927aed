"""What every measurement does: take turns with a peer, count processor seconds, keep
the figures.

Ours and the peer take turns in one run; what is compared are medians per second of
processor time (of children too, for a peer that is a program).
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from mynabox.wiring import Home

RESULTS = Path(__file__).parent / "results"
ROUNDS = 5
Row = tuple[str, str, str, float, str]
"""What, ours, peer, ratio, target."""


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of this process and its children for a piece of work."""
    before = _processor()
    work()
    return _processor() - before


def _processor() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def alternating(
    rounds: int, ours: Callable[[], object], peer: Callable[[], object]
) -> tuple[list[float], list[float]]:
    """Seconds of each round, ours and the peer's taking turns to begin."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for which in order:
            found[which].append(spent((ours, peer)[which]))
    return found


def bare_signature(key: RSAPrivateKey, data: bytes) -> bytes:
    """The floor under everything signed: PKCS #1 v1.5 over SHA-256."""
    return key.sign(data, padding.PKCS1v15(), SHA256())


def key_of(home: Home, label: str) -> RSAPrivateKey:
    """The very key that the box signs with."""
    home.box.signer.sign(label, b"")
    found = home.keys._private[label]
    assert isinstance(found, RSAPrivateKey)
    return found


def row(
    what: str,
    count: int,
    mine: list[float],
    theirs: list[float],
    peer: str,
    target: str,
) -> Row:
    """Of ``count`` things done in each round, what one second of a processor does."""
    ours, other = statistics.median(mine), statistics.median(theirs)
    return (
        what,
        f"{count / ours:,.1f}/CPU-s",
        f"{peer} {count / other:,.1f}/CPU-s",
        other / ours,
        target,
    )


def keep(name: str, rows: list[Row], **circumstances: object) -> list[Row]:
    """Keep the figures as JSON in ``bench/results``; the rows."""
    figures = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "openssl": subprocess.run(
            ["openssl", "version"], capture_output=True, text=True, check=True
        ).stdout.strip(),
        **circumstances,
        "figures": [
            dict(zip(("what", "ours", "peer", "ratio", "target"), each, strict=True))
            for each in rows
        ],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return rows


def program(about: str | None, run: Callable[..., list[Row]], **asked: int) -> int:
    """A measurement as a program of its own: ``asked`` are its options with what they
    are unless told."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    for name, usual in asked.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    for what, ours, peer, ratio, target in run(**vars(parser.parse_args())):
        print(f"{what:44} {ours:>16} {peer:>44} {ratio:>8.2f}   {target}")
    return 0
