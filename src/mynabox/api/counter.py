"""What holders do at the counter with a card that they have: PINs, certificates, name
and address, handing it back."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from mynabox.api.authority import By
from mynabox.api.refusal import answers
from mynabox.api.schema import (
    CardAnswer,
    CertificateAnswer,
    Day,
    PinsAsk,
    RepresentativeAsk,
    ResidentAnswer,
    ResidentId,
    Serial,
    Wire,
)
from mynabox.lifecycle.certificate import CertificateKind
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.resident import Sex
from mynabox.lifecycle.secret import Pin
from mynabox.ports import Box
from mynabox.terminal.errors import LastTry, PinLocked, WrongPin
from mynabox.usecases.change_particulars import ChangeParticulars, change_particulars
from mynabox.usecases.discard_card import discard_card
from mynabox.usecases.give_up_pins import GiveUpPins, give_up_pins
from mynabox.usecases.renew_certificates import RenewCertificates, renew_certificates
from mynabox.usecases.report_compromise import ReportCompromise, report_compromise
from mynabox.usecases.representatives import Representative
from mynabox.usecases.reset_pins import ResetPins, reset_pins
from mynabox.usecases.return_card import ReturnCard, return_card
from mynabox.usecases.show import show_card
from mynabox.usecases.stop_certificates import StopCertificates, stop_certificates
from mynabox.usecases.take_up_pins import TakeUpPins, take_up_pins

Documents = Annotated[
    list[Annotated[str, Field(max_length=50)]],
    Field(min_length=1, max_length=10, examples=[["passport"]]),
]


class DocumentsAsk(Wire):
    """What the holder shows (R053, R054)."""

    documents: Documents


class ResetPinsAsk(DocumentsAsk):
    """The secrets that are to be set anew, as the holder types them (R076)."""

    pins: PinsAsk
    representative: RepresentativeAsk | None = None


class GiveUpAsk(DocumentsAsk):
    """What the holder shows, and who acts for a child or an adult ward (R136)."""

    representative: RepresentativeAsk | None = None


class TakeUpAsk(DocumentsAsk):
    """The three secrets of four digits, as the holder types them (R081)."""

    pins: PinsAsk
    representative: RepresentativeAsk | None = None


class RenewAsk(Wire):
    """The PIN of each certificate that is renewed, as the holder types it; none for a
    card without PINs (R081)."""

    pins: PinsAsk = Field(default_factory=PinsAsk)
    representative: RepresentativeAsk | None = None


class StopAsk(DocumentsAsk):
    """Which certificates the holder gives up; both unless told (R147)."""

    kinds: list[CertificateKind] = Field(
        default_factory=lambda: list(CertificateKind), min_length=1, max_length=2
    )


class DiscardAsk(Wire):
    """Why a card that was never handed over is discarded (R156)."""

    reason: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        examples=["not collected"]
    )


class ParticularsAsk(Wire):
    """What is new; left out where nothing changes. A municipality comes only together
    with an address."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    kana: Annotated[str, Field(max_length=300)] | None = None
    roman: Annotated[str, Field(max_length=300)] | None = None
    alias: Annotated[str, Field(max_length=300)] | None = None
    address: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    municipality: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None
    born: Day | None = Field(default=None, description="As it should have been")
    sex: Sex | None = Field(default=None, description="As it should have been")
    happened: Day | None = Field(
        default=None, description="Day from which it is so; today unless told"
    )


