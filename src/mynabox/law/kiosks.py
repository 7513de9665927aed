"""Certificates at a convenience store: when, which, for whom (コンビニ交付)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import counts, flag, integer, integers, mapping, word, words
from mynabox.law.calendars import in_new_year, next_opening, opening_times, within
from mynabox.law.days import in_japan
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.pins import pin_not_needed_card
from mynabox.law.rulebook import answer

CertificateName: TypeAlias = Literal[
    "residence_record", "seal", "tax", "koseki_annex", "koseki"
]

_KOSEKI = ("koseki_annex", "koseki")
_JAPANESE = frozenset({"japanese", "jp", "jpn", "japan", "日本", "日本国"})


def kiosk_open(at: datetime, municipality: str | None = None) -> Answer[bool]:
    """Whether stores issue a municipality's certificates at a moment (R220)."""
    moment = in_japan(at)
    hours = word("kiosk", "hours").on(moment.date(), municipality)
    year_end = flag("kiosk", "new_year").on(moment.date(), municipality)
    shut = in_new_year(moment.date(), words("calendar", "new_year"))
    open_day = year_end.value or not shut
    return answer(open_day and within(hours.value, moment.time()), hours, year_end)


def kiosk_opens_next(
    at: datetime, municipality: str | None = None
) -> Answer[datetime | None]:
    """The next moment stores issue certificates, ``at`` itself if they do."""
    hours = word("kiosk", "hours").on(in_japan(at).date(), municipality)

    def open_at(moment: datetime) -> bool:
        return kiosk_open(moment, municipality).value

    return answer(next_opening(at, open_at, opening_times((hours.value,))), hours)


def kiosk_certificate(
    kind: CertificateName,
    residence: str | None,
    honseki: str | None,
    nationality: str,
    age: int,
    registered_use: bool = False,
    seal_registered: bool = True,
    taxed_here: bool = True,
    certificate_valid: bool = True,
    move_out_notified: bool = False,
    pending_notice: bool = False,
    without_pins: bool = False,
    offered: tuple[CertificateName, ...] | None = None,
) -> Answer[Verdict]:
    """Whether a store issues a certificate to the holder of a card.

    ``residence`` and ``honseki`` are the municipalities of the resident record
    and of the family register (本籍), none for a person without one.
    ``registered_use``: the use was registered from elsewhere (R223).
    ``taxed_here``: the municipality has tax data of this year.
    ``pending_notice``: a notice of the household is not yet in (R231): a
    permission then carries the warning that the paper may be stale.
    ``without_pins``: the card is one without PINs (R081).
    ``offered``: what the municipality issues at stores, where that is known
    better than the book knows it (R233).
    """
    if age < 0:
        raise BadArgument("age", Accepts("at_least", least=0))
    issuer = honseki if kind in _KOSEKI else residence
    kinds = words("kiosk", "kinds").only_in(issuer)
    least = integer("kiosk", "min_age").only
    reasons = list(_card_reasons(age, least, certificate_valid, move_out_notified))
    if issuer is None:
        code = "kiosk.no_honseki" if kind in _KOSEKI else "kiosk.no_residence"
        reasons.append(Reason(code, "R222"))
    elif kind not in (kinds.value if offered is None else offered):
        reasons.append(Reason("kiosk.not_offered", "R233", {"kind": kind}))
    if kind == "seal" and not seal_registered:
        reasons.append(Reason("kiosk.no_seal", "R222"))
    if kind == "tax" and not taxed_here:
        reasons.append(Reason("kiosk.no_tax_data", "R222"))
    if kind == "koseki" and nationality.lower() not in _JAPANESE:
        reasons.append(Reason("kiosk.japanese_only", "R222"))
    if without_pins:
        reasons += pin_not_needed_card("kiosk").value.reasons
    away = kind in _KOSEKI and honseki is not None and honseki != residence
    if away and not registered_use:
        reasons.append(Reason("kiosk.register_use_first", "R223"))
    grounds: list[Cited[object] | str] = [kinds, "R222", least]
    if away:
        grounds.append("R223")
    if without_pins:
        grounds.append("R081")
    if reasons:
        return answer(
            Verdict(False, tuple(reasons)), *grounds, next="kiosk.go_to_counter"
        )
    if pending_notice:
        stale = Reason("kiosk.may_be_stale", "R231")
        return answer(Verdict(True, (stale,)), *grounds, "R231")
    return answer(Verdict(True), *grounds)


def _card_reasons(
    age: int, least: Cited[int], certificate_valid: bool, move_out_notified: bool
) -> list[Reason]:
    reasons = []
    if not certificate_valid:
        reasons.append(Reason("kiosk.no_valid_certificate", "R226"))
    if age < least.value:
        reasons.append(Reason("kiosk.too_young", "R226", {"from": least.value}))
    if move_out_notified:
        reasons.append(Reason("kiosk.between_municipalities", "R178"))
    return reasons


def kiosk_fee(
    kind: CertificateName, copies: int = 1, municipality: str | None = None
) -> Answer[int]:
    """The fee in yen at a store; a copy that is free at the counter costs it too."""
    fees: Cited[Mapping[str, int]] = counts("kiosk", "fees").only_in(municipality)
    if copies < 1:
        raise BadArgument("copies", Accepts("at_least", least=1))
    return answer(fees.value[kind] * copies, fees, "R227")


def kiosk_form(form: str) -> Answer[Verdict]:
    """Whether a special form of a copy is had at a store (R228)."""
    only = words("kiosk", "counter_only").only
    if form in only.value:
        reason = Reason("kiosk.counter_only", "R228", {"form": form})
        return answer(Verdict(False, (reason,)), only, next="kiosk.go_to_counter")
    return answer(Verdict(True), only)


def kiosk_registration_days() -> Answer[tuple[int, ...]]:
    """Working days until a registration of use works, from and to (R223)."""
    days = integers("kiosk", "registration_working_days").only
    return answer(days.value, days, "R138")


def kiosk_store(name: str) -> Answer[bool]:
    """Whether stores of a name issue certificates, if they have a copier (R224)."""
    stores = words("kiosk", "stores").only
    without = words("kiosk", "stores_without").only
    spelt = mapping("kiosk", "store_spellings").only
    plain = "_".join(re.findall(r"\w+", name.lower().replace("-", " ")))
    return answer(spelt.value.get(plain, plain) in stores.value, stores, without)


def kiosk_notes() -> Answer[tuple[str, ...]]:
    """What is told of papers from a store (R227 to R232)."""
    notes = words("kiosk", "notes").only
    return answer(notes.value, notes, "R229", "R230", "R232", "R279")
