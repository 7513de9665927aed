"""Certificate profiles, issuing, CRL, OCSP and verification: values in, DER out."""
