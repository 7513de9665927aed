"""How a number is told, and what proves it (個人番号通知書, 通知カード)."""

from datetime import date, timedelta
from typing import Literal, TypeAlias

from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import day, integer, integers, mapping, word, words
from mynabox.law.identity import identity_documents, named
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

NoticeKind: TypeAlias = Literal["notification_card", "notice"]


def notice_kind(assigned: date) -> Answer[str]:
    """The paper that tells a number assigned on a day (R007)."""
    kind = word("number", "notice_kind").on(assigned)
    return answer(kind.value, kind)


def notice_arrives(registered: date) -> Answer[tuple[date, date]]:
    """The days between which the notice is expected after registration (R004)."""
    weeks = integers("number", "notice_window_weeks").on(registered)
    first, last = (registered + timedelta(weeks=w) for w in weeks.value)
    return answer((first, last), weeks, "R006")


def notice_kept_until(left: date) -> Answer[date]:
    """The last day on which the post office keeps a notice (R005).

    ``left`` is the day of the absence slip (不在票); afterwards the notice goes back
    to the municipality.
    """
    days = integer("number", "post_office_days").on(left)
    return answer(left + timedelta(days=days.value), days, "R006")


def undelivered_notice(at_post_office: bool) -> Answer[tuple[str, ...]]:
    """What to do about a notice that could not be handed over (R005).

    While it waits at the post office, or once it is back at the municipality.
    """
    steps = words("number", "undelivered_steps").only
    left = steps.value[:-1] if at_post_office else steps.value[-1:]
    return answer(left, steps, "R006")


def notice_proves_number(
    kind: NoticeKind, on: date, matches_register: bool = True
) -> Answer[Verdict]:
    """Whether the paper that told the number proves it (R008, R009).

    The notice never does. A notification card does while everything printed on
    it equals the register; it has not been edited since it was frozen.
    """
    if kind == "notice":
        never = Reason("notice.proves_nothing", "R008")
        return answer(Verdict(False, (never,)), "R008", next="number.show_card_or_copy")
    frozen = day("number", "notification_card_frozen").only
    grounds: list[Cited[object] | str] = [frozen, "R009"]
    if matches_register:
        return answer(Verdict(True), *grounds)
    differs = Reason(
        "notice.differs_from_register", "R009", {"edited": on < frozen.value}
    )
    return answer(Verdict(False, (differs,)), *grounds, next="number.show_card_or_copy")


def notice_reissued(kind: NoticeKind, on: date) -> Answer[bool]:
    """Whether a lost notice or notification card is issued again on a day."""
    frozen = day("number", "notification_card_frozen").only
    again = kind == "notification_card" and on < frozen.value
    return answer(again, frozen, "R008")


def number_proof(documents: tuple[str, ...]) -> Answer[Verdict]:
    """Whether documents prove the number and the identity at once (R010, R013)."""
    proofs = words("number", "number_proofs").only
    sets = identity_documents(documents, "number_proof")
    if sets.value.allowed:
        return answer(Verdict(True), proofs, "R013", "R267")
    if set(named(documents)) & set(proofs.value):
        missing = Reason("number.identity_missing", "R013")
    else:
        missing = Reason("number.proof_missing", "R010", {"proofs": proofs.value})
    return answer(
        Verdict(False, (missing,)), proofs, "R013", next="number.show_card_or_copy"
    )


def number_change(ground: str) -> Answer[Verdict]:
    """Whether a number is changed on a ground: never on wish (R003)."""
    grounds = words("number", "change_grounds").only
    said = mapping("number", "change_ground_words").only.value
    if said.get(ground, ground) in grounds.value:
        return answer(Verdict(True), grounds, "R002", next="number.bring_identity")
    wish = Reason("number.not_on_wish", "R003", {"grounds": grounds.value})
    return answer(Verdict(False, (wish,)), grounds, "R002")
