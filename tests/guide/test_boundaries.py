"""Both sides of every day on which an answer changes."""

from datetime import date, datetime

import pytest

from mynabox.guide import Guidance, answer, situation
from mynabox.law.days import JST


def told(topic: str, at: str, **facts: str) -> Guidance:
    moment = datetime.fromisoformat(at).replace(tzinfo=JST)
    return answer(situation(topic, at=moment, language="en", facts=facts))


def messages(found: Guidance) -> set[str]:
    return {line.message for line in found.all_lines}


MOVED = {"moved_in": "2023-10-05", "planned_move_out": "2023-10-01"}


@pytest.mark.parametrize(
    ("topic", "at", "facts", "said", "unsaid"),
    [
        # the moving-in notice is due by 19 October, the card goes on until 8 January
        ("moved_in", "2023-10-19", MOVED, "step.continued_use", "guide.move.missed"),
        ("moved_in", "2023-10-20", MOVED, "guide.move.missed", "step.continued_use"),
        ("moved_in", "2023-11-01", {**MOVED, "notice_given": "2023-10-19"},
         "step.continued_use", "guide.move.missed"),
        ("moved_in", "2023-11-01", {**MOVED, "notice_given": "2023-10-20"},
         "guide.move.missed", "step.continued_use"),
        ("moved_in", "2024-01-08", {**MOVED, "notice_given": "2023-10-10"},
         "step.continued_use", "guide.move.missed"),
        ("moved_in", "2024-01-09", {**MOVED, "notice_given": "2023-10-10"},
         "guide.move.missed", "step.continued_use"),
        # the last day belongs to the validity (R094)
        ("renew_card", "2027-05-31", {"card_expiry": "2027-05-31"},
         "guide.renew_card.open_now", "guide.renew_card.expired"),
        ("renew_card", "2027-06-01", {"card_expiry": "2027-05-31"},
         "guide.renew_card.expired", "guide.renew_card.open_now"),
        ("renew_card", "2027-02-27", {"card_expiry": "2027-05-31"},
         "guide.renew_card.opens", "guide.renew_card.open_now"),
        ("renew_card", "2027-02-28", {"card_expiry": "2027-05-31"},
         "guide.renew_card.open_now", "guide.renew_card.opens"),
        ("renew_certificate", "2030-02-17", {"certificate_expiry": "2030-02-17"},
         "guide.renew_certificate.open_now", "guide.renew_certificate.expired"),
        ("renew_certificate", "2030-02-18", {"certificate_expiry": "2030-02-17"},
         "guide.renew_certificate.expired", "guide.renew_certificate.open_now"),
        ("renew_certificate", "2029-11-16", {"certificate_expiry": "2030-02-17"},
         "guide.renew_certificate.opens", "guide.renew_certificate.open_now"),
        ("renew_certificate", "2029-11-17", {"certificate_expiry": "2030-02-17"},
         "guide.renew_certificate.open_now", "guide.renew_certificate.opens"),
        # a certificate that ends with the card is renewed with the card (R132)
        ("renew_certificate", "2029-12-01",
         {"certificate_expiry": "2030-02-17", "card_expiry": "2030-02-17"},
         "guide.renew_certificate.card_first", "guide.renew_certificate.open_now"),
        ("renew_certificate", "2029-12-01",
         {"certificate_expiry": "2030-02-17", "card_expiry": "2030-02-18"},
         "guide.renew_certificate.open_now", "guide.renew_certificate.card_first"),
        # a card that ends with the stay is not renewed but extended (R110)
        ("renew_card", "2026-11-24",
         {"card_expiry": "2026-12-31", "stay_until": "2026-12-31",
          "residence_status": "mid_long_term"},
         "guide.renew_card.stay_decides", "guide.renew_card.open_now"),
        ("renew_card", "2026-11-24",
         {"card_expiry": "2026-12-31", "stay_until": "2027-01-01",
          "residence_status": "mid_long_term"},
         "guide.renew_card.open_now", "guide.renew_card.stay_decides"),
        # the stay is carried over while the card is valid (R114, R116)
        ("stay_extended", "2026-12-01", {"card_expiry": "2026-12-01"},
         "step.extend_card", "guide.stay.lapsed"),
        ("stay_extended", "2026-12-02", {"card_expiry": "2026-12-01"},
         "guide.stay.lapsed", "step.extend_card"),
        ("stay_pending", "2023-12-31", {"card_expiry": "2023-12-31"},
         "guide.stay.pending_until", "guide.stay.pending_too_late"),
        ("stay_pending", "2024-01-01", {"card_expiry": "2023-12-31"},
         "guide.stay.pending_too_late", "guide.stay.pending_until"),
        # the notice is late from the day after the third week (R004)
        ("notice_not_come", "2023-01-31", {"registered": "2023-01-10"},
         "guide.notice.wait", "step.ask_municipality"),
        ("notice_not_come", "2023-02-01", {"registered": "2023-01-10"},
         "step.ask_municipality", "guide.notice.wait"),
        # moving out online since 6 February 2023 (R175)
        ("moved_out", "2023-02-05", {}, "guide.move.store_pause",
         "guide.move.out_online"),
        ("moved_out", "2023-02-06", {}, "guide.move.out_online",
         "guide.bring.name_proof"),
        # leaving Japan with the card since 27 May 2024, Japanese nationals (R154)
        ("moved_out", "2024-05-01",
         {"abroad": "yes", "planned_move_out": "2024-05-26",
          "residence_status": "japanese"},
         "step.hand_card_back", "step.continue_abroad"),
        ("moved_out", "2024-05-01",
         {"abroad": "yes", "planned_move_out": "2024-05-27",
          "residence_status": "japanese"},
         "step.continue_abroad", "step.hand_card_back"),
        ("moved_out", "2024-05-01",
         {"abroad": "yes", "planned_move_out": "2024-05-27",
          "residence_status": "permanent"},
         "step.hand_card_back", "step.continue_abroad"),
        # paper insurance cards ended on 2 December 2024 (R253)
        ("health_card", "2024-12-01", {}, "guide.health.reader",
         "guide.health.paper_ended"),
        ("health_card", "2024-12-02", {}, "guide.health.paper_ended",
         "guide.health.registered"),
        # a child's card without photograph, from 2 December 2024 (R047)
        ("photo", "2024-12-01", {"born": "2024-06-01"}, "guide.photo.size",
         "guide.photo.not_needed"),
        ("photo", "2024-12-02", {"born": "2024-06-01"}, "guide.photo.not_needed",
         "guide.photo.too_old"),
        ("photo", "2025-06-01", {"born": "2024-06-01"}, "guide.photo.size",
         "guide.photo.not_needed"),
        # no signature certificate below the age of fifteen (R135)
        ("online", "2026-11-24", {"born": "2011-11-25"}, "guide.online.under_age",
         "guide.note.no_answer_that_day"),
        ("online", "2026-11-24", {"born": "2011-11-24"}, "guide.online.both",
         "guide.online.under_age"),
        # a representative comes along below the age of fifteen (R058)
        ("pick_up", "2026-11-24", {"born": "2011-11-25"},
         "guide.pick_up.representative", "guide.note.no_answer_that_day"),
        ("pick_up", "2026-11-24", {"born": "2011-11-24"}, "guide.pick_up.pins",
         "guide.pick_up.representative"),
        # a second card only inside the renewal window (R030)
        ("apply", "2027-02-27", {"card_expiry": "2027-05-31"},
         "guide.apply.holds_valid_card", "guide.apply.japanese_only"),
        ("apply", "2027-02-28", {"card_expiry": "2027-05-31"},
         "guide.apply.voluntary", "guide.apply.holds_valid_card"),
        # stores: from the age of fifteen, with a valid certificate (R226)
        ("certificates_at_store", "2026-11-24",
         {"certificate": "residence_record", "born": "2011-11-25"},
         "kiosk.too_young", "guide.store.can"),
        ("certificates_at_store", "2026-11-24",
         {"certificate": "residence_record", "born": "2011-11-24"},
         "guide.store.can", "kiosk.too_young"),
        ("certificates_at_store", "2026-11-24",
         {"certificate": "seal", "born": "1990-01-01",
          "certificate_expiry": "2026-11-24"},
         "guide.store.can", "kiosk.no_valid_certificate"),
        ("certificates_at_store", "2026-11-24",
         {"certificate": "seal", "born": "1990-01-01",
          "certificate_expiry": "2026-11-23"},
         "kiosk.no_valid_certificate", "guide.store.can"),
        # a family register elsewhere: the use is registered first (R223)
        ("certificates_at_store", "2026-11-24",
         {"certificate": "koseki", "residence_status": "japanese",
          "born": "1990-01-01", "municipality": "132217", "honseki": "082201",
          "registered_use": "no"},
         "kiosk.register_use_first", "guide.store.can"),
        ("certificates_at_store", "2026-11-24",
         {"certificate": "koseki", "residence_status": "japanese",
          "born": "1990-01-01", "municipality": "132217", "honseki": "082201",
          "registered_use": "yes"},
         "guide.store.can", "kiosk.register_use_first"),
        # points: claimed until 30 September 2023 (R245)
        ("points", "2023-09-30", {}, "guide.points.claim_until",
         "guide.points.ended"),
        ("points", "2023-10-01", {}, "guide.points.ended",
         "guide.points.claim_until"),
        ("points", "2023-10-01", {"applied": "2023-02-28", "claimed": "2023-09-30"},
         "guide.points.amount", "guide.points.none"),
        ("points", "2023-10-01", {"applied": "2023-03-01", "claimed": "2023-09-30"},
         "guide.points.none", "guide.points.amount"),
    ],
)  # fmt: skip
def test_an_answer_changes_on_its_day(
    topic: str, at: str, facts: dict[str, str], said: str, unsaid: str
) -> None:
    found = messages(told(topic, f"{at}T10:00", **facts))
    assert said in found
    assert unsaid not in found


