"""What a card looks like on both sides."""

from dataclasses import replace

from mynabox.law.validity import card_expiry
from mynabox.lifecycle.card import Card, CardState
from mynabox.lifecycle.card_note import CardNote, NoteKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import ResidenceStatus, Resident
from mynabox.lifecycle.secret import IndividualNumber
from mynabox.papers.face import CardBack, CardFace, card_back_png, card_front_png
from mynabox.ports import Box
from mynabox.usecases.card_writing import as_written
from mynabox.usecases.number_looks import look_at_number
from mynabox.usecases.printing import printing


def card_faces(
    card: Card, resident: Resident, number: IndividualNumber, photo: bytes | None
) -> tuple[bytes, bytes]:
    """Front and back as PNG (R268); raises ``Refused`` for what cannot be drawn."""
    return _front(card, resident, photo), _back(resident, number)


def show_front(serial: str, box: Box) -> bytes:
    """The front of a card of the register; raises ``Missing``."""
    with box.store.look() as work:
        card = work.cards.get(serial)
        printed = as_written(work, card, printed=True)
        photo = work.applications.get(card.application).photo
        notes = work.card_notes.of(serial)
        if any(note.kind in (NoteKind.STAY, NoteKind.SPECIAL) for note in notes):
            received = work.applications.get(card.application).received
            expires = card_expiry(
                born=printed.born,
                applied=card.issued if received is None else received.date(),
                issued=card.issued,
                residence_status=printed.residence_status.value,
                stay_until=printed.stay_until,
            ).value
            card = replace(card, expires=expires)
    return _front(card, printed, photo, notes=tuple(map(_line, notes)))


def show_back(
    serial: str, box: Box, *, requester: str, purpose: str, actor: str = "counter"
) -> bytes:
    """The back of a card, which shows the number (R261): wants a purpose, and the
    access log tells who looked. Refused for a card that bears a number of before
    (R003)."""
    with box.store.work() as work:
        card = work.cards.get(serial)
        resident = work.residents.get(card.resident)
        current = work.numbers.current(card.resident)
        if (
            current is not None
            and card.state is CardState.VOID
            and current.assigned >= card.since
        ):
            raise Refused("card.number_of_before", rules=("R003",))
        number = look_at_number(
            resident.id,
            work,
            requester=requester,
            purpose=purpose,
            what=f"back of card {serial}",
            actor=actor,
            at=box.clock.now(),
        )
    return _back(resident, number)


def _line(note: CardNote) -> str:
    """A line as the office writes it: the day, what, and that it stands for; a remark
    on PINs stands by itself."""
    if note.kind in (NoteKind.WITHOUT_PINS, NoteKind.WITH_PINS):
        return f"{note.day:%Y.%m.%d} {note.text}"
    what = {
        NoteKind.NAME: "氏名",
        NoteKind.ADDRESS: "住所",
        NoteKind.CORRECTION: "訂正",
    }.get(note.kind, "有効期間")
    return f"{note.day:%Y.%m.%d} {what} {note.text}"


def _front(
    card: Card,
    resident: Resident,
    photo: bytes | None,
    *,
    notes: tuple[str, ...] = (),
) -> bytes:
    with printing("card"):
        return card_front_png(
            CardFace(
                name=resident.card_name,
                address=resident.address,
                born=resident.born,
                sex=resident.sex,
                expires=card.expires,
                photo=photo,
                security_code=card.security_code,
                notes=notes,
                western=_western(resident),
            )
        )


def _back(resident: Resident, number: IndividualNumber) -> bytes:
    with printing("card"):
        return card_back_png(
            CardBack(
                number=number,
                name=resident.card_name,
                born=resident.born,
                western=_western(resident),
            )
        )


def _western(resident: Resident) -> bool:
    return resident.residence_status is not ResidenceStatus.JAPANESE
