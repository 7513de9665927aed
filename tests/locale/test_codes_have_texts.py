"""Every refusal and every next step of the program has words, whoever adds one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mynabox
from mynabox.law import rulebook
from mynabox.law.book import parameters
from mynabox.lifecycle.application import APPLICATION
from mynabox.lifecycle.appointment import APPOINTMENT
from mynabox.lifecycle.approval import APPROVAL
from mynabox.lifecycle.card import CARD
from mynabox.lifecycle.card_request import CARD_REQUEST
from mynabox.lifecycle.certificate import CERTIFICATE
from mynabox.lifecycle.consent import CONSENT
from mynabox.lifecycle.delivery import DELIVERY
from mynabox.lifecycle.fee import FEE
from mynabox.lifecycle.guardianship import GUARDIANSHIP
from mynabox.lifecycle.inquiry import INQUIRY
from mynabox.lifecycle.loss import LOSS
from mynabox.lifecycle.notice import NOTICE
from mynabox.lifecycle.number import NUMBER
from mynabox.lifecycle.resident import RESIDENT
from mynabox.lifecycle.staff import STAFF
from mynabox.lifecycle.store_reset import STORE_RESET
from mynabox.lifecycle.verifier import VERIFIER
from mynabox.locale import knows, say
from mynabox.locale.completeness import COMPLETE, messages, places
from mynabox.papers.photo import PhotoTrouble

_NAMES_A_FILE = re.compile(r"\.(toml|csv)$|^mynabox\.")
SOURCE = Path(mynabox.__file__).parent
LIVES = (
    *(APPLICATION, APPOINTMENT, APPROVAL, CARD, CARD_REQUEST, CERTIFICATE, DELIVERY),
    *(FEE, LOSS, NOTICE, NUMBER, RESIDENT, STAFF, CONSENT, VERIFIER),
    *(INQUIRY, STORE_RESET, GUARDIANSHIP),
)
_REFUSALS = ("Refused", "NotPermitted", "NotSignedIn", "TooMany", "Reason")
_STATUS_WORDS = {"card", "reader", "iso7816", "terminal"}
"""Packages whose ``Refused`` carries a status word of the card, not a code."""


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] not in _STATUS_WORDS:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else None
            if isinstance(called, ast.Attribute):
                name = called.attr
            if name in names:
                yield node


def _texts(node: ast.AST) -> Iterator[str]:
    """Dotted codes among the constants of an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _is_code(text: str) -> bool:
    head, dot, tail = text.partition(".")
    return bool(dot) and head.isidentifier() and tail.replace(".", "_").isidentifier()


def _assigned(tree: ast.Module, name: str) -> Iterator[str]:
    """Codes assigned to a name, as ``code = "a.b" if … else "a.c"``."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=given)], value=value):
                if given == name:
                    yield from filter(_is_code, _texts(value))
            case ast.AnnAssign(target=ast.Name(id=given), value=ast.expr() as value):
                if given == name:
                    yield from filter(_is_code, _texts(value))
            case _:
                pass


def refusal_codes() -> dict[str, str]:
    """Every code of ``Refused`` and ``Reason`` with the file it was seen in."""
    found: dict[str, str] = {}
    for path, tree in _modules():
        for call in _calls(tree, *_REFUSALS):
            if not call.args:
                continue
            first = call.args[0]
            codes = set(filter(_is_code, _texts(first)))
            if isinstance(first, ast.Name):
                codes |= set(_assigned(tree, first.id))
            for code in codes:
                found[code] = path.name
    for life in LIVES:
        found[f"{life.name}.not_possible_now"] = "life.py"
    for trouble in PhotoTrouble:
        found[f"photo.{trouble.value}"] = "photo.py"
    for fault in parameters("photo")["faults"].values[0].value:  # type: ignore[attr-defined]
        found[f"photo.{fault}"] = "photo.toml"
    return found


def next_ids() -> dict[str, str]:
    """Every id of a next step in the rulebook with the file it was seen in.

    In its modules a text with a dot in it is a code, a next step, or a file's name.
    """
    found: dict[str, str] = {}
    for path, tree in _modules():
        if path.parent.name == "law":
            for text in filter(_is_code, _texts(tree)):
                if text not in CODES and not _NAMES_A_FILE.search(text):
                    found[text] = path.name
    return found


CODES = refusal_codes()
NEXT = next_ids()


def test_the_scan_sees_the_codes_that_are_known_to_be_there() -> None:
    """A scan that finds nothing would make the tests below pass for nothing."""
    seen = {
        "photo.too_old", "photo.hat", "photo.cmyk", "register.born_differs",
        "pin_reset.card_is_not_enough", "kiosk.no_honseki", "agent.no_hardship",
        "card.not_possible_now", "hand_over.not_waiting", "import.duplicate",
    }  # fmt: skip
    assert seen <= set(CODES)
    assert {"event.hand_card_back", "line.call_again", "pin_reset.go_to_counter",
            "photo.take_another"} <= set(NEXT)  # fmt: skip
    assert len(CODES) > 120
    assert len(NEXT) > 40


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_refusal_says_what_is_wrong_and_what_to_do(code: str) -> None:
    for language in COMPLETE:
        assert knows(code, language=language), (code, CODES[code], language)
        assert knows(f"{code}.do", language=language), (code, CODES[code], language)


@pytest.mark.parametrize("message", sorted(NEXT))
def test_a_next_step_has_words(message: str) -> None:
    for language in COMPLETE:
        assert knows(message, language=language), (message, NEXT[message])


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_every_state_has_a_name(life: object) -> None:
    assert hasattr(life, "steps")
    for before, _ in life.steps:
        assert knows(f"state.{before.value}"), before
        refused = say("ja", f"{life.name}.not_possible_now", state=before.value)  # type: ignore[attr-defined]
        assert say("ja", f"state.{before.value}") in refused


def test_the_texts_use_only_facts_that_the_code_gives() -> None:
    """A place that no ``Refused`` fills would stay visible as its name in braces."""
    given: dict[str, set[str]] = {}
    for _, tree in _modules():
        for call in _calls(tree, *_REFUSALS):
            if not call.args:
                continue
            first = call.args[0]
            codes = set(filter(_is_code, _texts(first)))
            if isinstance(first, ast.Name):
                codes |= set(_assigned(tree, first.id))
            facts = {word.arg for word in call.keywords if word.arg}
            for extra in call.args[2:]:
                facts |= set(_texts(extra))
                if isinstance(extra, ast.Name):
                    facts |= {
                        text
                        for node in ast.walk(tree)
                        if isinstance(node, ast.Assign)
                        and any(
                            isinstance(t, ast.Name) and t.id == extra.id
                            for t in node.targets
                        )
                        for text in _texts(node.value)
                    }
            for code in codes:
                given[code] = given.get(code, set()) | facts
    texts = messages("en", "refusals")
    for code, facts in given.items():
        for name in (code, f"{code}.do"):
            if name in texts:
                wanted = set(places(str(texts[name].string)))
                assert wanted <= facts, (name, wanted - facts)


def test_english_rule_texts_are_those_of_the_rulebook() -> None:
    """One sentence per rule, written once."""
    for rule, found in rulebook.statements().items():
        assert say("en", f"rule.{rule}") == found.says
    known = {name for name in messages("en", "rules") if name.startswith("rule.")}
    assert known == {f"rule.{rule}" for rule in rulebook.statements()}
