"""The pages that only a sandbox has: what it is, what it sent."""
