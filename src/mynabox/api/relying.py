"""What registered verifiers ask: certificates, signatures, log-ins, who is who."""

from fastapi import APIRouter

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema_relying import (
    AttributesAnswer,
    AttributesAsk,
    CheckAsk,
    CmsAsk,
    LinkAnswer,
    LinkAsk,
    LoggedInAnswer,
    LogInAsk,
    LoginChallengeAnswer,
    OriginAsk,
    PdfAsk,
    RawAsk,
    StatusAnswer,
    VerifiedAnswer,
    octets,
)
from mynabox.ports import Box
from mynabox.usecases.check_certificate import check_certificate
from mynabox.usecases.latest_attributes import latest_attributes
from mynabox.usecases.link_certificates import link_certificates
from mynabox.usecases.log_in import PREFIX, LogIn, ask_to_log_in, log_in
from mynabox.usecases.prove_resident import told
from mynabox.usecases.verify_signature import verify_cms, verify_pdf, verify_raw


def routes(box: Box) -> APIRouter:
    """Routes of verifiers."""
    router = APIRouter(prefix="/relying", tags=["relying parties"])

    @router.post(
        "/certificates", operation_id="checkCertificate", responses=answers(429)
    )
    def checked(by: By, ask: CheckAsk) -> StatusAnswer:
        """Whether a certificate is good, why not, and how fresh the source is. What is
        stale, foreign or not there is `unknown`, never good."""
        name = ask.name()
        found = check_certificate(
            name.encoded,
            ask.use,
            by.verifier,
            by.box,
            issuance_number=name.issuance_number,
            wanted=ask.wanted(),
        )
        return StatusAnswer.of(found, by.verifier)

    @router.post("/signatures/cms", operation_id="verifyCms", responses=answers(429))
    def cms(by: By, ask: CmsAsk) -> VerifiedAnswer:
        """Judge every signature of a CMS document."""
        found = verify_cms(
            octets(ask.signed),
            None if ask.document is None else octets(ask.document),
            by.verifier,
            by.box,
            wanted=ask.wanted(),
        )
        return VerifiedAnswer.of(found, by.verifier)

    @router.post("/signatures/pdf", operation_id="verifyPdf", responses=answers(429))
    def pdf(by: By, ask: PdfAsk) -> VerifiedAnswer:
        """Judge every signature of a PDF (PAdES), and whether the document was changed
        after it."""
        found = verify_pdf(
            octets(ask.document), by.verifier, by.box, wanted=ask.wanted()
        )
        return VerifiedAnswer.of(found, by.verifier)

    @router.post("/signatures/raw", operation_id="verifyRaw", responses=answers(429))
    def raw(by: By, ask: RawAsk) -> VerifiedAnswer:
        """Judge a bare signature of a card over octets that you made yourself."""
        found = verify_raw(
            octets(ask.data),
            octets(ask.signature),
            octets(ask.certificate),
            ask.use,
            by.verifier,
            by.box,
            wanted=ask.wanted(),
        )
        return VerifiedAnswer.of(found, by.verifier)

    @router.post(
        "/challenges",
        operation_id="beginLogIn",
        status_code=201,
        responses=answers(429),
    )
    def challenged(by: By, ask: OriginAsk) -> LoginChallengeAnswer:
        """Something for a holder's card to sign at one of your origins, once, within
        some minutes."""
        asked = ask_to_log_in(ask.origin, by.verifier, by.box)
        return LoginChallengeAnswer(
            challenge=told(asked.challenge),
            origin=asked.origin,
            prefix=PREFIX.decode("ascii"),
            expires=asked.expires,
        )

    @router.post("/log-ins", operation_id="logIn", responses=answers(429))
    def logged_in(by: By, ask: LogInAsk) -> LoggedInAnswer:
        """Take the card's answer. The challenge is used up by it, whatever comes of
        it."""
        done = log_in(
            LogIn(
                challenge=octets(ask.challenge),
                origin=ask.origin,
                certificate=octets(ask.certificate),
                signature=octets(ask.signature),
            ),
            by.verifier,
            by.box,
        )
        return LoggedInAnswer.of(done, by.verifier)

    @router.post("/links", operation_id="linkCertificates", responses=answers(429))
    def linked(by: By, ask: LinkAsk) -> LinkAnswer:
        """Whether two certificates are one person's: an old one and the one that
        replaced it, or those of both kinds."""
        found = link_certificates(
            ask.earlier.name(), octets(ask.later), ask.use, by.verifier, by.box
        )
        return LinkAnswer.of(found, by.verifier)

    @router.post(
        "/attributes", operation_id="getLatestAttributes", responses=answers(429)
    )
    def latest(by: By, ask: AttributesAsk) -> AttributesAnswer:
        """The register's four items of today, with the holder's consent alone."""
        name = None if ask.certificate is None else ask.certificate.name()
        return AttributesAnswer.of(
            latest_attributes(name, ask.user, by.verifier, by.box)
        )

    return router
