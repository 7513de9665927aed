"""The notice, the application, its form and photograph, and picking up the card."""

from mynabox.guide.errands import (
    bring_for,
    identity,
    office,
    steps_of,
)
from mynabox.guide.guidance import Parts
from mynabox.guide.situation import Situation
from mynabox.guide.telephone import telephone
from mynabox.guide.words import Line, line, named, reason_line
from mynabox.law.applications import application_form_usable
from mynabox.law.book import counts, integer, integers, words
from mynabox.law.days import plus_months
from mynabox.law.delivery import delivery_method, representative_needed
from mynabox.law.errands import card_expected, channel_speaks, channels, may_apply
from mynabox.law.fees import reissue_fee
from mynabox.law.notices import notice_arrives, notice_reissued
from mynabox.law.photo import photo as photo_verdict
from mynabox.law.photo import photo_needed
from mynabox.law.validity import renewal_opens


def notice_not_come(here: Situation) -> Parts:
    """The letter that tells the number did not come (R004 to R010)."""
    weeks = integers("number", "notice_window_weeks").on(here.day)
    first, last = weeks.value
    holds: list[Line] = []
    steps: list[Line] = []
    late = True
    if here.registered is None:
        message = "guide.notice.expected_weeks"
        holds.append(line(message, weeks, from_weeks=first, to_weeks=last))
    else:
        window = notice_arrives(here.registered)
        holds.append(
            line(
                "guide.notice.expected",
                window,
                from_weeks=first,
                to_weeks=last,
                first=window.value[0],
                last=window.value[1],
            )
        )
        late = here.day > window.value[1]
        if not late:
            wait = line("guide.notice.wait", window, last=window.value[1])
            steps.append(wait)
    if late:
        steps += steps_of("notice_not_delivered")
    proofs = words("number", "number_proofs").only
    return Parts(
        holds=(*holds, line("guide.notice.not_forwarded", "R006")),
        steps=tuple(steps),
        bring=(line("guide.bring.absence_slip", "R005"),) if late else (),
        where=(line("guide.where.post_office", "R005"), *office(here)) if late else (),
        lines=telephone(here, "system"),
        notes=(
            line("guide.notice.shows_only", notice_reissued("notice", here.day)),
            line(
                "guide.notice.proof",
                proofs,
                documents=named("document", proofs.value, "or"),
            ),
        ),
        asks=("registered",) if here.registered is None else (),
    )


def apply(here: Situation) -> Parts:
    """Applying by one of the channels, or which there are (R020 to R032)."""
    ways = channels(here.day)
    first = may_apply(registered=False)
    digits = integer("application", "id_length").only
    expected = card_expected(here.day)
    holds = [
        line("guide.apply.voluntary", "R020"),
        line("guide.apply.ways", ways, channels=named("channel", ways.value)),
        line("guide.apply.register_first", first),
        *_another_card(here),
    ]
    if here.channel is not None:
        speaks = channel_speaks(here.channel, here.language, here.day)
        if speaks.value.reasons:
            holds.append(line("guide.apply.japanese_only", speaks))
    if here.language != "ja":
        holds.append(line("guide.apply.other_language_forms", "R022", "R275"))
    return Parts(
        holds=tuple(holds),
        steps=_apply_steps(here),
        bring=_apply_bring(here),
        cost=_apply_cost(here),
        where=office(here) if here.channel == "counter" else (),
        lines=telephone(here, "card"),
        meanwhile=(
            line("guide.apply.eta", expected, day=expected.value),
            line("guide.apply.status", digits, digits=digits.value),
        ),
        asks=("channel",) if here.channel is None else (),
    )


def _another_card(here: Situation) -> tuple[Line, ...]:
    if here.card_expiry is None or here.day > here.card_expiry:
        return ()
    opens = renewal_opens(here.card_expiry)
    if here.day >= opens.value:
        return ()
    message = "guide.apply.holds_valid_card"
    return (line(message, opens, "R030", opens=opens.value),)


def _apply_steps(here: Situation) -> tuple[Line, ...]:
    if here.channel is None:
        return ()
    in_person = here.channel == "counter"
    how = delivery_method(here.day, in_person, municipality=here.municipality)
    after = "mailed" if how.value == "mail" else "pickup"
    return steps_of(f"apply_{here.channel}") + steps_of(after)


def _apply_bring(here: Situation) -> tuple[Line, ...]:
    months = integer("photo", "months").on(here.day)
    photograph = line("guide.apply.photo", months, months=months.value)
    needs: dict[str | None, tuple[Line, ...]] = {
        "mail": (line("guide.bring.form", "R277"), line("guide.bring.photo", "R040")),
        "counter": (identity("mail", here.municipality), line("guide.bring.photo")),
        "booth": (line("guide.bring.notice", "R024"),),
        "smartphone": (line("guide.bring.notice", "R274"),),
        "computer": (line("guide.bring.notice", "R025"),),
    }
    return (*needs.get(here.channel, ()), photograph)


