"""At the application: how the card will reach an applicant who came in person."""

from dataclasses import dataclass, replace

from mynabox.law.delivery import delivery_method
from mynabox.law.identity import identity_documents
from mynabox.lifecycle.application import ApplicationState, Channel
from mynabox.lifecycle.delivery import Delivery, DeliveryState, DeliveryWay
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box
from mynabox.usecases.card_waits import new_delivery
from mynabox.usecases.verdict import demand


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeDelivery:
    """What the clerk noted at the application.

    ``documents``       what the applicant showed, in the rulebook's words
    ``pins_handed_in``  the form with the four PINs was handed in, sealed (R052)
    ``by_agent``        somebody else came
    """

    application: str
    documents: tuple[str, ...]
    pins_handed_in: bool
    by_agent: bool = False


def agree_delivery(ask: AgreeDelivery, box: Box, *, actor: str = "counter") -> Delivery:
    """Agree on mail where the rules allow it (R051, R052, R054), else on pick-up.

    Asked again before the card is produced, the last word counts. Documents that do
    not suffice for mail are refused with what suffices.
    """
    at = box.clock.now()
    with box.store.work() as work:
        application = work.applications.get(ask.application)
        resident = work.residents.get(application.resident)
        if application.state is not ApplicationState.RECEIVED:
            raise Refused(
                "production.application_not_ready",
                rules=("R020",),
                state=application.state.value,
            )
        way = DeliveryWay(
            delivery_method(
                on=at.date(),
                in_person=application.channel is Channel.COUNTER
                and application.identified,
                by_agent=ask.by_agent,
                pins_handed_in=ask.pins_handed_in,
                municipality=resident.municipality,
            ).value
        )
        if way is DeliveryWay.MAIL:
            shown = (*ask.documents, "pin")  # without the form it would not be mail
            demand(identity_documents(documents=shown, purpose="mail"))
        agreed = new_delivery(
            application.id, resident, box, way=way, at=at, documents=ask.documents
        )
        former = next(iter(work.deliveries.which(application=application.id)), None)
        if former is None:
            work.deliveries.add(agreed)
        else:
            if former.state is not DeliveryState.AGREED:
                raise Refused(
                    "delivery.not_possible_now",
                    rules=("R051",),
                    state=former.state.value,
                    event="agreed",
                )
            agreed = replace(agreed, id=former.id)
            work.deliveries.save(agreed)
        work.journal.write(
            Entry(
                municipality=resident.municipality,
                at=at,
                actor=actor,
                action="agree_delivery",
                subjects=(resident.id, application.id, agreed.id),
                facts={"way": way.value, "documents": ", ".join(ask.documents)},
            )
        )
    return agreed
