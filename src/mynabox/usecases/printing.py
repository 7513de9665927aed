"""What papers say beside their subject: who sends them, whom to ask, in what words.

Also turns what a printer cannot do into a refusal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from mynabox.law.book import mapping
from mynabox.law.errors import NotYetInForce
from mynabox.law.municipality import municipality
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Resident
from mynabox.papers.contact import Contact
from mynabox.papers.eras import BeforeEras
from mynabox.papers.fit import DoesNotFit
from mynabox.papers.glyphs import NoGlyph
from mynabox.papers.postcard import Place
from mynabox.papers.wording import words

_SECOND = {
    "BRA": "pt",
    "CHN": "zh-Hans",
    "IDN": "id",
    "KOR": "ko",
    "NPL": "ne",
    "PER": "es",
    "PHL": "fil",
    "PRK": "ko",
    "THA": "th",
    "TWN": "zh-Hant",
    "VNM": "vi",
}
"""Second language of a paper by nationality; English for everybody else."""


def second_language(person: Resident) -> str:
    """The language that stands beside the Japanese on this person's papers."""
    return _SECOND.get(person.nationality, "en")


def office(code: str) -> str:
    """The municipality as a sender, without its prefecture: つくば市."""
    place = municipality(code)
    return f"{place.city}{place.ward}"


def mayor(code: str) -> str:
    """Who issues what the municipality issues: つくば市長."""
    return f"{office(code)}長"


def contacts(on: date, second: str) -> tuple[Contact, ...]:
    """The two telephone lines that every paper names (R190, R192); none on papers of
    days before they are known of."""
    try:
        general = mapping("hotlines", "general_ja").on(on).value
        foreign = mapping("hotlines", "foreign_five").on(on).value
    except NotYetInForce:
        return ()
    said = words("contact", second)
    return (
        Contact(
            number=general["line"],
            what=said["general_line"],
            hours=said["week_hours"].filled(
                weekday=general["weekday"], holiday=general["holiday"]
            ),
        ),
        Contact(
            number=foreign["line"],
            what=said["foreign_line"],
            hours=said["daily_hours"].filled(daily=foreign["weekday"]),
        ),
    )


def pick_up_place(code: str, on: date, second: str) -> Place:
    """The counter at which a card is handed over (R050)."""
    hours = mapping("counters", "section").on(on, code).value
    general = mapping("hotlines", "general_ja").on(on).value
    place = municipality(code)
    return Place(
        name=f"{office(code)}{'役場' if office(code)[-1] in '町村' else '役所'}",
        address=f"{place.prefecture}{place.name}",
        hours=words("contact", second)["counter_hours"].filled(
            weekday=hours["weekday"]
        ),
        telephone=general["line"],
    )


@contextmanager
def printing(paper: str) -> Iterator[None]:
    """Refuse in the words of the catalogues what cannot be printed on ``paper``."""
    try:
        yield
    except NoGlyph as missing:
        raise Refused(
            "paper.no_glyph",
            paper=paper,
            characters=" ".join(
                "+".join(f"U+{ord(part):04X}" for part in character)
                for character in missing.characters
            ),
        ) from None
    except DoesNotFit as too_long:
        raise Refused("paper.does_not_fit", paper=paper, what=too_long.what) from None
    except BeforeEras as early:
        raise Refused("paper.before_eras", paper=paper, day=str(early)) from None
