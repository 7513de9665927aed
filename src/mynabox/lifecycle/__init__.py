"""Things that have a life, as frozen values and transition tables."""
