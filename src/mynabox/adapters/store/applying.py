"""Notices with their application forms, and the applications made with them."""

from collections.abc import Sequence
from json import dumps, loads
from typing import Any

from sqlalchemy import Row, and_, or_, select, text

from mynabox.adapters.store.session import Session
from mynabox.adapters.store.tables import (
    APPLICATIONS,
    AT_POST_OFFICE,
    FORMS,
    NOTICES,
    TO_REVIEW,
)
from mynabox.lifecycle.application import (
    Applicant,
    Application,
    ApplicationState,
    Channel,
    Fault,
    HeadCover,
)
from mynabox.lifecycle.form import Form
from mynabox.lifecycle.notice import Notice, NoticeKind, NoticeState
from mynabox.ports import Missing


def _notice_row(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "resident": notice.resident,
        "municipality": notice.municipality,
        "application_id": notice.application_id,
        "issued": notice.issued,
        "form_name": notice.form_name,
        "form_address": notice.form_address,
        "form_stay_until": notice.form_stay_until,
        "state": notice.state.value,
        "kind": notice.kind.value,
        "since": notice.since,
    }


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        resident=row.resident,
        municipality=row.municipality,
        application_id=row.application_id,
        issued=row.issued,
        form_name=row.form_name,
        form_address=row.form_address,
        form_stay_until=row.form_stay_until,
        state=NoticeState(row.state),
        kind=NoticeKind(row.kind or NoticeKind.NOTICE),
        since=row.since,
    )


def _form_row(form: Form) -> dict[str, object]:
    return {
        "id": form.id,
        "resident": form.resident,
        "municipality": form.municipality,
        "application_id": form.application_id,
        "issued": form.issued,
        "name": form.name,
        "address": form.address,
        "stay_until": form.stay_until,
    }


def _form(row: Row[Any]) -> Form:
    return Form(
        id=row.id,
        resident=row.resident,
        municipality=row.municipality,
        application_id=row.application_id,
        issued=row.issued,
        name=row.name,
        address=row.address,
        stay_until=row.stay_until,
    )


def _application_row(application: Application) -> dict[str, object]:
    return {
        "id": application.id,
        "resident": application.resident,
        "municipality": application.municipality,
        "application_id": application.application_id,
        "channel": application.channel.value,
        "email": application.email,
        "link_hash": application.link_hash,
        "opened": application.opened,
        "received": application.received,
        "photo": application.photo,
        "photo_taken": application.photo_taken,
        "signature_certificate": application.signature_certificate,
        "authentication_certificate": application.authentication_certificate,
        "state": application.state.value,
        "substitutes": dumps(dict(application.substitutes), ensure_ascii=False),
        "applicant": application.applicant.value,
        "applicant_name": application.applicant_name,
        "identified": application.identified,
        "head_cover": application.head_cover and application.head_cover.value,
        "concerns": " ".join(application.concerns),
        "reviewed": application.reviewed,
        "faults": " ".join(fault.value for fault in application.faults),
    }


def _application(row: Row[Any]) -> Application:
    return Application(
        id=row.id,
        resident=row.resident,
        municipality=row.municipality,
        application_id=row.application_id,
        channel=Channel(row.channel),
        email=row.email,
        link_hash=row.link_hash,
        opened=row.opened,
        received=row.received,
        photo=row.photo,
        photo_taken=row.photo_taken,
        signature_certificate=row.signature_certificate,
        authentication_certificate=row.authentication_certificate,
        state=ApplicationState(row.state),
        substitutes=loads(row.substitutes) if row.substitutes else {},
        applicant=Applicant(row.applicant or Applicant.HOLDER),
        applicant_name=row.applicant_name or "",
        identified=bool(row.identified),
        head_cover=HeadCover(row.head_cover) if row.head_cover else None,
        concerns=tuple((row.concerns or "").split()),
        reviewed=row.reviewed,
        faults=tuple(Fault(word) for word in (row.faults or "").split()),
    )


