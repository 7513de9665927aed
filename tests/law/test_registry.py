"""Every function by name, with arguments in words (R266: values stay unsaid)."""

import json
from collections.abc import Callable
from datetime import date, datetime
from inspect import signature
from typing import Any, get_type_hints

import pytest

from mynabox.law import known_words, registry
from mynabox.law.answer import Answer, Verdict
from mynabox.law.errors import BadArgument
from mynabox.law.registry import (
    FUNCTIONS,
    arguments_of,
    call,
    plain,
    show,
    summary,
    to_json,
)

PROMISED = {
    "card_expiry": "born applied issued residence_status stay_until",
    "certificate_expiry": "kind born issued card_expiry authentication_expiry renewed_from",
    "renewal_opens": "expiry",
    "number_check_digit": "body",
    "number_valid": "number",
    "municipality_code_valid": "code",
    "application_form_usable": "printed_stay_until on changed",
    "special_extension": "expiry requested",
    "extended_expiry": "original_limit new_stay_until",
    "particulars_due": "changed",
    "move_in_due": "moved_in planned_move_out",
    "continued_use_until": "notice",
    "reissue_fee": "reason certificates old_card municipality",
    "pin_form": "kind value",
    "pin_tries": "kind",
    "pin_reset": "kind place at documents",
    "event_effects": "event",
    "identity_documents": "documents purpose",
    "photo": "taken applied width_mm height_mm",
    "line_open": "line language topic at",
    "counter_open": "municipality office at",
    "kiosk_open": "at municipality",
    "kiosk_certificate": "kind residence honseki nationality age registered_use",
    "number_request": "requester purpose",
    "copy_card": "side purpose consent",
    "points": "applied claimed items spend",
    "health_card": "on registered certificate_expiry",
}


@pytest.mark.parametrize("name", PROMISED)
def test_promised_names_and_arguments(name: str) -> None:
    """The promised arguments come first; whatever follows may be left out."""
    promised = PROMISED[name].split()
    wanted = arguments_of(name)
    assert list(wanted)[: len(promised)] == promised
    assert not any(wanted[more].needed for more in list(wanted)[len(promised) :])


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_every_function_is_told_and_parsable(name: str) -> None:
    assert summary(name).endswith((".", ":"))
    for argument in arguments_of(name).values():
        assert argument.accepted
    assert get_type_hints(FUNCTIONS[name])["return"].__origin__ is Answer


