"""Who may do what: the table ``permissions.toml``, and the limits beside it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mynabox.lifecycle.staff import Role
from mynabox.lifecycle.verifier import Right

ANYONE, RESIDENT, VERIFIER = "anyone", "resident", "verifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who may do one thing.

    ``roles``      staff with one of these roles
    ``anyone``     also people without an account: applicants, programs that read rules
    ``resident``   also residents who proved who they are, for themselves
    ``elsewhere``  also for people of municipalities that are not one's own
    ``verifier``   registered verifiers, and nobody without an API key
    ``rights``     of which a verifier must have one; empty: any verifier
    """

    roles: frozenset[Role]
    anyone: bool = False
    resident: bool = False
    elsewhere: bool = False
    verifier: bool = False
    rights: frozenset[Right] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long things last, and how often one may fail."""

    password_failures: int
    sign_in_wait_seconds: int
    sign_in_wait_longest_seconds: int
    sign_in_tries_hours: int
    sign_in_address_days: int
    password_shortest: int
    password_longest: int
    session_hours: int
    resident_session_minutes: int
    token_days: int
    challenge_minutes: int
    approval_days: int
    verifier_calls: int
    verifier_calls_most: int


class NoSuchAction(Exception):
    """A thing that nobody wrote into the table: nobody may do it."""


@cache
def permissions() -> Mapping[str, Permission]:
    """Every action with who may do it."""
    return MappingProxyType(
        {name: _permission(name, said) for name, said in _table("actions").items()}
    )


def permission(action: str) -> Permission:
    """Who may do this; raises :class:`NoSuchAction`."""
    try:
        return permissions()[action]
    except KeyError:
        raise NoSuchAction(
            f"{action} is not in permissions.toml: say there who may do it"
        ) from None


@cache
def limits() -> Limits:
    """The limits of sessions, passwords and approvals."""
    return Limits(**_table("limits"))


@cache
def revocation_grounds() -> Mapping[str, str]:
    """Grounds on which certificates are revoked without their holder's wish, each
    with its event of the rulebook."""
    return MappingProxyType(_table("revocation_grounds"))


@cache
def looks() -> Mapping[str, str]:
    """Journal actions in which somebody saw a number, each with its purpose."""
    return MappingProxyType(_table("looks"))


@cache
def own_purposes() -> Mapping[str, str]:
    """Duties of the office itself that need numbers."""
    return MappingProxyType(_table("own_purposes"))


def _permission(name: str, said: Any) -> Permission:
    words = set(said["by"].split())
    unknown = set(said) - {"by", "elsewhere", "right"} | words - {
        *Role,
        ANYONE,
        RESIDENT,
        VERIFIER,
    }
    if unknown or not words:
        raise ValueError(f"permissions.toml, {name}: {sorted(unknown) or 'nobody'}")
    return Permission(
        roles=frozenset(Role(word) for word in words - {ANYONE, RESIDENT, VERIFIER}),
        anyone=ANYONE in words,
        resident=RESIDENT in words,
        elsewhere=bool(said.get("elsewhere", False)),
        verifier=VERIFIER in words,
        rights=frozenset(Right(word) for word in said.get("right", "").split()),
    )


def _table(name: str) -> dict[str, Any]:
    text = (files("mynabox.lifecycle") / "permissions.toml").read_text("utf-8")
    found = tomllib.loads(text)[name]
    assert isinstance(found, dict)
    return found