class SqlNotices:
    """Notices."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, notice: Notice) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(NOTICES, _notice_row(notice), nth_of=("resident",))

    def save(self, notice: Notice) -> None:
        """Overwrite one; raises ``Missing``, ``Duplicate``."""
        if not self._session.change(
            NOTICES, NOTICES.c.id == notice.id, _notice_row(notice)
        ):
            raise Missing("notice", notice.id)

    def by_application_id(self, application_id: str) -> Notice | None:
        """The notice whose form bears this application ID."""
        row = self._session.first(
            select(NOTICES).where(NOTICES.c.application_id == application_id)
        )
        return None if row is None else _notice(row)

    def of(self, resident: str) -> Sequence[Notice]:
        """The person's notices in the order in which they were added."""
        query = select(NOTICES).where(NOTICES.c.resident == resident)
        return [
            _notice(row) for row in self._session.all(query.order_by(NOTICES.c.nth))
        ]

    def at_post_office(self, *, limit: int = 100) -> Sequence[Notice]:
        """Notices that wait to be fetched, those that wait longest first."""
        query = select(NOTICES).where(
            text(AT_POST_OFFICE), NOTICES.c.since.is_not(None)
        )
        query = query.order_by(NOTICES.c.since, NOTICES.c.id).limit(limit)
        return [_notice(row) for row in self._session.all(query)]


class SqlForms:
    """Application forms."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, form: Form) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(FORMS, _form_row(form), nth_of=("resident",))

    def find(self, application_id: str) -> Form | None:
        """The form that bears this application ID, be it printed with a notice."""
        row = self._session.first(
            select(FORMS).where(FORMS.c.application_id == application_id)
        )
        if row is not None:
            return _form(row)
        row = self._session.first(
            select(NOTICES).where(NOTICES.c.application_id == application_id)
        )
        return None if row is None else _notice(row).form

    def get(self, form: str) -> Form:
        """One that was printed by itself; raises ``Missing``."""
        row = self._session.first(select(FORMS).where(FORMS.c.id == form))
        if row is None:
            raise Missing("form", form)
        return _form(row)

    def of(self, resident: str) -> Sequence[Form]:
        """The person's forms in the order in which they were printed."""
        query = select(FORMS).where(FORMS.c.resident == resident)
        return [_form(row) for row in self._session.all(query.order_by(FORMS.c.nth))]


class SqlApplications:
    """Applications for a card."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, application: Application) -> None:
        """Add one; raises ``Duplicate``, ``Missing``."""
        self._session.add(
            APPLICATIONS, _application_row(application), nth_of=("resident",)
        )

    def save(self, application: Application) -> None:
        """Overwrite one; raises ``Missing``, ``Duplicate``."""
        if not self._session.change(
            APPLICATIONS,
            APPLICATIONS.c.id == application.id,
            _application_row(application),
        ):
            raise Missing("application", application.id)

    def get(self, application: str) -> Application:
        """The application; raises ``Missing``."""
        row = self._session.first(
            select(APPLICATIONS).where(APPLICATIONS.c.id == application)
        )
        if row is None:
            raise Missing("application", application)
        return _application(row)

    def by_link(self, link_hash: str) -> Application | None:
        """The application whose mailed link has this hash; an application without a
        link is not found by the empty one."""
        if not link_hash:
            return None
        row = self._session.first(
            select(APPLICATIONS).where(
                APPLICATIONS.c.link_hash == link_hash, APPLICATIONS.c.link_hash != ""
            )
        )
        return None if row is None else _application(row)

    def received(self, municipality: str) -> Sequence[str]:
        """Ids of those that wait for production, in the order of their receipt."""
        of = APPLICATIONS.c
        query = select(of.id).where(
            of.municipality == municipality,
            of.state == ApplicationState.RECEIVED.value,
        )
        return [row.id for row in self._session.all(query.order_by(of.received, of.id))]

    def of(self, resident: str) -> Sequence[Application]:
        """The person's applications in the order in which they were added."""
        query = select(APPLICATIONS).where(APPLICATIONS.c.resident == resident)
        return [
            _application(row)
            for row in self._session.all(query.order_by(APPLICATIONS.c.nth))
        ]

    def to_review(
        self, *, municipality: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Application]:
        """Applications that no clerk has looked at, oldest first; raises ``Missing``
        for an unknown ``after``."""
        query = select(APPLICATIONS).where(text(TO_REVIEW))
        if municipality is not None:
            query = query.where(APPLICATIONS.c.municipality == municipality)
        if after:
            came = self.get(after).received
            query = query.where(
                or_(
                    APPLICATIONS.c.received > came,
                    and_(APPLICATIONS.c.received == came, APPLICATIONS.c.id > after),
                )
            )
        query = query.order_by(APPLICATIONS.c.received, APPLICATIONS.c.id)
        return [_application(row) for row in self._session.all(query.limit(limit))]
