"""docs/lives.md shows the tables as they are."""

import runpy
from pathlib import Path

DRAW = Path(__file__).parents[2] / "tools" / "lives" / "draw.py"


def test_the_document_shows_the_tables_of_today() -> None:
    """run tools/lives/draw.py after changing a life"""
    drawn = runpy.run_path(str(DRAW))
    assert drawn["DOCUMENT"].read_text(encoding="utf-8") == drawn["document"]()