def test_leaving_japan_the_procedure_is_done_by_the_day_before() -> None:
    found = told(
        "moved_out",
        "2026-11-24T10:00",
        abroad="yes",
        planned_move_out="2026-12-10",
        residence_status="japanese",
    )
    step = next(s for s in found.parts.steps if s.message == "step.continue_abroad")
    assert step.due == date(2026, 12, 9)


def test_a_term_that_ends_on_a_closed_day_says_both_days() -> None:
    """14 days after Saturday 7 October 2023 is a Saturday; Monday is the next day."""
    found = told("moved_within", "2023-10-10T10:00", changed_on="2023-10-07")
    closed = next(s for s in found.parts.holds if s.message == "guide.move.closed_day")
    assert closed.values["day"] == date(2023, 10, 21)
    assert closed.values["next"] == date(2023, 10, 23)
    open_day = told("moved_within", "2023-10-10T10:00", changed_on="2023-10-05")
    assert "guide.move.closed_day" not in messages(open_day)


def test_an_extension_is_capped_by_the_birthday_of_the_first_issue() -> None:
    """R115: a stay to 2036 does not carry the card beyond the tenth birthday."""
    facts = {
        "born": "1990-05-05",
        "applied": "2023-04-01",
        "issued": "2023-05-01",
        "card_expiry": "2026-12-31",
        "residence_status": "mid_long_term",
    }
    at = "2026-11-24T10:00"
    long = told("stay_extended", at, new_stay_until="2036-12-31", **facts)
    capped = next(
        s for s in long.parts.holds if s.message == "guide.stay.new_expiry_capped"
    )
    assert capped.values["expiry"] == date(2032, 5, 5)
    short = told("stay_extended", at, new_stay_until="2032-05-05", **facts)
    assert "guide.stay.new_expiry" in messages(short)
    assert "guide.stay.new_expiry_capped" not in messages(short)


