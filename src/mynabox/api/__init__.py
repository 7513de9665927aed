"""JSON for integrators, and the status services that relying parties ask."""
