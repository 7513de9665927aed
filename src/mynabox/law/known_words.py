"""The words that an argument knows, where its type does not tell them.

Callers with strings (``mynabox law NAME --help``, ``GET /api/v1/law``) are shown
them. A ``closed`` argument takes no other word; with an open one, any other word has
an answer as well, which is a refusal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mynabox.law import certificates, events, hotlines, identity
from mynabox.law.accepts import Accepts
from mynabox.law.book import mapping, parameters, words
from mynabox.law.parameter import Cited, Rule

T = TypeVar("T")

PLACES = frozenset({"municipality", "residence", "honseki"})
"""Arguments that name a municipality, by code or by name."""

A_PLACE = Accepts("place")


@dataclass(frozen=True, slots=True)
class Known:
    """The words of one argument."""

    words: Callable[[], tuple[str, ...]]
    closed: bool = True

    def told(self, *, many: bool) -> Accepts:
        """For a help or an error: what may be written."""
        if many:
            return Accepts("list_of", words=self.words())
        return Accepts("one_of" if self.closed else "word", words=self.words())


def known(function: str, argument: str) -> Known | None:
    """The words of an argument of a function, if it has any of its own."""
    return _KNOWN.get((function, argument))


def _list(topic: str, *keys: str) -> Callable[[], tuple[str, ...]]:
    return lambda: tuple(
        word for key in keys for word in _latest(words(topic, key)).value
    )


def _table(topic: str, key: str) -> Callable[[], tuple[str, ...]]:
    return lambda: tuple(_latest(mapping(topic, key)).value)


def _latest(rule: Rule[T]) -> Cited[T]:
    return [cited for cited in rule.values if cited.municipality is None][-1]


def _keys(topic: str) -> Callable[[], tuple[str, ...]]:
    return lambda: tuple(parameters(topic))


_DOCUMENTS = Known(identity.document_words)
_PURPOSES = Known(_list("privacy", "number_purposes"), closed=False)
_STATIONS = Known(lambda: ("counter",), closed=False)

_KNOWN: Mapping[tuple[str, str], Known] = {
    ("number_proof", "documents"): _DOCUMENTS,
    ("number_change", "ground"): Known(_list("number", "change_grounds"), closed=False),
    ("application_form_usable", "changed"): Known(
        _list("application", "form_particulars")
    ),
    ("second_application", "reason"): Known(
        _list("application", "replacement_reasons")
    ),
    ("photo", "format"): Known(_list("photo", "formats"), closed=False),
    ("photo", "colour"): Known(_list("photo", "colours"), closed=False),
    ("agent_may_receive", "reason"): Known(
        _list("delivery", "agent_reasons"), closed=False
    ),
    ("agent_may_receive", "holder_documents"): _DOCUMENTS,
    ("agent_may_receive", "agent_documents"): _DOCUMENTS,
    ("identity_documents", "documents"): _DOCUMENTS,
    ("identity_documents", "purpose"): Known(identity.purposes),
    ("certificates_needed", "use"): Known(certificates.uses),
    ("event_effects", "event"): Known(events.event_names),
    ("pin_reset", "documents"): _DOCUMENTS,
    ("pin_not_needed_card", "use"): Known(
        _list("pins", "face_only_refusals"), closed=False
    ),
    ("household_may", "errand"): Known(
        _list("moving", "household_errands"), closed=False
    ),
    ("certificate_fee", "reason"): Known(_list("fees", "certificates_alone")),
    ("express_issue", "reason"): Known(
        _list("fees", "express_free", "express_charged"), closed=False
    ),
    ("express_fee", "reason"): Known(_list("fees", "express_free", "express_charged")),
    ("steps", "procedure"): Known(_keys("steps")),
    ("what_to_bring", "errand"): Known(_keys("bring")),
    ("channel_speaks", "channel"): Known(_list("application", "channels")),
    ("unhold", "place"): _STATIONS,
    ("line_open", "line"): Known(hotlines.lines),
    ("line_opens_next", "line"): Known(hotlines.lines),
    ("line_charged", "line"): Known(hotlines.lines),
    ("voice_menu_key", "wanted"): Known(_list("hotlines", "voice_menu")),
    ("kiosk_certificate", "nationality"): Known(lambda: ("japanese",), closed=False),
    ("kiosk_form", "form"): Known(_list("kiosk", "counter_only"), closed=False),
    ("kiosk_store", "name"): Known(_list("kiosk", "stores"), closed=False),
    ("number_request", "requester"): Known(
        _table("privacy", "requesters"), closed=False
    ),
    ("number_request", "purpose"): _PURPOSES,
    ("copy_card", "purpose"): _PURPOSES,
    ("chip_holds", "kind"): Known(
        _list("privacy", "chip_holds", "chip_holds_not"), closed=False
    ),
    ("points", "items"): Known(lambda: ("purchase", "health_card", "account")),
}

ARGUMENTS = tuple(_KNOWN)
"""The arguments that have words: function and name."""
