"""``mynabox card``: every command of it, wherever it is written."""

from mynabox.cli import card_conversation, card_production, card_scenario, card_use
from mynabox.cli.cards import card

PARTS = (card_production, card_scenario, card_use, card_conversation)
"""Modules that add their commands to ``card`` when they are imported."""

__all__ = ["PARTS", "card"]
