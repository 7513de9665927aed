"""Keys of a ring, for tests that make many chips and whose subject is something else."""

from dataclasses import replace
from functools import cache, partial
from itertools import cycle

from cryptography.hazmat.primitives.asymmetric import rsa

from mynabox.adapters.cards import CardFiles
from mynabox.wiring import Home


@cache
def ring() -> tuple[rsa.RSAPrivateKey, ...]:
    """Four keys, made once in a process."""
    return tuple(
        rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(4)
    )


def with_keys_of_a_ring(home: Home) -> Home:
    """The same box; its chips and seals take their keys from a ring."""
    next_key = partial(next, cycle(ring()))
    cards = CardFiles(
        home.path,
        key=home.box.vault.secret("cards"),
        random=home.box.random,
        make_key=next_key,
    )
    box = replace(home.box, cards=cards, fresh_key=next_key)
    return replace(home, box=box, cards=cards)
