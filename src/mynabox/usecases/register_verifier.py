"""A verifier is registered, gets another key, is ended, and is counted when it calls."""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from mynabox.lifecycle.identity import ID_BYTES, link_hash, make_id
from mynabox.lifecycle.journal import NATIONWIDE, Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.verifier import (
    LONGEST_PURPOSE,
    MOST_ORIGINS,
    NAME,
    ORIGIN,
    Right,
    TooMany,
    Verifier,
    VerifierEvent,
)
from mynabox.ports import Box

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVerifier:
    """What a verifier says of itself.

    ``per_minute``  calls that it may make in a minute; None: as many as usual
    """

    name: str
    purpose: str
    origins: tuple[str, ...] = ()
    rights: frozenset[Right] = frozenset()
    per_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A registration with its key, which is told this once and not kept."""

    verifier: Verifier
    key: str = field(repr=False)


def register_verifier(
    said: RegisterVerifier, box: Box, *, actor: str = "operator"
) -> Registered:
    """Register a verifier; raises ``Refused``, or ``Duplicate`` for a known name."""
    per_minute = said.per_minute
    if per_minute is None:
        per_minute = limits().verifier_calls
    _demand_sound(said, per_minute)
    at = box.clock.now()
    key = _new_key(box)
    verifier = Verifier(
        id=make_id("ver", box.random(ID_BYTES)),
        name=said.name,
        purpose=said.purpose.strip(),
        origins=tuple(dict.fromkeys(said.origins)),
        rights=said.rights,
        per_minute=per_minute,
        created=at,
        key_hash=link_hash(key),
    )
    with box.store.work() as work:
        work.verifiers.add(verifier)
        work.journal.write(
            _entry(
                verifier,
                "register_verifier",
                at=at,
                actor=actor,
                rights=_words(verifier.rights),
                per_minute=str(per_minute),
            )
        )
    return Registered(verifier=verifier, key=key)


def renew_verifier_key(
    verifier: str, box: Box, *, actor: str = "operator"
) -> Registered:
    """Another API key; the one of before opens nothing any more."""
    at = box.clock.now()
    key = _new_key(box)
    with box.store.work() as work:
        renewed = work.verifiers.get(verifier).after(
            VerifierEvent.KEY_RENEWED, key_hash=link_hash(key)
        )
        work.verifiers.save(renewed)
        work.journal.write(_entry(renewed, "renew_verifier_key", at=at, actor=actor))
    return Registered(verifier=renewed, key=key)


def end_verifier(verifier: str, box: Box, *, actor: str = "operator") -> Verifier:
    """End a registration for good: its key opens nothing, its name stays taken."""
    at = box.clock.now()
    with box.store.work() as work:
        ended = work.verifiers.get(verifier).after(VerifierEvent.ENDED)
        work.verifiers.save(ended)
        work.journal.write(_entry(ended, "end_verifier", at=at, actor=actor))
    return ended


def list_verifiers(box: Box) -> tuple[Verifier, ...]:
    """Every registration, by name."""
    with box.store.look() as work:
        return tuple(work.verifiers.list())


def show_verifier(verifier: str, box: Box) -> Verifier:
    """The registration with this id or name; raises ``Missing``."""
    with box.store.look() as work:
        return work.verifiers.get(verifier)


def count_call(verifier: Verifier, box: Box) -> None:
    """Count a call; raises ``TooMany`` beyond what the verifier may make in a minute
    of the box's clock. Calls that are refused count as well."""
    at = box.clock.now()
    minute = at.replace(second=0, microsecond=0)
    with box.store.work() as work:
        calls = work.verifiers.count_call(verifier.id, minute=minute)
    if calls > verifier.per_minute:
        raise TooMany(
            "verifier.too_many", seconds=60 - at.second, most=verifier.per_minute
        )


def _demand_sound(said: RegisterVerifier, per_minute: int) -> None:
    if not NAME.fullmatch(said.name):
        raise Refused("verifier.particulars", what="name")
    if not 1 <= len(said.purpose.strip()) <= LONGEST_PURPOSE:
        raise Refused("verifier.particulars", what="purpose")
    if len(said.origins) > MOST_ORIGINS or not all(
        ORIGIN.fullmatch(origin) for origin in said.origins
    ):
        raise Refused("verifier.particulars", what="origin")
    if not said.rights:
        raise Refused("verifier.particulars", what="right")
    if not 1 <= per_minute <= limits().verifier_calls_most:
        raise Refused("verifier.particulars", what="per_minute")


def _new_key(box: Box) -> str:
    return urlsafe_b64encode(box.random(_KEY_BYTES)).decode("ascii").rstrip("=")


def _entry(
    verifier: Verifier, action: str, *, at: datetime, actor: str, **facts: str
) -> Entry:
    return Entry(
        municipality=NATIONWIDE,
        at=at,
        actor=actor,
        action=action,
        subjects=(verifier.id,),
        facts={"name": verifier.name, **facts},
    )


def _words(rights: Collection[Right]) -> str:
    return " ".join(right.value for right in Right if right in rights)
