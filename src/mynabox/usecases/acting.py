"""Who acts: their permission is asked for here, and their name goes into the journal.

A surface finds out who asks (:mod:`mynabox.usecases.sign_in`), says what they want to
do by its name in the table of permissions, and uses the box that :func:`acting_in`
gives: every journal row written through it bears the actor's name, and a row of
another municipality than the actor's own is refused with everything it belongs to.
Use cases need to know nothing of this.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from mynabox.lifecycle.journal import NATIONWIDE, Entry, Row
from mynabox.lifecycle.permission import Permission, permission
from mynabox.lifecycle.staff import NotPermitted, NotSignedIn, Role, Staff
from mynabox.lifecycle.verifier import Right, Verifier
from mynabox.ports import Box, Journal, Store, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts.

    ``name``          what the journal calls them: ``staff:hanako``,
                      ``resident:res-…``, or a channel without accounts: ``api``
    ``roles``         what they are there for
    ``municipality``  within which register; None: everywhere
    ``staff``         id of their account, if they have one
    ``resident``      who they are, if they are a resident
    ``verifier``      the registration they act under, if they rely on certificates
    """

    name: str
    roles: frozenset[Role] = frozenset()
    municipality: str | None = None
    staff: str | None = None
    resident: str | None = None
    verifier: Verifier | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Whoever asks, and the box in their hands.

    ``secret``  the token they came with
    """

    actor: Actor
    box: Box
    secret: str | None = None

    @property
    def verifier(self) -> Verifier:
        """The verifier who asks, where the table lets nobody else ask."""
        if self.actor.verifier is None:
            raise NotSignedIn("verifier.key_needed")
        return self.actor.verifier

    def within(self, municipality: str | None) -> str | None:
        """The municipality to which a list is narrowed: the one asked for, or the
        actor's own; raises ``NotPermitted`` for another's."""
        own = self.actor.municipality
        if own is not None and municipality not in (None, own):
            raise NotPermitted(
                "authority.other_municipality", municipality=municipality or ""
            )
        return municipality if own is None else own


def channel(name: str) -> Actor:
    """Whoever reaches a box that asks for no account: may do everything, unnamed."""
    return Actor(name=name, roles=frozenset(Role))


def nobody(name: str) -> Actor:
    """Whoever has not said who they are to a box that wants to know."""
    return Actor(name=name)


def of_staff(staff: Staff) -> Actor:
    """The holder of an account."""
    return Actor(
        name=staff.actor,
        roles=staff.roles,
        municipality=staff.municipality,
        staff=staff.id,
    )


def of_verifier(verifier: Verifier) -> Actor:
    """One who relies on certificates."""
    return Actor(name=verifier.actor, verifier=verifier)


def permit(
    actor: Actor,
    action: str,
    *,
    municipality: str | None = None,
    resident: str | None = None,
) -> None:
    """Raise ``NotSignedIn`` or ``NotPermitted`` unless the actor may do it.

    ``municipality``  of the person whom it is about, where that is known already
    ``resident``      the person themselves: a resident may do only what is their own
    """
    rule = permission(action)
    if rule.anyone:
        return
    if rule.verifier:
        _demand_verifier(actor, rule)
        return
    if actor.resident is not None and rule.resident:
        if actor.resident != resident:
            raise NotPermitted("authority.not_yours")
        return
    if not actor.roles & rule.roles:
        if actor.staff is None and actor.resident is None and actor.verifier is None:
            raise NotSignedIn("authority.sign_in_first")
        raise NotPermitted(
            "authority.not_your_task", action=action, roles=_words(rule.roles)
        )
    if municipality is not None and not _within(actor, municipality, rule):
        raise NotPermitted("authority.other_municipality", municipality=municipality)


def _demand_verifier(actor: Actor, rule: Permission) -> None:
    """A verifier with one of the rights; in an open box nobody else, either."""
    if actor.verifier is None:
        if actor.staff is None and actor.resident is None:
            raise NotSignedIn("verifier.key_needed")
        raise NotPermitted("verifier.key_needed")
    if rule.rights and not actor.verifier.rights & rule.rights:
        wanted = ", ".join(right.value for right in Right if right in rule.rights)
        raise NotPermitted("verifier.right_missing", right=wanted)


def named_staff(actor: Actor) -> str:
    """The id of the actor's account; raises ``NotSignedIn`` without one: some things
    are done by a person whom others can hold to it, even in a box without accounts."""
    if actor.staff is None:
        raise NotSignedIn("authority.named_staff_only")
    return actor.staff


def acting_in(
    box: Box,
    actor: Actor,
    action: str | None = None,
    *,
    also: Collection[str] = (),
) -> Box:
    """The box in this actor's hands.

    ``also``  further municipalities whose chains they may write in, because what they
              act on is their own municipality's but was begun there (a card)
    """
    if actor.municipality is None or (
        action is not None and permission(action).elsewhere
    ):
        chains = None
    else:
        chains = frozenset((actor.municipality, NATIONWIDE, *also))
    return replace(box, store=_ActingStore(box.store, actor, chains))


def _within(actor: Actor, municipality: str, rule: Permission) -> bool:
    return (
        actor.municipality is None
        or rule.elsewhere
        or municipality == actor.municipality
    )


def _words(roles: frozenset[Role]) -> str:
    return ", ".join(role.value for role in Role if role in roles)


@dataclass(frozen=True, slots=True)
class _ActingStore:
    store: Store
    actor: Actor
    chains: frozenset[str] | None

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            journal = _ActingJournal(work.journal, self.actor, self.chains)
            yield cast(Work, _ActingWork(work, journal))

    @contextmanager
    def last(self) -> Iterator[Work]:
        with self.store.last() as work:
            journal = _ActingJournal(work.journal, self.actor, self.chains)
            yield cast(Work, _ActingWork(work, journal))

    def look(self) -> AbstractContextManager[Work]:
        return self.store.look()

    def held(self) -> AbstractContextManager[None]:
        return self.store.held()

    @property
    def holding(self) -> bool:
        return self.store.holding

    def claim(self, name: str) -> AbstractContextManager[bool]:
        return self.store.claim(name)


class _ActingWork:
    """All of a transaction's repositories, and the actor's journal."""

    def __init__(self, work: Work, journal: "_ActingJournal") -> None:
        self._work = work
        self.journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)


class _ActingJournal:
    """A journal in which one actor writes."""

    def __init__(
        self, journal: Journal, actor: Actor, chains: frozenset[str] | None
    ) -> None:
        self._journal = journal
        self._actor = actor
        self._chains = chains

    def write(self, entry: Entry) -> Row:
        return self._journal.write(self._mine(entry))

    def write_all(self, entries: Sequence[Entry]) -> Sequence[Row]:
        return self._journal.write_all([self._mine(entry) for entry in entries])

    def _mine(self, entry: Entry) -> Entry:
        if self._chains is not None and entry.municipality not in self._chains:
            raise NotPermitted(
                "authority.other_municipality", municipality=entry.municipality
            )
        return replace(entry, actor=self._actor.name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)
