"""What an argument accepts, in the language of whoever asks."""

from pathlib import Path

import pytest

from mynabox.api.acceptance import accepted_in
from mynabox.law import registry
from mynabox.law.accepts import Accepts, codes, either
from mynabox.law.errors import BadArgument
from mynabox.locale import LANGUAGES
from tests.boxes import PROGRAM, run

PLACES = ("what", "words", "one", "other", "day", "moment", "least", "count", "place",
          "chain", "status")  # fmt: skip


@pytest.mark.parametrize("code", codes())
def test_every_sentence_in_every_language(code: str) -> None:
    """in English that of the rulebook, elsewhere another, with the same in its places"""
    places = {name: f"<{name}>" for name in PLACES if f"{{{name}}}" in codes()[code]}
    sentence = Accepts(code, **places)
    assert accepted_in("en", sentence) == sentence
    for language in LANGUAGES:
        said = accepted_in(language, sentence)
        assert all(place in said for place in places.values())
        if language != "en":
            assert said != sentence


def test_sentences_within_sentences() -> None:
    day = Accepts("day", day="2023-10-01")
    sentence = Accepts("missing", what=either((day, Accepts("none"), Accepts("truth"))))
    assert sentence == (
        "missing; accepted: a day such as 2023-10-01 or none or yes or no"
    )
    assert accepted_in("ja", sentence) == (
        "指定がありません。受け付けるもの：2023-10-01のような日付"
        "またはnone（なし）またはyes（はい）またはno（いいえ）"
    )
    assert accepted_in("es", Accepts("one_of", words=("b", "a"))) == "uno de b, a"


def test_what_every_argument_accepts_can_be_said() -> None:
    for name in registry.FUNCTIONS:
        for argument in registry.arguments_of(name).values():
            assert accepted_in("en", argument.accepted) == argument.accepted
            assert accepted_in("ko", argument.accepted) != ""


@pytest.mark.parametrize(
    ("arguments", "argument", "said"),
    [
        ({"born": "x"}, "born", "受け付けるもの：2023-10-01のような日付"),
        ({}, "born", "指定がありません。"),
        ({"colour": "red"}, "colour", "ここでは使えません。"),
    ],
)
def test_an_argument_keeps_its_name(
    arguments: dict[str, str], argument: str, said: str
) -> None:
    with pytest.raises(BadArgument) as wrong:
        registry.call("card_expiry", arguments)
    assert wrong.value.argument == argument
    assert accepted_in("ja", wrong.value.accepted).startswith(said)


def test_on_the_command_line(tmp_path: Path) -> None:
    done = run(PROGRAM, "law", "card_expiry", "born=x", "-l", "ja", expect=2)
    assert "born" in done.stderr
    assert "2023-10-01のような日付" in "".join(done.stderr.split())
    done = run(PROGRAM, "law", "show", "R999", "-l", "es", expect=2)
    assert "un identificador de la lista" in " ".join(done.stderr.split())
    asked = ("ask", "renewal", "--residence-status", "x", "-l", "vi")
    assert "một trong" in " ".join(run(PROGRAM, *asked, expect=2).stderr.split())
