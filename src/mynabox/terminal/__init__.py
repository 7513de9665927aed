"""The host side: sessions with a card, ours or a genuine one."""
