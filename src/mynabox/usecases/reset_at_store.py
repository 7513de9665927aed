"""A forgotten secret is set anew with the app and at a convenience store (R077, R078).

In the app the holder types the other secret and shows their face; within the hours
allowed they lay the card on a terminal in a store, type the other secret once more and
choose the new one. Nobody at the municipality takes part, and so only who may set the
own PINs can do it (R136).
"""

from dataclasses import dataclass
from datetime import datetime

from mynabox.law.book import words
from mynabox.law.kiosks import kiosk_open
from mynabox.law.pins import PinKind, pin_form, pin_reset
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.identity import ID_BYTES, make_id
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.secret import Pin
from mynabox.lifecycle.store_reset import (
    StoreReset,
    StoreResetEvent,
    StoreResetState,
)
from mynabox.ports import Box, Work
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.chip import set_pins
from mynabox.usecases.endings import live_kinds
from mynabox.usecases.representatives import demand_represented
from mynabox.usecases.verdict import demand
from mynabox.usecases.without_pins import demand_pins

_OTHER: dict[str, Kind] = {
    "signature": Kind.AUTHENTICATION,
    "authentication": Kind.SIGNATURE,
}
"""Which secret shows who somebody is that forgot the other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveReset:
    """What happens in the app.

    ``kind``        the secret that was forgotten
    ``other``       the other one, as the holder types it
    ``same_face``   whether the app found the face to be that on the card
    """

    serial: str
    kind: PinKind
    other: Pin
    same_face: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAtStore:
    """What happens at the terminal; ``store`` in the rulebook's words."""

    serial: str
    kind: PinKind
    other: Pin
    new: Pin
    store: str


def reserve_reset(ask: ReserveReset, box: Box, *, actor: str = "app") -> StoreReset:
    """Note that the app checked who asks; asked again, the hours begin anew.

    ``WrongPin``, ``PinLocked`` and ``LastTry`` come through from the terminal.
    """
    at = box.clock.now()
    demand(pin_reset(ask.kind, "store", at))
    if not ask.same_face:
        raise Refused("pin_reset.other_face", rules=("R077",))
    with box.store.look() as work:
        _check(work, work.cards.get(ask.serial), ask.kind, at=at)
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        _check(work, card, ask.kind, at=at)
        _typed(card.serial, ask.kind, ask.other, box)
        replaced = _reserved(work, card, ask.kind)
        for former in replaced:
            work.store_resets.save(former.after(StoreResetEvent.REPLACED, at=at))
        reserved = StoreReset(
            id=make_id("rst", box.random(ID_BYTES)),
            card=card.serial,
            resident=card.resident,
            municipality=card.municipality,
            kind=ask.kind,
            app_done=at,
            since=at,
        )
        work.store_resets.add(reserved)
        about = (reserved, *replaced)
        _write(work, "reserve_reset", about, actor, {"kind": ask.kind}, at=at)
    return reserved


def reset_at_store(ask: ResetAtStore, box: Box, *, actor: str = "store") -> StoreReset:
    """Set the new secret, with all its tries; the reservation is used up."""
    at = box.clock.now()
    chains = words("pins", "store_chains").only
    if ask.store not in chains.value:
        raise Refused(
            "pin_reset.not_this_store", rules=("R077",), stores=", ".join(chains.value)
        )
    if not kiosk_open(at).value:
        raise Refused("pin_reset.store_closed", rules=("R220",))
    demand(pin_form(kind=ask.kind, value=ask.new.characters))
    with box.store.work() as work:
        card = work.cards.get(ask.serial)
        _check(work, card, ask.kind, at=at)
        reserved = next(iter(_reserved(work, card, ask.kind)), None)
        demand(
            pin_reset(
                ask.kind, "store", at, app_done=reserved.app_done if reserved else None
            )
        )
        if reserved is None:
            raise Refused("pin_reset.app_missing", rules=("R077",))
        _typed(card.serial, ask.kind, ask.other, box)
        set_pins(card.serial, {ask.kind: ask.new}, box)
        done = reserved.after(StoreResetEvent.DONE, at=at)
        work.store_resets.save(done)
        facts = {"kind": ask.kind, "store": ask.store}
        _write(work, "reset_at_store", (done,), actor, facts, at=at)
    return done


def _reserved(work: Work, card: Card, kind: str) -> tuple[StoreReset, ...]:
    return tuple(
        work.store_resets.which(
            card=card.serial, kind=kind, state=StoreResetState.RESERVED
        )
    )


def _check(work: Work, card: Card, kind: str, *, at: datetime) -> None:
    demand_represented(work.residents.get(card.resident), None, on=at.date())
    if card.state is not CardState.ACTIVE:
        raise Refused("card.not_possible_now", rules=("R077",), state=card.state.value)
    if card.over_on(at.date()):
        raise Refused(
            "card.expired", rules=("R094", "R097"), expires=card.expires.isoformat()
        )
    demand_pins(card, "store_reset")
    if not {kind, _OTHER[kind].value} <= live_kinds(work, card, at=at):
        raise Refused(
            "certificate.not_possible_now", rules=("R077", "R078"), state="revoked"
        )


def _typed(serial: str, kind: str, other: Pin, box: Box) -> None:
    """Have the chip check the other secret."""
    connection = box.cards.connect(serial)
    try:
        JpkiSession(connection).verify(_OTHER[kind], other.characters)
    finally:
        connection.close()


def _write(
    work: Work,
    action: str,
    about: tuple[StoreReset, ...],
    actor: str,
    facts: dict[str, str],
    *,
    at: datetime,
) -> None:
    work.journal.write(
        Entry(
            municipality=about[0].municipality,
            at=at,
            actor=actor,
            action=action,
            subjects=(about[0].resident, about[0].card, *(one.id for one in about)),
            facts=facts,
        )
    )
