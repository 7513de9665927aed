"""The pages of a resident who applies for a card."""
