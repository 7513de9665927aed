"""DER as text (RFC 7468)."""

from base64 import b64encode
from textwrap import wrap

_LINE = 64


def pem(label: str, der: bytes) -> str:
    """The PEM form of ``der`` under a label such as ``CERTIFICATE``."""
    lines = "\n".join(wrap(b64encode(der).decode("ascii"), _LINE))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
