"""A box: one transaction's repositories, the store, and everything together."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from mynabox.ports.authority import Approvals, Passkeys, Sessions, StaffAccounts
from mynabox.ports.due import DueWork
from mynabox.ports.records import (
    Applications,
    Certificates,
    IssuedCards,
    Journal,
    Notices,
    Numbers,
    Outbox,
    Residents,
    StatusLists,
)
from mynabox.ports.world import (
    CardStock,
    Clock,
    Mail,
    Post,
    Random,
    Signer,
    Vault,
)


class Work(Protocol):
    """One transaction: what is read in it is consistent, what is written in it
    happens whole or not at all."""

    @property
    def residents(self) -> Residents: ...
    @property
    def numbers(self) -> Numbers: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def applications(self) -> Applications: ...
    @property
    def cards(self) -> IssuedCards: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def statuses(self) -> StatusLists: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def due(self) -> DueWork: ...
    @property
    def staff(self) -> StaffAccounts: ...
    @property
    def passkeys(self) -> Passkeys: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def approvals(self) -> Approvals: ...


class Store(Protocol):
    """Where the box keeps what it knows."""

    def work(self) -> AbstractContextManager[Work]:
        """A writing transaction: committed and durable when the block ends,
        rolled back when it raises. Waits for its turn (one writer); raises ``Busy``
        if that takes too long."""
        ...

    def look(self) -> AbstractContextManager[Work]:
        """A reading transaction; writing in it is an error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a box tells others about itself.

    ``address``           base URL under which its pages and services are reached
    ``with_uri``          whether certificates carry HTTP pointers to CRL and OCSP
    ``production_shape``  whether they carry the genuine policy OIDs
    ``next_card``         whether CA generations made from now on, and certificates
                          under them, are those announced for the next card
    ``status_mode``       whether OCSP answers bear the times of the genuine service's
                          grid and tell stops at once (*prompt*), bear their own
                          second (*immediate*), or know only what had happened by the
                          last quarter of an hour (*grid*, as the genuine service)
    ``authority``         whether whoever reaches the box may do everything (*open*,
                          a sandbox), or must show who they are (*required*)
    """

    address: str
    with_uri: bool = False
    production_shape: bool = False
    next_card: bool = False
    status_mode: Literal["prompt", "immediate", "grid"] = "prompt"
    authority: Literal["open", "required"] = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Everything a use case may touch."""

    store: Store
    clock: Clock
    random: Random
    signer: Signer
    vault: Vault
    post: Post
    mail: Mail
    cards: CardStock
    site: Site


Progress = Callable[[int, int], None]
"""Told (done, of all) as a long piece of work goes on."""