def _apply_cost(here: Situation) -> tuple[Line, ...]:
    free = line("guide.cost.first_free", reissue_fee("first"))
    if here.channel == "booth":
        return free, line("guide.cost.booth", "R024")
    return (free,)


def form_unusable(here: Situation) -> Parts:
    """Whether a pre-printed form may still be sent (R026 to R028)."""
    asks = tuple(
        fact for fact in ("stay_until", "changed") if getattr(here, fact) is None
    )
    if here.residence_status in ("japanese", "permanent", "special_permanent"):
        asks = tuple(fact for fact in asks if fact != "stay_until")
    found = application_form_usable(
        here.stay_until, here.day, changed=bool(here.changed)
    )
    holds = tuple(reason_line(reason, found) for reason in found.value.reasons)
    steps: list[Line] = []
    notes: list[Line] = []
    if "form.stay_ends_soon" in found.value.codes or "form.stay_ended" in (
        found.value.codes
    ):
        steps.append(line("step.renew_status", "R282"))
    if holds:
        steps.append(line("step.fetch_new_form", found))
        notes.append(line("guide.form.old_id", "R026"))
    elif not asks:
        holds = (line("guide.form.usable", found),)
        steps.append(line("step.apply_with_form", found))
    else:
        holds = (
            line("guide.form.changed_rule", "R026"),
            line("guide.form.stay_rule", "R027", "R028"),
        )
    immigration = (line("guide.where.immigration", "R282"),) if len(steps) > 1 else ()
    return Parts(
        holds=holds,
        steps=tuple(steps),
        where=(*immigration, *office(here)) if notes else (),
        lines=telephone(here, "card"),
        notes=tuple(notes),
        asks=asks,
    )


def photo(here: Situation) -> Parts:
    """What photograph is accepted (R040 to R047)."""
    months = integer("photo", "months").on(here.day)
    wide = integer("photo", "width_mm").only
    high = integer("photo", "height_mm").only
    faults = words("photo", "faults").only
    upload = [
        integer("photo", key).only
        for key in ("min_bytes", "max_bytes", "min_px", "max_px")
    ]
    least, most, fewest, many = (cited.value for cited in upload)
    formats = words("photo", "formats").only
    holds = [
        line("guide.photo.size", high, wide, height=high.value, width=wide.value),
        line("guide.photo.age", months, months=months.value),
        line("guide.photo.pose", "R042"),
        line("guide.photo.faults", faults, faults=named("fault", faults.value)),
        line("guide.photo.head_cover", "R044"),
        line(
            "guide.photo.file",
            formats,
            *upload,
            format=formats.value[0].upper(),
            least=least,
            most=most,
            fewest=fewest,
            many=many,
        ),
    ]
    if here.taken is not None:
        verdict = photo_verdict(taken=here.taken, applied=max(here.day, here.taken))
        message = "guide.photo.too_old"
        if verdict.value.allowed:
            message = "guide.photo.age_until"
        until = plus_months(here.taken, months.value)
        holds.insert(0, line(message, verdict, taken=here.taken, until=until))
    if here.born is not None and not photo_needed(here.born, here.day).value:
        age = integer("photo", "without_photo_below_age").on(here.day)
        needless = photo_needed(here.born, here.day)
        holds.insert(0, line("guide.photo.not_needed", needless, age=age.value))
    return Parts(
        holds=tuple(holds),
        lines=telephone(here, "card"),
        asks=("taken",) if here.taken is None else (),
    )


def pick_up(here: Situation) -> Parts:
    """Receiving the card at the place the postcard names (R050 to R058)."""
    reasons = words("delivery", "agent_reasons").only
    few = counts("pins", "min_length").only
    many = counts("pins", "max_length").only
    age = integer("delivery", "representative_age").on(here.day)
    holds = [
        line(
            "guide.pick_up.in_person", reasons, reasons=named("reason", reasons.value)
        ),
        line(
            "guide.pick_up.pins",
            few,
            many,
            four=few.value["authentication"],
            least=few.value["signature"],
            most=many.value["signature"],
        ),
        line("guide.pick_up.at_home", "R051", "R052"),
    ]
    young = here.born is None or representative_needed(here.born, here.day).value
    if young:
        holds.append(line("guide.pick_up.representative", age, age=age.value))
    if not here.japanese:
        holds.append(line("guide.pick_up.foreign_identity", "R053"))
    return Parts(
        holds=tuple(holds),
        steps=steps_of("pickup"),
        bring=bring_for("pickup", purpose="pickup", municipality=here.municipality),
        cost=(line("guide.cost.first_free", reissue_fee("first")),),
        where=(line("guide.where.postcard_place", "R050"),),
        lines=telephone(here, "card"),
        notes=(line("guide.pick_up.agent", "R057"),),
    )
