"""Accounts of staff: opened, guessed at, ended; what a session opens, and for how long."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Literal

import pytest

from mynabox.law.days import JST
from mynabox.lifecycle.life import Refused
from mynabox.lifecycle.permission import NoSuchAction, limits
from mynabox.lifecycle.staff import (
    NotPermitted,
    NotSignedIn,
    Role,
    SessionKind,
    Staff,
    StaffState,
)
from mynabox.lifecycle.tries import MustWait, Tries
from mynabox.ports import Missing
from mynabox.usecases.acting import acting_in, of_staff, permit
from mynabox.usecases.passwords import opens
from mynabox.usecases.sign_in import actor_of, of_resident, sign_in, sign_out, whose
from mynabox.usecases.staff_accounts import (
    add_staff,
    end_staff,
    give_token,
    list_staff,
    set_password,
)
from tests.usecases.places import (
    CITY,
    Meanwhile,
    Place,
    particulars,
    record_codes,
    refused,
)

PASSWORD = "correct horse battery"
WRONG = "wrong horse battery"


def hire(place: Place, name: str = "hanako", **other: object) -> Staff:
    values: dict[str, object] = {
        "roles": [Role.CLERK],
        "municipality": CITY,
        "password": PASSWORD,
        **other,
    }
    return add_staff(name, box=place.box, **values)  # type: ignore[arg-type]


def state_of(place: Place, name: str = "hanako") -> Staff:
    with place.box.store.look() as work:
        found = work.staff.by_name(name)
    assert found is not None
    return found


def rows(place: Place, staff: Staff) -> list[tuple[str, str]]:
    with place.box.store.look() as work:
        found = work.journal.about(staff.id)
        return [(row.entry.action, row.entry.actor) for row in found]


def fails(attempt: Callable[[], object], code: str) -> None:
    """Refused with this code; unlike ``refused``, something of it may be counted."""
    with pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.code == code
    assert PASSWORD not in repr(caught.value)
    assert WRONG not in repr(caught.value)


# Opened


@pytest.mark.parametrize(
    ("name", "other", "code"),
    [
        ("Hanako", {}, "authority.account_name"),
        ("h", {}, "authority.account_name"),
        ("1hanako", {}, "authority.account_name"),
        ("hana ko", {}, "authority.account_name"),
        ("h" * 33, {}, "authority.account_name"),
        ("hanako", {"roles": []}, "authority.no_role"),
        ("hanako", {"municipality": "082200"}, "register.municipality_unknown"),
        ("hanako", {"municipality": "99"}, "register.municipality_unknown"),
        ("hanako", {"password": "elevenchars"}, "authority.password_length"),
        ("hanako", {"password": "x" * 201}, "authority.password_length"),
    ],
)
def test_what_is_no_account(
    place: Place, name: str, other: dict[str, object], code: str
) -> None:
    refused(place, lambda: hire(place, name, **other), code)


def test_a_name_is_given_once_for_ever(place: Place) -> None:
    hire(place)
    end_staff("hanako", place.box)
    refused(place, lambda: hire(place), "authority.account_taken")


def test_what_is_kept_of_a_password(place: Place) -> None:
    """argon2id with its costs, another salt for everybody, nothing of the word"""
    one, other = hire(place), hire(place, "taro")
    assert one.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one.password != other.password
    assert PASSWORD not in repr(one)
    assert opens(PASSWORD, one.password)
    assert not opens(WRONG, one.password)
    assert not opens("", "")
    assert not opens(PASSWORD, "no hash")


# Signed in


def test_a_session_is_known_by_its_secret_until_it_ends(place: Place) -> None:
    staff = hire(place, roles=[Role.CLERK, Role.SUPERVISOR])
    opened = sign_in("hanako", PASSWORD, place.box)
    actor = whose(opened.secret, place.box)
    assert actor is not None
    assert (actor.name, actor.staff) == ("staff:hanako", staff.id)
    assert actor.roles == {Role.CLERK, Role.SUPERVISOR}
    assert actor.municipality == CITY
    assert opened.secret not in repr(opened)
    with place.box.store.look() as work:
        (kept,) = work.sessions.of(staff.id)
    assert opened.secret not in (kept.hash, kept.holder, kept.label)
    sign_out(opened.secret, place.box)
    assert whose(opened.secret, place.box) is None
    sign_out(opened.secret, place.box)
    assert rows(place, staff) == [
        ("staff_add", "operator"),
        ("staff_sign_in", "staff:hanako"),
        ("staff_sign_out", "staff:hanako"),
    ]


@pytest.mark.parametrize(
    ("after", "known"),
    [
        (timedelta(0), True),
        (timedelta(hours=9, minutes=59), True),
        (timedelta(hours=10), False),
        (timedelta(days=3650), False),
        (timedelta(seconds=-1), False),
    ],
    ids=["at once", "before its end", "at its end", "years ahead", "clock turned back"],
)
def test_a_session_ends_on_the_box_clock(
    place: Place, after: timedelta, known: bool
) -> None:
    hire(place)
    opened = sign_in("hanako", PASSWORD, place.box)
    place.machine.moment += after
    assert (whose(opened.secret, place.box) is not None) == known


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "\x00", "é" * 400])
def test_what_opens_nothing(place: Place, secret: str) -> None:
    hire(place)
    sign_in("hanako", PASSWORD, place.box)
    assert whose(secret, place.box) is None
    sign_out(secret, place.box)


def test_the_stored_hash_is_not_the_secret(place: Place) -> None:
    """whoever reads the table cannot sign in with it"""
    staff = hire(place)
    sign_in("hanako", PASSWORD, place.box)
    with place.box.store.look() as work:
        (kept,) = work.sessions.of(staff.id)
    assert whose(kept.hash, place.box) is None


# Wrong passwords


DESK, ABROAD = "192.0.2.7", "198.51.100.9"


def guesses(place: Place, address: str = ABROAD, *, name: str = "hanako") -> None:
    """As many wrong passwords as make one wait."""
    for _ in range(limits().password_failures):
        fails(
            lambda: sign_in(name, WRONG, place.box, address=address),
            "authority.wrong_name_or_password",
        )


def waits(place: Place, address: str, *, name: str = "hanako") -> int:
    """Seconds that one waits, with whatever password."""
    told = set()
    for word in (PASSWORD, WRONG):
        with pytest.raises(MustWait) as caught:
            sign_in(name, word, place.box, address=address)
        told.add(caught.value.seconds)
    (seconds,) = told
    return seconds


def test_wrong_passwords_in_a_row_make_one_wait(place: Place) -> None:
    """and nothing else: who is signed in stays so"""
    staff = hire(place)
    held = sign_in("hanako", PASSWORD, place.box)
    guesses(place, "")
    assert whose(held.secret, place.box) is not None
    assert waits(place, "") == 30
    assert state_of(place).failures == limits().password_failures
    place.machine.moment += timedelta(seconds=29)
    assert waits(place, "") == 1
    place.machine.moment += timedelta(seconds=1)
    sign_in("hanako", PASSWORD, place.box)
    assert state_of(place).failures == 0
    guesses(place, "")
    failed = [actor for action, actor in rows(place, staff) if "failed" in action]
    assert failed == ["nobody"] * (2 * limits().password_failures)


@pytest.mark.parametrize(
    ("failures", "later", "seconds"),
    [
        (0, 0, 0),
        (4, 0, 0),
        (5, 0, 30),
        (5, 29.5, 1),
        (5, 30, 0),
        (6, 0, 60),
        (9, 0, 480),
        (10, 0, 900),
        (10, 899, 1),
        (10, 900, 0),
        (1000, 0, 900),
        # the clock was turned back
        (1000, -1, 0),
    ],
)
def test_how_long_one_waits(failures: int, later: float, seconds: int) -> None:
    last = datetime(2026, 4, 1, 10, tzinfo=JST)
    tries = Tries(name="", address="", failures=failures, last=last)
    assert tries.waits(last + timedelta(seconds=later)) == seconds


def test_nobody_is_shut_out_by_guesses_from_elsewhere(place: Place) -> None:
    """from however many addresses: those unknown have one count"""
    hire(place)
    sign_in("hanako", PASSWORD, place.box, address=DESK)
    for nth in range(limits().password_failures):
        fails(
            lambda nth=nth: sign_in(  # type: ignore[misc]
                "hanako", WRONG, place.box, address=f"198.51.100.{nth}"
            ),
            "authority.wrong_name_or_password",
        )
    assert waits(place, ABROAD) == 30
    assert waits(place, "203.0.113.1") == 30
    sign_in("hanako", PASSWORD, place.box, address=DESK)
    assert waits(place, ABROAD) == 30


def test_guesses_from_the_desk_make_the_desk_wait(place: Place) -> None:
    """until an operator sets a new password; others come in from elsewhere"""
    hire(place)
    hire(place, "taro")
    sign_in("hanako", PASSWORD, place.box, address=DESK)
    guesses(place, DESK)
    assert waits(place, DESK) == 30
    sign_in("hanako", PASSWORD, place.box, address=ABROAD)
    sign_in("taro", PASSWORD, place.box, address=DESK)
    assert waits(place, DESK) == 30
    set_password("hanako", PASSWORD, place.box)
    sign_in("hanako", PASSWORD, place.box, address=DESK)


def test_a_name_that_nobody_has_waits_as_well(place: Place) -> None:
    """or one would know who works here"""
    hire(place)
    for name in ("hanako", "nobody", "my pässword"):
        guesses(place, name=name)
        assert waits(place, ABROAD, name=name) == 30
    held = place.kept()["sign_in_tries"]
    assert "nobody" not in repr(held)


def test_tries_are_forgotten(place: Place) -> None:
    hire(place)
    sign_in("hanako", PASSWORD, place.box, address=DESK)
    for days, kept in ((0, 2), (2, 2), (100, 1)):
        place.machine.moment += timedelta(days=days)
        fails(
            lambda days=days: sign_in(  # type: ignore[misc]
                f"nobody{days}", WRONG, place.box, address=ABROAD
            ),
            "authority.wrong_name_or_password",
        )
        held = place.kept()["sign_in_tries"]
        assert isinstance(held, list)
        assert len(held) == kept


def test_an_account_locked_by_an_older_program(place: Place) -> None:
    """opens again: guesses lock nobody out any more"""
    hire(place)
    with closing(sqlite3.connect(place.home.path / "box.db")) as db, db:
        db.execute("UPDATE staff SET state = 'locked', failures = 5")
    assert state_of(place).state is StaffState.ACTIVE
    sign_in("hanako", PASSWORD, place.box)


@pytest.mark.parametrize(
    ("name", "password"),
    [("nobody", PASSWORD), ("hanako", ""), ("", ""), ("HANAKO", PASSWORD)],
)
def test_nobody_is_told_whether_there_is_an_account(
    place: Place, name: str, password: str
) -> None:
    hire(place)
    fails(
        lambda: sign_in(name, password, place.box), "authority.wrong_name_or_password"
    )


def test_an_account_without_password_opens_to_none(place: Place) -> None:
    hire(place, password="")
    for word in ("", PASSWORD):
        fails(
            lambda word=word: sign_in("hanako", word, place.box),  # type: ignore[misc]
            "authority.wrong_name_or_password",
        )


def test_a_password_changed_meanwhile_counts(place: Place) -> None:
    """somebody sets a new one while the old one is being checked"""
    hire(place)
    store = Meanwhile(
        place.box.store, lambda: set_password("hanako", WRONG, place.box), looks=1
    )
    fails(
        lambda: sign_in("hanako", PASSWORD, replace(place.box, store=store)),
        "authority.wrong_name_or_password",
    )


# Tokens and ends


def test_a_token_is_for_programs(place: Place) -> None:
    staff = hire(place, password="")
    given = give_token("hanako", "import", place.box, days=30)
    assert given.session.kind is SessionKind.TOKEN
    actor = whose(given.secret, place.box)
    assert actor is not None and actor.staff == staff.id
    assert list_staff(place.box) == ((staff, 1),)
    place.machine.moment += timedelta(days=30)
    assert whose(given.secret, place.box) is None
    assert list_staff(place.box) == ((staff, 0),)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_how_long_a_token_lasts(place: Place, days: int) -> None:
    hire(place)
    refused(
        place,
        lambda: give_token("hanako", "", place.box, days=days),
        "authority.token_days",
    )


def test_the_end_of_an_account_ends_everything(place: Place) -> None:
    staff = hire(place)
    held = [
        sign_in("hanako", PASSWORD, place.box).secret,
        give_token("hanako", "", place.box).secret,
    ]
    end_staff("hanako", place.box)
    assert [whose(secret, place.box) for secret in held] == [None, None]
    fails(
        lambda: sign_in("hanako", PASSWORD, place.box),
        "authority.wrong_name_or_password",
    )
    refused(
        place,
        lambda: give_token("hanako", "", place.box),
        "authority.account_not_active",
    )
    refused(
        place,
        lambda: set_password("hanako", PASSWORD, place.box),
        "staff.not_possible_now",
        "R011",
    )
    assert rows(place, staff)[-1] == ("staff_end", "operator")


def test_an_account_that_is_not_there(place: Place) -> None:
    for attempt in (
        lambda: set_password("taro", PASSWORD, place.box),
        lambda: end_staff("taro", place.box),
        lambda: give_token("taro", "", place.box),
    ):
        with pytest.raises(Missing):
            attempt()


# Who asks, by what they hold


@pytest.mark.parametrize("authority", ["open", "required"])
def test_who_asks(place: Place, authority: Literal["open", "required"]) -> None:
    """whoever shows nothing is the channel, or nobody; what is shown counts"""
    staff = hire(place)
    site = replace(place.box.site, authority=authority)
    box = replace(place.box, site=site)
    nameless = actor_of(None, box, through="api")
    assert nameless.name == "api"
    assert nameless.staff is None
    if authority == "open":
        permit(nameless, "getResident", municipality=CITY)
    else:
        with pytest.raises(NotSignedIn) as caught:
            permit(nameless, "getResident", municipality=CITY)
        assert caught.value.code == "authority.sign_in_first"
    token = give_token("hanako", "", box).secret
    assert actor_of(token, box, through="api").staff == staff.id
    with pytest.raises(NotSignedIn) as caught:
        actor_of("x", box, through="api")
    assert caught.value.code == "authority.session_over"


@pytest.mark.parametrize(
    ("roles", "action", "municipality", "code"),
    [
        ([Role.CLERK], "getResident", CITY, None),
        ([Role.CLERK], "getResident", None, None),
        ([Role.CLERK], "getResident", "011002", "authority.other_municipality"),
        ([Role.CLERK], "approveRequest", CITY, "authority.not_your_task"),
        ([Role.OPERATOR], "getResident", CITY, "authority.not_your_task"),
        ([Role.OPERATOR], "getClock", "011002", None),
        ([Role.CLERK, Role.AUDITOR], "listJournal", None, None),
    ],
)
def test_what_staff_may(
    place: Place,
    roles: list[Role],
    action: str,
    municipality: str | None,
    code: str | None,
) -> None:
    actor = of_staff(hire(place, roles=roles))
    if code is None:
        permit(actor, action, municipality=municipality)
        return
    with pytest.raises(NotPermitted) as caught:
        permit(actor, action, municipality=municipality)
    assert caught.value.code == code


def test_a_resident_may_what_is_their_own() -> None:
    actor = of_resident("res-1")
    permit(actor, "getAccessLog", municipality=CITY, resident="res-1")
    with pytest.raises(NotPermitted) as caught:
        permit(actor, "getAccessLog", municipality=CITY, resident="res-2")
    assert caught.value.code == "authority.not_yours"


def test_a_thing_that_nobody_wrote_down(place: Place) -> None:
    """is nobody's to do"""
    with pytest.raises(NoSuchAction):
        permit(of_staff(hire(place, roles=list(Role))), "turnTheWorld")


@pytest.mark.parametrize(
    ("also", "written"), [((), False), (("011002",), True)], ids=["shut", "begun there"]
)
def test_another_places_journal(
    place: Place, also: tuple[str, ...], written: bool
) -> None:
    """a transaction that would write in it is undone"""
    actor = of_staff(hire(place))
    box = acting_in(place.box, actor, "getResident", also=also)
    other = particulars(municipality="011002", record_code=next(record_codes()))
    there = replace(place, box=box)
    if written:
        assert there.register(other).resident.municipality == "011002"
        return
    refused(place, lambda: there.register(other), "authority.other_municipality")


def test_guesses_made_at_once_are_all_counted(place: Place) -> None:
    """the wait comes after as many wrong ones as it says, however they come, and a
    right one that was on its way does not get through it"""
    hire(place)
    start = Barrier(8)

    def guess(word: str) -> str:
        start.wait()
        try:
            sign_in("hanako", word, place.box)
        except Refused as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(guess, [WRONG] * 8))
    assert told <= {"authority.wrong_name_or_password", "authority.sign_in_waits"}
    assert state_of(place).failures == limits().password_failures
    fails(lambda: sign_in("hanako", PASSWORD, place.box), "authority.sign_in_waits")
