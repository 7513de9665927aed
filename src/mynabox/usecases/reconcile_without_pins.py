"""What ``db check`` compares about cards without PINs (R081)."""

from collections.abc import Iterator, Sequence

from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.card_note import NoteKind
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.journal import Row
from mynabox.ports import Box, Damaged, Work
from mynabox.terminal.card_record import COMMON_AID, JUKI_AID, JukiPinSession
from mynabox.terminal.connection import CardRemoved, Connection
from mynabox.terminal.errors import CardError
from mynabox.terminal.input_support import InputSupportSession
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.findings import Finding

_TELLING = {
    "hand_over": None,
    "card_received": False,
    "give_up_pins": True,
    "take_up_pins": False,
}
"""Whether a card is one without PINs after an action; None: its facts say so."""


def without_pins_findings(
    card: Card,
    certificates: Sequence[Certificate],
    rows: Sequence[Row],
    work: Work,
    box: Box,
) -> Iterator[Finding]:
    """Register, journal, face and chip must say the same: a card without PINs has no
    signature certificate, a line on its face, and nothing in its chip to be typed."""

    def finding(says: str) -> Finding:
        return Finding(code="without_pins", what=card.serial, says=says)

    mine = "is one without PINs" if card.without_pins else "is one with PINs"
    if _told(card, rows) is not card.without_pins:
        yield finding(f"{mine}, but the journal does not say so")
    if _written(card, work) is not card.without_pins:
        yield finding(f"{mine}, but its face does not say so")
    if not card.without_pins:
        return
    for certificate in certificates:
        if (
            certificate.kind is CertificateKind.SIGNATURE
            and certificate.state is not CertificateState.REVOKED
        ):
            yield finding(f"{mine}, but cert-{certificate.serial} is not revoked")
    if card.state is CardState.ACTIVE:
        for what in _in_chip(card, box):
            yield finding(f"{mine}, but its chip has {what}")


def _told(card: Card, rows: Sequence[Row]) -> bool:
    """What the journal said last. A hand-over names the older card behind the new one:
    only rows that are about this card before others count."""
    said = False
    for row in rows:
        entry = row.entry
        if entry.action in _TELLING and entry.subjects[1:2] == (card.serial,):
            known = _TELLING[entry.action]
            said = entry.facts.get("without_pins") == "yes" if known is None else known
    return said


def _written(card: Card, work: Work) -> bool:
    kinds = [
        note.kind
        for note in work.card_notes.of(card.serial)
        if note.kind in (NoteKind.WITHOUT_PINS, NoteKind.WITH_PINS)
    ]
    return kinds[-1:] == [NoteKind.WITHOUT_PINS]


def _in_chip(card: Card, box: Box) -> list[str]:
    """What should not be there. A chip that cannot be asked is told elsewhere."""
    try:
        connection = box.cards.connect(card.serial)
        try:
            return list(_found(connection))
        finally:
            connection.close()
    except (Damaged, KeyError, CardError, CardRemoved):
        return []


def _found(connection: Connection) -> Iterator[str]:
    session = JpkiSession(connection)
    if session.has_certificate(Kind.SIGNATURE):
        yield "a signature certificate"
    for kind in Kind:
        if session.tries_left(kind):
            yield f"a PIN for {kind.value}"
    for aid in (COMMON_AID, JUKI_AID):
        if JukiPinSession(connection, aid).tries_left():
            yield "a juki PIN"
    if InputSupportSession(connection).tries_left():
        yield "a PIN for input_support"
