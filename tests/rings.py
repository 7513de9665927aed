"""Keys of a ring, for tests that make many chips and whose subject is something else."""

from dataclasses import replace
from itertools import count
from threading import Lock

from cryptography.hazmat.primitives.asymmetric import rsa

from mynabox.adapters.cards import CardFiles
from mynabox.card import make_rsa_key
from mynabox.wiring import Home

KEYS = 16
"""More than a card has, so that no two keys of a card are the same."""
_ring: list[rsa.RSAPrivateKey] = []
_turn = Lock()


class Ring:
    """Keys without end; each is made when the first ring of this process comes to it."""

    def __init__(self) -> None:
        self._turns = count()

    def __call__(self) -> rsa.RSAPrivateKey:
        place = next(self._turns) % KEYS
        with _turn:
            while place >= len(_ring):
                _ring.append(make_rsa_key())
        return _ring[place]


def fill() -> None:
    """Make every key now."""
    ring = Ring()
    for _ in range(KEYS):
        ring()


def with_keys_of_a_ring(home: Home) -> Home:
    """The same box; its chips and seals take their keys from a ring."""
    ring = Ring()
    cards = CardFiles(
        home.path,
        key=home.box.vault.secret("cards"),
        random=home.box.random,
        make_key=ring,
    )
    box = replace(home.box, cards=cards, fresh_key=ring)
    return replace(home, box=box, cards=cards)
