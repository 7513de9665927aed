"""Pages for staff: signing in, passkeys, decisions."""
