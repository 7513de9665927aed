"""Prove that register, cards, certificates, chips, papers and journal tell one story
(``db check``).

Every place is asked on its own and compared with what the others say of the same
thing. Nothing is changed: what does not fit is named, and a person decides.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.certificate import (
    Certificate,
    CertificateKind,
    CertificateState,
)
from mynabox.lifecycle.journal import Row
from mynabox.lifecycle.outgoing import Carrier
from mynabox.lifecycle.resident import Resident, ResidentState
from mynabox.ports import Box, Damaged, Missing, Work
from mynabox.terminal.card_record import CardRecord, read_card_record
from mynabox.terminal.connection import CardRemoved, Connection
from mynabox.terminal.errors import ApplicationMissing, CardError, PinRequired
from mynabox.terminal.jpki import JpkiSession, Kind
from mynabox.usecases.findings import Finding
from mynabox.usecases.reconcile_applying import applying_findings
from mynabox.usecases.reconcile_procedures import batch_findings, procedure_findings
from mynabox.usecases.reconcile_register import card_findings, register_findings
from mynabox.usecases.reconcile_relying import relying_findings
from mynabox.usecases.reconcile_waiting import (
    hours_findings,
    request_findings,
    waiting_findings,
)
from mynabox.usecases.reconcile_without_pins import without_pins_findings
from mynabox.usecases.show import all_residents, verify_journal
from mynabox.usecases.verify_authorities import verify_authorities

_EVERYTHING = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """How much was looked at, and everything that does not fit."""

    residents: int
    cards: int
    certificates: int
    letters: int
    findings: tuple[Finding, ...]


_CARD_AFTER: Mapping[str, frozenset[CardState]] = {
    "produce_card": frozenset({CardState.PRODUCED}),
    "hand_over": frozenset({CardState.ACTIVE, CardState.VOID}),
    "card_received": frozenset({CardState.ACTIVE, CardState.VOID}),
    "card_received_late": frozenset({CardState.VOID}),
    "report_lost": frozenset({CardState.SUSPENDED}),
    "report_found": frozenset({CardState.ACTIVE}),
    "discard_card": frozenset({CardState.VOID}),
    "leave_register": frozenset({CardState.VOID, CardState.ACTIVE}),
    "move_missed": frozenset({CardState.VOID}),
    "take_over_card": frozenset({CardState.ACTIVE}),
    "update_card": frozenset({CardState.ACTIVE}),
    "extend_card": frozenset({CardState.ACTIVE}),
    "extend_specially": frozenset({CardState.ACTIVE}),
    "give_up_pins": frozenset({CardState.ACTIVE}),
    "take_up_pins": frozenset({CardState.ACTIVE}),
}
"""What a card can be after an action about it; the card that a hand-over replaces is
void. Actions that are not here say nothing about the state."""

_NUMBERING = {"assign_number", "change_number"}
"""Actions that give a person a number."""

_ALLOWED: Mapping[CardState, frozenset[CertificateState]] = {
    CardState.PRODUCED: frozenset({CertificateState.ISSUED, CertificateState.REVOKED}),
    CardState.ACTIVE: frozenset(
        {CertificateState.ACTIVE, CertificateState.ON_HOLD, CertificateState.REVOKED}
    ),
    CardState.SUSPENDED: frozenset(
        {CertificateState.ON_HOLD, CertificateState.REVOKED}
    ),
    CardState.VOID: frozenset({CertificateState.REVOKED}),
}
"""What certificates of a card in a state can be."""


def reconcile(box: Box, *, seen: Callable[[], object] | None = None) -> Reconciled:
    """Compare everything with everything; ``seen`` is called after each person.

    Raises ``KeysUnavailable`` if the authorities' keys cannot be asked.
    """
    findings: list[Finding] = [
        Finding(
            code="journal",
            what=f"{damage.municipality}/{damage.sequence}",
            says=f"the journal's row {damage.what}",
        )
        for damage in verify_journal(box)
    ]
    verified = verify_authorities(box)
    findings += [
        Finding(
            code="certificate",
            what=mismatch.what,
            says=f"does not belong to its authority: {mismatch.code}",
        )
        for mismatch in verified.mismatches
    ]
    findings += _lists(box)
    residents = cards = 0
    chips = set(box.cards.serials())
    with box.store.look() as work:
        written_to = {
            waiting.to
            for waiting in work.outbox.waiting(limit=_EVERYTHING)
            if waiting.carrier is Carrier.CHIP
        }
    for person in all_residents(box):
        residents += 1
        with box.store.look() as work:
            findings += _person(person, work)
            findings += applying_findings(person, work)
            findings += request_findings(person.id, work)
            findings += procedure_findings(person.id, work)
            for card in work.cards.of(person.id):
                cards += 1
                certificates = tuple(work.certificates.of_card(card.serial))
                rows = tuple(work.journal.about(card.serial))
                findings += _card(card, person, certificates, rows)
                findings += waiting_findings(card, work)
                findings += card_findings(card, person, work)
                findings += without_pins_findings(card, certificates, rows, work, box)
                findings += _chip(
                    card,
                    certificates,
                    box,
                    seal=card.municipality[:5],
                    known=card.serial in chips,
                    written_to=card.serial in written_to,
                )
                chips.discard(card.serial)
        if seen is not None:
            seen()
    findings += [
        Finding(
            code="chip_without_card",
            what=serial,
            says="there is a chip, but the register has no such card",
        )
        for serial in sorted(chips)
    ]
    letters, about_letters = _letters(box)
    findings += about_letters
    findings += _tray(box)
    findings += relying_findings(box)
    findings += hours_findings(box)
    findings += batch_findings(box)
    return Reconciled(
        residents=residents,
        cards=cards,
        certificates=verified.certificates,
        letters=letters,
        findings=tuple(findings),
    )


def _lists(box: Box) -> list[Finding]:
    """Entries that lie ready for the next list must say what the register says."""
    with box.store.look() as work:
        return [
            Finding(
                code="list_entry",
                what=f"cert-{serial}",
                says=f"the ready entries of {authority.name} do not say of it what the "
                f"register says: mynabox ca crl {authority.name} --anew",
            )
            for authority in work.statuses.authorities()
            for serial in work.statuses.misfits(authority.name)
        ]


def _person(person: Resident, work: Work) -> Iterator[Finding]:
    def finding(code: str, says: str) -> Finding:
        return Finding(code=code, what=person.id, says=says)

    rows = tuple(work.journal.about(person.id))
    actions = {row.entry.action for row in rows}
    if not rows:
        yield finding("unheard_of", "is in the register, but not in the journal")
    number = work.numbers.current(person.id)
    assigned = not actions.isdisjoint(_NUMBERING) or any(
        row.entry.facts.get("number") == "brought" for row in rows
    )
    if number is None and assigned:
        yield finding("number_lost", "was assigned a number and has none")
    if number is not None:
        if not assigned:
            yield finding("number_unsaid", "has a number that nobody assigned")
        owner = work.numbers.owner(number.number)
        if owner is None or owner.resident != person.id:
            yield finding("number_taken", "has a number that is somebody else's")
    yield from register_findings(person, work)


def _card(
    card: Card,
    person: Resident,
    certificates: tuple[Certificate, ...],
    rows: tuple[Row, ...],
) -> Iterator[Finding]:
    def finding(code: str, what: str, says: str) -> Finding:
        return Finding(code=code, what=what, says=says)

    if (
        card.state is not CardState.VOID
        and person.state is not ResidentState.REGISTERED
        and not _goes_on_abroad(card, person, rows)
    ):
        yield finding(
            "holder_gone",
            card.serial,
            f"is {card.state}, but its holder {person.id} is {person.state}",
        )
    actions = [row.entry.action for row in rows]
    if "produce_card" not in actions:
        yield finding("card_unsaid", card.serial, "nobody produced it")
    telling = [action for action in actions if action in _CARD_AFTER]
    if telling and card.state not in _after(telling[-1], actions):
        yield finding(
            "card_state",
            card.serial,
            f"is {card.state}, but the last that happened to it is {telling[-1]}",
        )
    if card.expires < card.issued:
        yield finding(
            "card_days", card.serial, f"ends {card.expires}, before {card.issued}"
        )
    for certificate in certificates:
        name = f"cert-{certificate.serial}"
        said = [row for row in rows if name in row.entry.subjects]
        if not said:
            yield finding("certificate_unsaid", name, "nobody issued it")
        elif certificate.stopped is not None and len(said) < 2:
            yield finding("stop_unsaid", name, "is stopped, and nobody stopped it")
        if certificate.state not in _ALLOWED[card.state]:
            yield finding(
                "certificate_state",
                name,
                f"is {certificate.state} on a card that is {card.state}",
            )
        if certificate.resident != card.resident:
            yield finding(
                "strangers_certificate",
                name,
                f"is of {certificate.resident} on a card of {card.resident}",
            )


def _goes_on_abroad(card: Card, person: Resident, rows: tuple[Row, ...]) -> bool:
    """Whether the card is one that its holder took along (R154)."""
    left = [row for row in rows if row.entry.action == "leave_register"]
    return (
        person.state is ResidentState.ABROAD
        and bool(left)
        and left[-1].entry.facts.get("card") == "goes on"
    )


def _after(action: str, actions: list[str]) -> frozenset[CardState]:
    """What a card can be after an action, unless something this table does not know
    may have ended it since."""
    later = actions[len(actions) - actions[::-1].index(action) :]
    states = _CARD_AFTER[action]
    return states | {CardState.VOID} if later else states


def _chip(
    card: Card,
    certificates: tuple[Certificate, ...],
    box: Box,
    *,
    seal: str,
    known: bool,
    written_to: bool,
) -> Iterator[Finding]:
    """The chip must be there, be readable, and carry what the register says: the
    user-authentication certificate can be read without a PIN. While something is on
    its way into it (``written_to``) it need not carry that yet."""

    def finding(code: str, says: str) -> Finding:
        return Finding(code=code, what=card.serial, says=says)

    if not known:
        if card.state is not CardState.VOID:
            yield finding("chip_missing", "the register has it, but there is no chip")
        return
    mine = [one for one in certificates if one.kind is CertificateKind.AUTHENTICATION]
    try:
        connection = box.cards.connect(card.serial)
        try:
            session = JpkiSession(connection)
            there = session.has_certificate(Kind.AUTHENTICATION)
            carried = session.certificate(Kind.AUTHENTICATION) if there else b""
            record = _record(connection)
        finally:
            connection.close()
    except Damaged as damaged:
        yield finding("chip_damaged", str(damaged))
        return
    except PinRequired:
        return  # a telephone shows no certificate without a PIN
    except (CardError, CardRemoved) as silent:
        yield finding("chip_silent", f"does not answer ({type(silent).__name__})")
        return
    if record is not None and card.state is not CardState.VOID:
        wanted = (seal, f"{card.expires:%Y%m%d}")
        if (record.municipality, record.expiry) != wanted:
            yield finding(
                "chip_record",
                f"the chip is of {record.municipality} until {record.expiry}, the "
                f"register says {wanted[0]} until {wanted[1]}",
            )
    if mine and not written_to and carried != mine[-1].der:
        serial = mine[-1].serial
        yield finding(
            "chip_certificate",
            f"the chip does not carry the certificate {serial} of the register",
        )


def _record(connection: Connection) -> CardRecord | None:
    """The card's record, free to read; None on a telephone, which has none."""
    try:
        return read_card_record(connection)
    except ApplicationMissing:
        return None


