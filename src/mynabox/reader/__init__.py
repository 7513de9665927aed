"""Makes virtual cards visible to PC/SC programs."""