CALLS: list[tuple[str, dict[str, str], Any]] = [
    ("card_expiry", {"born": "2003-06-01", "applied": "2022-04-01", "issued": "2022-04-10", "residence_status": "japanese"}, "2031-06-01"),
    ("card_expiry", {"born": "2003-06-01", "applied": "2022-04-01", "issued": "2022-04-10", "residence_status": "japanese", "stay_until": "none"}, "2031-06-01"),
    ("card_expiry", {"born": "2003-06-01", "applied": "2022-04-01", "issued": "2022-04-10", "residence_status": "mid_long_term", "stay_until": "2027-06-30"}, "2027-06-30"),
    ("certificate_expiry", {"kind": "signature", "born": "1980-02-17", "issued": "2025-10-27", "card_expiry": "2035-02-17", "authentication_expiry": "", "renewed_from": "none"}, "2030-02-17"),
    ("number_valid", {"number": "123456789018"}, True),
    ("number_check_digit", {"body": "12345678901"}, 8),
    ("pin_tries", {"kind": "signature"}, 5),
    ("reissue_fee", {"reason": "lost", "certificates": "no", "old_card": "no"}, 800),
    ("reissue_fee", {"reason": "lost", "certificates": "TRUE", "municipality": "082201"}, 1000),
    ("line_open", {"line": "0120-0178-27", "language": "en", "topic": "card", "at": "2023-11-02T20:00"}, "suspension_only"),
    ("line_open", {"line": "0120-0178-27", "language": "en", "topic": "card", "at": "2023-11-02T10:59:59Z"}, "open"),
    ("counter_open", {"municipality": "082201", "office": "main", "at": "2023-10-14T10:00"}, True),
    ("kiosk_open", {"at": "2023-10-01T23:00"}, False),
    ("points", {"applied": "2022-08-01", "claimed": "2022-12-01", "items": "purchase, health_card,account", "spend": "20000"}, 20000),
    ("points", {"applied": "2022-08-01", "claimed": "2022-12-01", "items": "none"}, 0),
    ("event_effects", {"event": "lost"}, {"signature": "hold", "authentication": "hold", "card": "suspended"}),
    ("event_effects", {"event": "address_changed"}, {"signature": "revoked affiliationChanged", "authentication": "good", "card": "update"}),
    ("special_extension", {"expiry": "2023-12-31", "requested": "2023-12-01"}, "2024-02-29"),
    ("renewal_letter", {"expiry": "2030-05-31"}, ["2030-02-28", "2030-03-31"]),
    ("line_opens_next", {"line": "0120-0178-27", "language": "th", "topic": "card", "at": "2023-11-02T20:00"}, "2023-11-03T09:00:00+09:00"),
    ("copy_card", {"side": "front", "purpose": "id", "consent": "yes"}, {"allowed": True, "reasons": []}),
    ("health_card", {"on": "2025-05-01", "registered": "no", "certificate_expiry": "2026-01-01"},
     {"allowed": False, "reasons": [{"code": "health.register_first", "rule": "R250", "facts": {}}]}),
    ("application_form_usable", {"printed_stay_until": "2023-03-31", "on": "2023-04-01", "changed": "no"},
     {"allowed": False, "reasons": [{"code": "form.stay_ended", "rule": "R027", "facts": {"ended": "2023-03-31"}}]}),
    ("application_form_usable", {"printed_stay_until": "none", "on": "2023-04-01", "changed": "name,address"},
     {"allowed": False, "reasons": [{"code": "form.changed", "rule": "R026", "facts": {"changed": ["name", "address"]}}]}),
    ("application_form_usable", {"printed_stay_until": "none", "on": "2023-04-01", "changed": "yes"},
     {"allowed": False, "reasons": [{"code": "form.changed", "rule": "R026", "facts": {"changed": []}}]}),
    ("pin_form", {"kind": "juki", "value": "1234"}, {"allowed": True, "reasons": []}),
    # a municipality by name: Tsukuba is open on that Saturday, as nowhere else is known to be
    ("counter_open", {"municipality": "Tsukuba", "office": "main", "at": "2023-10-14T10:00"}, True),
    ("counter_open", {"municipality": "つくば市", "office": "main", "at": "2023-10-14T10:00"}, True),
    ("counter_open", {"municipality": "08220", "office": "main", "at": "2023-10-14T10:00"}, True),
    ("counter_open", {"municipality": "札幌市", "office": "main", "at": "2023-10-14T10:00"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "value"), CALLS)
def test_calls_in_words(name: str, arguments: dict[str, str], value: Any) -> None:
    told = to_json(call(name, arguments))
    assert told["value"] == value
    assert list(told) == ["value", "rules", "citations", "disputes", "next"]
    assert told["rules"]
    assert json.loads(json.dumps(told)) == told


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("no_such", {}, "'name': no such function"),
    ("renewal_opens", {}, "'expiry': missing; accepted: a day such as 2023-10-01"),
    ("renewal_opens", {"expiry": "31 May"}, "'expiry': accepted: a day such as"),
    ("renewal_opens", {"expiry": "2023-05-31T10:00"}, "'expiry': accepted: a day"),
    ("renewal_opens", {"expiry": "none"}, "'expiry': accepted: a day"),
    ("renewal_opens", {"expiry": "2023-05-31", "day": "1"}, "'day': unknown here; accepted are expiry"),
    ("pin_tries", {"kind": "puk"}, "'kind': accepted: one of signature, authentication"),
    ("reissue_fee", {"reason": "lost", "certificates": "maybe"}, "'certificates': accepted: yes or no"),
    ("points", {"applied": "2022-08-01", "claimed": "2022-12-01", "items": "x", "spend": "many"}, "'spend': accepted: a whole number"),
    ("points", {"applied": "2022-08-01", "claimed": "2022-12-01", "items": "x", "spend": "１"}, "'spend': accepted"),
    ("line_open", {"line": "0120-0178-27", "language": "xx", "topic": "card", "at": "2023-11-02"}, "'language'"),
    ("line_open", {"line": "0120-0178-27", "language": "en", "topic": "card", "at": "noon"}, "'at': accepted: a moment such as"),
    ("card_expiry", {"born": "2003-06-01", "applied": "2022-04-01", "issued": "2022-04-10", "residence_status": "japanese", "stay_until": "soon"}, "'stay_until': accepted: a day such as 2023-10-01 or none"),
    ("identity_documents", {"purpose": "pickup"}, "'documents': missing; accepted: words with commas"),
    ("pins_may_be_equal", {"kinds": "juki,puk"}, "'kinds': accepted"),
    ("counter_open", {"municipality": "999999", "office": "main", "at": "2023-10-14T10:00"}, "'municipality': accepted: a municipality: its six-digit code"),
    ("counter_open", {"municipality": "082202", "office": "main", "at": "2023-10-14T10:00"}, "'municipality'"),
    ("reissue_fee", {"reason": "lost", "municipality": "Atlantis"}, "'municipality'"),
    ("kiosk_certificate", {"kind": "seal", "residence": "999999", "honseki": "none", "nationality": "japanese", "age": "30"}, "'residence'"),
    ("line_open", {"line": "0120-95-0178", "language": "ja", "topic": "card", "at": "2023-11-02"}, "'at': accepted: a moment such as"),
    ("kiosk_open", {"at": "20231102T1000"}, "'at': accepted: a moment such as"),
    ("kiosk_fee", {"kind": "tax", "copies": "0"}, "'copies'"),
    ("kiosk_fee", {"kind": "tax", "copies": "-1"}, "'copies'"),
    ("kiosk_certificate", {"kind": "seal", "residence": "none", "honseki": "none", "nationality": "japanese", "age": "-1"}, "'age'"),
    ("points", {"applied": "2022-08-02", "claimed": "2022-08-01", "items": "account"}, "'claimed'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "message"), WRONG)
def test_wrong_arguments_say_which(
    name: str, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(BadArgument) as caught:
        call(name, arguments)
    assert message in str(caught.value)
    assert caught.value.argument in str(caught.value)


def test_an_error_never_repeats_what_was_given() -> None:
    for name, arguments in (
        ("number_check_digit", {"body": "12345678901234"}),
        ("pin_form", {"kind": "9173", "value": "9173"}),
    ):
        with pytest.raises(BadArgument) as caught:
            call(name, arguments)
        assert "12345678901234" not in str(caught.value)
        assert "9173" not in str(caught.value)


def test_a_list_may_be_empty_and_spaced() -> None:
    first = call("pins_may_be_equal", {"kinds": "juki, authentication"})
    assert first.value is True
    assert call("pins_may_be_equal", {"kinds": "signature,,juki"}).value is False
    refused = call("identity_documents", {"documents": "none", "purpose": "pickup"})
    assert isinstance(refused.value, Verdict)


def test_none_is_nothing_where_a_text_could_stand() -> None:
    told = call(
        "kiosk_certificate",
        {
            "kind": "seal",
            "residence": "none",
            "honseki": "082201",
            "nationality": "japanese",
            "age": "30",
        },
    )
    assert told.value.codes == ("kiosk.no_residence",)


@pytest.mark.parametrize("word", ["yes", "true", "1", "Yes"])
def test_truth(word: str) -> None:
    told = call("copy_card", {"side": "front", "purpose": "id", "consent": word})
    assert told.value.allowed


@pytest.mark.parametrize("word", ["no", "false", "0", "NO"])
def test_untruth(word: str) -> None:
    told = call("copy_card", {"side": "front", "purpose": "id", "consent": word})
    assert not told.value.allowed


def test_optional_arguments_are_those_that_take_none_or_have_a_default() -> None:
    wanted = arguments_of("application_form_usable")
    assert not wanted["printed_stay_until"].needed
    assert wanted["on"].needed
    assert wanted["changed"].accepted == (
        "yes or no or words with commas between them, of name, address, stay"
    )
    told = call("application_form_usable", {"on": "2023-04-01", "changed": "no"})
    assert told.value.allowed
    assert not arguments_of("reissue_fee")["certificates"].needed


def test_plain_values() -> None:
    assert plain({1: (date(2023, 1, 2), True)}) == {"1": ["2023-01-02", True]}
    assert plain(None) is None
    moment = datetime.fromisoformat("2023-11-03T09:00+09:00")
    assert plain([moment]) == ["2023-11-03T09:00:00+09:00"]
    assert plain(int) is int
    assert plain(Verdict) is Verdict


def test_show_tells_all_of_a_rule() -> None:
    told = show("R091")
    assert json.loads(json.dumps(told)) == told
    assert told["rule"] == "R091"
    assert told["until"] == "2022-03-31"
    assert told["from"] == "2015-10-05"
    assert "31 March 2022" in str(told["statement"])
    values: Any = told["values"]
    assert [v["is"] for v in values] == [20, 10, 5]
    assert values[0]["source"] == "seed 003:184"
    assert values[0]["checked"] == "2026-11-20"
    assert values[0]["confidence"] == "high"
    assert values[0]["municipality"] is None
    disputes: Any = told["disputes"]
    assert [d["source"] for d in disputes] == ["seed 004:22"]
    asked: Any = told["questions"]
    assert [q["id"] for q in asked] == ["A1"]
    with pytest.raises(BadArgument, match="'rule': an id of the list"):
        show("R999")


def test_only_functions_that_answer_are_listed() -> None:
    assert "identity_documents" in FUNCTIONS
    assert "document_words" not in FUNCTIONS
    assert "mod_check" not in FUNCTIONS
    assert "settled" not in FUNCTIONS
    assert all(not name.startswith("_") for name in FUNCTIONS)
    listed: Callable[..., Any] = FUNCTIONS["photo"]
    assert "taken" in signature(listed).parameters
    assert registry.FUNCTIONS is FUNCTIONS


@pytest.mark.parametrize(
    ("function", "argument", "told"),
    [
        ("event_effects", "event", "one of address_changed, name_changed,"),
        ("number_request", "requester", "a word; known are employer,"),
        ("number_request", "purpose", "a word; known are number, tax,"),
        (
            "identity_documents",
            "documents",
            "words with commas between them, of my_num",
        ),
        ("identity_documents", "purpose", "one of pickup, mail,"),
        ("pins_may_be_equal", "kinds", "words with commas between them, of signature"),
        ("line_open", "line", "one of 0120-95-0178, 0120-0178-27,"),
        ("counter_open", "municipality", "a municipality: its six-digit code"),
        ("kiosk_certificate", "honseki", "a municipality: its six-digit code"),
        ("number_valid", "number", "a text"),
    ],
)
def test_words_that_an_argument_knows_are_told(
    function: str, argument: str, told: str
) -> None:
    assert arguments_of(function)[argument].accepted.startswith(told)


def test_no_words_are_told_of_an_argument_that_is_not_there() -> None:
    for function, argument in known_words.ARGUMENTS:
        assert argument in arguments_of(function), (function, argument)


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (function, argument)
        for function, argument in known_words.ARGUMENTS
        if known_words.known(function, argument).closed  # type: ignore[union-attr]
    ],
)
def test_a_closed_argument_takes_no_other_word(function: str, argument: str) -> None:
    """And every error names the argument, so that no caller has to guess."""
    given = {**_SOMETHING.get(function, {}), argument: "no_such_word"}
    with pytest.raises(BadArgument) as caught:
        call(function, given)
    assert caught.value.argument == argument


_SOMETHING: dict[str, dict[str, str]] = {
    "application_form_usable": {"on": "2023-04-01"},
    "second_application": {"expiry": "2030-01-01", "on": "2023-04-01"},
    "agent_may_receive": {
        "reason": "illness",
        "holder_documents": "passport",
        "agent_documents": "passport",
    },
    "identity_documents": {"documents": "passport", "purpose": "pickup"},
    "pin_reset": {
        "kind": "juki",
        "place": "counter",
        "at": "2023-11-02T10:00",
    },
    "express_fee": {"on": "2025-01-01"},
    "channel_speaks": {"language": "th", "on": "2023-04-01"},
    "line_open": {"language": "th", "topic": "card", "at": "2023-11-02T10:00"},
    "line_opens_next": {"language": "th", "topic": "card", "at": "2023-11-02T10:00"},
    "points": {"applied": "2022-08-01", "claimed": "2022-08-02"},
}
