"""What a person tells the guide: a topic, and the facts they know."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args, get_origin, get_type_hints

from mynabox.law.accepts import Accepts
from mynabox.law.days import in_japan
from mynabox.law.errors import BadArgument
from mynabox.law.municipality import place
from mynabox.law.validity import ResidenceStatus

Topic: TypeAlias = Literal[
    "notice_not_come", "apply", "form_unusable", "photo", "pick_up",
    "pin_forgotten", "pin_locked", "pin_change", "renew_card", "renew_certificate",
    "stay_extended", "stay_pending", "moved_in", "moved_out", "moved_within",
    "renamed", "lost", "stolen", "found", "number_misused", "damaged",
    "certificates_at_store", "health_card", "online", "asked_for_number",
    "asked_for_copy", "points",
]  # fmt: skip
TOPICS: tuple[Topic, ...] = get_args(Topic)

Channel: TypeAlias = Literal["smartphone", "computer", "booth", "mail", "counter"]
Pin: TypeAlias = Literal["authentication", "signature", "juki", "input_support"]
Certificate: TypeAlias = Literal[
    "residence_record", "seal", "tax", "koseki_annex", "koseki"
]
Cause: TypeAlias = Literal["own_fault", "disaster", "no_space", "office_error"]
Side: TypeAlias = Literal["front", "back"]
Requester: TypeAlias = Literal[
    "employer", "municipality", "government", "tax_office", "pension_office",
    "health_insurer", "employment_office", "bank", "securities_company",
    "insurance_company", "school", "other",
]  # fmt: skip
Purpose: TypeAlias = Literal[
    "tax", "social_security", "disaster", "year_end_tax", "employment_insurance",
    "pension", "health_insurance", "child_care", "nursing_care", "welfare",
    "account", "scholarship", "number", "identity", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A topic at a moment, in a language, and what is known of the person.

    A fact that is None is not known; the guide asks for it where it matters.
    """

    topic: Topic
    at: datetime
    language: str = "en"
    municipality: str | None = None
    """Six-digit code of the municipality of the resident record."""
    born: date | None = None
    residence_status: ResidenceStatus | None = None
    stay_until: date | None = None
    new_stay_until: date | None = None
    registered: date | None = None
    """Day of the first resident registration."""
    applied: date | None = None
    issued: date | None = None
    card_expiry: date | None = None
    certificate_expiry: date | None = None
    channel: Channel | None = None
    changed: bool | None = None
    """Whether something printed on the application form changed."""
    taken: date | None = None
    """Day on which the photograph was taken."""
    pin: Pin | None = None
    other_pin_known: bool | None = None
    changed_on: date | None = None
    """Day on which name or address changed."""
    moved_in: date | None = None
    planned_move_out: date | None = None
    notice_given: date | None = None
    """Day on which the moving-in notice was handed in."""
    abroad: bool | None = None
    old_card: bool | None = None
    """Whether the old card can be handed back."""
    certificate: Certificate | None = None
    honseki: str | None = None
    """Six-digit code of the municipality of the family register (本籍)."""
    registered_use: bool | None = None
    cause: Cause | None = None
    health_registered: bool | None = None
    requester: Requester | None = None
    purpose: Purpose | None = None
    side: Side | None = None
    consent: bool | None = None
    claimed: date | None = None

    @property
    def day(self) -> date:
        """The Japanese day of the question."""
        return in_japan(self.at).date()

    @property
    def japanese(self) -> bool | None:
        """Whether the person is a Japanese national, if that is known."""
        if self.residence_status is None:
            return None
        return self.residence_status == "japanese"


FACTS: tuple[str, ...] = tuple(
    f.name for f in fields(Situation) if f.name not in ("topic", "at", "language")
)
"""Every fact that can be told, in the order of the class."""


def accepted(fact: str) -> tuple[str, ...]:
    """The words a fact takes; empty for a day or a municipality."""
    kind = _kind(fact)
    if kind is bool:
        return ("yes", "no")
    return get_args(kind) if get_origin(kind) is Literal else ()


def accepted_in_words(fact: str) -> Accepts:
    """What may be told for a fact, for an error or a prompt."""
    words = accepted(fact)
    if words:
        return Accepts("one_of", words=words)
    if _kind(fact) is date:
        return Accepts("day", day="2026-11-21")
    return Accepts("place")


_NAMED_BY = {
    "residence_status": "status",
    "pin": "pin.kind",
    "certificate": "kiosk",
}


def name_of(fact: str, word: str) -> str:
    """The message that names a word of a fact, such as ``status.permanent``."""
    return f"{_NAMED_BY.get(fact, fact)}.{word}"


def is_day(fact: str) -> bool:
    """Whether a fact is a day."""
    return _kind(fact) is date


def situation(
    topic: str, *, at: datetime, language: str, facts: Mapping[str, str]
) -> Situation:
    """A situation told in words; a wrong one raises ``BadArgument`` that says which."""
    if topic not in TOPICS:
        raise BadArgument("topic", Accepts("one_of", words=TOPICS))
    read: dict[str, object] = {}
    for fact, text in facts.items():
        if fact not in FACTS:
            raise BadArgument(fact, Accepts("unknown", words=FACTS))
        read[fact] = _read(fact, text.strip())
    return Situation(topic=topic, at=at, language=language, **read)  # type: ignore[arg-type]


_TRUTH = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}
_DEVANAGARI = str.maketrans("०१२३४५६७८९", "0123456789")


def _read(fact: str, text: str) -> object:
    kind = _kind(fact)
    try:
        if kind is date:
            return date.fromisoformat(text.translate(_DEVANAGARI))
        if kind is bool:
            return _TRUTH[text.lower()]
        if kind is str:
            return place(text)
    except (ValueError, LookupError):
        raise BadArgument(fact, accepted_in_words(fact)) from None
    if text not in get_args(kind):
        raise BadArgument(fact, accepted_in_words(fact))
    return text


def _kind(fact: str) -> object:
    hint = get_type_hints(Situation)[fact]
    return next(kind for kind in get_args(hint) if kind is not type(None))
