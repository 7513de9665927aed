"""JSON for integrators, and the OCSP and CRL endpoints."""
