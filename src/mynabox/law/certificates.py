"""The two certificates on the chip: how long they last, what they serve (電子証明書)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, TypeAlias

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import integer, words
from mynabox.law.days import nth_birthday_after
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer
from mynabox.law.validity import in_order, renewal_opens

CertificateKind: TypeAlias = Literal["signature", "authentication"]


def certificate_expiry(
    kind: CertificateKind,
    born: date,
    issued: date,
    card_expiry: date,
    authentication_expiry: date | None = None,
    renewed_from: date | None = None,
) -> Answer[date]:
    """The last day of a certificate (電子証明書の有効期間), itself inclusive.

    ``issued`` is the day the card was made at the first issue (R131, A27).
    ``renewed_from`` is the last day of the certificate that this one renews:
    inside its renewal window the new one gets the sixth birthday (R134).
    A signature certificate never outlives the authentication certificate
    held beside it (R133).
    """
    in_order(born=born, issued=issued)
    early = renewed_from is not None and (
        renewal_opens(renewed_from).value <= issued <= renewed_from
    )
    key = "renewed_birthdays" if early else "birthdays"
    birthdays = integer("certificates", key).on(issued)
    limits = [nth_birthday_after(born, issued, birthdays.value), card_expiry]
    grounds: list[Cited[object] | str] = [birthdays, "R093", "R132"]
    if card_expiry < issued:
        raise BadArgument("card_expiry", Accepts("day_not_before", other="issued"))
    if kind == "signature" and authentication_expiry is not None:
        if authentication_expiry < issued:
            raise BadArgument(
                "authentication_expiry", Accepts("day_not_before", other="issued")
            )
        limits.append(authentication_expiry)
        grounds.append("R133")
    return answer(min(limits), *grounds)


def certificate_expiries(
    certificates: Iterable[tuple[CertificateKind, date, date, date, date | None]],
) -> Iterator[date]:
    """The last days of many certificates that renew none, as
    :func:`certificate_expiry` gives them one by one.

    A certificate is the tuple of that function's first five arguments. The rulebook
    is asked once for each day of issue, and no citations are made.
    """
    terms: dict[date, int] = {}
    for kind, born, issued, card_expiry, beside in certificates:
        if kind != "signature":
            beside = None
        least = card_expiry if beside is None or beside > card_expiry else beside
        if not born <= issued <= least:
            yield certificate_expiry(kind, born, issued, card_expiry, beside).value
            continue
        if issued not in terms:
            terms[issued] = integer("certificates", "birthdays").on(issued).value
        limit = nth_birthday_after(born, issued, terms[issued])
        yield limit if limit < least else least


def uses() -> tuple[str, ...]:
    """Every use of certificates that is listed."""
    keys = ("both_needed_for", "signature_uses", "authentication_uses")
    return tuple(
        sorted({w for key in keys for w in words("certificates", key).only.value})
    )


def certificates_needed(use: str) -> Answer[tuple[str, ...]]:
    """The certificates that a use needs on the card (R130)."""
    both = words("certificates", "both_needed_for").only
    signing = words("certificates", "signature_uses").only
    logging_in = words("certificates", "authentication_uses").only
    needed = []
    if use in signing.value or use in both.value:
        needed.append("signature")
    if use in logging_in.value or use in both.value:
        needed.append("authentication")
    if not needed:
        raise BadArgument("use", Accepts("one_of", words=uses()))
    return answer(tuple(needed), both, signing, logging_in)


def certificate_renewal(
    certificate_expiry: date, card_expiry: date, on: date
) -> Answer[Verdict]:
    """Whether the certificates alone can be renewed at the counter on a day.

    From the opening of the window (R134) while the card is valid (R137); a
    certificate that has expired is issued anew, free as well (R141).
    """
    opens = renewal_opens(certificate_expiry).value
    if on > card_expiry:
        gone = Reason("renewal.card_expired", "R097", {"expired": card_expiry})
        return answer(Verdict(False, (gone,)), "R137", "R097", next="card.apply_anew")
    if on < opens:
        early = Reason("renewal.too_early", "R098", {"opens": opens})
        return answer(
            Verdict(False, (early,)), "R098", "R137", next="renewal.wait_until_open"
        )
    late: tuple[str, ...] = ("R141",) if on > certificate_expiry else ()
    return answer(
        Verdict(True), "R098", "R137", "R273", *late, next="renewal.bring_card_and_pins"
    )


def home_use_needs() -> Answer[tuple[str, ...]]:
    """What using the certificates at home needs (R139)."""
    needed = words("certificates", "equipment").only
    return answer(needed.value, needed, "R280")
