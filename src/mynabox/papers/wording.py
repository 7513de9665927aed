"""The words on papers: Japanese, and a second language in small beside it.

One TOML per paper; each entry has all twelve languages of the product (a card has
Japanese and English only). The fonts for Korean and Chinese hold everyday characters
and these words: run ``tools/fonts/build.py`` if a new word asks for a rare one.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = (
    "ja",
    "en",
    "zh-Hans",
    "zh-Hant",
    "ko",
    "es",
    "pt",
    "th",
    "ne",
    "id",
    "vi",
    "fil",
)


class NotWorded(LookupError):
    """A paper has no words in this language."""

    def __init__(self, paper: str, language: str) -> None:
        super().__init__(f"{paper} has no words in {language}")
        self.paper = paper
        self.language = language


@dataclass(frozen=True, slots=True)
class Line:
    """The same thing said in Japanese and in a second language.

    ``second`` is empty where the second language is Japanese itself.
    """

    ja: str
    second: str = ""

    def filled(self, **values: object) -> "Line":
        """With the placeholders in braces replaced in both languages."""
        return Line(self.ja.format(**values), self.second.format(**values))


@cache
def _entries(paper: str) -> dict[str, dict[str, str]]:
    source = files("mynabox.papers").joinpath("wording", f"{paper}.toml")
    return tomllib.loads(source.read_text("utf-8"))


@cache
def words(paper: str, second: str) -> dict[str, Line]:
    """Every entry of a paper by name. Raises ``NotWorded``."""
    lines = {}
    for name, said in _entries(paper).items():
        if second not in said:
            raise NotWorded(paper, second)
        lines[name] = Line(said["ja"], "" if second == "ja" else said[second])
    return lines
