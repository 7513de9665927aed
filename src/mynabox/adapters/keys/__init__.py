"""Where private keys and secrets live: sealed files by default."""
