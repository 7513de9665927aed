"""The OCSP process: a small HTTP server of its own that answers from what was signed
before, and signs what was not."""