def routes(box: Box) -> APIRouter:
    """Routes of the counter."""
    router = APIRouter(tags=["counter"])

    @router.post(
        "/cards/{serial}/pins",
        operation_id="resetPins",
        responses=answers(404, 409),
    )
    def pins(by: By, serial: Serial, ask: ResetPinsAsk) -> CardAnswer:
        """Set forgotten or locked PINs anew (R076); each has all its tries again."""
        card = reset_pins(
            ResetPins(
                serial=serial,
                documents=tuple(ask.documents),
                pins=_typed(ask.pins),
                representative=representative(ask.representative),
            ),
            by.box,
        )
        return CardAnswer.of(card)

    @router.post(
        "/cards/{serial}/pins/none",
        operation_id="giveUpPins",
        responses=answers(404, 409),
    )
    def given_up(by: By, serial: Serial, ask: GiveUpAsk) -> CardAnswer:
        """Make a card in use one without PINs (R081): its signature certificate ends,
        and its face says so. Health-card use goes on."""
        return CardAnswer.of(
            give_up_pins(
                GiveUpPins(
                    serial=serial,
                    documents=tuple(ask.documents),
                    representative=representative(ask.representative),
                ),
                by.box,
            )
        )

    @router.post(
        "/cards/{serial}/pins/again",
        operation_id="takeUpPins",
        responses=answers(404, 409),
    )
    def taken_up(by: By, serial: Serial, ask: TakeUpAsk) -> CardAnswer:
        """Set PINs in a card without PINs (R081). A signature certificate is issued
        afterwards (`reissueCertificates`), and then its password set (`resetPins`)."""
        return CardAnswer.of(
            take_up_pins(
                TakeUpPins(
                    serial=serial,
                    documents=tuple(ask.documents),
                    pins=_typed(ask.pins),
                    representative=representative(ask.representative),
                ),
                by.box,
            )
        )

    @router.post(
        "/cards/{serial}/certificates/renewal",
        operation_id="renewCertificates",
        status_code=201,
        responses=answers(404, 409),
    )
    def renewed(by: By, serial: Serial, ask: RenewAsk) -> list[CertificateAnswer]:
        """Renew the certificates in their window, with the card and its PINs (R137)."""
        try:
            issued = renew_certificates(
                RenewCertificates(
                    serial=serial,
                    pins=_typed(ask.pins),
                    representative=representative(ask.representative),
                ),
                by.box,
            )
        except WrongPin as wrong:
            raise Refused(
                "authority.wrong_pin", rules=("R073",), tries=str(wrong.tries_left)
            ) from None
        except PinLocked:
            raise Refused("authority.pin_locked", rules=("R073",)) from None
        except LastTry:
            raise Refused("pin.last_try", rules=("R073",)) from None
        return [CertificateAnswer.of(certificate) for certificate in issued]

    @router.post(
        "/cards/{serial}/certificates/stop",
        operation_id="stopCertificates",
        responses=answers(404, 409),
    )
    def stopped(by: By, serial: Serial, ask: StopAsk) -> list[CertificateAnswer]:
        """The holder gives certificates up (R147); the card stays in use."""
        stop_certificates(
            StopCertificates(
                serial=serial,
                documents=tuple(ask.documents),
                kinds=tuple(dict.fromkeys(ask.kinds)),
            ),
            by.box,
        )
        return _certificates(serial, by.box)

    @router.post(
        "/cards/{serial}/certificates/compromise",
        operation_id="reportCompromise",
        responses=answers(404, 409),
    )
    def compromised(
        by: By, serial: Serial, ask: DocumentsAsk
    ) -> list[CertificateAnswer]:
        """A private key of the card is no longer safe: both certificates end (R157)."""
        report_compromise(
            ReportCompromise(serial=serial, documents=tuple(ask.documents)), by.box
        )
        return _certificates(serial, by.box)

    @router.post(
        "/cards/{serial}/return",
        operation_id="returnCard",
        responses=answers(404, 409),
    )
    def returned(by: By, serial: Serial, ask: DocumentsAsk) -> CardAnswer:
        """The card is handed back, and its certificates end with it (R153, R179)."""
        done = return_card(
            ReturnCard(serial=serial, documents=tuple(ask.documents)), by.box
        )
        return CardAnswer.of(done.card)

    @router.post(
        "/cards/{serial}/discard",
        operation_id="discardCard",
        responses=answers(404, 409),
    )
    def discarded(by: By, serial: Serial, ask: DiscardAsk) -> CardAnswer:
        """A card that nobody received is discarded (R156)."""
        return CardAnswer.of(discard_card(serial, by.box, reason=ask.reason).card)

    @router.post(
        "/residents/{resident}/particulars",
        operation_id="changeParticulars",
        responses=answers(404, 409),
    )
    def changed(by: By, resident: ResidentId, ask: ParticularsAsk) -> ResidentAnswer:
        """A new name or address in the register: the signature certificate ends with
        the next day (R145). A birth date or sex put right: it ends at once (R146)."""
        after = change_particulars(
            ChangeParticulars(
                resident=resident,
                name=ask.name,
                kana=ask.kana,
                roman=ask.roman,
                alias=ask.alias,
                address=ask.address,
                municipality=ask.municipality,
                born=ask.born,
                sex=ask.sex,
                happened=ask.happened,
            ),
            by.box,
        )
        return ResidentAnswer.model_validate(after)

    return router


def _typed(pins: PinsAsk) -> dict[str, Pin]:
    return {
        kind: Pin(secret.get_secret_value()) for kind, secret in pins.given().items()
    }


def representative(ask: RepresentativeAsk | None) -> Representative | None:
    """Who acts for the holder, if anybody does."""
    if ask is None:
        return None
    return Representative(name=ask.name, documents=tuple(ask.documents))


def _certificates(serial: str, box: Box) -> list[CertificateAnswer]:
    return [
        CertificateAnswer.of(certificate)
        for certificate in show_card(serial, box).certificates
    ]
