"""Pages rendered by the server; they work without scripts."""
