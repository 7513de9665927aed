"""What a box can be told from outside (environment or command line)."""
