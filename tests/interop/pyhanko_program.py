"""Signs a PDF through PKCS#11 as any user of pyHanko does.

``python pyhanko_program.py MODULE TOKEN PIN LABEL CA IN OUT``
"""

import sys
from pathlib import Path

from asn1crypto import x509
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session


def main(
    module: str, token: str, pin: str, label: str, ca: str, plain: str, signed: str
) -> None:
    # The card keeps its CA certificates on the other token: the chain is given.
    chain = [x509.Certificate.load(Path(ca).read_bytes())]
    with open_pkcs11_session(
        module, token_criteria=TokenCriteria(label=token), user_pin=pin
    ) as session:
        signer = PKCS11Signer(
            session,
            cert_label=f"{label} Certificate",
            key_label=f"{label} Key",
            ca_chain=chain,
        )
        with Path(plain).open("rb") as source, Path(signed).open("w+b") as target:
            signers.sign_pdf(
                IncrementalPdfFileWriter(source),
                signers.PdfSignatureMetadata(
                    field_name="Signature1",
                    md_algorithm="sha256",
                    subfilter=fields.SigSeedSubFilter.PADES,
                ),
                signer=signer,
                output=target,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
