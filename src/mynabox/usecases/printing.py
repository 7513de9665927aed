"""From what a printer cannot do to a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from mynabox.lifecycle.life import Refused
from mynabox.papers.eras import BeforeEras
from mynabox.papers.fit import DoesNotFit
from mynabox.papers.glyphs import NoGlyph


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
