"""``db check`` finds planted damage among verifiers, users and consents."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mynabox.lifecycle.verifier import LoginChallenge
from mynabox.usecases.consents import give_consent, revoke_consent
from mynabox.usecases.log_in import log_in
from mynabox.usecases.reconcile import reconcile
from mynabox.usecases.register_verifier import end_verifier
from tests.usecases.places import Place
from tests.usecases.test_reconcile import sql
from tests.usecases.test_relying_parties import answered, verifier

At = Callable[[str], Place]

DAMAGE = {
    "rights added": (
        "UPDATE verifiers SET rights = 'signature' WHERE name = 'bank'",
        {"verifier_rights"},
    ),
    "an ended one revived": (
        "UPDATE verifiers SET state = 'active' WHERE name = 'over'",
        {"verifier_state"},
    ),
    "one smuggled in": (
        (
            "INSERT INTO verifiers SELECT 'ver-x', 'x', purpose, origins, rights, 9,"
            " created, 'x', 'active' FROM verifiers WHERE name = 'bank'"
        ),
        {"verifier_unsaid"},
    ),
    "a user by another's certificate": (
        (
            "UPDATE known_users SET signature = (SELECT serial FROM certificates"
            " WHERE kind = 'authentication' LIMIT 1)"
        ),
        {"user_certificate"},
    ),
    "a consent made longer": (
        (
            "UPDATE consents SET expires = '2099-01-01T00:00:00.000000+09:00'"
            " WHERE state = 'active'"
        ),
        {"consent_term"},
    ),
    "a consent smuggled in": (
        "UPDATE consents SET id = 'con-x' WHERE state = 'active'",
        {"consent_unsaid"},
    ),
    "a consent that was taken back": (
        (
            "UPDATE consents SET state = 'active', ended = NULL, verifier = 'ver-y'"
            " WHERE state = 'revoked'"
        ),
        {"consent_state"},
    ),
}


@pytest.mark.parametrize("name", [*DAMAGE, "nothing", "a log-in too late"])
def test_damage_is_named(at: At, name: str) -> None:
    place = at("active")
    bank, over = verifier(place), verifier(place, name="over")
    log_in(answered(place, bank), bank, place.box)
    give_consent(place.hero, "bank", place.box)
    revoke_consent(place.hero, "bank", place.box)
    give_consent(place.hero, "bank", place.box)
    end_verifier(over.name, place.box)
    wanted: set[str] = set()
    if name in DAMAGE:
        statement, wanted = DAMAGE[name]
        sql(statement)(place.home.path)
    elif name != "nothing":
        now, wanted = place.box.clock.now(), {"challenge_late"}
        late = LoginChallenge(
            verifier=bank.id, hash="a" * 64, origin="", asked=now, expires=now
        )
        with place.box.store.work() as work:
            work.logins.ask(replace(late, used=now + timedelta(seconds=1)))
    assert {one.code for one in reconcile(place.box).findings} == wanted
