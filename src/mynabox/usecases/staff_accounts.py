"""Accounts: opened, given a password or a token, ended."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from mynabox.law.municipality import UnknownMunicipality
from mynabox.law.municipality import municipality as known_place
from mynabox.lifecycle.identity import ID_BYTES, link_hash, make_id
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.staff import (
    NAME,
    Role,
    SessionKind,
    Staff,
    StaffEvent,
    StaffState,
)
from mynabox.ports import Box, Missing, Work
from mynabox.usecases.acting import of_staff
from mynabox.usecases.passwords import SALT_BYTES, demand_password, hashed
from mynabox.usecases.sign_in import SignedIn, begin, staff_entry


def add_staff(
    name: str,
    roles: Collection[Role],
    box: Box,
    *,
    municipality: str | None = None,
    password: str = "",
    actor: str = "operator",
) -> Staff:
    """Open an account. Without a password it can only use tokens and passkeys."""
    if not NAME.fullmatch(name):
        raise Refused("authority.account_name")
    if not roles:
        raise Refused("authority.no_role")
    if municipality is not None:
        try:
            known_place(municipality)
        except UnknownMunicipality:
            raise Refused(
                "register.municipality_unknown", municipality=municipality[:20]
            ) from None
    if password:
        demand_password(password)
    at = box.clock.now()
    staff = Staff(
        id=make_id("stf", box.random(ID_BYTES)),
        name=name,
        roles=frozenset(roles),
        municipality=municipality,
        created=at,
        password=hashed(password, salt=box.random(SALT_BYTES)) if password else "",
    )
    with box.store.work() as work:
        if work.staff.by_name(name) is not None:
            raise Refused("authority.account_taken", name=name)
        work.staff.add(staff)
        work.journal.write(
            staff_entry(
                staff,
                "staff_add",
                at=at,
                actor=actor,
                roles=" ".join(sorted(role.value for role in staff.roles)),
            )
        )
    return staff


def set_password(
    name: str, password: str, box: Box, *, actor: str = "operator"
) -> Staff:
    """Give an account a (new) password, with which nobody has to wait. Everything that
    was open to it is ended."""
    demand_password(password)
    at = box.clock.now()
    kept = hashed(password, salt=box.random(SALT_BYTES))
    with box.store.work() as work:
        staff = _named(name, work).after(StaffEvent.PASSWORD_SET)
        staff = replace(staff, password=kept, failures=0)
        work.staff.save(staff)
        work.staff.forgive(link_hash(name))
        work.sessions.end_all(staff.id, at=at)
        work.journal.write(staff_entry(staff, "staff_password", at=at, actor=actor))
    return staff


def end_staff(name: str, box: Box, *, actor: str = "operator") -> Staff:
    """End an account and everything that is open to it; its name stays taken."""
    at = box.clock.now()
    with box.store.work() as work:
        staff = _named(name, work).after(StaffEvent.ENDED)
        staff = replace(staff, password="")
        work.staff.save(staff)
        work.sessions.end_all(staff.id, at=at)
        work.journal.write(staff_entry(staff, "staff_end", at=at, actor=actor))
    return staff


def give_token(
    name: str, label: str, box: Box, *, days: int | None = None, actor: str = "operator"
) -> SignedIn:
    """A bearer token with which a program acts as this account."""
    at = box.clock.now()
    longest = limits().token_days
    if days is not None and not 1 <= days <= longest:
        raise Refused("authority.token_days", longest=str(longest))
    with box.store.work() as work:
        staff = _named(name, work)
        if staff.state is not StaffState.ACTIVE:
            raise Refused("authority.account_not_active", state=staff.state.value)
        given = begin(
            SessionKind.TOKEN,
            staff.id,
            of_staff(staff),
            work,
            box,
            at=at,
            until=at + timedelta(days=days or longest),
            label=label,
        )
        work.journal.write(
            staff_entry(staff, "staff_token", at=at, actor=actor, label=label)
        )
    return given


def list_staff(box: Box) -> tuple[tuple[Staff, int], ...]:
    """Every account by name, with how many sessions and tokens are open to it."""
    at = box.clock.now()
    with box.store.look() as work:
        return tuple(
            (staff, sum(one.open_at(at) for one in work.sessions.of(staff.id)))
            for staff in work.staff.list()
        )


def _named(name: str, work: Work) -> Staff:
    staff = work.staff.by_name(name)
    if staff is None:
        raise Missing("account", name[:40])
    return staff
