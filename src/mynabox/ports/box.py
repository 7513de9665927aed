"""A box: one transaction's repositories, the store, and everything together."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from mynabox.lifecycle.appointment import Appointment
from mynabox.lifecycle.batch import BatchItem
from mynabox.lifecycle.card_request import CardRequest
from mynabox.lifecycle.delivery import Delivery
from mynabox.lifecycle.fee import Fee
from mynabox.lifecycle.inquiry import Inquiry
from mynabox.lifecycle.loss import Loss
from mynabox.lifecycle.store_reset import StoreReset
from mynabox.ports.authority import Approvals, Passkeys, Sessions, StaffAccounts
from mynabox.ports.due import DueWork
from mynabox.ports.kept import Kept
from mynabox.ports.moving import CardNotes, Moves
from mynabox.ports.once import KeptAnswers
from mynabox.ports.records import (
    Applications,
    Certificates,
    Forms,
    IssuedCards,
    Journal,
    Notices,
    Numbers,
    Outbox,
    Residents,
    StatusLists,
)
from mynabox.ports.relying import Consents, KnownUsers, Logins, Verifiers
from mynabox.ports.world import (
    CardStock,
    Clock,
    FreshKeys,
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
    def forms(self) -> Forms: ...
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
    def moves(self) -> Moves: ...
    @property
    def card_notes(self) -> CardNotes: ...
    @property
    def staff(self) -> StaffAccounts: ...
    @property
    def passkeys(self) -> Passkeys: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def answers(self) -> KeptAnswers: ...
    @property
    def verifiers(self) -> Verifiers: ...
    @property
    def logins(self) -> Logins: ...
    @property
    def users(self) -> KnownUsers: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def deliveries(self) -> Kept[Delivery]: ...
    @property
    def appointments(self) -> Kept[Appointment]: ...
    @property
    def losses(self) -> Kept[Loss]: ...
    @property
    def card_requests(self) -> Kept[CardRequest]: ...
    @property
    def fees(self) -> Kept[Fee]: ...
    @property
    def inquiries(self) -> Kept[Inquiry]: ...
    @property
    def store_resets(self) -> Kept[StoreReset]: ...
    @property
    def batch_items(self) -> Kept[BatchItem]: ...


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

    def held(self) -> AbstractContextManager[None]:
        """Within the block, a transaction of this thread is committed only when the
        next one begins, the last one when the block ends: so what is said of it can
        be written down in it (:meth:`last`). If the block raises, the last one is
        undone; ``look()`` sees it as done."""
        ...

    def last(self) -> AbstractContextManager[Work]:
        """Within :meth:`held`: the transaction that is still open, or a new one."""
        ...

    @property
    def holding(self) -> bool:
        """Whether this thread has done something that is not durable yet."""
        ...

    def claim(self, name: str) -> AbstractContextManager[bool]:
        """Have a name (hexadecimal digits) to oneself within the block, among all
        processes of the box; False, at once, if somebody else has it. It is given
        back when the block ends or the process dies."""
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
    ``answer_hours``  how long an answer under an idempotency key is kept for whoever
                      repeats the request
    """

    address: str
    with_uri: bool = False
    production_shape: bool = False
    next_card: bool = False
    status_mode: Literal["prompt", "immediate", "grid"] = "prompt"
    authority: Literal["open", "required"] = "open"
    answer_hours: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Everything a use case may touch."""

    store: Store
    clock: Clock
    random: Random
    signer: Signer
    fresh_key: FreshKeys
    vault: Vault
    post: Post
    mail: Mail
    cards: CardStock
    site: Site


Progress = Callable[[int, int], None]
"""Told (done, of all) as a long piece of work goes on."""
