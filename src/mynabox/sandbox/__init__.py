"""Specimen residents, the demo story and what else makes a box a sandbox."""
