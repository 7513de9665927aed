"""The applicant does not want the card any more, before it is produced."""

from mynabox.lifecycle.application import Application
from mynabox.lifecycle.identity import link_hash
from mynabox.lifecycle.journal import Entry
from mynabox.lifecycle.life import Refused
from mynabox.ports import Box, Work
from mynabox.usecases.following import withdraw


def withdraw_by_link(token: str, box: Box) -> Application:
    """Withdraw the application with its mailed link."""
    with box.store.work() as work:
        application = work.applications.by_link(link_hash(token))
        if application is None:
            raise Refused("application.link_unknown", rules=("R023",))
        return _withdraw(work, application, box, actor="resident")


def withdraw_application(
    application: str, box: Box, *, actor: str = "counter"
) -> Application:
    """Withdraw it at the counter; raises ``Missing``."""
    with box.store.work() as work:
        return _withdraw(work, work.applications.get(application), box, actor=actor)


def _withdraw(
    work: Work, application: Application, box: Box, *, actor: str
) -> Application:
    at = box.clock.now()
    changed = withdraw(work, application, at=at)
    work.journal.write(
        Entry(
            municipality=application.municipality,
            at=at,
            actor=actor,
            action="withdraw_application",
            subjects=(application.resident, *changed),
            facts={"was": application.state.value},
        )
    )
    return work.applications.get(application.id)
