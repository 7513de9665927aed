"""Handing a card over: how it travels, and who may come (交付, 代理人)."""

from datetime import date
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import counts, flag, integer, words
from mynabox.law.days import age_on, plus_months
from mynabox.law.errors import BadArgument
from mynabox.law.identity import identity_documents, named
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

Visitor: TypeAlias = Literal["holder", "statutory_representative", "agent"]


def delivery_method(
    on: date,
    in_person: bool,
    by_agent: bool = False,
    pins_handed_in: bool = True,
    change_pending: bool = False,
    municipality: str | None = None,
) -> Answer[Literal["mail", "pickup"]]:
    """How the card reaches an applicant (R050 to R052).

    By mail only if the applicant came in person, was identified then, handed in
    the PINs, and neither name nor address changes before it arrives.
    """
    mails = flag("delivery", "by_mail").on(on, municipality)
    steady = pins_handed_in and not change_pending
    by_mail = mails.value and in_person and not by_agent and steady
    return answer("mail" if by_mail else "pickup", mails, "R050", "R052")


def agent_may_receive(
    reason: str,
    holder_documents: tuple[str, ...],
    agent_documents: tuple[str, ...],
) -> Answer[Verdict]:
    """Whether an agent may receive a card for its holder (R056, R057).

    For the listed hardships only, with documents of both and a power of attorney.
    """
    hardships = words("delivery", "agent_reasons").only
    refused = words("delivery", "no_agent_reasons").only
    grounds: list[Cited[object] | str] = [hardships, refused, "R057", "R055"]
    reasons = []
    if reason not in hardships.value:
        code = (
            "agent.reason_refused" if reason in refused.value else "agent.no_hardship"
        )
        reasons.append(Reason(code, "R056", {"hardships": hardships.value}))
    named(holder_documents, "holder_documents")
    named(agent_documents, "agent_documents")
    if not identity_documents(holder_documents, "agent_holder").value.allowed:
        reasons.append(Reason("agent.holder_documents", "R057"))
    if not identity_documents(agent_documents, "agent").value.allowed:
        reasons.append(Reason("agent.own_documents", "R057"))
    return answer(
        Verdict(not reasons, tuple(reasons)),
        *grounds,
        next="agent.bring_documents" if reasons else None,
    )


def age_excuses(born: date, on: date) -> Answer[bool]:
    """Whether age alone lets an agent receive the card (R056)."""
    age = integer("delivery", "agent_age").on(on)
    return answer(age_on(born, on) >= age.value, age)


def representative_needed(born: date, on: date, ward: bool = False) -> Answer[bool]:
    """Whether a legal representative applies and comes along (法定代理人, R058)."""
    age = integer("delivery", "representative_age").on(on)
    return answer(ward or age_on(born, on) < age.value, age)


def representative_paper(issued: date, on: date) -> Answer[Verdict]:
    """Whether a certificate still shows who an adult ward's guardian is (R058).

    The one of registered matters (登記事項証明書), by the day of its issue.
    """
    if issued > on:
        raise BadArgument("issued", Accepts("day_not_after", other="on"))
    months = integer("delivery", "representative_paper_months").on(on)
    until = plus_months(issued, months.value)
    reasons: tuple[Reason, ...] = ()
    if on > until:
        facts = {"until": until.isoformat(), "months": str(months.value)}
        reasons = (Reason("guardianship.paper_too_old", "R058", facts),)
    return answer(Verdict(not reasons, reasons), months)


def child_may_stay_home(born: date, on: date) -> Answer[bool]:
    """Whether the representative may come without the child (R058)."""
    age = integer("delivery", "child_may_stay_home_below_age").on(on)
    return answer(age_on(born, on) < age.value, age)


def certificate_visits(visitor: Visitor) -> Answer[int]:
    """How many visits issuing certificates takes: an agent comes twice (R059)."""
    visits = counts("delivery", "agent_visits").only
    return answer(visits.value[visitor], visits)
