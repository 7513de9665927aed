"""docs/scenarios.md shows the catalogue as it is."""

import runpy
from pathlib import Path

DRAW = Path(__file__).parents[2] / "tools" / "scenarios" / "draw.py"


def test_the_document_shows_the_catalogue_of_today() -> None:
    """run tools/scenarios/draw.py after changing a scenario"""
    drawn = runpy.run_path(str(DRAW))
    assert drawn["DOCUMENT"].read_text(encoding="utf-8") == drawn["document"]()
