"""Which documents suffice to show who someone is (本人確認書類)."""

from collections import Counter

from mynabox.law.accepts import Accepts
from mynabox.law.answer import Answer, Reason, Verdict
from mynabox.law.book import mapping, parameters, words
from mynabox.law.errors import BadArgument
from mynabox.law.parameter import Cited
from mynabox.law.rulebook import answer

_LISTS = frozenset({"class_a", "class_b", "papers", "aliases"})


def purposes() -> tuple[str, ...]:
    """The purposes for which sets of documents are listed."""
    return tuple(key for key in parameters("identity") if key not in _LISTS)


def document_words() -> tuple[str, ...]:
    """Every document that can be named, without everyday aliases."""
    return tuple(
        name
        for key in ("class_a", "class_b", "papers")
        for name in words("identity", key).only.value
    )


def named(documents: tuple[str, ...], argument: str = "documents") -> tuple[str, ...]:
    """The documents by their names in the lists; the same one twice counts once."""
    aliases = mapping("identity", "aliases").only.value
    known = document_words()
    found: dict[str, None] = {}
    for document in documents:
        name = aliases.get(document, document)
        if name not in known:
            raise BadArgument(argument, Accepts("one_of", words=known))
        found[name] = None
    return tuple(found)


def identity_documents(
    documents: tuple[str, ...], purpose: str, municipality: str | None = None
) -> Answer[Verdict]:
    """Whether these documents suffice for a purpose.

    One class A (official, with a photograph) or two of class B suffice to
    receive a card; each purpose lists its own sets. A refusal names the sets.
    """
    if purpose not in purposes():
        raise BadArgument("purpose", Accepts("one_of", words=purposes()))
    shown = named(documents)
    sets = words("identity", purpose).only_in(municipality)
    grounds: list[Cited[object] | str] = [sets]
    if purpose == "pin_reset":
        excluded = words("pins", "counter_excluded_documents").only
        shown = tuple(name for name in shown if name not in excluded.value)
        grounds.append(excluded)
    if purpose == "pickup":
        grounds.append("R053")
    if any(_covers(shown, wanted.split()) for wanted in sets.value):
        return answer(Verdict(True), *grounds)
    lacking = Reason("identity.not_enough", sets.rule, {"sets": sets.value})
    return answer(Verdict(False, (lacking,)), *grounds, next="identity.bring_one_set")


def _covers(shown: tuple[str, ...], wanted: list[str]) -> bool:
    """Whether the documents fill every place of a set, none of them twice.

    A class A document may stand in a place for class B: it shows more.
    """
    class_a = words("identity", "class_a").only.value
    class_b = words("identity", "class_b").only.value
    places = Counter(place for place in wanted if place in ("A", "B"))
    exact = [place for place in wanted if place not in places]
    if not set(exact) <= set(shown):
        return False
    rest = [name for name in shown if name not in exact]
    strong = sum(name in class_a for name in rest)
    weak = sum(name in class_b for name in rest)
    return strong >= places["A"] and strong + weak >= places.total()