def _letters(box: Box) -> tuple[int, list[Finding]]:
    found: list[Finding] = []
    with box.store.look() as work:
        sent = tuple(work.outbox.sent(carrier=Carrier.POST, limit=_EVERYTHING))
        waiting = {one.id for one in work.outbox.waiting(limit=_EVERYTHING)}
    known = set()
    for letter in sent:
        known.add(letter.id)
        try:
            content = box.post.read(letter.id)
        except Missing:
            found.append(
                Finding(
                    code="letter_missing",
                    what=letter.id,
                    says=f"a {letter.title} was posted and does not lie there",
                )
            )
            continue
        if letter.digest and sha256(content).hexdigest() != letter.digest:
            found.append(
                Finding(
                    code="letter_changed",
                    what=letter.id,
                    says=f"the {letter.title} is not the one that was posted",
                )
            )
    found += [
        Finding(
            code="letter_unsaid", what=stray, says="lies there, but nobody posted it"
        )
        for stray in box.post.ids()
        if stray not in known and stray not in waiting
    ]
    return len(sent), found


def _tray(box: Box) -> Iterator[Finding]:
    try:
        lying = box.cards.tray()
    except Damaged as damaged:
        yield Finding(code="tray_damaged", what="tray", says=str(damaged))
        return
    with box.store.look() as work:
        for slot, serial in enumerate(lying):
            if serial is None:
                continue
            try:
                work.cards.get(serial)
            except Missing:
                yield Finding(
                    code="strangers_card",
                    what=f"reader {slot}",
                    says=f"the card {serial} in it is not of this box",
                )
