"""Every paper speaks every language of the product."""

import re
from importlib.resources import files

import pytest

from mynabox.papers.wording import LANGUAGES, NotWorded, words

PAPERS = sorted(
    entry.name.removesuffix(".toml")
    for entry in (files("mynabox.papers") / "wording").iterdir()
    if entry.name != "card.toml"  # Japanese and English only
)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_entry_is_said_with_the_same_placeholders(
    paper: str, language: str
) -> None:
    for name, line in words(paper, language).items():
        assert line.ja.strip(), name
        assert line.second.strip(), name
        holes = [sorted(re.findall(r"{\w+}", text)) for text in (line.ja, line.second)]
        assert holes[0] == holes[1], name


def test_japanese_alone_says_nothing_twice() -> None:
    assert {line.second for line in words("notice", "ja").values()} == {""}


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(NotWorded) as refusal:
        words("card", "th")
    assert (refusal.value.paper, refusal.value.language) == ("card", "th")


def test_no_number_of_law_hides_in_the_words() -> None:
    for paper in ("postcard", "pin_slip", "letter"):
        for line in words(paper, "en").values():
            assert not re.search(r"\d", line.ja + line.second), line
