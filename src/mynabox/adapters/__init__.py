"""The world: store, keys, post, mail, clock, randomness, card files."""