@pytest.mark.parametrize(
    ("municipality", "own_hours"), [("082201", True), ("132217", False)]
)
def test_counter_hours_are_told_only_where_they_are_known(
    municipality: str, own_hours: bool
) -> None:
    found = messages(told("renamed", "2023-10-11T10:00", municipality=municipality))
    assert ("guide.where.office_open" in found) == own_hours
    assert ("guide.where.hours_not_known" in found) == (not own_hours)


@pytest.mark.parametrize(
    ("cause", "cost", "bring"),
    [
        ("own_fault", "guide.cost.total", "bring.damaged_card"),
        ("disaster", "guide.cost.free", "bring.fire_certificate"),
        ("no_space", "guide.cost.free", "bring.damaged_card"),
        ("office_error", "guide.cost.free", "bring.damaged_card"),
    ],
)
def test_what_a_damaged_card_costs(cause: str, cost: str, bring: str) -> None:
    found = told("damaged", "2023-10-11T10:00", cause=cause)
    assert found.parts.cost[0].message == cost
    assert bring in messages(found)


def test_a_foreign_resident_has_no_family_register_to_print() -> None:
    found = told(
        "certificates_at_store",
        "2023-10-11T10:00",
        certificate="koseki_annex",
        residence_status="permanent",
        born="1990-01-01",
        municipality="082201",
    )
    assert "kiosk.no_honseki" in messages(found)
    assert "guide.store.can" not in messages(found)


def test_a_stolen_card_may_be_free_or_not_and_says_so() -> None:
    """Public pages free the victim of a theft; the guide of Tsukuba charges both."""
    stolen = told("stolen", "2023-10-11T10:00", municipality="082201")
    assert {"guide.cost.free", "guide.cost.theft"} <= messages(stolen)
    assert "bring.fee" not in messages(stolen)
    lost = told("lost", "2023-10-11T10:00", municipality="082201")
    assert "guide.cost.theft" not in messages(lost)
    assert "bring.fee" in messages(lost)
