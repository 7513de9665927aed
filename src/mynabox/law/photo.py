"""The photograph of an application (顔写真)."""

import re
from datetime import date
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import integer, mapping, words
from mynabox.law.days import age_on, plus_months
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

CoverReason: TypeAlias = Literal["religious", "medical"]


def photo(
    taken: date,
    applied: date,
    width_mm: int | None = None,
    height_mm: int | None = None,
    format: str | None = None,
    colour: str | None = None,
    bytes: int | None = None,
    width_px: int | None = None,
    height_px: int | None = None,
    background: bool = False,
    hat: bool = False,
    sunglasses: bool = False,
    unclear: bool = False,
    head_cover_reason: CoverReason | None = None,
) -> Answer[Verdict]:
    """Whether a photograph is accepted, with every fault it has.

    Millimetres are for a print, the file's facts for an upload; what is not
    given is not judged. ``hat`` is any cover of the head: with a religious or
    medical reason written on the form, and the outline of the face showing
    (not ``unclear``), it is allowed (R044).
    """
    if taken > applied:
        raise BadArgument("taken", Accepts("day_not_after", other="applied"))
    months = integer("photo", "months").on(applied)
    grounds: list[Cited[object] | str] = [months]
    reasons = []
    if applied > plus_months(taken, months.value):
        reasons.append(Reason("photo.too_old", "R040", {"months": months.value}))
    reasons += _print(width_mm, height_mm, grounds)
    reasons += _file(format, colour, bytes, width_px, height_px, grounds)
    excused = hat and head_cover_reason is not None and not unclear
    faults = words("photo", "faults").only
    grounds.append(faults)
    if excused:
        grounds.append("R044")
    present = {
        "background": background,
        "hat": hat and not excused,
        "sunglasses": sunglasses,
        "unclear": unclear,
    }
    reasons += [Reason(f"photo.{f}", "R043") for f in faults.value if present[f]]
    return answer(
        Verdict(not reasons, tuple(reasons)),
        *grounds,
        next="photo.take_another" if reasons else None,
    )


def _print(
    width: int | None, height: int | None, grounds: list[Cited[object] | str]
) -> list[Reason]:
    wide = integer("photo", "width_mm").only
    high = integer("photo", "height_mm").only
    if width is None and height is None:
        return []
    grounds += [wide, high]
    if width in (None, wide.value) and height in (None, high.value):
        return []
    facts = {"width_mm": wide.value, "height_mm": high.value}
    return [Reason("photo.wrong_size", "R041", facts)]


def _file(
    format: str | None,
    colour: str | None,
    bytes: int | None,
    width: int | None,
    height: int | None,
    grounds: list[Cited[object] | str],
) -> list[Reason]:
    reasons = []
    if format is not None:
        formats = words("photo", "formats").only
        grounds.append(formats)
        if format.lower() not in formats.value:
            reasons.append(Reason("photo.format", "R045", {"formats": formats.value}))
    if colour is not None:
        colours = words("photo", "colours").only
        grounds.append(colours)
        names = mapping("photo", "colour_words").only.value
        mode = re.sub(r"[\s-]+", "_", colour.strip().lower())
        if names.get(mode, mode) not in colours.value:
            reasons.append(Reason("photo.colour", "R042", {"colours": colours.value}))
    if bytes is not None:
        least = integer("photo", "min_bytes").only
        most = integer("photo", "max_bytes").only
        grounds += [least, most]
        if bytes < least.value:
            reasons.append(
                Reason("photo.file_too_small", "R045", {"least": least.value})
            )
        if bytes > most.value:
            reasons.append(Reason("photo.file_too_big", "R045", {"most": most.value}))
    sides = [side for side in (width, height) if side is not None]
    if sides:
        fewest = integer("photo", "min_px").only
        many = integer("photo", "max_px").only
        grounds += [fewest, many]
        if min(sides) < fewest.value:
            reasons.append(Reason("photo.too_small", "R045", {"least": fewest.value}))
        if max(sides) > many.value:
            reasons.append(Reason("photo.too_big", "R045", {"most": many.value}))
    return reasons


def photo_needed(born: date, applied: date) -> Answer[bool]:
    """Whether the card carries a photograph at all (R047)."""
    age = integer("photo", "without_photo_below_age").on(applied)
    return answer(age_on(born, applied) >= age.value, age)


def photo_on_card() -> Answer[tuple[int, int]]:
    """Width and height of the photograph on the card, in tenths of a millimetre."""
    wide = integer("photo", "print_width_tenths_mm").only
    high = integer("photo", "print_height_tenths_mm").only
    return answer((wide.value, high.value), wide, high)
