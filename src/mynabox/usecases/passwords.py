"""Passwords as argon2id hashes (RFC 9106), at costs that many may pay at once: a box
that is asked to check forty passwords in the same moment needs 760 MiB for it."""

from argon2 import Type
from argon2.exceptions import Argon2Error
from argon2.low_level import hash_secret, verify_secret

from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits

SALT_BYTES = 16
_TIME_COST, _MEMORY_KIB, _LANES, _HASH_BYTES = 2, 19456, 1, 32

NOBODYS = hash_secret(
    b"-", bytes(SALT_BYTES), _TIME_COST, _MEMORY_KIB, _LANES, _HASH_BYTES, Type.ID
).decode("ascii")
"""Opens to nothing that anybody may choose: checked where there is no account, so that
a name that does not exist takes as long as a wrong password."""


def demand_password(password: str) -> None:
    """Raise ``Refused`` for a password that is too short or too long."""
    bounds = limits()
    if not bounds.password_shortest <= len(password) <= bounds.password_longest:
        raise Refused(
            "authority.password_length",
            shortest=str(bounds.password_shortest),
            longest=str(bounds.password_longest),
        )


def hashed(password: str, *, salt: bytes) -> str:
    """The hash to keep, with its salt and its costs."""
    return hash_secret(
        password.encode(errors="surrogatepass"),
        salt,
        _TIME_COST,
        _MEMORY_KIB,
        _LANES,
        _HASH_BYTES,
        Type.ID,
    ).decode("ascii")


def opens(password: str, kept: str) -> bool:
    """Whether this is the password of that hash."""
    try:
        return verify_secret(
            (kept or NOBODYS).encode("ascii"),
            password.encode(errors="surrogatepass"),
            Type.ID,
        )
    except Argon2Error:
        return False
